"""What a statement explains, as JSON; docs/statement.md describes every field."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import yaml

from billing.bill.explanations import Withheld
from billing.schemes import CLIMATE_KEYS, base_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.bill.bill import Bill, BillRow, Statement
    from billing.schemes import Component

SCHEMA = "fairvarme.statements/1"
"""Name and version of the format: a field that changes or goes makes a new version."""
PRICE_DECIMALS = 6


def price_ore(bill: Bill, row: BillRow) -> float | None:
    """Return what one unit of a row's weight costs, None where nothing weighs anything. [øre]"""
    total = row.weight_total
    return round(bill.component_ore(row) / total, PRICE_DECIMALS) if total else None


def unit_of(bill: Bill, row: BillRow) -> str | None:
    """Name the unit of a row's weight, None where the key is not known."""
    unit = _units().get(base_of(row.key))
    if not isinstance(unit, dict):
        return unit
    return next((unit[name] for name in unit if name in bill.quantities), None)


def component_details(bill: Bill, row: BillRow) -> dict[str, Any]:
    """Tell what was split and what a unit of it costs."""
    return {
        "unit": unit_of(bill, row),
        "component_ore": bill.component_ore(row),
        "price_ore_per_unit": price_ore(bill, row),
        **_parameters(bill.component_of(row)),
    }


def _parameters(component: Component | None) -> dict[str, Any]:
    """Tell by what a climate key is bounded; nothing of other keys."""
    if component is None or component.key not in CLIMATE_KEYS:
        return {}
    return component.model_dump(mode="json", include={"season", "floor_c", "base_c", "position"})


def statement_details(bill: Bill, statement: Statement) -> dict[str, Any]:
    """Tell what is left to pay, and what explains the amount."""
    half, compared = statement.half_degree, statement.comparison
    withheld = compared if isinstance(compared, Withheld) else None
    rows = () if isinstance(compared, Withheld) else compared
    return {
        "aconto_ore": statement.aconto_ore,
        "balance_ore": statement.balance_ore,
        "claimable_ore": bill.claimable_ore(statement),
        "supplier_bill_received": str(bill.received) if bill.received else None,
        "deadline": str(bill.deadline) if bill.deadline else None,
        "late": bill.late,
        "corrects": str(bill.first_issued) if bill.first_issued else None,
        "co2": asdict(bill.co2) if bill.co2 else None,
        "interim": bill.interim,
        "half_degree": asdict(half) if half else None,
        "neighbour_heat": statement.neighbour_heat,
        "comparison": [asdict(each) for each in rows],
        "comparison_withheld": withheld,
        "year_before": [asdict(each) for each in statement.year_before],
        "derived": [asdict(each) for each in bill.derived],
        "reductions": [asdict(each) for each in statement.reductions],
    }


@cache
def _units() -> Mapping[str, str | dict[str, str]]:
    text = resources.files("billing.bill").joinpath("units.yaml").read_text("utf-8")
    table: dict[str, str | dict[str, str]] = yaml.safe_load(text)
    return table
