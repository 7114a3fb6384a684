"""Reads homes' use in the previous month and in the same month a year ago, for the report."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from billing.measured.climate.estimates import fill_outdoor
from billing.measured.heated_days import measured_degree_days
from billing.measured.meters.meter_use import measured_use
from billing.measured.spans import a_year_before, spans_of
from billing.rules import billing_rules
from estate.devices import REGISTER_OF
from estate.periods import Period
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Floats
    from telemetry.stores.store import SampleSource

Before = Literal["month", "year"]
"""The month before, or the same month a year before."""


@dataclass(frozen=True)
class EarlierUses:
    """
    What homes used in one earlier month.

    Attributes
    ----------
    period : Period
    degree_days : float or None
        Of the earlier month; None if too little of the outdoor temperature is known. [K d]
    uses : mapping of str to mapping of str to float
        Tenancy, quantity, use; only what was measured, and only of tenancies that had the home in
        all of the month. [the quantity's unit]
    """

    period: Period
    degree_days: float | None
    uses: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


class Around(NamedTuple):
    """
    What is known of the months around a period.

    Attributes
    ----------
    months : mapping of str to EarlierUses
    degree_days : float or None
        Of the period itself; None if unknown. [K d]
    """

    months: Mapping[Before, EarlierUses] = {}
    degree_days: float | None = None


def month_before(period: Period) -> Period:
    """
    Return the calendar month before a period's first day.

    Examples
    --------
    >>> month_before(Period.month("2026-01")) == Period.month("2025-12")
    True
    """
    first = period.start
    year, month = (first.year - 1, 12) if first.month == 1 else (first.year, first.month - 1)
    return Period(first.replace(year=year, month=month, day=1), first.replace(day=1))


def is_month(period: Period) -> bool:
    """Whether a period is one calendar month."""
    return period == Period.month(f"{period.start:%Y-%m}")


def read_earlier_uses(
    source: SampleSource, estate: Estate, period: Period, kinds: Iterable[DeviceKind]
) -> dict[Before, EarlierUses]:
    """
    Read what homes used in the months compared with a calendar month; nothing for other periods.

    Only if the same tenancy had the home for all of the earlier month, so that nobody sees the use
    of a previous tenant.

    Raises
    ------
    StoreUnavailable
    """
    if not is_month(period):
        return {}
    months: dict[Before, Period] = {"month": month_before(period), "year": a_year_before(period)}
    kinds = tuple(kinds)
    return {name: _read(source, estate, period, days, kinds) for name, days in months.items()}


def _read(
    source: SampleSource,
    estate: Estate,
    period: Period,
    days: Period,
    kinds: Iterable[DeviceKind],
) -> EarlierUses:
    rules = billing_rules(period.start)
    spans = [
        replace(span, period=days)
        for span in spans_of(estate, period)
        if span.resident and span.period == period and _was_there(estate, span, days.start)
    ]
    uses: dict[str, dict[str, float]] = defaultdict(dict)
    for kind in kinds:
        found = measured_use(source, estate, spans, kind, rules, edges_read=True)
        for span, use in zip(spans, found, strict=True):
            if use is not None and np.isfinite(use):
                uses[span.tenancy][REGISTER_OF[kind]] = float(use)
    return EarlierUses(days, degree_days_of(_outdoor_c(source, estate, days), estate, days), uses)


def _was_there(estate: Estate, span: Span, start: date) -> bool:
    return any(
        tenancy.tenancy == span.tenancy and tenancy.start <= start
        for tenancy in estate.tenancies_of.get(span.flat, ())
    )


def _outdoor_c(source: SampleSource, estate: Estate, days: Period) -> Floats:
    # Read without the flats, which avoids a large array of their hours.
    outdoors = replace(estate, flats=(), devices=estate.devices_of_kind("outdoor"))
    return home_climate(source, outdoors, days.hours(estate.building.zone)).outdoor["temperature_c"]


def degree_days_of(outdoor_c: Floats, estate: Estate, days: Period) -> float | None:
    """
    Add up the degree-days of some days; None if too few of the hours were measured.

    Parameters
    ----------
    outdoor_c : (hours,) array
        Outdoor temperature of the days' hours, NaN = gap. [°C]
    estate : Estate
    days : Period

    Returns
    -------
    float or None
        [K d]
    """
    rules: BillingRules = billing_rules(days.start)
    if not outdoor_c.size or np.isfinite(outdoor_c).mean() < rules.measured_part:
        return None
    hours = days.hours(estate.building.zone)
    filled = fill_outdoor(outdoor_c)
    return float(measured_degree_days(filled, hours.day_index, rules.heating_limit_c).sum())
