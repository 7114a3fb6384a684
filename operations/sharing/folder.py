"""The folder through which the processes of a portal notify one another of changes."""

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
    Make a folder that exists until the block ends: next to SQLite's file, where nobody cleans up.

    Raises
    ------
    OSError
    """
    beside = next((each.parent for each in settings.files()), None)
    with TemporaryDirectory(prefix=".portal-", dir=beside) as name:
        yield Path(name)


def tell_of_change(shared: Path) -> None:
    """Report a change to every process; without the folder they refresh on their own."""
    with suppress(FileNotFoundError):
        (shared / CHANGES).touch()
        # The system's own timestamps are coarse: two changes might get the same one.
        now_ns = time.time_ns()
        os.utime(shared / CHANGES, ns=(now_ns, now_ns))


def last_change_ns(shared: Path) -> int:
    """Return when something was changed last, as a mark; 0 for never. [ns since 1970, UTC]"""
    try:
        return (shared / CHANGES).stat().st_mtime_ns
    except FileNotFoundError:
        return 0
