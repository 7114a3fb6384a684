"""
Whether a SQLite file that is open still lies at its path.

A file that is replaced or removed while a program has it open takes what is written and keeps it
where nobody looks; the write-ahead log beside it stays behind and belongs to no file any more. So
what was opened is remembered by device and inode, and asked for around each write.
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
    What lay at a path when it was opened.

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
        """Look at what lies there now."""
        # SQLite keeps the log beside the file itself, not beside a link to it.
        log = _beside(Path(os.path.realpath(path)), LOG_SUFFIX)
        return cls(path, _identity(path), _identity(log))

    @classmethod
    def opened(cls, path: Path, connection: sqlite3.Connection) -> Place:
        """Look at what a connection has opened; a first question makes the log."""
        connection.execute("PRAGMA schema_version").fetchone()
        return cls.of(path)

    @property
    def holds(self) -> bool:
        """Whether the same lies there still."""
        return Place.of(self.path) == self


def existing(path: Path) -> str:
    """Return the URI that opens a file and makes none where it is absent."""
    return f"{path.absolute().as_uri()}?mode=rw"


def let_go(connection: sqlite3.Connection) -> None:
    """
    Close a connection to a file that lies at its path no longer.

    What was committed is moved out of the log into that file, wherever it lies now, so that the log
    is no part of the file that lies there next.
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
    Tell other programs, until the block ends, that a program relies on a file.

    Several may at once. A mark beside the file is locked, which ends with the process.

    Raises
    ------
    UsageError
        Where a program restores the file now.
    """
    with _beside(path, MARK_SUFFIX).open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{path} is being restored; start when that is done") from error
        yield


def is_in_use(path: Path) -> bool:
    """Return whether a program relies on a file, as `in_use` says."""
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
