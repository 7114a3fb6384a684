"""What is odd about meters, what of their use is estimated and how, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estate.findings import Finding
from estate.periods import HOUR_MS, day_start_ms, local_date
from telemetry.breaks import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from billing.meter_use import MeterUse
    from billing.meters import LeftOut, Reading
    from billing.register_use import Break, Unread
    from billing.results import Method, RegisterUse
    from billing.weights import BuildingMonth
    from estate.model import DeviceKind
    from estate.periods import Period

COMMON = "common"
"""Instead of the flat of a meter that counts for all homes."""
ESTIMATED_FROM: Mapping[Method, str] = {
    "measured": "they are estimated from the readings around them; look at the meter",
    "interpolated": "they are estimated from the readings around them; look at the meter",
    "own_rate": "they are estimated from the meter's other hours; look at the meter",
    "year_before": "they are estimated from the same days a year before; look at the meter",
    "like_homes": "they are estimated from the other homes by m² and day; look at the meter",
}
BREAK_COUNTED: Mapping[Step, str] = {
    Step.ROLLED_OVER: "it is counted on beyond the largest number of its digits",
    Step.RESET: "it is counted from zero",
    Step.BROKEN: "the meter's own rate stands in across the step",
}


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


def reading_findings(readings: Sequence[Reading], zone: ZoneInfo) -> Iterator[Finding]:
    """Find what the readings of meters tell: left out ones, breaks, edges that nobody read."""
    for reading in readings:
        if reading.left_out:
            yield _left_out_finding(reading, reading.left_out, zone)
        for found in reading.breaks:
            yield _break_finding(reading, found, zone)
        unread = (each for count in reading.counts for each in count.unread)
        for edge in {each.edge_ms: each for each in unread}.values():
            yield _unread_finding(reading, edge, zone)


def common_findings(
    readings: Sequence[Reading], uses: Sequence[RegisterUse], period: Period, zone: ZoneInfo
) -> Iterator[Finding]:
    """Find what somebody must know of meters that count for all homes."""
    hours = period.hours(zone).count
    for use in uses:
        if use.estimated_hours and np.isfinite(use.use):
            message = (
                f"common meter {use.device}: {use.estimated_hours} of {hours} hours without a "
                f"register; {ESTIMATED_FROM[use.method]}"
            )
            data = {"device": use.device, "missing_hours": use.estimated_hours, "hours": hours}
            yield Finding("billing.register.estimated", message, {**data, "method": use.method})
    yield from reading_findings(readings, zone)


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
    least, most = month.plausible_kwh(warmest_c)
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


def _break_finding(reading: Reading, found: Break, zone: ZoneInfo) -> Finding:
    kind, day = found.kind.name.lower(), local_date(found.time_ms, zone)
    message = (
        f"{_place(reading)}: register {_device(reading)} went from {_shown(found.before)} to "
        f"{_shown(found.after)} on {day} ({kind.replace('_', ' ')}); {BREAK_COUNTED[found.kind]}. "
        "Look at the meter, and write a replaced one into devices.csv with its registers"
    )
    data = {
        "flat": reading.placement.flat, "device": _device(reading), "kind": kind,
        "day": str(day), "time_ms": found.time_ms, "before": found.before, "after": found.after,
    }  # fmt: skip
    return Finding("billing.register.break", message, data)


def _unread_finding(reading: Reading, edge: Unread, zone: ZoneInfo) -> Finding:
    day = local_date(edge.edge_ms, zone)
    message = (
        f"{_place(reading)}: nobody read {_device(reading)} near {day}, and its readings around "
        f"that day are {edge.gap_hours / 24:.0f} days apart; what it counted between them is "
        "divided at that day. Have meters read when somebody moves, and at the period's ends"
    )
    data = {
        "flat": reading.placement.flat, "device": _device(reading), "day": str(day),
        "gap_hours": round(edge.gap_hours, 1),
    }  # fmt: skip
    return Finding("billing.register.interpolated", message, data)


def _left_out_finding(reading: Reading, out: LeftOut, zone: ZoneInfo) -> Finding:
    first, last = local_date(out.first_ms, zone), local_date(out.last_ms, zone)
    values = f"{_shown(out.lowest)} to {_shown(out.highest)}"
    if out.one_meter:
        name, count = "billing.register.left_out", f"{out.count} of {out.readings}"
        what = "do not fit the register that rises through the others and are left out"
    else:
        name, count = "billing.register.not_one_meter", f"the {out.readings}"
        what = "are not those of one meter, so that none of them is counted and it is missing"
    message = (
        f"{_place(reading)}: {count} readings of {_device(reading)} from {first} to {last} "
        f"({values}) {what}; look which meters send under this id"
    )
    data = {
        "flat": reading.placement.flat, "device": _device(reading), "left_out": out.count,
        "readings": out.readings, "first": str(first), "last": str(last), "lowest": out.lowest,
        "highest": out.highest,
    }  # fmt: skip
    return Finding(name, message, data)


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
    """Find registers that stand still while like ones turn, in homes where somebody lives."""
    rules, zone = month.rules, month.estate.building.zone
    start_ms, end_ms = (day_start_ms(day, zone) for day in (month.period.start, month.period.end))
    least_hours = min(rules.still_hours, (end_ms - start_ms) / HOUR_MS)
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


def _place(reading: Reading) -> str:
    common = reading.placement.device.flat == COMMON
    return "common meters" if common else f"flat {reading.placement.flat}"


def _device(reading: Reading) -> str:
    return reading.placement.device.device


def _shown(value: float) -> str:
    """Show a register to its last digit."""
    return f"{value:.10g}"
