"""
Compares a home's use in a month with the month before and the same month a year before.

Heat of another month is adjusted to this month's weather, so that a colder month is not a waste. If
the tenancy did not have the home then, a similar home is used, provided that enough others live
there for it to reveal nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from billing.bill.explanations import Comparison, Withheld
from billing.measured.earlier_uses import is_month
from billing.measured.spans import counts_heat
from billing.statement.last_year import put_to_weather
from estate.numbers.values import load_values
from estate.periods import Period
from reports.measured import COUNTED_BY, how_known

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from billing.bill.bill import Statement
    from billing.measured.earlier_uses import Around, Before, EarlierUses

SHOWN = ("heat_kwh", "allocator_units", "hot_water_m3")
"""Quantities that a page puts beside other months."""


@dataclass(frozen=True)
class BesideRules:
    """Limits of a comparison; ``beside.yaml`` explains each."""

    degree_days_least: float
    change_least: float
    weather_change_least: float
    heat_share_least: float
    year_low: float
    year_high: float
    own_spread: float
    water_spread: float
    round_to_ore: int
    shower_l_per_minute: float
    saving_least_ore: int


def beside_rules(on: date | None = None) -> BesideRules:
    """Return the rules valid on a day; the newest by default."""
    return load_values(BesideRules, "reports.monthly.beside", "beside.yaml", on)


@dataclass(frozen=True)
class OtherUse:
    """
    Use in another month.

    Attributes
    ----------
    use : float
        As it was measured. [the quantity's unit]
    shown : float
        Adjusted to this month's weather where `by_weather`, else `use`. [the quantity's unit]
    """

    period: Period
    use: float
    shown: float
    by_weather: bool


@dataclass(frozen=True)
class UseBeside:
    """
    Use of one quantity in a month, compared with other months or a similar home.

    Attributes
    ----------
    now : float
        [the quantity's unit]
    estimated : bool
        Whether some of it was not read: interpolated between distant readings, or estimated.
    others : mapping of str to OtherUse
        ``month`` and ``year``, as far as known.
    like_home : float or None
        What a home of this size used on average; None if unknown, and beside a year before where
        the law does not require both.
    """

    quantity: str
    now: float
    estimated: bool
    others: Mapping[Before, OtherUse]
    like_home: float | None = None

    @property
    def change(self) -> float | None:
        """Change from the month before, else the year before, in the same weather, as a part."""
        other = self.others.get("month") or self.others.get("year")
        return None if other is None or other.shown <= 0 else self.now / other.shown - 1


@dataclass(frozen=True)
class MonthBeside:
    """
    A home's month compared with others.

    Attributes
    ----------
    uses : tuple of UseBeside
        Heat first.
    first_month : bool
        Whether this is the tenancy's first month.
    few_homes : bool
        Whether a similar home would reveal a neighbour.
    heat_need_change : float or None
        How much more heat the weather called for than in the month before, as a part.
    """

    uses: tuple[UseBeside, ...] = ()
    first_month: bool = False
    few_homes: bool = False
    heat_need_change: float | None = None


def month_beside(
    statement: Statement,
    around: Around,
    tenancy_start: date,
    *,
    like_home_always: bool = False,
) -> MonthBeside:
    """
    Compare a home's month with others.

    Parameters
    ----------
    statement : Statement
    around : Around
        The months before, as `billing.measured.earlier_uses` reads them.
    tenancy_start : date
    like_home_always : bool, optional
        Whether to show a similar home even if there is a year before.
    """
    own = Period(statement.start, statement.end)
    before = around.months.get("month")
    uses = tuple(_uses(statement, around, like_home_always)) if is_month(own) else ()
    return MonthBeside(
        uses=uses,
        first_month=before is not None and tenancy_start > before.period.start,
        few_homes=statement.comparison is Withheld.FEW_HOMES,
        heat_need_change=_need_change(before.degree_days if before else None, around.degree_days),
    )


def _uses(statement: Statement, around: Around, like_always: bool) -> Iterator[UseBeside]:
    for quantity in SHOWN:
        registers = [each for each in statement.registers if each.quantity == quantity]
        now = sum(each.use for each in registers)
        if not registers or not isfinite(now):
            continue
        others = {
            name: _other(
                quantity, found.uses[statement.tenancy][quantity], found, around.degree_days
            )
            for name, found in around.months.items()
            if quantity in found.uses.get(statement.tenancy, {})
        }
        estimated = any(how_known(each) != "measured" for each in registers)
        wanted = not estimated and (like_always or "year" not in others)
        like = _like_home(statement, quantity, now) if wanted else None
        yield UseBeside(quantity, now, estimated, others, like)


def _other(quantity: str, use: float, found: EarlierUses, degree_days: float | None) -> OtherUse:
    then, plain = found.degree_days, OtherUse(found.period, use, use, by_weather=False)
    if not counts_heat(quantity) or then is None or degree_days is None:
        return plain
    if min(then, degree_days) < beside_rules(found.period.start).degree_days_least:
        return plain
    return OtherUse(found.period, use, put_to_weather(use, then, degree_days), by_weather=True)


def _like_home(statement: Statement, quantity: str, now: float) -> float | None:
    """Return the use of a home that differs from this one in nothing but its habits."""
    rows: Sequence[Comparison] = (
        statement.comparison if isinstance(statement.comparison, tuple) else ()
    )
    row = next((each for each in rows if quantity in COUNTED_BY.get(each.key, ())), None)
    return now * row.others / row.own if row and row.own > 0 else None


def _need_change(then: float | None, now: float | None) -> float | None:
    if then is None or now is None:
        return None
    least = beside_rules().degree_days_least
    return now / then - 1 if min(then, now) >= least else None
