"""The versions of stores outside the database: readings, and sealed months."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from estate.errors import StoreUnavailable, UsageError
from operations.settings import SQLITE
from telemetry.stores.sealed import catalogue
from telemetry.stores.sealed.check import sealed_buildings
from telemetry.stores.sqlite_tables import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from operations.settings import Settings


class StoreVersion(NamedTuple):
    """
    The version of a store.

    Attributes
    ----------
    store : str
    now, newest : int
        The current one, and the one that this program writes.
    """

    store: str
    now: int
    newest: int


def store_versions(settings: Settings) -> list[StoreVersion]:
    """
    Return the versions of the SQLite store of readings and of every building's sealed months.

    Raises
    ------
    UsageError
        If a newer program wrote one.
    StoreUnavailable
    """
    found = list(_versions(settings))
    newer = [each for each in found if each.now > each.newest]
    if newer:
        raise UsageError(
            f"{newer[0].store} has version {newer[0].now}, and this program knows those up to "
            f"{newer[0].newest}; update this program, or restore the backup of before the update"
        )
    return found


def _versions(settings: Settings) -> Iterator[StoreVersion]:
    path = Path(settings.store.removeprefix(SQLITE))
    if settings.store.startswith(SQLITE) and path.exists():
        yield StoreVersion("the store of readings", _version_of(path), SCHEMA_VERSION)
    directory = settings.sealed_directory
    for building in [] if directory is None else sealed_buildings(directory):
        version = catalogue.version_of(directory / building) if directory else None
        if version is not None:
            yield StoreVersion(f"sealed months of {building}", version, catalogue.SCHEMA_VERSION)


def _version_of(path: Path) -> int:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            return int(opened.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise StoreUnavailable(f"SQLite {path}", str(error)) from error
