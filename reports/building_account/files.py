"""Writes a building account: a workbook with a sheet for each table, and a CSV file for each."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from billing.bill.files import kroner
from billing.exchange.workbook import AMOUNT_FORMAT, DAY_FORMAT, TEXT, TEXT_FORMAT, WIDTH
from estate.files.spreadsheet import guarded
from reports.building_account.tables import Ore

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reports.building_account.tables import AccountTable, Cell


def csv_text(table: AccountTable) -> str:
    """Write a table as CSV: commas, decimal points, days as 2026-01-31."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return file.getvalue()


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Ore):
        return kroner(cell.ore)
    return (
        guarded(cell)
        if isinstance(cell, str)
        else f"{cell:g}"
        if isinstance(cell, float)
        else str(cell)
    )


def workbook(tables: Iterable[AccountTable]) -> bytes:
    """Write tables as the sheets of a workbook: amounts are numbers, days are days."""
    # It is slow to import, and most commands write no workbook.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for number, _ in enumerate(table.columns, 1):
            sheet.column_dimensions[get_column_letter(number)].width = WIDTH
        sheet.append(list(table.columns))
        for row in table.rows:
            sheet.append([_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: Cell) -> object:  # noqa: ANN401  openpyxl's
    from openpyxl.cell import WriteOnlyCell

    if value is None or isinstance(value, float):
        return value
    if isinstance(value, Ore):
        cell = WriteOnlyCell(sheet, value=value.ore / 100)
        cell.number_format = AMOUNT_FORMAT
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=datetime(value.year, value.month, value.day))  # noqa: DTZ001
        cell.number_format = DAY_FORMAT
        return cell
    cell = WriteOnlyCell(sheet, value=value)
    # Otherwise a text that begins with = would be a formula, here or once it is edited.
    cell.data_type, cell.number_format, cell.quotePrefix = TEXT, TEXT_FORMAT, True
    return cell
