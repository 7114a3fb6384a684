"""Findings on missing and estimated data of a bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.checks.flats import column_findings, position_findings
from billing.checks.meters import meter_findings
from billing.schemes import CLIMATE_KEYS, METERS
from estate.findings import Finding
from telemetry.series.box_checks import Suspicion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from billing.measured.weighing import Weighing
    from billing.schemes import Component, Scheme

NEED_OUTDOOR = frozenset({"degree_hours", "own_heat_loss"})


def scheme_findings(weighing: Weighing, scheme: Scheme, items: set[str]) -> list[Finding]:
    """Return findings on data that the scheme needs for some items."""
    components = [each for item in sorted(items) for each in scheme.items.get(item, ())]
    findings = list(column_findings(weighing.estate, components))
    if any(each.by_position for each in components):
        findings += position_findings(weighing.estate, weighing.rules, scheme.position_condition)
    climate = any(each.key in CLIMATE_KEYS for each in components)
    if climate:
        findings += _climate_findings(weighing)
        findings += _box_findings(weighing, outdoors=False)
    if any(each.key in NEED_OUTDOOR for each in components):
        findings += _box_findings(weighing, outdoors=True)
        findings += _outdoor_findings(weighing)
    for component in sorted(components, key=lambda each: each.key):
        if component.key not in METERS:
            continue
        if component.without_meters and not weighing.is_metered(component.key):
            findings.append(_unmetered_finding(component))
        else:
            findings += _group_findings(weighing, component)
            findings += meter_findings(weighing, component.key)
    return list({finding.message: finding for finding in findings}.values())


def _climate_findings(weighing: Weighing) -> Iterator[Finding]:
    evidence = weighing.evidence
    measured, refused, by_house = (
        hours.sum(axis=1).tolist()
        for hours in (
            evidence.climate.hours.measured,
            evidence.climate.hours.refused,
            evidence.climate.hours.by_house,
        )
    )
    hours, anything = evidence.hours, any(measured)
    flats = [flat.flat for flat in weighing.estate.flats]
    for flat, count in zip(flats, refused, strict=True):
        if count:
            yield _refused_finding(flat, count)
    for flat, known, excused, others in zip(flats, measured, refused, by_house, strict=True):
        # If nothing was measured, there is no median for homes that opted out.
        missing = hours - known - (excused if anything else 0)
        if not missing:
            continue
        name, remedy = _stands_in(others) if anything else NOTHING_MEASURED
        message = f"flat {flat}: {missing} of {hours} hours without temperature; {remedy}"
        data = {"flat": flat, "missing_hours": missing, "hours": hours}
        if others:
            data["by_house_hours"] = others
        yield Finding(name, message, data)


NOTHING_MEASURED = ("billing.climate.missing", "add the readings of the period")


def _stands_in(by_house: int) -> tuple[str, str]:
    """Return the finding of missing hours, with the substitute used."""
    own = (
        "they are estimated from the outdoor temperature and the home's own hours; check the sensor"
    )
    house = (
        f"of {by_house} there is too little data from the home, so the upper quartile of "
        "the house is used, or what the home's heat meter implies if warmer; check that the sensor "
        "works and is plugged in"
    )
    return "billing.climate.estimated", house if by_house else own


def _refused_finding(flat: str, hours: int) -> Finding:
    message = (
        f"flat {flat}: the resident opted out for {hours} hours, as is their right; the median of "
        "the other homes is used. Nothing needs to be done"
    )
    return Finding("billing.climate.refused", message, {"flat": flat, "hours": hours})


def _box_findings(weighing: Weighing, outdoors: bool) -> Iterator[Finding]:
    """Return findings on sensors, indoors or outdoors, with suspect hours or readings."""
    hours = weighing.evidence.hours
    for doubt in weighing.evidence.climate.doubts:
        if (doubt.flat is None) != outdoors:
            continue
        what = ", ".join(doubt.quantities)
        seen, remedy = DOUBTED[doubt.reason]
        message = (
            f"{_place(doubt.flat)}: {doubt.hours} of {hours} hours of {what} from "
            f"sensor {doubt.device} are suspect ({seen}) and treated as missing; {remedy}"
        )
        data = {
            "flat": doubt.flat, "device": doubt.device, "reason": str(doubt.reason),
            "suspect_hours": doubt.hours, "hours": hours,
        }  # fmt: skip
        yield Finding("billing.climate.suspect", message, data)
    for left_out in weighing.evidence.climate.glitches:
        if (left_out.flat is None) != outdoors:
            continue
        message = (
            f"{_place(left_out.flat)}: {left_out.readings} single readings of {left_out.quantity} "
            f"from sensor {left_out.device} are far from their neighbours, and left out of the "
            "hourly means; check the sensor and its gateway"
        )
        data = {
            "flat": left_out.flat, "device": left_out.device, "quantity": left_out.quantity,
            "readings": left_out.readings,
        }  # fmt: skip
        yield Finding("billing.climate.glitch", message, data)


def _place(flat: str | None) -> str:
    return "outdoors" if flat is None else f"flat {flat}"


LOOK = "check the sensor and its location"
DOUBTED: Mapping[Suspicion, tuple[str, str]] = {
    Suspicion.FLAT: ("all values are constant", LOOK),
    Suspicion.SUN: ("a peak unlike any room, as on a sunny sill", LOOK),
    Suspicion.BAG: ("humidity that only rises, as in a bag", LOOK),
    Suspicion.STAIRWELL: ("far colder in fresh air, as in the stairwell", LOOK),
    Suspicion.BASELINE: (
        "more carbon dioxide than people can produce in air so dry", "calibrate it in fresh air",
    ),
    Suspicion.IMPLAUSIBLE: (
        "implausible values", "check its unit, and whether it works",
    ),
    Suspicion.NO_HOME: (
        "temperatures that no home has", "check its unit and location",
    ),
    Suspicion.TEMPERATURE_STILL: (
        "it is constant or moves in steps",
        "check whether it is measured, or a valve's set point",
    ),
    Suspicion.HUMIDITY_STILL: ("it is constant", LOOK),
    Suspicion.CO2_STILL: ("it is constant", LOOK),
    Suspicion.SATURATED: ("saturated air for half a day", "dry or replace the sensor"),
}  # fmt: skip
"""Symptom and remedy, by reason."""


def _outdoor_findings(weighing: Weighing) -> Iterator[Finding]:
    hours, measured = weighing.evidence.hours, weighing.evidence.climate.hours.outdoor
    missing = hours - measured
    if not missing:
        return
    name = "billing.outdoor.estimated" if measured else "billing.outdoor.missing"
    remedy = (
        "they are interpolated; check the outdoor device"
        if measured
        else "add a device of kind outdoor and its readings"
    )
    message = f"{missing} of {hours} hours without outdoor temperature; {remedy}"
    yield Finding(name, message, {"missing_hours": missing, "hours": hours})


def _unmetered_finding(component: Component) -> Finding:
    kind, key = METERS[component.key][0], component.without_meters
    message = (
        f"no meter of kind {kind} has a register in the period, so their part is split by "
        f"{key}; add the readings, or leave it if homes have no such meters"
    )
    return Finding("billing.register.none", message, {"kind": kind, "key": key})


def _group_findings(weighing: Weighing, component: Component) -> Iterator[Finding]:
    """Return findings on groups of homes with different kinds of meters."""
    groups = weighing.groups(component.key)
    for device in groups.not_counted:
        message = (
            f"flat {device.flat}: {device.kind} {device.device} is not counted, since meters "
            "of another kind count this home on most days; bill the days before and after the "
            "change separately, or correct devices.csv"
        )
        data = {"flat": device.flat, "device": device.device, "kind": device.kind}
        yield Finding("billing.meter.not_counted", message, data)
    if not groups.several:
        return
    if component.groups == "main_meter":
        yield from (*weighing.common("main_heat").findings, *weighing.common("heat").findings)
    shares, by = weighing.group_shares(component)
    parts = dict(zip(groups.kinds, (shares / shares.sum()).round(6).tolist(), strict=True))
    told = " and ".join(f"{part:.1%} for homes counted by {kind}" for kind, part in parts.items())
    message = (
        f"homes have meters of several kinds, so the heat is first divided by {by}: {told}; each "
        "group is split by its own meters. Nothing needs to be done"
    )
    yield Finding("billing.meter.groups", message, {"by": by, "parts": parts})
    if component.groups != by:
        message = (
            "the heat of homes with allocators is unknown (the main meter less the "
            "tank and the homes' heat meters), so the groups are divided by area; add the "
            "readings of the main meter and of the tank's"
        )
        yield Finding("billing.meter.groups_by_area", message, {"wanted": component.groups})
