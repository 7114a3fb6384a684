"""
A home's use beside its own of the same days a year before, heat put to this period's weather.

Only where the same tenancy had the home then, so that nobody sees what a tenant before used; and
only what meters counted in both years, no estimate.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.bill.explanations import YearBefore
from billing.measured.climate.estimates import fill_outdoor
from billing.measured.heated_days import measured_degree_days
from billing.measured.meters.meter_use import measured_use
from billing.measured.spans import a_year_before, counts_heat
from estate.devices import REGISTER_OF
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.bill.bill import RegisterUse
    from billing.measured.building import BuildingMonth
    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from estate.model import Estate
    from estate.periods import Period
    from telemetry.stores.store import SampleSource

    Floats = npt.NDArray[np.float64]

MEASURED = frozenset({"measured", "interpolated"})


def put_to_weather(use: float, degree_days_then: float, degree_days_now: float) -> float:
    """
    Scale a use of heat from the weather of one period to that of another.

    Parameters
    ----------
    use : float
        Room heat, without hot water. [any unit]
    degree_days_then, degree_days_now : float
        [K d]

    Returns
    -------
    float
        NaN where there was no degree-day to scale from.
    """
    return use * degree_days_now / degree_days_then if degree_days_then > 0 else float("nan")


def years_before(month: BuildingMonth) -> list[tuple[YearBefore, ...]]:
    """
    Compare what each span's meters counted with the same days a year before.

    Returns
    -------
    list of tuple of YearBefore
        By span, one for each quantity that is known in both years.
    """
    nothing: list[tuple[YearBefore, ...]] = [() for _ in month.spans]
    earlier_days = a_year_before(month.period)
    outdoor_c = _outdoor_c(month.source, month.estate, earlier_days, month.rules)
    if outdoor_c is None or not np.isfinite(month.outdoor_c).all():
        return nothing
    earlier = {
        number: replace(span, period=a_year_before(span.period))
        for number, span in enumerate(month.spans)
        if _was_there(month.estate, span)
    }
    then = _span_degree_days(
        month.estate, list(earlier.values()), earlier_days, outdoor_c, month.rules
    )
    spans = [month.spans[number] for number in earlier]
    now = _span_degree_days(month.estate, spans, month.period, month.outdoor_c, month.rules)
    found: dict[int, list[YearBefore]] = defaultdict(list)
    for kind in month.read_kinds():
        uses = measured_use(month.source, month.estate, list(earlier.values()), kind, month.rules)
        for place, number in enumerate(earlier):
            use = _measured_use(month.meters(kind).registers[number])
            before = _compared(REGISTER_OF[kind], use, uses[place], then[place], now[place])
            if before:
                found[number].append(before)
    return [tuple(found[number]) for number in range(len(month.spans))]


def _was_there(estate: Estate, span: Span) -> bool:
    start = a_year_before(span.period).start
    return any(
        tenancy.tenancy == span.tenancy and tenancy.start <= start
        for tenancy in estate.tenancies_of.get(span.flat, ())
    )


def _outdoor_c(
    source: SampleSource, estate: Estate, days: Period, rules: BillingRules
) -> Floats | None:
    """Read the outdoor temperature; None where too little of it was measured."""
    # Without flats no array of their hours is made, which would be large for a year of many.
    outdoors = replace(estate, flats=(), devices=estate.devices_of_kind("outdoor"))
    measured_c = home_climate(source, outdoors, days.hours(estate.building.zone)).outdoor
    temperature_c = measured_c["temperature_c"]
    enough = np.isfinite(temperature_c).mean() >= rules.measured_part
    return fill_outdoor(temperature_c) if enough else None


def _span_degree_days(
    estate: Estate, spans: Sequence[Span], days: Period, outdoor_c: Floats, rules: BillingRules
) -> Floats:
    hours = days.hours(estate.building.zone)
    by_day = measured_degree_days(outdoor_c, hours.day_index, rules.heating_limit_c)
    starts = [(span.period.start - days.start).days for span in spans]
    return np.array(
        [
            by_day[start : start + span.period.days].sum()
            for start, span in zip(starts, spans, strict=True)
        ]
    )


def _measured_use(registers: Sequence[RegisterUse]) -> float | None:
    if not registers or any(each.method not in MEASURED for each in registers):
        return None
    return sum(each.use for each in registers)


def _compared(
    quantity: str, use: float | None, before: float | None, then: float, now: float
) -> YearBefore | None:
    if use is None or before is None:
        return None
    corrected = put_to_weather(before, then, now) if counts_heat(quantity) else before
    return (
        YearBefore(quantity=quantity, use=use, before=before, corrected=corrected)
        if np.isfinite(corrected)
        else None
    )
