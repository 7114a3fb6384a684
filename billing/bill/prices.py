"""Price and unit of a row."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from billing.schemes import base_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.bill.bill import Bill, BillRow

PRICE_DECIMALS = 6


def price_ore(bill: Bill, row: BillRow) -> float | None:
    """Return the price per unit of a row's weight, None if all weights are 0. [øre]"""
    total = row.weight_total
    return round(bill.component_ore(row) / total, PRICE_DECIMALS) if total else None


def unit_of(bill: Bill, row: BillRow) -> str | None:
    """Return the unit of a row's weight, None if the key is unknown."""
    unit = _units().get(base_of(row.key))
    if not isinstance(unit, dict):
        return unit
    return next((unit[name] for name in unit if name in bill.quantities), None)


@cache
def _units() -> Mapping[str, str | dict[str, str]]:
    text = resources.files("billing.bill").joinpath("units.yaml").read_text("utf-8")
    table: dict[str, str | dict[str, str]] = yaml.safe_load(text)
    return table
