"""What is odd about meters, what of their use is estimated and how, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.findings import Finding
from estate.periods import local_date
from telemetry.series.registers.register_breaks import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from billing.bill.bill import Method
    from billing.measured.meters.meter_parts import LeftOut, Reading
    from billing.measured.meters.register_use import Break, Unread

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


def _place(reading: Reading) -> str:
    common = reading.placement.device.flat == COMMON
    return "common meters" if common else f"flat {reading.placement.flat}"


def _device(reading: Reading) -> str:
    return reading.placement.device.device


def _shown(value: float) -> str:
    """Show a register to its last digit."""
    return f"{value:.10g}"
