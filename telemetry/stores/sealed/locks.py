"""Locks between the programs of one machine, which end with the process that holds them."""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from estate.files.durable import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHANGING = ".changing"
"""Held by the one who changes sealed files."""
LATE = ".late"
"""Shared by those who write readings of closed months, held while a server erases sealed ones."""


@contextmanager
def locked(directory: Path, name: str, *, shared: bool = False) -> Iterator[None]:
    """Wait for a lock and hold it until the block ends."""
    make_folder(directory)
    with (directory / name).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
