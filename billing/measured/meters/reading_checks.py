"""Findings on meters: anomalies and estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.findings import Finding
from estate.periods import local_date
from telemetry.series.registers.register_breaks import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from billing.bill.bill import UseMethod
    from billing.measured.meters.meter_notes import MeterNote
    from billing.measured.meters.meter_parts import LeftOut
    from billing.measured.meters.register_use import Break, Unread

ESTIMATED_FROM: Mapping[UseMethod, str] = {
    "measured": "they are estimated from the readings around them; check the meter",
    "interpolated": "they are estimated from the readings around them; check the meter",
    "own_rate": "they are estimated from the meter's other hours; check the meter",
    "year_before": "they are estimated from the same days a year before; check the meter",
    "like_homes": "they are estimated from comparable homes by m² and day; check the meter",
}
BREAK_COUNTED: Mapping[Step, str] = {
    Step.ROLLED_OVER: "it is counted past its largest number",
    Step.RESET: "it is counted from zero",
    Step.BROKEN: "its use across the step is estimated",
}


def reading_findings(notes: Sequence[MeterNote], zone: ZoneInfo) -> Iterator[Finding]:
    """Return findings on meter readings: left-out ones, breaks, unread edges."""
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
        "Check the meter, and add a replaced one to devices.csv with its registers"
    )
    data = {
        "flat": note.flat, "device": note.device, "kind": kind,
        "day": str(day), "time_ms": found.time_ms, "before": found.before, "after": found.after,
    }  # fmt: skip
    return Finding("billing.register.break", message, data)


def _unread_finding(note: MeterNote, edge: Unread, zone: ZoneInfo) -> Finding:
    day = local_date(edge.edge_ms, zone)
    message = (
        f"{note.place}: {note.device} was not read near {day}, and its readings around that "
        f"day are {edge.gap_hours / 24:.0f} days apart; the use between them is divided "
        "at that day. Have meters read when somebody moves, and at the ends of the period"
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
        what = "do not fit the rising register and are left out"
    else:
        name, count = "billing.register.not_one_meter", f"the {out.readings}"
        what = "are not of one meter, so none of them counts and the meter is missing"
    message = (
        f"{note.place}: {count} readings of {note.device} from {first} to {last} "
        f"({values}) {what}; check which meters send under this id"
    )
    data = {
        "flat": note.flat, "device": note.device, "left_out": out.count,
        "readings": out.readings, "first": str(first), "last": str(last), "lowest": out.lowest,
        "highest": out.highest,
    }  # fmt: skip
    return Finding(name, message, data)


def _shown(value: float) -> str:
    """Format a register to its last digit."""
    return f"{value:.10g}"
