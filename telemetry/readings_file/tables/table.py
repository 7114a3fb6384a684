"""
Reads the text cells of a CSV file, some rows at a time.

A row is a line: quotes around a cell are stripped and may contain the delimiter, but no line break,
so that one stray quote spoils one row and not all that follow.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from estate.files.documents import WIDE_COLUMNS, DocumentRefused, limits, read_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

COLUMNS = ("time", "device", "quantity", "value")
OVERFLOW = "beyond the last"
"""Column of the first cell beyond the header; blank in a well-formed row."""
HIDDEN = "\x1f"
"""Stands for a delimiter within quotes while a line is split."""
CHARACTERS_AT_ONCE = 1 << 24
BYTES_AT_ONCE = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF_8, WINDOWS = "utf-8-sig", "cp1252"
NO_TABLES = (
    (b"\x1f\x8b", "is compressed; unpack it"),
    (b"\xd0\xcf\x11\xe0", "is a workbook of the old format; save it as .xlsx"),
    (b"%PDF", "is a PDF; export CSV or .xlsx instead"),
    (b"<", "is a web page, whatever it is called; open it in a spreadsheet and save it as .xlsx"),
    (b"[", "is JSON; choose a column map with 'format: json' or 'format: eloverblik'"),
    (b"{", "is JSON; choose a column map with 'format: json' or 'format: eloverblik'"),
)
"""Files that portals export under the name of a CSV file, by their first bytes."""
ROWS_SEARCHED = 60
"""Rows searched for the header of a portal's export, which may begin with a title."""

_separator_line = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE).fullmatch


class Layout(NamedTuple):
    """
    Layout of a table, as far as it is known beforehand.

    Attributes
    ----------
    encoding, delimiter : str, optional
        Detected if omitted.
    skip_rows : int, optional
        Rows above the header; default: the header is the first row that `is_header`.
    header_rows : int
        Texts of several are joined by a space; a blank cell repeats its left neighbour.
    is_header : callable
        Returns whether a row of cells is the last of the header.
    """

    encoding: str | None = None
    delimiter: str | None = None
    skip_rows: int | None = 0
    header_rows: int = 1
    is_header: Callable[[Sequence[str]], bool] = bool


@dataclass(frozen=True)
class Table:
    """
    An open table.

    Attributes
    ----------
    columns : tuple of str
        The header, blank where a column has none.
    decimal_comma : bool or None
        Whether numbers are written as ``21,5``; None if unknown.
    typed : bool
        Whether the file knows times from texts, as a workbook does.
    parts : callable
        Yield, for the positions of some columns, frames of text cells with those positions (and
        `OVERFLOW`) as columns. The index is the row's number as a spreadsheet shows it.
    """

    columns: tuple[str, ...]
    decimal_comma: bool | None
    typed: bool
    parts: Callable[[Sequence[int]], Iterator[pd.DataFrame]]


def clean(text: str) -> str:
    """Strip spaces and quotes from a cell."""
    return text.strip().strip('"').strip()


def open_text_table(file: IO[bytes], layout: Layout) -> Table:
    """
    Read the header of a CSV file.

    Parameters
    ----------
    file : binary file
        At its start; it must stay open while the table is read.
    layout : Layout

    Raises
    ------
    DocumentRefused
        If it is no text, there is no header, or a line is too long.
    """
    _check_text(file)
    encoding = layout.encoding or told_encoding(file)
    with _text(file, encoding) as text:
        head = _read_head(text, layout)
    columns = joined_header(head.header, trim=True)
    check_columns(columns)

    def parts(wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
        row, width = head.rows + 1, len(columns)
        with _text(file, encoding) as text:
            for _ in range(head.lines):
                read_line(text, limits()["readings"])
            while part := text.read(CHARACTERS_AT_ONCE) + read_line(text, limits()["readings"]):
                for frame in _parse(part, head.delimiter, width, wanted):
                    frame.index = pd.RangeIndex(row, row + len(frame))
                    row += len(frame)
                    if width > WIDE_COLUMNS and row * width > limits()["readings"].wide_cells:
                        raise DocumentRefused(f"has too many rows for {width} columns; split it")
                    yield frame

    return Table(columns, {";": True, ",": False}.get(head.delimiter), False, parts)


def _check_text(file: IO[bytes]) -> None:
    """Reject a file of another kind, rather than report that its columns are missing."""
    start = file.read(64)
    file.seek(0)
    told = start.removeprefix(codecs.BOM_UTF8).lstrip()
    problem = next((problem for begin, problem in NO_TABLES if told.startswith(begin)), None)
    if problem:
        raise DocumentRefused(problem)
    if [byte == 0 for byte in start[:4]] in ([False, True] * 2, [True, False] * 2):
        raise DocumentRefused("is UTF-16 without a byte-order mark; save it as 'CSV UTF-8'")


@contextmanager
def _text(file: IO[bytes], encoding: str) -> Iterator[IO[str]]:
    """Open a file as text from its start; it stays open afterwards."""
    file.seek(0)
    # Bytes undefined in Windows-1252 may occur in a name, but not in a number.
    errors = "replace" if encoding == WINDOWS else "strict"
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors)
    try:
        yield text
    finally:
        text.detach()


