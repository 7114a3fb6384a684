"""Creates stores, estates and databases from the settings."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from estate.errors import DataError, UsageError
from estate.findings import disqualifications
from operations.settings import IN_DATABASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Engine

    from estate.findings import Finding
    from estate.model import Estate
    from estate.sources.port import EstateSource
    from operations.settings import Settings
    from telemetry.stores.hours import HourMaker
    from telemetry.stores.sealed.store import SealedStore
    from telemetry.stores.store import HotStore, Store


@contextmanager
def opened_estates(
    settings: Settings, left_out: list[Finding] | None = None
) -> Iterator[EstateSource]:
    """
    Open the source of the settings' estates, until the block ends.

    Parameters
    ----------
    settings : Settings
    left_out : list of Finding, optional
        Receives why folders are left out that do not say which building they are; without it they
        are a `DataError`.
    """
    # Without a portal there are no wishes, and no database file is created for them.
    if settings.estates != IN_DATABASE and settings.portal is None:
        yield _folders(settings, left_out)
        return
    from estate.sources.database import DatabaseEstates
    from operations.wishes.estates import WishedEstates

    with opened_database(settings) as engine:
        in_database = settings.estates == IN_DATABASE
        source = DatabaseEstates(engine) if in_database else _folders(settings, left_out)
        yield WishedEstates(source, engine)


@contextmanager
def opened_imports(settings: Settings) -> Iterator[EstateSource]:
    """Open the estates without residents' wishes until the block ends, even of older tables."""
    if settings.estates != IN_DATABASE:
        yield _folders(settings)
        return
    from estate.sources.database import DatabaseEstates
    from operations.database import opened_as_it_is

    with opened_as_it_is(settings.database) as engine:
        yield DatabaseEstates(engine)


def _folders(settings: Settings, left_out: list[Finding] | None = None) -> EstateSource:
    from estate.sources.folders import FolderEstates

    folders: Sequence[Path] = settings.estate_folders
    if left_out is not None:
        folders = [each for each in folders if _says_its_building(each, left_out)]
    return FolderEstates(folders)


def _says_its_building(folder: Path, left_out: list[Finding]) -> bool:
    from estate.files.folder import read_building

    try:
        read_building(folder)
    except DataError as error:
        left_out += _why_left_out(folder.name, error)
        return False
    return True


def _why_left_out(building: str, error: DataError) -> Iterator[Finding]:
    for each in disqualifications(error.findings):
        yield replace(each, message=f"{building} is left out: {each.message}")


def open_estates(settings: Settings) -> dict[str, Estate]:
    """
    Read every building of the settings, by id.

    Raises
    ------
    DataError
        If a folder is invalid.
    UsageError
        If two folders describe the same building.
    """
    with opened_estates(settings) as source:
        return {building: source.read(building) for building in source.revisions()}


def choose_estates(settings: Settings, buildings: Sequence[str]) -> list[Estate]:
    """Return the requested buildings, all if none was named."""
    # Of those that are named, no other building's folder matters.
    left_out: list[Finding] | None = [] if buildings else None
    with opened_estates(settings, left_out) as source:
        return [source.read(name) for name in _chosen(source, buildings, left_out or ())]


def readable_estates(
    settings: Settings, buildings: Sequence[str] = ()
) -> tuple[list[Estate], list[Finding]]:
    """Return the requested buildings whose estates are in order, and why others are left out."""
    estates: list[Estate] = []
    findings: list[Finding] = []
    with opened_estates(settings, findings) as source:
        for name in _chosen(source, buildings, findings):
            try:
                estates.append(source.read(name))
            except DataError as error:
                findings += _why_left_out(name, error)
    return estates, findings


def known_buildings(settings: Settings) -> tuple[list[str], list[Finding]]:
    """Return the ids of all buildings, their estates in order or not, and why others lack one."""
    findings: list[Finding] = []
    with opened_estates(settings, findings) as source:
        return sorted(source.revisions()), findings


def estates_in_order(settings: Settings) -> dict[str, Estate]:
    """Return every building whose estate is in order, by id."""
    return {each.building.id: each for each in readable_estates(settings)[0]}


def _chosen(
    source: EstateSource, buildings: Sequence[str], left_out: Sequence[Finding] = ()
) -> Sequence[str]:
    there = sorted(source.revisions())
    unknown = sorted(set(buildings).difference(there))
    if unknown and left_out:
        raise DataError(left_out)
    if unknown:
        known = ", ".join(there) or "none"
        raise UsageError(f"no building {', '.join(unknown)} in the settings; choose from {known}")
    return buildings or there


@contextmanager
def opened_store(settings: Settings, *, create: bool = True) -> Iterator[Store]:
    """Open the store of readings, sealed months and all, until the block ends."""
    with opened_hot_store(settings, create=create) as hot:
        directory = settings.sealed_directory
        if directory is None:
            yield hot
            return
        with _over(settings, hot, directory) as store:
            yield store


@contextmanager
def opened_sealed_store(settings: Settings) -> Iterator[SealedStore | None]:
    """Open the store to seal or check months; None if the settings name no folder for them."""
    directory = settings.sealed_directory
    if directory is None:
        yield None
        return
    with (
        opened_hot_store(settings, create=False) as hot,
        _over(settings, hot, directory) as store,
    ):
        yield store


@contextmanager
def opened_hot_store(settings: Settings, *, create: bool = True) -> Iterator[HotStore]:
    """Open the store without its sealed months, until the block ends."""
    from telemetry.stores.open import open_store

    with closing(open_store(settings.store, create=create)) as store:
        yield store


@contextmanager
def _over(settings: Settings, hot: HotStore, directory: Path) -> Iterator[SealedStore]:
    # Slow to import, and not needed where nothing is sealed.
    from operations.sealed.record import DatabaseRecord
    from telemetry.stores.sealed.store import SealedStore

    with closing(DatabaseRecord(settings.database)) as record:
        yield SealedStore(hot, directory, climate_hours, record)


def climate_hours() -> HourMaker:
    """Return the maker of the hourly means to be sealed."""
    # It needs numpy, which a worker does without.
    from telemetry.series.settled_means import ClimateHours

    return ClimateHours()


@contextmanager
def opened_database(settings: Settings) -> Iterator[Engine]:
    """Open the relational database until the block ends; raises as `open_current`."""
    from operations.database import open_current

    engine = open_current(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()
