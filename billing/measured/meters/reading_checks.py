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
    from billing.measured.meters.meter_notes import MeterNote
    from billing.measured.meters.meter_parts import LeftOut
    from billing.measured.meters.register_use import Break, Unread

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


def reading_findings(notes: Sequence[MeterNote], zone: ZoneInfo) -> Iterator[Finding]:
    """Find what the readings of meters tell: left out ones, breaks, edges that nobody read."""
    for note in notes:
        if note.left_out:
            yield _left_out_finding(note, note.left_out, zone)
        for found in note.breaks:
            yield _break_finding(note, found, zone)
        for edge in note.unread:
            yield _unread_finding(note, edge, zone)


def _break_finding(note: MeterNote, found: Break, zone: ZoneInfo) -> Finding:
    kind, day = found.kind.name.lower(), local_date(found.time_ms, zone)
    message = (
        f"{note.place}: register {note.device} went from {_shown(found.before)} to "
        f"{_shown(found.after)} on {day} ({kind.replace('_', ' ')}); {BREAK_COUNTED[found.kind]}. "
        "Look at the meter, and write a replaced one into devices.csv with its registers"
    )
    data = {
        "flat": note.flat, "device": note.device, "kind": kind,
        "day": str(day), "time_ms": found.time_ms, "before": found.before, "after": found.after,
    }  # fmt: skip
    return Finding("billing.register.break", message, data)


def _unread_finding(note: MeterNote, edge: Unread, zone: ZoneInfo) -> Finding:
    day = local_date(edge.edge_ms, zone)
    message = (
        f"{note.place}: nobody read {note.device} near {day}, and its readings around "
        f"that day are {edge.gap_hours / 24:.0f} days apart; what it counted between them is "
        "divided at that day. Have meters read when somebody moves, and at the period's ends"
    )
    data = {
        "flat": note.flat, "device": note.device, "day": str(day),
        "gap_hours": round(edge.gap_hours, 1),
    }  # fmt: skip
    return Finding("billing.register.interpolated", message, data)


def _left_out_finding(note: MeterNote, out: LeftOut, zone: ZoneInfo) -> Finding:
    first, last = local_date(out.first_ms, zone), local_date(out.last_ms, zone)
    values = f"{_shown(out.lowest)} to {_shown(out.highest)}"
    if out.one_meter:
        name, count = "billing.register.left_out", f"{out.count} of {out.readings}"
        what = "do not fit the register that rises through the others and are left out"
    else:
        name, count = "billing.register.not_one_meter", f"the {out.readings}"
        what = "are not those of one meter, so that none of them is counted and it is missing"
    message = (
        f"{note.place}: {count} readings of {note.device} from {first} to {last} "
        f"({values}) {what}; look which meters send under this id"
    )
    data = {
        "flat": note.flat, "device": note.device, "left_out": out.count,
        "readings": out.readings, "first": str(first), "last": str(last), "lowest": out.lowest,
        "highest": out.highest,
    }  # fmt: skip
    return Finding(name, message, data)


def _shown(value: float) -> str:
    """Show a register to its last digit."""
    return f"{value:.10g}"
