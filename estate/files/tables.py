"""
Reads CSV files as spreadsheets save them: text cells by column, with row numbers.

The delimiter of the header determines a file's dialect: commas and decimal points, or semicolons
and decimal commas, as a Danish Excel writes them.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.files.documents import DocumentRefused, limits, read_bounded_text
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

FIRST_ROW = 2
"""Number of the first row below the header, as a spreadsheet counts."""


@dataclass(frozen=True)
class Row:
    """One row: its number in a spreadsheet, and its non-blank cells by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """
    One file.

    Attributes
    ----------
    decimal_comma : bool
        Numbers are written as ``74,5``.
    columns : tuple of str
        The header, in the order of the file.
    """

    file: str
    decimal_comma: bool
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class TableUnreadable(Exception):
    """The file is not a table; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message)


def read_table(path: Path) -> Table:
    """
    Read a CSV file as text.

    Raises
    ------
    TableUnreadable
        If it is not UTF-8, not a table, or a row has more cells than the header.
    """
    text = _read_text(path)
    header = text.partition("\n")[0]
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records = list(_bounded(path.name, reader))
    except csv.Error as error:
        problem = f"is not a table (line {reader.line_num}: {error}); save it as CSV again"
        raise _unreadable(path.name, problem) from error
    if not records:
        raise _unreadable(path.name, "is empty; add a header and rows")
    return _as_table(path.name, delimiter == ";", records)


def _read_text(path: Path) -> str:
    try:
        return read_bounded_text(path, "table")
    except DocumentRefused as error:
        raise _unreadable(path.name, str(error)) from error


def _bounded(file: str, records: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield records with stripped cells, up to the bounds."""
    bounds, cells = limits()["table"], 0
    for number, record in enumerate(records, start=1):
        cells += len(record)
        if len(record) > bounds.columns:
            problem = f"row {number} has {len(record)} cells, more than {bounds.columns}; split it"
            raise _unreadable(file, problem)
        if number > bounds.rows or cells > bounds.cells:
            problem = f"has more than {bounds.rows} rows or {bounds.cells} cells; split it"
            raise _unreadable(file, problem)
        yield [cell.strip() for cell in record]


def _as_table(file: str, decimal_comma: bool, records: Sequence[list[str]]) -> Table:
    columns = list(records[0])
    while columns and not columns[-1]:
        columns.pop()
    rows = []
    for number, cells in enumerate(records[1:], start=FIRST_ROW):
        if any(cells[len(columns) :]):
            raise _unreadable(
                file,
                f"row {number} has more cells than the header; put quotes around a cell that "
                "holds the delimiter",
            )
        named = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell}
        if named:
            rows.append(Row(number, named))
    return Table(file, decimal_comma, tuple(columns), tuple(rows))


def _unreadable(file: str, problem: str) -> TableUnreadable:
    return TableUnreadable(Finding("estate.file.unreadable", f"{file} {problem}", {"file": file}))
