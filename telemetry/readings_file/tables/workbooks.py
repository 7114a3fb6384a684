"""Reads the cells of an Excel workbook (.xlsx) as text, some rows at a time."""

from __future__ import annotations

import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from estate.files.documents import DocumentRefused, check_archive, limits, shown
from telemetry.readings_file.tables.table import (
    OVERFLOW,
    ROWS_SEARCHED,
    Table,
    check_columns,
    clean,
    joined_header,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from telemetry.readings_file.tables.table import Layout

MAGIC = b"PK\x03\x04"
ROWS_AT_ONCE = 50_000

BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, SyntaxError,
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError,
)  # fmt: skip
"""Exceptions of openpyxl and the modules below it for a broken or hostile file."""

Cells = list[str]


def is_workbook(file: IO[bytes]) -> bool:
    """Return whether a file is a workbook, or another archive, by its first bytes."""
    file.seek(0)
    start = file.read(len(MAGIC))
    file.seek(0)
    return start == MAGIC


def open_workbook(
    file: IO[bytes], layout: Layout, sheet: str | int | None, *, decimal_comma: bool
) -> Table:
    """
    Read the header of a sheet.

    Parameters
    ----------
    file : binary file
        It must stay open while the table is read.
    layout : Layout
    sheet : str or int, optional
        Name, or number from 1; default: the first.
    decimal_comma : bool
        Decimal mark of numbers in text cells; numeric cells are converted to such text.

    Raises
    ------
    DocumentRefused
        If it is not a workbook, lacks the sheet, or unpacks to too much.
    """
    rows = _rows(_sheet(file, sheet), decimal_comma)
    head = list(islice(rows, _head_rows(layout)))
    last = _last_of_header(head, layout)
    header = head[max(last - layout.header_rows, 0) : last]
    if layout.header_rows == 0:
        header = [[f"{n}" for n, _ in enumerate(head[last] if last < len(head) else [], 1)]]
    columns = joined_header(header, trim=True)
    check_columns(columns)

    def parts(wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
        below, row = chain(head[last:], rows), last + 1
        while some := list(islice(below, ROWS_AT_ONCE)):
            yield _frame(some, wanted, len(columns), row)
            row += len(some)

    return Table(columns, decimal_comma, True, parts)


def text_rows(file: IO[bytes], *, decimal_comma: bool) -> Iterator[Cells]:
    """
    Yield every row of the first sheet as texts; see `open_workbook`.

    Raises
    ------
    DocumentRefused
        If it is not a workbook, or unpacks to too much.
    """
    return _rows(_sheet(file, None), decimal_comma)


def _head_rows(layout: Layout) -> int:
    if layout.skip_rows is None:
        return ROWS_SEARCHED
    return layout.skip_rows + layout.header_rows + 1


def _last_of_header(head: Sequence[Cells], layout: Layout) -> int:
    """Return the number of rows down to the header's end."""
    if layout.skip_rows is not None:
        return min(layout.skip_rows + layout.header_rows, len(head))
    found = (number for number, cells in enumerate(head, 1) if layout.is_header(cells))
    return next(found, 1)


def _sheet(file: IO[bytes], sheet: str | int | None) -> Any:  # noqa: ANN401  openpyxl's
    # Slow to import, and most files are not workbooks.
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(file) as archive:
            check_archive(each.file_size for each in archive.infolist())
        file.seek(0)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
        known = {each.title: each for each in sheets} | dict(enumerate(sheets, 1))
        if (sheet or 1) not in known:
            raise DocumentRefused(f"has no sheet {sheet or 1}; correct 'sheet' in the map")
        return known[sheet or 1]
    except (InvalidFileException, *BROKEN) as error:
        raise _no_workbook(error) from error


def _no_workbook(error: Exception) -> DocumentRefused:
    problem = " ".join(str(error).split()) or type(error).__name__
    return DocumentRefused(f"is not an Excel workbook ({shown(problem)}); save it as .xlsx again")


def _rows(sheet: Any, decimal_comma: bool) -> Iterator[Cells]:  # noqa: ANN401  openpyxl's
    """Yield the rows as text; a row has its actual cells, whatever size the sheet claims."""
    most, seen = limits()["workbook"].cells, 0
    sheet.reset_dimensions()
    rows = sheet.iter_rows(values_only=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except BROKEN as error:
            raise _no_workbook(error) from error
        seen += len(row) + 1
        if seen > most:
            raise DocumentRefused(f"has more than {most} cells; save it as CSV, or split it")
        yield [clean(_text(cell, decimal_comma)) for cell in row]


def _text(cell: object, decimal_comma: bool) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 1e15
        # Positional, as people write numbers: Python would begin 1e-06.
        text = str(int(cell)) if whole else f"{Decimal(repr(cell)):f}"
        return text.replace(".", ",") if decimal_comma else text
    if isinstance(cell, datetime):
        # A workbook stores times as fractions of a day, slightly off whole seconds.
        return (cell + timedelta(milliseconds=500)).replace(microsecond=0).isoformat(" ")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell)


def _frame(rows: Iterable[Cells], wanted: Sequence[int], width: int, first: int) -> pd.DataFrame:
    places = sorted({*wanted, width})
    cells = [[row[place] if place < len(row) else "" for place in places] for row in rows]
    frame = pd.DataFrame(cells, columns=places, dtype=object)
    frame.index = pd.RangeIndex(first, first + len(frame))
    return frame.rename(columns={width: OVERFLOW})
