"""Enters costs into the estate in the database: one amount from a form, or a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from estate.database.importing import By, import_folder
from estate.errors import UsageError
from estate.files.folder import FILES, read_folder
from estate.files.writer import write_folder, write_rows
from estate.model import Cost
from operations.clock import now_ms
from operations.settings import IN_DATABASE
from operations.wiring import opened_database, opened_estates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.database.importing import Imported
    from operations.settings import Settings

COSTS = "costs"
(KIND,) = (each for each in FILES if each.name == COSTS)
KEPT = "import.kept"
"""What an import tells of rows that a file lacks: of added costs that is no news."""


def add_costs(
    settings: Settings, building: str, rows: Sequence[Cost], by: str, *, dry: bool = False
) -> Imported:
    """
    Add amounts to a building's costs; one with the same days, item and kind is replaced.

    Parameters
    ----------
    settings : Settings
    building : str
    rows : sequence of Cost
    by : str
        Who adds them, as recorded in the history of the estate.
    dry : bool, optional
        Change nothing, and return what would be changed.

    Raises
    ------
    DataError
        If the rows, or they with what is there, are not in order; nothing is changed.
    UsageError
        If there is no such building, or the estates are kept in folders.
    """
    with TemporaryDirectory() as name:
        path = Path(name) / KIND.file
        write_rows(path, KIND, rows)
        return take_costs(settings, building, path.read_bytes(), by, "form", dry=dry)


def take_costs(
    settings: Settings, building: str, content: bytes, by: str, source: str, *, dry: bool = False
) -> Imported:
    """
    Import a file as costs.csv; rows that it lacks stay. Parameters and errors as for `add_costs`.

    Parameters
    ----------
    settings : Settings
    building : str
    content : bytes
        Of costs.csv, as docs/estate-folder.md describes it.
    by : str
    source : str
        Where the file comes from, as recorded in the history of the estate.
    dry : bool, optional
    """
    if settings.estates != IN_DATABASE:
        raise UsageError(
            "the estates of this installation are folders: write the amounts into costs.csv there, "
            "or bring the estates into the database with `fairvarme estate import`"
        )
    with opened_estates(settings) as estates:
        estate = estates.read(building)
    with TemporaryDirectory() as name:
        directory = Path(name)
        write_folder(directory, estate)
        (directory / KIND.file).write_bytes(content)
        folder = read_folder(directory)
    with opened_database(settings) as engine:
        done = import_folder(engine, folder, By(by, source, now_ms()), dry=dry)
    return replace(done, findings=tuple(each for each in done.findings if each.name != KEPT))
