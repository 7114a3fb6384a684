"""Checks the legally required contents of a statement. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from billing.bill.explanations import Withheld
from billing.law.table import unions_of
from billing.schemes import AREA
from estate.devices import REGISTER_OF
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from billing.bill.bill import Bill, Statement
    from billing.bill.explanations import YearBefore
    from billing.law.table import Law
    from estate.model import Building, Tenure

HEAT = frozenset({REGISTER_OF["heat"], REGISTER_OF["allocator"]})
"""Registers whose comparison with another year needs the weather."""


@dataclass(frozen=True)
class StatementField:
    """One row of ``statement_fields.yaml``: a required field of statements."""

    field: str
    country: str
    start: date
    where: str
    meaning: str
    source: str
    tenures: tuple[str, ...] = ()
    """Kinds of tenure that it applies to; empty: all."""


@cache
def statement_fields() -> tuple[StatementField, ...]:
    """Return the required fields of statements."""
    text = resources.files("billing.law").joinpath("statement_fields.yaml").read_text("utf-8")
    return tuple(
        StatementField(start=row.pop("from"), tenures=tuple(row.pop("tenures", ())), **row)
        for row in yaml.safe_load(text)
    )


def fields_wanted(country: str | None, day: date, tenure: Tenure) -> tuple[StatementField, ...]:
    """Return the required fields in a country on a day, under the law of a tenure."""
    whose = {country, *unions_of(country)}
    return tuple(
        row
        for row in statement_fields()
        if row.country in whose and row.start <= day and tenure in (row.tenures or (tenure,))
    )


def told(bill: Bill, statement: Statement, building: Building, law: Law) -> dict[str, object]:
    """
    Return the contents of a statement, by the names of ``statement_fields.yaml``; None if absent.

    A comparison that is withheld to protect neighbours counts, with its reason.
    """
    compared = statement.comparison
    return {
        "period": (statement.start, statement.end),
        "building_total": bill.total_ore,
        "total": statement.total_ore,
        "objection": law.number("objection_weeks") or law.number("objection_months"),
        "areas": [row for row in statement.rows if row.key == AREA] or None,
        "records_open": building.records_open,
        "supplier_bill_received": bill.received,
        "prices": statement.rows or None,
        "registers": statement.registers or None,
        "energy_mix": building.supply,
        "contacts": building.contacts or None,
        "complaint_board": building.complaint_board,
        "comparison_last_year": _last_year(statement),
        "comparison": compared if isinstance(compared, Withheld) else compared or None,
    }


def _last_year(statement: Statement) -> tuple[YearBefore, ...] | None:
    """Return the comparison with the year before; None if heat was measured and has none."""
    compared = {each.quantity for each in statement.year_before}
    heat = {each.quantity for each in statement.registers} & HEAT
    return statement.year_before if compared and heat <= compared else None


def missing_fields(
    tells: Mapping[str, object], wanted: Iterable[StatementField]
) -> list[StatementField]:
    """Return the required fields that a statement lacks."""
    return [row for row in wanted if tells.get(row.field) is None]


def statement_findings(bill: Bill, building: Building, law: Law) -> list[Finding]:
    """Return one finding on the required fields that residents' statements lack."""
    wanted = fields_wanted(law.country, bill.period.start, building.tenure)
    lacking = {
        row.field: row
        for statement in bill.statements
        if statement.resident
        for row in missing_fields(told(bill, statement, building, law), wanted)
    }
    if not lacking:
        return []
    parts = "; ".join(f"{row.meaning} ({row.source})" for row in lacking.values())
    message = (
        f"the statements lack fields required by the law of {law.country}: {parts}. docs/law.md "
        "shows the origin of each: add it there, or on a page of your own"
    )
    return [Finding("billing.law.statement", message, {"fields": sorted(lacking)})]
