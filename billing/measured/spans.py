"""Divides a flat's days among its parties, and a fixed cost among the days."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from estate.numbers.values import load_table
from estate.periods import Period, day_start_ms, local_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    import numpy.typing as npt

    from estate.model import Estate

DAYS_OF_A_YEAR = 365
MONTHS_OF_A_YEAR = 12
PER_MILLE = 1000


@dataclass(frozen=True)
class Span:
    """
    Days of one flat that belong to one party.

    Attributes
    ----------
    tenancy : str
        ``landlord:{flat}`` for a vacant flat.
    """

    tenancy: str
    flat: str
    period: Period
    resident: bool


def spans_of(estate: Estate, period: Period) -> list[Span]:
    """Divide each flat's days of a period among its tenancies, in the order of flats and days."""
    return [span for flat in estate.flats for span in _flat_spans(estate, flat.flat, period)]


def _flat_spans(estate: Estate, flat: str, period: Period) -> Iterator[Span]:
    day = period.start
    for tenancy in estate.tenancies_of.get(flat, ()):
        own = period.overlap(tenancy.start, tenancy.end)
        if own is None:
            continue
        if own.start > day:
            yield _vacant(flat, day, own.start)
        yield Span(tenancy.tenancy, flat, own, resident=True)
        day = own.end
    if day < period.end:
        yield _vacant(flat, day, period.end)


def _vacant(flat: str, start: date, end: date) -> Span:
    return Span(f"landlord:{flat}", flat, Period(start, end), resident=False)


def own_days(spans: Sequence[Span], period: Period) -> npt.NDArray[np.bool_]:
    """Return the local days of a period that are each span's, (spans, days)."""
    first, end = (
        np.array([(day - period.start).days for day in days])
        for days in zip(*((span.period.start, span.period.end) for span in spans), strict=True)
    )
    days = np.arange(period.days)
    return (days >= first[:, None]) & (days < end[:, None])


@cache
def _table(on: date | None = None) -> Mapping[str, Any]:
    return load_table("billing.measured", "degree_days.yaml", on)


def divides_by_degree_days(item: str) -> bool:
    """Whether an item's fixed cost is divided by degree-days rather than days."""
    return item in _table()["items"]


@cache
def degree_days(period: Period) -> Fraction:
    """
    Return a period's exact fraction of a year's heat by the degree-day table.

    Returns
    -------
    Fraction
        1 for a whole year.
    """
    days = (period.start + timedelta(days=number) for number in range(period.days))
    return sum((_day_part(day.year, day.month) for day in days), Fraction(0))


def degree_day_progress(
    start_ms: int, end_ms: int, zone: ZoneInfo
) -> Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float64]]:
    """
    Return a function of instants: the degree-days since a first instant.

    Within a day they accumulate evenly.

    Parameters
    ----------
    start_ms, end_ms : int
        Range of valid instants. [ms since 1970, UTC]
    zone : ZoneInfo
        Time zone of the building.
    """
    first, last = local_date(start_ms, zone), local_date(end_ms, zone)
    dates = [first + timedelta(days=number) for number in range((last - first).days + 2)]
    starts = [day_start_ms(day, zone) for day in dates]
    parts = [float(_day_part(day.year, day.month)) for day in dates[:-1]]
    passed = np.concatenate([[0.0], np.cumsum(parts)])
    return lambda time_ms: np.interp(time_ms, starts, passed)


def counts_heat(quantity: str) -> bool:
    """Whether a register's use is distributed by degree-days rather than time."""
    return quantity in _table()["quantities"]


def plain_days(period: Period) -> Fraction:
    """Return a period's days as a fraction of 365."""
    return Fraction(period.days, DAYS_OF_A_YEAR)


@cache
def equal_months(period: Period) -> Fraction:
    """Return a period's fraction of a year by equal months, with equal days within each month."""
    days = (period.start + timedelta(days=number) for number in range(period.days))
    parts = (Fraction(1, MONTHS_OF_A_YEAR * monthrange(day.year, day.month)[1]) for day in days)
    return sum(parts, Fraction(0))


@cache
def _day_part(year: int, month: int) -> Fraction:
    table = _table(date(year, month, 1))
    summer = table["summer"]
    if month in summer["months"]:
        days = sum(monthrange(year, each)[1] for each in summer["months"])
        return Fraction(summer["part"], PER_MILLE * days)
    return Fraction(table["months"][month], PER_MILLE * monthrange(year, month)[1])


def a_year_before(days: Period) -> Period:
    """Return the same days a year before; a leap day becomes 1 March, or 28 February if alone."""
    start, end = _year_before(days.start), _year_before(days.end)
    return Period(start, end) if start < end else Period(start.replace(month=2, day=28), end)


def _year_before(day: date) -> date:
    if (day.month, day.day) == (2, 29):
        return day.replace(year=day.year - 1, month=3, day=1)
    return day.replace(year=day.year - 1)
