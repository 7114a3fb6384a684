"""
Writes an estate folder from an estate: the same estate always gives the same bytes.

Columns are in the order of docs/estate-folder.md; an empty one is left out, and a cell
whose value is what a blank means is left blank. Rows are sorted by their ids.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import yaml

from estate.errors import UsageError
from estate.files.folder import BUILDING_FILE, FILES
from estate.files.rows import ORE
from estate.files.spreadsheet import guarded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from estate.files.folder import FileKind
    from estate.model import Building, Estate
    from estate.record import Record

BOOLEANS = {True: "yes", False: "no"}


def write_folder(directory: Path, estate: Estate) -> None:
    """
    Write an estate folder.

    Parameters
    ----------
    directory : Path
        Created if absent; otherwise it must be empty, as other files would seem to belong to it.
    estate : Estate

    Raises
    ------
    UsageError
    """
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(f"{directory} is not empty; name a folder that is new")
    directory.mkdir(parents=True, exist_ok=True)
    (directory / BUILDING_FILE).write_text(_building_text(estate.building), "utf-8")
    for kind in FILES:
        rows = getattr(estate, kind.name)
        if rows or kind.required:
            write_rows(directory / kind.file, kind, rows)


def _building_text(building: Building) -> str:
    document = building.model_dump(by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def write_rows(path: Path, kind: FileKind, rows: Sequence[Record]) -> None:
    """Write one file of an estate folder."""
    cells = [_cells(row) for row in rows]
    columns = _columns(kind, cells)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(cells)


def _columns(kind: FileKind, cells: Sequence[Mapping[str, str]]) -> list[str]:
    filled = {column: None for row in cells for column in row}
    columns = []
    for name, field in kind.model.model_fields.items():
        column = _column(name, field.alias)
        if field.is_required() or column in kind.needed or column in filled:
            columns.append(column)
    # Columns named by the user come last, sorted by name.
    return columns + sorted(filled.keys() - set(columns))


def _cells(record: Record) -> dict[str, str]:
    """Return the cells of a row to be written, by column."""
    families = record.families.values()
    cells: dict[str, str] = {}
    for name, field in type(record).model_fields.items():
        value = getattr(record, name)
        if name in families:
            cells |= {column: _text(each) for column, each in value.items()}
        elif field.is_required() or value != field.default:
            cells[_column(name, field.alias)] = (
                _amount(value) if name.endswith(ORE) else _text(value)
            )
    return cells


def _column(name: str, alias: str | None) -> str:
    return alias or name.removesuffix(ORE)


def _text(value: Any) -> str:  # noqa: ANN401  of any field
    if isinstance(value, bool):
        return BOOLEANS[value]
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return guarded(" ".join(value) if isinstance(value, tuple) else str(value))


def _amount(ore: int) -> str:
    kroner, rest = divmod(abs(ore), 100)
    return f"{'-' if ore < 0 else ''}{kroner}.{rest:02d}"
