"""Imports estates into the database, and exports them from it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from estate.database.history import read_history
from estate.database.importing import By, import_folder
from estate.errors import UsageError
from estate.files.folder import read_estate, read_folder
from estate.files.writer import write_folder
from estate.periods import Period
from operations.clock import now_ms
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from pathlib import Path

    from estate.database.history import Past
    from estate.database.importing import Imported
    from estate.findings import Finding
    from estate.model import Estate
    from operations.settings import Settings


def check_estate(directory: Path, day: date) -> tuple[Estate, list[Finding]]:
    """
    Read an estate folder, and find what its own scheme lacks for a bill.

    Raises
    ------
    DataError
        If the folder is invalid.
    """
    from billing.checks.readiness import readiness

    estate = read_estate(directory)
    return estate, readiness(estate, Period(day, day + timedelta(days=1)))


def import_estate(
    settings: Settings,
    directory: Path,
    name: str,
    remove: Collection[str] = (),
    *,
    dry: bool = False,
) -> Imported:
    """
    Update the database to match an estate folder; see `estate.database.importing`.

    Parameters
    ----------
    settings : Settings
    directory : Path
    name : str
        Who imports.
    remove : collection of str, optional
        Files, without extension, whose rows are removed if the folder lacks them.
    dry : bool, optional
        Change nothing, and return what would be changed.

    Raises
    ------
    DataError
        If the folder is invalid, alone or together with the database.
    """
    folder = read_folder(directory)
    by = By(name, str(directory.absolute()), now_ms())
    with opened_database(settings) as engine:
        return import_folder(engine, folder, by, remove, dry=dry)


def export_estate(settings: Settings, building: str, directory: Path) -> Estate:
    """
    Write the estate of a building as a folder.

    Raises
    ------
    UsageError
        If there is no such building, or the folder is not empty.
    """
    with opened_estates(settings) as source:
        estate = source.read(building)
    write_folder(directory, estate)
    return estate


def list_estates(settings: Settings) -> list[Estate]:
    """Return the estates of the settings, by building."""
    with opened_estates(settings) as source:
        return [source.read(building) for building in sorted(source.revisions())]


def estate_history(settings: Settings, building: str, key: str | None = None) -> list[Past]:
    """
    List what imports changed in a building, the latest first.

    Raises
    ------
    UsageError
        If nothing was ever imported for it.
    """
    with opened_database(settings) as engine:
        rows = read_history(engine, building, key)
        if not rows and (key is None or not read_history(engine, building)):
            raise UsageError(f"nothing was imported of {building}; see `fairvarme estate list`")
    return rows
