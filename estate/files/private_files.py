"""Files with personal data are for their owner alone: made so, and told where they are not."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE_UMASK = 0o077
PRIVATE = 0o600


@contextmanager
def private_files() -> Iterator[None]:
    """Let whatever the process and its children make until the block ends be the owner's alone."""
    before = os.umask(PRIVATE_UMASK)
    try:
        yield
    finally:
        os.umask(before)


def make_private(path: Path) -> None:
    """
    Make an empty file for its owner alone where there is none.

    One that is there is left as it is, and not even opened: closing it would take the locks away
    that SQLite holds in this process. Where it cannot be made, whoever opens it next says so.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))


def others_may_read(path: Path) -> bool:
    """
    Tell whether users who are neither the owner nor in the group can read a file or list a folder.

    What lies in a folder that they cannot enter is out of their reach, whatever its own rights.
    """
    absolute = path.absolute()
    if not absolute.stat().st_mode & stat.S_IROTH:
        return False
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in absolute.parents)
