"""Reads metered use on the same days a year before, of tenancies that had the home then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from billing.measured.climate.estimates import fill_outdoor
from billing.measured.evidence import EarlierYear
from billing.measured.heated_days import measured_degree_days
from billing.measured.meters.meter_use import measured_use
from billing.measured.spans import a_year_before, degree_days
from estate.periods import Period
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.measured.climate.homes import MeasuredHomes
    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Floats
    from telemetry.stores.store import SampleSource


def read_earlier_year(
    source: SampleSource, homes: MeasuredHomes, kinds: Iterable[DeviceKind]
) -> EarlierYear:
    """
    Read the use of some kinds of meters a year before.

    Only if the same tenancy had the home then, so that nobody sees a previous tenant's use.
    """
    estate, rules, spans = homes.estate, homes.rules, homes.spans
    nothing = np.full(len(spans), np.nan)
    earlier_days = a_year_before(homes.period)
    outdoor_c = _outdoor_c(source, estate, earlier_days, rules)
    numbers = [number for number, span in enumerate(spans) if _was_there(estate, span)]
    now = [spans[number] for number in numbers]
    then = [replace(span, period=a_year_before(span.period)) for span in now]

    def of_spans(values: Sequence[float | None]) -> Floats:
        found = nothing.copy()
        found[numbers] = np.array(values, dtype=np.float64)
        return found

    if outdoor_c is None or not np.isfinite(homes.outdoor_c).all():
        weather = _given_degree_days(estate, then), _given_degree_days(estate, now)
    else:
        weather = (
            _degree_days(estate, then, earlier_days, outdoor_c, rules),
            _degree_days(estate, now, homes.period, homes.outdoor_c, rules),
        )
    return EarlierYear(
        of_spans(weather[0]),
        of_spans(weather[1]),
        {kind: of_spans(measured_use(source, estate, then, kind, rules)) for kind in kinds},
    )


def _was_there(estate: Estate, span: Span) -> bool:
    start = a_year_before(span.period).start
    return any(
        tenancy.tenancy == span.tenancy and tenancy.start <= start
        for tenancy in estate.tenancies_of.get(span.flat, ())
    )


def _outdoor_c(
    source: SampleSource, estate: Estate, days: Period, rules: BillingRules
) -> Floats | None:
    """Read the outdoor temperature; None if too little of it was measured."""
    # Read without the flats, which avoids a large array of their hours.
    outdoors = replace(estate, flats=(), devices=estate.devices_of_kind("outdoor"))
    measured_c = home_climate(source, outdoors, days.hours(estate.building.zone)).outdoor
    temperature_c = measured_c["temperature_c"]
    enough = np.isfinite(temperature_c).mean() >= rules.measured_part
    return fill_outdoor(temperature_c) if enough else None


def _given_degree_days(estate: Estate, spans: Sequence[Span]) -> list[float]:
    """
    Return the degree-days of building.yaml in each span, NaN where a day lacks them.

    A row that extends beyond the span is divided by the degree-days of a normal year.
    """
    found = []
    for span in spans:
        parts = [
            (row, Period(row.start, row.end), days)
            for row in estate.building.facts.degree_days
            if (days := span.period.overlap(row.start, row.end)) is not None
        ]
        known = sum(days.days for *_, days in parts) == span.period.days
        shares = (
            row.kelvin_days * float(degree_days(days) / degree_days(whole))
            for row, whole, days in parts
        )
        found.append(sum(shares) if known else np.nan)
    return found


def _degree_days(
    estate: Estate, spans: Sequence[Span], days: Period, outdoor_c: Floats, rules: BillingRules
) -> list[float]:
    """Add up the degree-days of each span. [K d]"""
    hours = days.hours(estate.building.zone)
    by_day = measured_degree_days(outdoor_c, hours.day_index, rules.heating_limit_c)
    starts = [(span.period.start - days.start).days for span in spans]
    return [
        float(by_day[start : start + span.period.days].sum())
        for start, span in zip(starts, spans, strict=True)
    ]
