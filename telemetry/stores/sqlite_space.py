"""
Gives back disk space that a SQLite file does not need, a little at a time.

Erased rows leave free pages, which new rows fill again: a file that loses a month and
gains one keeps its size. Any more, as after the first sealing of years, is given back. A file
from an earlier version cannot shrink page by page; it is rewritten once, if that is quick.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

INCREMENTAL = 2
SET_INCREMENTAL = f"PRAGMA auto_vacuum = {INCREMENTAL}"
"""To be said before the first table."""


@dataclass(frozen=True)
class SpaceLimits:
    """The limits; units and sources are in ``sqlite_space.yaml``."""

    kept_share: float
    pages_at_once: int
    written_anew_bytes: int


@cache
def space_limits() -> SpaceLimits:
    """Return the newest limits."""
    return load_values(SpaceLimits, "telemetry.stores", "sqlite_space.yaml")


def give_back(connection: sqlite3.Connection, path: Path) -> int:
    """
    Shrink a file, between the writes of others; return by how much. [byte]

    Parameters
    ----------
    connection : sqlite3.Connection
        In no transaction.
    path : Path
        Of the file.

    Raises
    ------
    sqlite3.OperationalError
        If others kept it busy; space given back until then stays so.
    """
    free, pages = (_value(connection, name) for name in ("freelist_count", "page_count"))
    surplus = free - round((pages - free) * space_limits().kept_share)
    if surplus <= 0:
        return 0
    if _value(connection, "auto_vacuum") == INCREMENTAL:
        _shrink(connection, surplus)
    elif not _write_anew(connection, path, pages - free):
        return 0
    # The file itself becomes shorter when the log is emptied.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return (pages - _value(connection, "page_count")) * _value(connection, "page_size")


def _shrink(connection: sqlite3.Connection, pages: int) -> None:
    at_once = space_limits().pages_at_once
    for first in range(0, pages, at_once):
        began = time.monotonic()
        # As a script: `execute` takes one step of it, which is one page.
        connection.executescript(f"PRAGMA incremental_vacuum({min(at_once, pages - first)})")
        # Leave writers as much time as this took.
        time.sleep(time.monotonic() - began)


def _write_anew(connection: sqlite3.Connection, path: Path, pages: int) -> bool:
    used = pages * _value(connection, "page_size")
    # The copy takes the space once, and its log once more.
    if used > space_limits().written_anew_bytes or shutil.disk_usage(path.parent).free < 3 * used:
        return False
    connection.execute(SET_INCREMENTAL)
    connection.execute("VACUUM")
    return True


def _value(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
