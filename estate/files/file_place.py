"""
Detects that an open SQLite file was replaced or removed.

A file that is replaced or removed while a program has it open still accepts writes, but keeps them
where nobody reads; the write-ahead log stays behind and belongs to no file. So
the device and inode of the opened file are remembered and checked around each write.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    Identity = tuple[int, int]
    """Device and inode."""

MOVED = "its file was replaced or removed while it was open"
LOG_SUFFIX, MARK_SUFFIX = "-wal", "-in-use"


class Place(NamedTuple):
    """
    Identity of the file at a path when it was opened.

    Attributes
    ----------
    path : Path
    file, log : tuple of int or None
        Device and inode of the file and of its write-ahead log.
    """

    path: Path
    file: Identity | None
    log: Identity | None

    @classmethod
    def of(cls, path: Path) -> Place:
        """Return what is at the path now."""
        # SQLite keeps the log beside the file itself, not beside a link to it.
        log = _beside(Path(os.path.realpath(path)), LOG_SUFFIX)
        return cls(path, _identity(path), _identity(log))

    @classmethod
    def opened(cls, path: Path, connection: sqlite3.Connection) -> Place:
        """Return what a connection has opened; a first query creates the log."""
        connection.execute("PRAGMA schema_version").fetchone()
        return cls.of(path)

    @property
    def holds(self) -> bool:
        """Whether the same file is still there."""
        return Place.of(self.path) == self


def existing(path: Path) -> str:
    """Return the URI that opens a file but does not create it."""
    return f"{path.absolute().as_uri()}?mode=rw"


def let_go(connection: sqlite3.Connection) -> None:
    """
    Close a connection to a file that is no longer at its path.

    Committed data is checkpointed into that file, wherever it is now, so that the log
    is not mistaken for part of the file that replaced it.
    """
    unfinished = connection.in_transaction
    with suppress(sqlite3.Error):
        if unfinished:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


@contextmanager
def in_use(path: Path) -> Iterator[None]:
    """
    Mark a file as in use, for other programs to see, until the block ends.

    Several programs may hold the mark. It is a lock on a file next to it and ends with the process.

    Raises
    ------
    UsageError
        If a program is restoring the file.
    """
    with _beside(path, MARK_SUFFIX).open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{path} is being restored; start when that is done") from error
        yield


def is_in_use(path: Path) -> bool:
    """Return whether a program has marked a file with `in_use`."""
    try:
        with _beside(path, MARK_SUFFIX).open() as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _identity(path: Path) -> Identity | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
