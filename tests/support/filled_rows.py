"""A row of any table, made from its columns: every text in it is a canary."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Date, Float, Integer, LargeBinary, Table
from sqlalchemy.sql.sqltypes import _Binary


def filled(table: Table, canary: str, **values: object) -> dict[str, Any]:
    """Return a row whose cells are those given, else of the column's type."""
    return {
        column.name: values[column.name] if column.name in values else _cell(column, canary)
        for column in table.columns
    }


def plant(
    connection: Connection, table: Table, under: dict[str, Table], canary: str, **values: object
) -> None:
    """Add a row, and one below it in each of the tables that name it."""
    row = filled(table, canary, **values)
    connection.execute(table.insert().values(row))
    (key,) = list(table.primary_key.columns)[:1]
    for column, child in under.items():
        connection.execute(child.insert().values(filled(child, canary, **{column: row[key.name]})))


def _cell(column: Column[Any], canary: str) -> object:
    kind = column.type
    if isinstance(kind, JSON):
        return {"note": canary}
    if isinstance(kind, (LargeBinary, _Binary)):
        return canary.encode()
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Date):
        return date(2020, 1, 1)
    if isinstance(kind, (Integer, Float)):
        return abs(hash(canary)) % 10**6
    length = getattr(kind, "length", None)
    return canary[:length] if length else canary
