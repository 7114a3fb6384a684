"""Where the parts are put together: stores, rules and the worker, made from the settings."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from estate.model import Estate
    from operations.settings import Settings
    from telemetry.stores.store import Store


def open_estates(settings: Settings) -> dict[str, Estate]:
    """
    Read every building of the settings, by its id.

    Raises
    ------
    DataError
        Where a folder is not in order.
    UsageError
        Where two folders describe the same building.
    """
    from estate.files.folder import read_estate

    estates: dict[str, Estate] = {}
    for directory in settings.estates:
        estate = read_estate(directory)
        building = estate.building.id
        if building in estates:
            raise UsageError(f"{directory} is building {building} again; list it once in estates")
        estates[building] = estate
    return estates


def choose_estates(settings: Settings, buildings: Sequence[str]) -> list[Estate]:
    """Return the buildings that were asked for, all of them where none was named."""
    estates = open_estates(settings)
    unknown = sorted(set(buildings) - estates.keys())
    if unknown:
        known = ", ".join(sorted(estates)) or "none"
        raise UsageError(f"no building {', '.join(unknown)} in the settings; there is {known}")
    return [estates[name] for name in buildings or sorted(estates)]


@contextmanager
def opened_store(settings: Settings, *, create: bool = True) -> Iterator[Store]:
    """Open the store of readings until the block ends."""
    from telemetry.stores.open import open_store

    with closing(open_store(settings.store, create=create)) as store:
        yield store


@contextmanager
def opened_database(settings: Settings) -> Iterator[Engine]:
    """Open the relational database, with the newest tables, until the block ends."""
    from operations.database import migrate

    engine = migrate(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()
