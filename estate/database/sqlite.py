"""Durability of SQLite: committed data survives a power cut, and a damaged file is found."""

from __future__ import annotations

import math
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

BUSY_SECONDS = 10.0
"""How long to wait for a file that another process is writing. [s]"""
POLL_SECONDS = 0.01
PRIMARY_CODE = 0xFF
"""Bits of an extended SQLite result code that hold the primary code."""
# A full disk or missing permissions say nothing about the file: SQLite creates others beside it.
ABOUT_THE_DISK = frozenset(
    {
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
    }
)
STEPS_BETWEEN_LOOKS = 100_000
"""Of SQLite's machine, between looks at the clock."""


class Looked(NamedTuple):
    """
    The result of checking a file.

    Attributes
    ----------
    damage : str
        The first damage, in SQLite's words; empty if there is none.
    whole : bool
        Whether there was time to check all of it.
    hindrance : str
        Why it could not be checked, in SQLite's words; empty if it could.
    """

    damage: str
    whole: bool
    hindrance: str = ""


def look_through(path: Path, longest_seconds: float = math.inf) -> Looked:
    """
    Read every page of a SQLite file and check that they fit together; nothing is written.

    This does not detect a flipped bit inside a value, since SQLite keeps no checksums.

    Parameters
    ----------
    path : Path
    longest_seconds : float, optional
        How long it may take. [s]
    """
    try:
        return _look_through(f"{path.absolute().as_uri()}?mode=ro", longest_seconds)
    except UnicodeDecodeError as error:
        # SQLite quotes what it found, which may not be valid text.
        return Looked(f"its names are damaged ({error.reason})", whole=True)
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE
        if code == sqlite3.SQLITE_INTERRUPT:
            return Looked("", whole=False)
        if is_about_the_disk(error):
            return Looked("", whole=False, hindrance=str(error))
        return Looked(str(error), whole=True)


def is_about_the_disk(error: sqlite3.DatabaseError) -> bool:
    """Return whether an error concerns the disk or its use, and says nothing about the file."""
    return getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in ABOUT_THE_DISK


def _look_through(uri: str, longest_seconds: float) -> Looked:
    deadline = time.monotonic() + longest_seconds
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS_BETWEEN_LOOKS)
        (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    return Looked("" if said == "ok" else said, whole=True)


def make_durable(connection: sqlite3.Connection) -> None:
    """
    Set write-ahead logging with full synchronisation.

    SQLite does not wait when several connections enable the log in a new file at once, so
    this does.

    Raises
    ------
    sqlite3.OperationalError
        If the file stays busy or cannot be written.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    while not _logs_ahead(connection, patient=time.monotonic() < deadline):
        time.sleep(POLL_SECONDS)
    connection.execute("PRAGMA synchronous = FULL")


def _logs_ahead(connection: sqlite3.Connection, *, patient: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if patient and error.sqlite_errorcode & PRIMARY_CODE == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True
