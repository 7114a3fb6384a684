"""What every SQLite file of the house needs: what was committed survives a power cut."""

from __future__ import annotations

import sqlite3
import time

BUSY_SECONDS = 10.0
"""How long a file that another process writes is waited for. [s]"""
POLL_SECONDS = 0.01
PRIMARY_CODE = 0xFF
"""Bits of an extended result code of SQLite that hold the kind of the error."""


def make_durable(connection: sqlite3.Connection) -> None:
    """
    Set write-ahead logging with full synchronisation.

    SQLite does not wait where several connections turn the log on in a new file at one moment, so
    this does.

    Raises
    ------
    sqlite3.OperationalError
        Where the file stays busy, or cannot be written.
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
