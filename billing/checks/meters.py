"""Findings on the meters of a bill."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from billing.measured.meters.reading_checks import ESTIMATED_FROM, reading_findings
from billing.measured.spans import counts_heat, degree_days, plain_days
from estate.devices import REGISTER_OF
from estate.findings import Finding
from estate.periods import HOUR_MS, day_start_ms, local_date
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.bill.bill import RegisterUse, UseMethod
    from billing.measured.meters.meter_notes import MeterNote
    from billing.measured.meters.meter_use import MeterUse
    from billing.measured.weighing import Weighing
    from estate.model import DeviceKind


HOURS_OF_A_YEAR = 8_760


def meter_findings(weighing: Weighing, key: str) -> Iterator[Finding]:
    """Return findings on the meters of a key."""
    for kind in weighing.groups(key).kinds:
        meters, zone = weighing.meters(kind), weighing.estate.building.zone
        yield from _estimated_findings(weighing, meters, kind)
        yield from reading_findings(meters.notes, zone)
        yield from _bare_findings(meters.notes, kind)
        yield from _still_findings(weighing, meters.notes, kind)
        yield from _unit_findings(weighing, meters, kind)
        if kind == "heat":
            yield from _implausible_findings(weighing, meters)


def _estimated_findings(
    weighing: Weighing, meters: MeterUse, kind: DeviceKind
) -> Iterator[Finding]:
    known = bool(np.isfinite(meters.use).any())
    name = "billing.register.estimated" if known else "billing.register.missing"
    of_spans = weighing.evidence.hours_of_spans()
    for number, span in enumerate(weighing.spans):
        missing = int(meters.estimated_hours[number])
        if not missing:
            continue
        hours = int(of_spans[number])
        method = _worst_method(meters.registers[number])
        remedy = ESTIMATED_FROM[method] if known else "add the readings"
        message = (
            f"flat {span.flat} ({span.tenancy}): {missing} of {hours} hours without a register of "
            f"kind {kind}; {remedy}"
        )
        data = {"flat": span.flat, "tenancy": span.tenancy, "missing_hours": missing}
        yield Finding(name, message, {**data, "hours": hours, "kind": kind, "method": method})


def _worst_method(registers: Sequence[RegisterUse]) -> UseMethod:
    order = list(ESTIMATED_FROM)
    return max((each.method for each in registers), key=order.index, default="like_homes")


def _implausible_findings(weighing: Weighing, meters: MeterUse) -> Iterator[Finding]:
    """Return findings on homes with implausible heat for their envelope and temperatures."""
    slack = weighing.rules.plausible_slack
    least, most = weighing.evidence.climate.plausible_kwh
    for flat in dict.fromkeys(span.flat for span in weighing.spans):
        # A move without a reading does not matter here.
        own = [number for number, span in enumerate(weighing.spans) if span.flat == flat]
        use = float(meters.use[own].sum())
        low, high = float(least[own].sum()) * (1 - slack), float(most[own].sum()) * (1 + slack)
        if low <= use <= high or np.isnan([low, high, use]).any():
            continue
        how = "estimated" if meters.estimated_hours[own].any() else "metered"
        message = (
            f"flat {flat}: {use:.0f} kWh of heat are {how}, but the home's envelope and "
            f"temperatures allow {low:.0f} to {high:.0f}; check the meter, the windows "
            "and heat_loss_w_per_k"
        )
        data = {"flat": flat, "kwh": use, "least": low, "most": high, "estimated": how}
        yield Finding("billing.register.implausible", message, data)


def _unit_findings(weighing: Weighing, meters: MeterUse, kind: DeviceKind) -> Iterator[Finding]:
    """Return findings on homes whose use differs by orders of magnitude from the others' median."""
    times = weighing.rules.unit_times
    use: dict[str, float] = {}
    for span, of_span, estimated in zip(
        weighing.spans, meters.use.tolist(), meters.estimated_hours.tolist(), strict=True
    ):
        if span.resident and of_span > 0 and not estimated:
            use[span.flat] = use.get(span.flat, 0.0) + of_span
    most = _usual_most(weighing, kind)
    for flat, own in use.items():
        others = [each for name, each in use.items() if name != flat]
        middle = median(others) if others else own
        if middle / times < own < middle * times:
            if own > max(most, middle * weighing.rules.high_times):
                yield _high_finding(flat, kind, own, middle)
            continue
        message = (
            f"flat {flat}: {own:.3g} by its {kind} meters, where the middle of the other homes is "
            f"{middle:.3g}; if a register counts in another unit, such as MWh or GJ, convert its "
            "readings, or give its factor in devices.csv"
        )
        data = {"flat": flat, "kind": kind, "use": own, "others": middle}
        yield Finding("billing.register.unit", message, data)


def _usual_most(weighing: Weighing, kind: DeviceKind) -> float:
    """Return more than almost any home uses in a period, by its part of a normal year."""
    limits, quantity = register_limits(weighing.period.start), REGISTER_OF[kind]
    part_of = degree_days if counts_heat(quantity) else plain_days
    year = float(part_of(weighing.period)) * HOURS_OF_A_YEAR
    return limits.usual_part * limits.most_per_hour[quantity] * year


def _high_finding(flat: str, kind: DeviceKind, own: float, middle: float) -> Finding:
    message = (
        f"flat {flat}: {own:,.0f} by its {kind} meters, where the middle of the other homes is "
        f"{middle:,.0f}, and hardly any home uses so much; check its readings for a digit too many"
    )
    data = {"flat": flat, "kind": kind, "use": own, "others": middle}
    return Finding("billing.register.high", message, data)


def _bare_findings(notes: Sequence[MeterNote], kind: DeviceKind) -> Iterator[Finding]:
    """Return findings on days of metered flats without a meter of the kind."""
    bare = [(note.flat, days) for note in notes for days in note.bare]
    for flat, days in dict.fromkeys(bare):
        message = (
            f"flat {flat}: there was no meter of kind {kind} from {days.start} to {days.end} by "
            "devices.csv; its use on these days is estimated. Correct the meters' days, or "
            "add the missing meter"
        )
        data = {"flat": flat, "kind": kind, "start": str(days.start), "end": str(days.end)}
        yield Finding("billing.register.no_device", message, data)


def _still_findings(
    weighing: Weighing, notes: Sequence[MeterNote], kind: DeviceKind
) -> Iterator[Finding]:
    """Return findings on stopped registers while similar ones count, in occupied homes."""
    rules, zone = weighing.rules, weighing.estate.building.zone
    start_ms, end_ms = (
        day_start_ms(day, zone) for day in (weighing.period.start, weighing.period.end)
    )
    hours = min(rules.still_hours, (end_ms - start_ms) / HOUR_MS)
    least_hours = max(hours, rules.still_least_hours)
    for note in notes:
        still = note.still
        turning = sum(each.still.since_ms > still.since_ms for each in notes)
        if still.hours < least_hours or 2 * turning < max(len(notes) - 1, 1):
            continue
        since = local_date(still.since_ms, zone)
        if not any(
            span.resident and span.flat == note.flat and span.period.end > since
            for span in weighing.spans
        ):
            continue
        message = (
            f"{note.place}: {kind} meter {note.device} has been stopped since {since}, "
            f"while {turning} others counted; it is used as read. Check the meter"
        )
        data = {
            "flat": note.flat, "device": note.device, "since": str(since),
            "hours": round(still.hours), "turning": turning,
        }  # fmt: skip
        yield Finding("billing.register.still", message, data)
