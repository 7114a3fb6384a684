"""What the weights of a statement are based on, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.law.table import law_of
from billing.measured.spans import divides_by_degree_days
from billing.rules import billing_rules
from billing.schemes import FIXED_KEYS, base_of, season_days
from correspondence.phrases import known
from reports.measured import estimated_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.bill.bill import Bill, BillRow, Statement
    from correspondence.catalogue import Catalogue

POSITION = "heat_units_position"
HEAT_COUNTS = ("heat_kwh", "allocator_units")
SAME = 1e-6
"""Relative difference below which two weights are equal."""
FACTOR_DECIMALS = 4
WEIGHT_DECIMALS = 3
"""Decimals of a weight on paper; bill.csv has all of them."""


def key_note(bill: Bill, statement: Statement, row: BillRow, words: Catalogue) -> str:
    """Explain what the weight of a row is based on, and everything that changes its number."""
    basis = _basis(statement, base_of(row.key), words)
    return " ".join(
        [basis, *_part_of_home(bill, statement, row, words), *_parameters(bill, row, words)]
    )


def weight_words(weight: float, words: Catalogue) -> str:
    """Return a weight as it is printed."""
    return words.plain_number(round(weight, WEIGHT_DECIMALS))


def _basis(statement: Statement, key: str, words: Catalogue) -> str:
    """Return what a key is based on, and the factor on a meter's use if the registers show it."""
    note = words.say(f"proof.key.{key}")
    if key in estimated_keys(statement):
        return f"{note} {words.say('proof.key.estimated')}"
    counts = [each for each in statement.registers if each.quantity in HEAT_COUNTS]
    use = sum(each.use for each in counts)
    weight = next(row.weight for row in statement.rows if base_of(row.key) == key)
    if not key.startswith("heat_units") or not use > 0:
        return note
    if key != POSITION and abs(weight - use) <= SAME * use:
        return note
    factor = words.number(weight / use, FACTOR_DECIMALS)
    return f"{note} {words.say('proof.position', factor=factor)}"


def _part_of_home(
    bill: Bill, statement: Statement, row: BillRow, words: Catalogue
) -> Iterator[str]:
    """Explain why less than all of a home's size counts for who had it for a part of the period."""
    if base_of(row.key) not in FIXED_KEYS:
        return
    whole = sum(
        each.weight
        for other in bill.statements
        if other.flat == statement.flat
        for each in other.rows
        if each.component == row.component
    )
    if row.weight >= whole * (1 - SAME):
        return
    by = "degree_days" if divides_by_degree_days(row.item) else "days"
    if law_of(bill.country, bill.period.start).wants("fixed_by_months"):
        by = "months"
    own, of_home = (weight_words(each, words) for each in (row.weight, whole))
    unit = known(f"unit.{base_of(row.key)}", "", words)
    yield words.say(f"proof.part_of_home.{by}", own=own, whole=f"{of_home} {unit}".strip())


def _parameters(bill: Bill, row: BillRow, words: Catalogue) -> Iterator[str]:
    """Explain the parameters of a climate key: days, temperatures, position factor."""
    component = bill.component_of(row)
    if component is None:
        return
    if component.season:
        first, last = season_days(component.season)
        yield words.say("proof.season", first=words.day(first), last=words.day(last))
    if component.floor_c is not None:
        yield words.say("proof.floor", floor=words.plain_number(component.floor_c))
    if component.key == "base_temperature":
        base_c = component.base_c or billing_rules(bill.period.start).base_temperature_c
        yield words.say("proof.base", base=words.plain_number(base_c))
    if component.position:
        yield words.say("proof.placed")
