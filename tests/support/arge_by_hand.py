"""
ARGE HeiWaKo 3.05 written without the code under test.

Positions are those of the tables for people: first and last, counted from 1. A line is a row of
blanks into which each text is put.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from math import floor
from typing import Any

Texts = Mapping[tuple[int, int], str]


def line(length: int, texts: Texts) -> str:
    cells = [" "] * length
    for (first, last), text in texts.items():
        assert len(text) == last - first + 1, (first, last, text)
        cells[first - 1 : last] = text
    return "".join(cells)


def file(*lines: str) -> bytes:
    return "".join(each + "\r\n" for each in lines).encode("iso8859-15")


def amount(ore: int) -> str:
    """Write 8 digits of kroner and 2 of øre, zeros at the left, the minus first."""
    return f"-{-ore:09d}" if ore < 0 else f"{ore:010d}"


COST = {
    "heat": "234", "heat_operation": "234", "hot_water": "235", "cold_water": "237",
    "heat_co2": "260", "electricity": "259", "cooling": "259",
}  # fmt: skip
COUNTED = {
    "heat_units": {"heat_kwh", "allocator_units"},
    "heat_units_position": {"heat_kwh", "allocator_units"},
    "hot_water_m3": {"hot_water_m3"},
    "cold_water_m3": {"cold_water_m3"},
    "cooling_kwh": {"cooling_kwh"},
    "electricity_kwh": {"electricity_kwh"},
}
UNIT = {
    "heat_kwh": "005", "allocator_units": "030", "hot_water_m3": "003", "cold_water_m3": "003",
    "cooling_kwh": "005", "electricity_kwh": "005",
}  # fmt: skip
ESTIMATES = {"like_homes": "008", "year_before": "002", "own_rate": "007"}
"""From worst to best."""
BY_DEGREE_DAYS = {"heat"}


def d_lines(
    statements: Mapping[str, Any],
    dwelling: Mapping[str, str],
    period: str,
    by_area: Collection[str] = (),
) -> list[str]:
    """Write a D record for each tenancy and item of statements.json."""
    lines = []
    for statement in statements["statements"]:
        of_items: dict[str, int] = {}
        for part in statement["components"]:
            of_items[part["item"]] = of_items.get(part["item"], 0) + part["amount_ore"]
        last = date.fromisoformat(statement["to"]) - timedelta(days=1)
        paid = statement["aconto_ore"]
        for number, (item, ore) in enumerate(of_items.items()):
            here = paid if number == 0 else None
            texts = {
                (1, 1): "D",
                (2, 6): "03.05",
                (7, 16): "0000004711",
                (19, 27): "000000007",
                (28, 31): dwelling[statement["flat"]],
                (32, 51): f"{statement['tenancy']:<20}",
                (52, 57): f"{last.day:02d}{last.month:02d}{last.year % 100:02d}",
                (58, 67): amount(ore),
                (128, 137): amount(ore - (here or 0)),
                (148, 150): COST[item],
                (201, 203): "DKK",
                (1024, 1024): "D",
            }
            if here is not None:
                texts[78, 87] = amount(here)
            use = use_and_mark(statement, item, period, area=item in by_area)
            lines.append(line(1024, texts | use))
    return lines


def use_and_mark(
    statement: Mapping[str, Any], item: str, period: str, *, area: bool
) -> dict[tuple[int, int], str]:
    """Write what the meters of an item counted, its unit, and how that is known (table S)."""
    keys = {part["key"] for part in statement["components"] if part["item"] == item}
    counted = {quantity for key in keys for quantity in COUNTED.get(key, ())}
    registers = [each for each in statement["registers"] if each["quantity"] in counted]
    whole = f"{statement['from']}/{statement['to']}" == period
    if area:
        return {(163, 165): "006"}
    units = {each["quantity"] for each in registers}
    if len(units) != 1 or any(each["use"] is None for each in registers):
        if whole:
            return {}
        return {(163, 165): "014" if item in BY_DEGREE_DAYS else "013"}
    methods = {each["method"] for each in registers}
    read = "011" if whole else "012"
    mark = next((code for method, code in ESTIMATES.items() if method in methods), read)
    return {
        (151, 159): thousandths(sum(each["use"] for each in registers)),
        (160, 162): UNIT[units.pop()],
        (163, 165): mark,
    }


def thousandths(use: float) -> str:
    """Write 6 digits and 3 decimals, half rounded up, the mark left out."""
    return f"{floor(Decimal(str(use)) * 1000 + Decimal('0.5')):09d}"