def told_encoding(file: IO[bytes]) -> str:
    """Detect the encoding: by byte-order mark, else UTF-8 if valid, else Windows-1252."""
    start = file.read(4)
    file.seek(0)
    marked = next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)
    if marked:
        return marked
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while some := file.read(BYTES_AT_ONCE):
            decoder.decode(some)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return WINDOWS
    finally:
        file.seek(0)
    return UTF_8


def joined_header(rows: Sequence[Sequence[str]], *, trim: bool = False) -> tuple[str, ...]:
    """Name each column by the header's rows; a merged cell covers several columns."""
    width = max((len(cells) for cells in rows), default=0)
    filled = []
    for number, cells in enumerate(rows):
        above = [*cells, *[""] * (width - len(cells))]
        if number < len(rows) - 1:
            for column in range(1, width):
                above[column] = above[column] or above[column - 1]
        filled.append(above)
    columns = [" ".join(filter(None, texts)) for texts in zip(*filled, strict=True)]
    while trim and columns and not columns[-1]:
        columns.pop()
    return tuple(columns)


def check_columns(columns: Sequence[str]) -> None:
    """Reject a table with too many columns."""
    most = limits()["readings"].columns
    if len(columns) > most:
        raise DocumentRefused(f"has {len(columns)} columns, more than {most}; split it")


def split_line(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line; paired quotes may contain the delimiter."""
    if '"' in line and line.count('"') % 2 == 0:
        try:
            return [clean(cell) for cell in next(csv.reader([line], delimiter=delimiter), [])]
        except csv.Error:
            pass  # a cell longer than the csv module accepts
    return [clean(cell) for cell in line.split(delimiter)]


class _Head(NamedTuple):
    """The header's rows; rows and lines down to its end; the delimiter."""

    header: list[list[str]]
    rows: int
    lines: int
    delimiter: str


def _read_head(text: IO[str], layout: Layout) -> _Head:
    """Read down to the header; if none is found, the first row is taken."""
    bounds, delimiter = limits()["readings"], layout.delimiter
    line = read_line(text, bounds)
    separator = _separator_line(line)
    if separator:
        delimiter, line = delimiter or separator[1], read_line(text, bounds)
    fixed = None if layout.skip_rows is None else layout.skip_rows + layout.header_rows
    rows: list[list[str]] = []
    mark = delimiter or _delimiter_of(line)
    while line and len(rows) < (ROWS_SEARCHED if fixed is None else fixed):
        mark = delimiter or _delimiter_of(line)
        rows.append(split_line(line.rstrip("\r\n"), mark))
        line = read_line(text, bounds)
        if fixed is None and layout.is_header(rows[-1]):
            fixed = len(rows)
    if layout.header_rows == 0:
        mark = delimiter or _delimiter_of(line)
        header = [[str(number) for number, _ in enumerate(split_line(line, mark), 1)]]
    else:
        end = 1 if fixed is None else fixed
        header, rows = rows[max(end - layout.header_rows, 0) : end], rows[:end]
    return _Head(header, len(rows), len(rows) + bool(separator), mark)


def _delimiter_of(line: str) -> str:
    return max(DELIMITERS, key=line.count)


def _parse(part: str, delimiter: str, width: int, wanted: Sequence[int]) -> Iterator[pd.DataFrame]:
    """Parse whole lines in C: the wanted columns and the first cell beyond the header."""
    # With `usecols` a longer row is truncated instead of rejected, but one row must have every
    # cell.
    widest = delimiter * width + "\n"
    quotes = '"' in part
    rows: Any = pd.read_csv(
        io.StringIO(widest + (_with_hidden(part, delimiter) if quotes else part)),
        sep=delimiter,
        header=None,
        names=range(width + 1),
        usecols=sorted({*wanted, width}),
        dtype=object,
        na_filter=False,
        skip_blank_lines=False,
        quoting=csv.QUOTE_NONE,
        low_memory=False,
        # Many short rows under a wide header would yield far more cells than characters.
        chunksize=max(limits()["readings"].cells // (width + 1), 1),
    )
    start = 1
    with rows:
        for frame in rows:
            plain = frame.apply(_unquoted, delimiter=delimiter) if quotes else frame
            yield plain.rename(columns={width: OVERFLOW}).iloc[start:]
            start = 0


def _with_hidden(part: str, delimiter: str) -> str:
    """Hide the delimiters that quotes contain."""
    return "\n".join(_hidden(line, delimiter) if '"' in line else line for line in part.split("\n"))


def _hidden(line: str, delimiter: str) -> str:
    cells = split_line(line, delimiter)
    if len(cells) > line.count(delimiter):
        return line
    return delimiter.join(cell.replace(delimiter, HIDDEN) for cell in cells)


def _unquoted(column: pd.Series[Any], delimiter: str) -> pd.Series[Any]:
    position, texts = pd.factorize(column)
    plain = np.array([clean(text).replace(HIDDEN, delimiter) for text in texts], dtype=object)
    return pd.Series(plain[position], index=column.index)
