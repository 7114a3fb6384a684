"""The folder by which the processes of a portal tell one another of what they do."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from operations.settings import Settings

CHANGES = "changes"


@contextmanager
def shared_folder(settings: Settings) -> Iterator[Path]:
    """
    Make a folder until the block ends: beside SQLite's file, where nobody tidies up.

    Raises
    ------
    OSError
    """
    beside = next((each.parent for each in settings.files()), None)
    with TemporaryDirectory(prefix=".portal-", dir=beside) as name:
        yield Path(name)


def tell_of_change(shared: Path) -> None:
    """Report a change to every process; without the folder they look by themselves."""
    with suppress(FileNotFoundError):
        (shared / CHANGES).touch()
        # The system's own stamp is coarse: two changes might get the same one.
        now_ns = time.time_ns()
        os.utime(shared / CHANGES, ns=(now_ns, now_ns))


def last_change_ns(shared: Path) -> int:
    """Return when something was changed last, as a mark; 0 for never. [ns since 1970, UTC]"""
    try:
        return (shared / CHANGES).stat().st_mtime_ns
    except FileNotFoundError:
        return 0
