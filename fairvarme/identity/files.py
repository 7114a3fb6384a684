"""Writes files with secrets, or that a broker may read at any time."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700


def make_directory(path: Path) -> None:
    """Create a directory; a new one is private."""
    path.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)


def write_whole(path: Path, content: bytes, *, like_directory: bool = False) -> None:
    """
    Replace a file atomically.

    A new file is private; an existing one keeps its owner and permissions.

    Parameters
    ----------
    path : Path
    content : bytes
    like_directory : bool
        Whether root gives a new file to the owner of its directory, who must read it.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    with os.fdopen(descriptor, "wb") as file:
        _take_over_rights(path, descriptor, like_directory=like_directory)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    beside.replace(path)


def _take_over_rights(path: Path, descriptor: int, *, like_directory: bool) -> None:
    if path.exists():
        before = path.stat()
        os.fchmod(descriptor, before.st_mode & 0o777)
    elif like_directory:
        before = path.parent.stat()
    else:
        return
    if os.geteuid() == 0:
        os.fchown(descriptor, before.st_uid, before.st_gid)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Let one process at a time change the files of a directory."""
    with (directory / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
