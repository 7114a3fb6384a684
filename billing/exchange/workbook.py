"""Records as an Excel workbook, and back: numbers as numbers, days as days, texts as texts."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import IO, TYPE_CHECKING, Any

from billing.exchange.cells import CellFault, as_scaled, write_cell
from billing.exchange.columns import NUMERIC
from billing.exchange.read import FileRead, read_table
from estate.errors import DataError
from estate.files.documents import DocumentRefused
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.exchange.columns import Record, Value
    from billing.exchange.profile import FieldSpec, Profile

AMOUNT_FORMAT, NUMBER_FORMAT = "#,##0.00", "General"
DAY_FORMAT, TEXT_FORMAT = "dd-mm-yyyy", "@"
TEXT = "s"
WIDTH = 18
"""Of a column, so that a day and an amount are seen whole. [characters]"""


def workbook_bytes(records: Sequence[Record], profile: Profile) -> bytes:
    """
    Write records as the one sheet of a workbook, its header fixed above them.

    Raises
    ------
    DataError
        If a text contains characters that a workbook cannot hold.
    """
    # It is slow to import, and most exports are not workbooks.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(profile.table)
    sheet.freeze_panes = "A2"
    for number, _ in enumerate(profile.fields, 1):
        sheet.column_dimensions[get_column_letter(number)].width = WIDTH
    sheet.append([field.label for field in profile.fields])
    for number, record in enumerate(records, 1):
        sheet.append([_cell(sheet, number, record, field, profile) for field in profile.fields])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_workbook(file: IO[bytes], profile: Profile, name: str) -> FileRead:
    """Read the first sheet of a workbook; see `billing.exchange.read.read_bytes`."""
    from telemetry.readings_file.tables.workbooks import text_rows

    try:
        cells = text_rows(file, decimal_comma=profile.decimal == ",")
        rows = [[_as_day(cell) for cell in row] for row in cells]
    except DocumentRefused as error:
        found = FileRead(name)
        found.find("exchange.file.unreadable", None, f" {error}")
        return found
    width = len(profile.fields)
    return read_table(list(_padded(rows, width)), profile, name)


def _padded(rows: Iterable[list[str]], width: int) -> Iterable[list[str]]:
    """Restore the blank cells of short rows; a sheet ends a row after its last filled cell."""
    return (row + [""] * (width - len(row)) for row in rows if any(row))


def _as_day(text: str) -> str:
    """Drop the midnight that a workbook adds to a day."""
    return text.removesuffix(" 00:00:00")


def _cell(
    sheet: Any,  # noqa: ANN401  openpyxl's
    number: int,
    record: Record,
    field: FieldSpec,
    profile: Profile,
) -> object:
    value = _value(record, number, field)
    if value is None:
        return None
    try:
        return _typed_cell(sheet, value, field, profile)
    except CellFault as fault:
        message = f"record {number}, field {field.label}: {fault}"
        raise DataError([Finding("exchange.value.unfit", message, {"record": number})]) from fault


def _typed_cell(sheet: Any, value: Value, field: FieldSpec, profile: Profile) -> object:  # noqa: ANN401
    from openpyxl.cell import WriteOnlyCell

    kind = profile.kind_of(field)
    if field.codes is None and kind in NUMERIC and isinstance(value, (int, float)):
        cell = WriteOnlyCell(sheet, value=float(as_scaled(value, kind)))
        cell.number_format = AMOUNT_FORMAT if kind == "amount" else NUMBER_FORMAT
        return cell
    if field.codes is None and isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=datetime(value.year, value.month, value.day))  # noqa: DTZ001
        cell.number_format = DAY_FORMAT
        return cell
    cell = WriteOnlyCell(sheet, value=write_cell(value, field, profile))
    # Otherwise a text that begins with = would be a formula, here or once it is edited.
    cell.data_type, cell.number_format, cell.quotePrefix = TEXT, TEXT_FORMAT, True
    return cell


def _value(record: Record, number: int, field: FieldSpec) -> Value:
    if field.sequence:
        return number
    return record.get(field.column) if field.column else field.text
