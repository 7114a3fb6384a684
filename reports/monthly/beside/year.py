"""The cost of a year like a given month: a range, since the weather is unknown. Pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from billing.measured.earlier_uses import is_month
from billing.measured.spans import degree_days, divides_by_degree_days, plain_days
from estate.periods import Period
from reports.monthly.beside.uses import beside_rules

if TYPE_CHECKING:
    from billing.bill.bill import Bill, Statement

BY_USE = frozenset({"energy", "rebate"})


class YearRange(NamedTuple):
    """Least and most that twelve months like this one cost, in round numbers. [øre]"""

    low_ore: int
    high_ore: int


def year_range(bill: Bill, statement: Statement) -> YearRange | None:
    """
    Return the cost of twelve months if a home goes on as it did; None if the month cannot tell.

    Energy for heat follows the weather: the month's part of a year by the degree-day table, between
    a mild and a normal year. Everything else costs the same each day.

    Parameters
    ----------
    bill : Bill
        Of one calendar month.
    statement : Statement
        Of the bill.
    """
    own = Period(statement.start, statement.end)
    rules = beside_rules(own.start)
    share = float(degree_days(own))
    if not is_month(own) or share < rules.heat_share_least or statement.total_ore <= 0:
        return None
    energy = _energy_parts(bill)
    low = high = 0.0
    for row in statement.rows:
        of_days = row.amount_ore / float(plain_days(own))
        if not divides_by_degree_days(row.item):
            low += of_days * (1 - rules.water_spread)
            high += of_days * (1 + rules.water_spread)
            continue
        part = energy.get(row.item, 1.0)
        of_weather = part * row.amount_ore / share
        rest = (1 - part) * of_days
        low += of_weather * rules.year_low * (1 - rules.own_spread) + rest
        high += of_weather * rules.year_high * (1 + rules.own_spread) + rest
    step = rules.round_to_ore
    return YearRange(int(low // step) * step, -int(-high // step) * step)


def _energy_parts(bill: Bill) -> dict[str, float]:
    """Return the part of each item's cost that follows use."""
    all_ore: dict[str, int] = defaultdict(int)
    energy_ore: dict[str, int] = defaultdict(int)
    for line in bill.costs:
        all_ore[line.item] += line.amount_ore
        if line.kind in BY_USE:
            energy_ore[line.item] += line.amount_ore
    return {
        item: min(max(energy_ore[item] / amount, 0.0), 1.0)
        for item, amount in all_ore.items()
        if amount > 0
    }
