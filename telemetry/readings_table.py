"""
The raw cells of a readings file, some rows at a time.

In a CSV file a row is a line: quotes around a cell are taken off, but hold no delimiter and no line
break together, so that one stray quote spoils one row and not all that follow.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import pandas as pd

from estate.errors import DataError, UsageError
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS = ("time", "device", "quantity", "value")
OVERFLOW = "beyond the last"
"""Holds the first cell beyond the header's; blank in a row that is well formed."""
OWN_COLUMN = "x_"
"""What a column begins with that is the user's own."""
CHARACTERS_AT_ONCE = 1 << 24
PARQUET_MAGIC = b"PAR1"
CSV_FIRST_ROW, PARQUET_FIRST_ROW = 2, 1
"""Number of the first reading: below the header, as a spreadsheet counts; or the first of all."""


@dataclass(frozen=True)
class RawCells:
    """
    Some rows of a file.

    Attributes
    ----------
    frame : DataFrame
        ``time``, ``device``, ``quantity``, ``value``, and `OVERFLOW` in a CSV file; as text, or
        typed as in a Parquet file. The index counts the file's rows from 0.
    first_row : int
        What the user calls row 0 of the index.
    decimal_comma : bool
        Numbers are written as ``21,5``.
    """

    frame: pd.DataFrame
    first_row: int
    decimal_comma: bool


def clean(text: str) -> str:
    """Take spaces and quotes off the ends of a cell."""
    return text.strip().strip('"').strip()


def raw_cells(file: IO[bytes], name: str, findings: list[Finding]) -> Iterator[RawCells]:
    """
    Read a CSV or Parquet file.

    Parameters
    ----------
    file : binary file
        At its start; a CSV file is closed at its end.
    name : str
        For findings.
    findings : list of Finding
        Columns that are not known are added here.

    Raises
    ------
    DataError
        Where the file is no table of readings: a missing column, no row, not UTF-8.
    UsageError
        Where it is Parquet and pyarrow is not there.
    """
    parquet = file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
    file.seek(0)
    rows = 0
    try:
        for cells in (_parquet if parquet else _csv)(file, name, findings):
            rows += len(cells.frame)
            yield cells
    except UnicodeDecodeError as error:
        raise unreadable(name, "is not UTF-8; save it as 'CSV UTF-8'") from error
    except ValueError as error:
        raise unreadable(name, f"cannot be read ({error}); save it again") from error
    if rows == 0:
        raise unreadable(name, f"has no readings; write rows below {','.join(COLUMNS)}")


def unreadable(name: str, problem: str) -> DataError:
    """Say why a whole file cannot be used."""
    return DataError([Finding("readings.file.unreadable", f"{name} {problem}", {"file": name})])


def _csv(file: IO[bytes], name: str, findings: list[Finding]) -> Iterator[RawCells]:
    with io.TextIOWrapper(file, encoding="utf-8-sig") as text:
        header = text.readline()
        delimiter = ";" if header.count(";") > header.count(",") else ","
        columns = [clean(cell) for cell in header.split(delimiter)]
        while columns and not columns[-1]:
            columns.pop()
        _check_header(columns, name, findings)
        rows = 0
        while part := text.read(CHARACTERS_AT_ONCE) + text.readline():
            frame = _parse(part, delimiter, columns)
            frame.index = pd.RangeIndex(rows, rows + len(frame))
            rows += len(frame)
            yield RawCells(frame, CSV_FIRST_ROW, delimiter == ";")


def _parse(part: str, delimiter: str, columns: Sequence[str]) -> pd.DataFrame:
    """Read whole lines, in C: the known columns and the first cell beyond the header's."""
    places = {columns.index(column): column for column in COLUMNS} | {len(columns): OVERFLOW}
    # With `usecols` a longer row is cut instead of refused, but one row must have every cell.
    widest = delimiter * len(columns) + "\n"
    frame = pd.read_csv(
        io.StringIO(widest + part),
        sep=delimiter,
        header=None,
        names=range(len(columns) + 1),
        usecols=list(places),
        dtype=object,
        na_filter=False,
        skip_blank_lines=False,
        quoting=csv.QUOTE_NONE,
        low_memory=False,
    )
    return frame.rename(columns=places).iloc[1:]


def _parquet(file: IO[bytes], name: str, findings: list[Finding]) -> Iterator[RawCells]:
    try:
        frame = pd.read_parquet(file, engine="pyarrow")
    except ImportError as error:
        raise _without_pyarrow(name) from error
    _check_header(list(frame.columns), name, findings)
    yield RawCells(frame[list(COLUMNS)].reset_index(drop=True), PARQUET_FIRST_ROW, False)


def _without_pyarrow(name: str) -> UsageError:
    return UsageError(f"{name} is Parquet, which needs pyarrow; install fairvarme[parquet]")


def _check_header(columns: Sequence[str], name: str, findings: list[Finding]) -> None:
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise unreadable(
            name, f"lacks the column {', '.join(missing)}; write its header as {','.join(COLUMNS)}"
        )
    twice = [column for column in COLUMNS if columns.count(column) > 1]
    if twice:
        raise unreadable(name, f"has the column {', '.join(twice)} twice; rename one of them")
    for column in columns:
        if column and column not in COLUMNS and not column.startswith(OWN_COLUMN):
            message = (
                f"{name}: the column '{column}' is not read; correct it, or begin it with "
                f"{OWN_COLUMN} if it is your own"
            )
            data = {"file": name, "column": column}
            findings.append(Finding("readings.column.unknown", message, data))
