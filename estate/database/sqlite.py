"""Durability settings for SQLite: committed data survives a power cut."""

from __future__ import annotations

import sqlite3
import time

BUSY_SECONDS = 10.0
"""How long to wait for a file that another process is writing. [s]"""
POLL_SECONDS = 0.01
PRIMARY_CODE = 0xFF
"""Bits of an extended SQLite result code that hold the primary code."""


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
