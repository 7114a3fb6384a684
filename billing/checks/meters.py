"""What somebody must know of the meters that a bill counts, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.measured.meters.plausible_heat import plausible_kwh_by_hour
from billing.measured.meters.reading_checks import ESTIMATED_FROM, _device, _place, reading_findings
from estate.findings import Finding
from estate.periods import HOUR_MS, day_start_ms, local_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.bill.bill import Method, RegisterUse
    from billing.measured.building import BuildingMonth
    from billing.measured.meters.meter_parts import Reading
    from billing.measured.meters.meter_use import MeterUse
    from estate.model import DeviceKind

    Floats = npt.NDArray[np.float64]

HOURS_AT_ONCE = 744


def meter_findings(month: BuildingMonth, key: str) -> Iterator[Finding]:
    """Find what somebody must know of the meters that a key counts."""
    for kind in month.groups(key).kinds:
        meters, zone = month.meters(kind), month.estate.building.zone
        yield from _estimated_findings(month, meters, kind)
        yield from reading_findings(meters.readings, zone)
        yield from _bare_findings(meters.readings, kind)
        yield from _still_findings(month, meters.readings, kind)
        if kind == "heat":
            yield from _implausible_findings(month, meters)


def _estimated_findings(
    month: BuildingMonth, meters: MeterUse, kind: DeviceKind
) -> Iterator[Finding]:
    known = bool(np.isfinite(meters.use).any())
    name = "billing.register.estimated" if known else "billing.register.missing"
    for number, span in enumerate(month.spans):
        missing = int(meters.estimated_hours[number])
        if not missing:
            continue
        hours = int(month.counted[number].sum())
        method = _worst_method(meters.registers[number])
        remedy = ESTIMATED_FROM[method] if known else "add the readings"
        message = (
            f"flat {span.flat} ({span.tenancy}): {missing} of {hours} hours without a register of "
            f"kind {kind}; {remedy}"
        )
        data = {"flat": span.flat, "tenancy": span.tenancy, "missing_hours": missing}
        yield Finding(name, message, {**data, "hours": hours, "kind": kind, "method": method})


def _worst_method(registers: Sequence[RegisterUse]) -> Method:
    order = list(ESTIMATED_FROM)
    return max((each.method for each in registers), key=order.index, default="like_homes")


def _implausible_findings(month: BuildingMonth, meters: MeterUse) -> Iterator[Finding]:
    """Find homes with more or less heat than their envelope and temperatures allow."""
    warmest_c, slack = month.rules.warmest_c, month.rules.plausible_slack
    least, most = _plausible_kwh(month, warmest_c)
    for flat in dict.fromkeys(span.flat for span in month.spans):
        # Who moved when nobody read says nothing of the meter.
        own = [number for number, span in enumerate(month.spans) if span.flat == flat]
        use = float(meters.use[own].sum())
        low, high = float(least[own].sum()) * (1 - slack), float(most[own].sum()) * (1 + slack)
        if low <= use <= high or np.isnan([low, high, use]).any():
            continue
        how = "estimated" if meters.estimated_hours[own].any() else "metered"
        message = (
            f"flat {flat}: {use:.0f} kWh of heat are {how}, but the home's envelope and "
            f"temperatures allow {low:.0f} to {high:.0f}; look at the meter, the windows and "
            "heat_loss_w_per_k"
        )
        data = {"flat": flat, "kwh": use, "least": low, "most": high, "estimated": how}
        yield Finding("billing.register.implausible", message, data)


def _bare_findings(readings: Sequence[Reading], kind: DeviceKind) -> Iterator[Finding]:
    """Find days of metered flats on which no meter of the kind stood there."""
    placements = [reading.placement for reading in readings]
    bare = [
        (each.flat, days)
        for each in placements
        for days in (each.before_it, each.after_it)
        if days is not None
    ]
    for flat, days in dict.fromkeys(bare):
        message = (
            f"flat {flat}: no meter of kind {kind} stood there from {days.start} to {days.end} by "
            "devices.csv; its use of these days is estimated. Correct the meters' days, or add "
            "the meter that stood there"
        )
        data = {"flat": flat, "kind": kind, "start": str(days.start), "end": str(days.end)}
        yield Finding("billing.register.no_device", message, data)


def _still_findings(
    month: BuildingMonth, readings: Sequence[Reading], kind: DeviceKind
) -> Iterator[Finding]:
    """Find registers that stand still while those like them turn, in homes where somebody lives."""
    rules, zone = month.rules, month.estate.building.zone
    start_ms, end_ms = (day_start_ms(day, zone) for day in (month.period.start, month.period.end))
    hours = min(rules.still_hours, (end_ms - start_ms) / HOUR_MS)
    least_hours = max(hours, rules.still_least_hours)
    for reading in readings:
        still = reading.still
        turning = sum(each.still.since_ms > still.since_ms for each in readings)
        if still.hours < least_hours or 2 * turning < max(len(readings) - 1, 1):
            continue
        since = local_date(still.since_ms, zone)
        if not any(
            span.resident and span.flat == reading.placement.flat and span.period.end > since
            for span in month.spans
        ):
            continue
        message = (
            f"{_place(reading)}: {kind} meter {_device(reading)} has stood still since {since}, "
            f"while {turning} others turned; it is counted as it is read. Look at the meter"
        )
        data = {
            "flat": reading.placement.flat, "device": _device(reading), "since": str(since),
            "hours": round(still.hours), "turning": turning,
        }  # fmt: skip
        yield Finding("billing.register.still", message, data)


def _plausible_kwh(month: BuildingMonth, warmest_c: float) -> tuple[Floats, Floats]:
    """Least and most heat that the meters of each span can have counted, (spans,). [kWh]"""
    nothing = np.full(len(month.spans), np.nan)
    # Temperatures that others stand in for bound nothing.
    if not np.isfinite(month.measured_c).any(axis=1).all() or np.isnan(month.outdoor_c).any():
        return nothing, nothing
    rows = month.flat_rows
    loss, gains = month.of_flats("heat_loss_w_per_k"), month.of_flats("gains_w")
    bounds = np.zeros((2, len(rows)))
    for first in range(0, month.climate.hours.count, HOURS_AT_ONCE):
        some = slice(first, first + HOURS_AT_ONCE)
        temperature_c, outdoor_c = month.temperature_c[:, some], month.outdoor_c[some]
        both = plausible_kwh_by_hour(
            loss, gains, month.coupling_w_per_k, temperature_c, outdoor_c, warmest_c
        )
        for bound, kwh in zip(bounds, both, strict=True):
            bound += np.sum(kwh[rows], axis=1, where=month.counted[:, some])
    return bounds[0], bounds[1]
