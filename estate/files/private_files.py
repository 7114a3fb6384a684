"""Files with personal data are readable by their owner alone."""

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
    """Until the block ends, files made by the process and its children are private to the owner."""
    before = os.umask(PRIVATE_UMASK)
    try:
        yield
    finally:
        os.umask(before)


def make_private(path: Path) -> None:
    """
    Create an empty private file if there is none.

    An existing file is left as it is, and not even opened: closing it would release the locks
    that SQLite holds in this process. If it cannot be created, the next open reports that.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))


def others_may_read(path: Path) -> bool:
    """
    Return whether users other than the owner and group can read a file or list a folder.

    Files in a folder that they cannot enter are out of reach, whatever their own permissions.
    """
    absolute = path.absolute()
    if not absolute.stat().st_mode & stat.S_IROTH:
        return False
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in absolute.parents)
