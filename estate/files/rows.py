"""
Converts text rows into records; each invalid cell is a finding with place and remedy.

A record's field is the column of its name (or alias). A field ending in ``_ore`` is the column
without that suffix, which holds kroner.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args

import yaml
from pydantic import ValidationError

from estate.files.documents import shown
from estate.files.spreadsheet import unguarded
from estate.findings import Finding
from estate.record import Record, Row

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from estate.files.tables import Row as TextRow
    from estate.files.tables import Table

RecordType = TypeVar("RecordType", bound=Record)

(OWN_COLUMN,) = Row.families
"""Prefix of a user's own columns."""
ORE = "_ore"

_is_day = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch
_is_amount = re.compile(r"-?\d{1,13}(\.\d{1,2})?").fullmatch
_has_decimal_comma = re.compile(r"-?\d+(,\d+)?").fullmatch


@cache
def remedies() -> Mapping[str, str]:
    """Return the remedies for invalid cells, by type of error."""
    text = resources.files("estate.files").joinpath("remedies.yaml").read_text("utf-8")
    table: dict[str, str] = yaml.safe_load(text)
    return table


class _Column(NamedTuple):
    """Where a column's cells go in a record, and the kind of value that they hold."""

    name: str
    field: str
    family: str | None
    kind: type | None
    """None for text and what pydantic parses."""

    @classmethod
    def of(cls, model: type[Record], name: str, field: FieldInfo) -> _Column:
        kind = next((each for each in (date, float, int) if _holds(field, each)), None)
        return cls(name, _field_name(model, name), _family_of(model, name), kind)


def parse_rows(
    table: Table, model: type[RecordType], findings: list[Finding], needed: frozenset[str]
) -> list[tuple[int, RecordType]]:
    """
    Convert rows into records, each with its row number; invalid rows become findings.

    Parameters
    ----------
    table : Table
    model : subclass of Record
    findings : list of Finding
        Findings are appended here.
    needed : frozenset of str
        Columns that must exist though their cells may be blank.
    """
    columns = columns_of(model) | _of_families(model, table.columns)
    faults = list(_header_faults(table, columns, needed))
    findings += faults
    if any(fault.name == "estate.column.missing" for fault in faults):
        return []
    kinds = [_Column.of(model, name, field) for name, field in columns.items()]
    records = []
    for row in table.rows:
        record = _parse_row(table, row, model, kinds, findings)
        if record is not None:
            records.append((row.number, record))
    return records


def columns_of(model: type[Record]) -> dict[str, FieldInfo]:
    """Return the columns of a kind of record, each with its field; not those that users name."""
    return {
        (field.alias or name).removesuffix(ORE): field
        for name, field in model.model_fields.items()
        if name not in model.families.values()
    }


def _of_families(model: type[Record], names: Iterable[str]) -> dict[str, FieldInfo]:
    """Return the user-named columns of a family, each with its field."""
    return {
        name: model.model_fields[field]
        for name in names
        for start, field in model.families.items()
        if name.startswith(start) and name != start
    }


def cell_finding(file: str, row: int, column: str, value: object, problem: str) -> Finding:
    """Return the finding of an invalid cell."""
    holds = "is blank" if value in (None, "") else f"holds '{shown(value)}'"
    return Finding(
        "estate.cell.invalid",
        f"{file} row {row}, column {column} {holds}: {problem}",
        {"file": file, "row": row, "column": column, "value": value},
    )


def remedy_for(error: ErrorDetails) -> str:
    """Return the remedy for a pydantic error."""
    known = remedies().get(error["type"])
    return known.format(**error.get("ctx", {})) if known else error["msg"]


def _header_faults(
    table: Table, columns: Mapping[str, FieldInfo], needed: frozenset[str]
) -> Iterator[Finding]:
    seen = set()
    for name in table.columns:
        if name in seen:
            yield _column_finding("twice", table.file, name, "stands twice; rename one of them")
        elif name not in columns and name != OWN_COLUMN:
            remedy = f"is not known; correct it, or begin it with {OWN_COLUMN} if it is your own"
            yield _column_finding("unknown", table.file, name, remedy)
        seen.add(name)
    for name, field in columns.items():
        if (field.is_required() or name in needed) and name not in seen:
            yield _column_finding("missing", table.file, name, "is missing; add it")


def _column_finding(fault: str, file: str, column: str, problem: str) -> Finding:
    return Finding(
        f"estate.column.{fault}",
        f"{file}: the column '{column}' {problem}",
        {"file": file, "column": column},
    )


def _parse_row(
    table: Table,
    row: TextRow,
    model: type[RecordType],
    columns: Iterable[_Column],
    findings: list[Finding],
) -> RecordType | None:
    values: dict[str, Any] = {}
    wrong = []
    for column, field, family, kind in columns:
        if column not in row.cells:
            continue
        value, fault = _parse_cell(row.cells[column], kind, table.decimal_comma)
        if fault:
            wrong.append(cell_finding(table.file, row.number, column, row.cells[column], fault))
        elif family:
            values.setdefault(family, {})[column] = value
        else:
            values[field] = value
    unread = {each.data["column"] for each in wrong}
    try:
        record = model.model_validate(values)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            column = _column_at(model, detail["loc"])
            if column not in unread:
                value = row.cells.get(column)
                remedy = remedy_for(detail)
                wrong.append(cell_finding(table.file, row.number, column, value, remedy))
        record = None
    findings += wrong
    return None if wrong else record


def _family_of(model: type[Record], column: str) -> str | None:
    return next(
        (field for start, field in model.families.items() if column.startswith(start)), None
    )


def _column_at(model: type[Record], place: tuple[int | str, ...]) -> str:
    """Return the column of a field that pydantic names."""
    in_family = len(place) > 1 and place[0] in model.families.values()
    return str(place[1] if in_family else place[0]).removesuffix(ORE)


def _field_name(model: type[Record], column: str) -> str:
    return column + ORE if column + ORE in model.model_fields else column


def _parse_cell(text: str, kind: type | None, decimal_comma: bool) -> tuple[object, str | None]:
    """Return the value of a cell, or its remedy; pydantic parses other types."""
    # Pydantic would take a bare number for seconds since 1970.
    if kind is date:
        return (text, None) if _is_day(text) else (None, remedies()["date_parsing"])
    if kind is None:
        return unguarded(text), None
    if decimal_comma:
        if not _has_decimal_comma(text):
            return None, remedies()["decimal_comma"]
        text = text.replace(",", ".")
    if kind is float:
        return text, None
    return (int(Decimal(text) * 100), None) if _is_amount(text) else (None, remedies()["amount"])


def _holds(field: FieldInfo, kind: type) -> bool:
    annotation: Any = field.annotation
    return _is_within(annotation, kind)


@cache
def _is_within(annotation: Hashable, kind: type) -> bool:
    return annotation is kind or any(_is_within(each, kind) for each in get_args(annotation))
