"""
Raw readings of a file: long CSV, Parquet, or an export with a column map.

A `Dialect` describes the cells; they are parsed in `telemetry.readings_file.cells`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, NamedTuple

import pandas as pd

from estate.errors import DataError
from estate.files.documents import DocumentRefused, limits
from estate.findings import Finding
from telemetry.readings_file.column_map import shipped_maps
from telemetry.readings_file.tables.number_marks import told_decimal_comma
from telemetry.readings_file.tables.table import (
    COLUMNS,
    Layout,
    open_text_table,
)
from telemetry.readings_file.tables.workbooks import is_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from estate.numbers.units import Unit
    from telemetry.readings_file.column_map import TimeColumn
    from telemetry.readings_file.tables.table import Table

OWN_COLUMN = "x_"
"""Prefix of a user's own columns."""
PARQUET_MAGIC = b"PAR1"
PARQUET_FIRST_ROW = 1
"""Row number of the first reading of a Parquet file, which has no header row."""


class Dialect(NamedTuple):
    """
    Format of the cells of some readings.

    Attributes
    ----------
    decimal_comma : bool
        Numbers are written as ``21,5``.
    thousands : str
        Thousands separator; blank if there is none.
    grouped : bool
        Whether the file's numbers show that the separator is one.
    time : TimeColumn, optional
        Format of times; default: ISO 8601 with an offset, or seconds since 1970.
    typed : bool
        Whether the file has typed times.
    unit : Unit, optional
        Unit of the values; default: the quantity's own.
    unit_known : bool
        Whether the unit in the file is one of the quantity.
    written_unit : str
        Spelling of the unit, where it may follow a number.
    use : bool
        Values are consumption in the interval rather than register values.
    sparse : bool
        A blank value is neither a reading nor a fault.
    names : mapping of str to str
        The file's names of our columns.
    """

    decimal_comma: bool = False
    thousands: str = ""
    time: TimeColumn | None = None
    typed: bool = False
    grouped: bool = False
    unit: Unit | None = None
    unit_known: bool = True
    written_unit: str = ""
    use: bool = False
    sparse: bool = False
    names: Mapping[str, str] = {}

    @property
    def mapped(self) -> bool:
        """Whether the dialect comes from a column map."""
        return self.time is not None


@dataclass(frozen=True)
class RawCells:
    """
    Some rows of a file.

    Attributes
    ----------
    frame : DataFrame
        ``time``, ``device``, ``quantity``, ``value``, `OVERFLOW` in a CSV file, ``until`` where an
        interval's end is given; as text, or typed as in a Parquet file.
    first_row : int
        Row number, as users count, of row 0 of the index.
    dialect : Dialect
    """

    frame: pd.DataFrame
    first_row: int
    dialect: Dialect = field(default_factory=Dialect)


def standard_cells(file: IO[bytes], name: str, findings: list[Finding]) -> Iterator[RawCells]:
    """
    Read a readings file in our own format, CSV or Parquet.

    Parameters
    ----------
    file : binary file
        At its start; it may be closed afterwards.
    name : str
        For findings.
    findings : list of Finding
        Findings on unknown columns are appended here.

    Raises
    ------
    DataError
        If the file is not a table of readings: a missing column, no row.
    UsageError
        If it is Parquet and pyarrow is not installed.
    """
    start = file.read(len(PARQUET_MAGIC))
    file.seek(0)
    if is_workbook(file):
        raise unreadable(name, f"is a workbook or an archive; {_name_a_map()}")
    if start == PARQUET_MAGIC:
        yield from _parquet(file, name, findings)
    else:
        yield from _csv(open_text_table(file, Layout()), name, findings)


def checked(cells: Iterator[RawCells], name: str) -> Iterator[RawCells]:
    """Yield raw cells; an error that makes the whole file unreadable becomes a finding."""
    rows = 0
    try:
        for each in cells:
            rows += len(each.frame)
            yield each
    except DocumentRefused as error:
        raise unreadable(name, str(error)) from error
    except UnicodeError as error:
        raise unreadable(name, "is not in the expected encoding; save it as 'CSV UTF-8'") from error
    except ValueError as error:
        raise unreadable(name, f"cannot be read ({error}); save it again") from error
    if rows == 0:
        raise unreadable(name, f"has no readings; add rows below {','.join(COLUMNS)}")


def unreadable(name: str, problem: str) -> DataError:
    """Return the error of an unusable file."""
    return DataError([Finding("readings.file.unreadable", f"{name} {problem}", {"file": name})])


def unread_column(name: str, column: str) -> Finding:
    """Return the finding of an unread column."""
    message = (
        f"{name}: the column '{column}' is not read; correct it, or begin it with "
        f"{OWN_COLUMN} if it is your own"
    )
    return Finding("readings.column.unknown", message, {"file": name, "column": column})


def _csv(table: Table, name: str, findings: list[Finding]) -> Iterator[RawCells]:
    _check_header(table.columns, name, findings)
    places = {table.columns.index(column): column for column in COLUMNS}
    decimal_comma = table.decimal_comma
    for frame in table.parts(list(places)):
        cells = frame.rename(columns=places)
        if decimal_comma is None:
            decimal_comma = told_decimal_comma(cells["value"].unique().tolist())
        yield RawCells(cells, 0, Dialect(decimal_comma=bool(decimal_comma)))


def _parquet(file: IO[bytes], name: str, findings: list[Finding]) -> Iterator[RawCells]:
    import pyarrow.parquet as pq  # type: ignore[import-untyped]  # has no types

    most = limits()["readings"].rows
    if pq.ParquetFile(file).metadata.num_rows > most:
        raise DocumentRefused(f"has more than {most} rows; split it")
    file.seek(0)
    frame = pd.read_parquet(file, engine="pyarrow")
    _check_header(list(frame.columns), name, findings)
    yield RawCells(frame[list(COLUMNS)].reset_index(drop=True), PARQUET_FIRST_ROW)


def _name_a_map() -> str:
    return (
        "choose a column map that defines its columns (--column-map, a file or one of "
        f"{', '.join(sorted(shipped_maps()))})"
    )


def _check_header(columns: Sequence[str], name: str, findings: list[Finding]) -> None:
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise unreadable(
            name,
            f"lacks the column {', '.join(missing)}; write its header as {','.join(COLUMNS)}, or "
            f"{_name_a_map()}",
        )
    twice = [column for column in COLUMNS if columns.count(column) > 1]
    if twice:
        raise unreadable(name, f"has the column {', '.join(twice)} twice; rename one of them")
    findings += [
        unread_column(name, column)
        for column in columns
        if column and column not in COLUMNS and not column.startswith(OWN_COLUMN)
    ]
