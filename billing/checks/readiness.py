"""What a building's own scheme still lacks for a bill, judged by the estate alone. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.checks.flats import column_findings, position_findings
from billing.checks.scheme import NEED_OUTDOOR
from billing.law.choice import choose_scheme
from billing.rules import billing_rules
from billing.schemes import CLIMATE_KEYS, METERS
from estate.errors import DataError, UsageError
from estate.findings import Finding
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from billing.schemes import Component, Scheme
    from estate.model import DeviceKind, Estate

NAMED_FLATS = 5
ALWAYS = "heat"
"""The item that every building has."""


def readiness(estate: Estate, day: Period) -> list[Finding]:
    """
    Find what a bill under the building's own scheme would lack or have to estimate.

    Parameters
    ----------
    estate : Estate
    day : Period
        The day to check: the devices in place then, and the scheme and permit in force.
    """
    try:
        choice = choose_scheme(estate.building, day, None)
    except DataError as error:
        return list(error.findings)
    except UsageError as error:
        return [Finding("check.scheme", str(error), {"day": str(day.start)})]
    # If the building's own may not be charged, it is shown beside the one that is.
    scheme = choice.beside if choice.beside and choice.ground is None else choice.charged
    if scheme.id not in {use.scheme for use in estate.building.schemes}:
        scheme = choice.charged
    return [*choice.findings, *_lacking(estate, scheme, day)]


def _lacking(estate: Estate, scheme: Scheme, day: Period) -> Iterator[Finding]:
    yield from _cost_findings(estate, scheme)
    components = _components(estate, scheme)
    yield from column_findings(estate, components)
    if any(each.by_position for each in components):
        yield from position_findings(estate, billing_rules(day.start), scheme.position_condition)
    if any(each.key in NEED_OUTDOOR for each in components):
        yield from _outdoor_findings(estate, day)
    if any(each.key in CLIMATE_KEYS for each in components):
        yield from _box_findings(estate, day)
    for key in sorted({each.key for each in components if each.key in METERS}):
        yield from _meter_findings(estate, key, day)


def _components(estate: Estate, scheme: Scheme) -> list[Component]:
    """Return how items are split for which the building has costs or meters."""
    kinds = {device.kind for device in estate.devices}
    items = {scheme.item_of(cost.item, cost.kind) for cost in estate.costs}
    items |= {ALWAYS, *(item for item, rule in scheme.derive.items() if rule.source in items)}
    return [
        each
        for item, components in scheme.items.items()
        for each in components
        if item in items or kinds & set(METERS.get(each.key, ()))
        if not (each.without_meters and kinds.isdisjoint(METERS[each.key]))
    ]


def _cost_findings(estate: Estate, scheme: Scheme) -> Iterator[Finding]:
    if not estate.costs:
        message = "costs.csv has no row, and a bill splits what the supplier charges; add it there"
        yield Finding("check.costs", message, {"file": "costs.csv"})
    items = {scheme.item_of(cost.item, cost.kind) for cost in estate.costs}
    for item in sorted(items - scheme.items.keys()):
        message = (
            f"costs.csv has costs of {item}, for which scheme {scheme.id} has no rule; correct the "
            "item, or add it to a scheme of your own"
        )
        yield Finding("check.item", message, {"file": "costs.csv", "item": item})
    metered = any(device.kind == "main_heat" for device in estate.devices)
    for source in sorted({rule.source for rule in scheme.derive.values()} & items):
        told = any(cost.energy_kwh for cost in estate.costs if cost.item == source)
        if not (told or metered):
            message = (
                f"scheme {scheme.id} divides the costs of {source} by their heat, which no row "
                "tells; add energy_kwh to costs.csv, or the main meter to devices.csv"
            )
            yield Finding("check.energy", message, {"file": "costs.csv", "item": source})


def _outdoor_findings(estate: Estate, day: Period) -> Iterator[Finding]:
    if not _stands(estate, "outdoor", day):
        message = (
            f"no device of kind outdoor stands on {day.start}, and the scheme weighs by the "
            "outdoor temperature; add one to devices.csv"
        )
        yield Finding("check.outdoor", message, {"file": "devices.csv"})


def _box_findings(estate: Estate, day: Period) -> Iterator[Finding]:
    refused = {
        each.flat
        for each in estate.tenancies
        if each.climate_refused and day.overlap(each.start, each.end)
    }
    yield from _without(estate, ("climate",), day, refused, "check.box")


def _meter_findings(estate: Estate, key: str, day: Period) -> Iterator[Finding]:
    unmetered = set(_stands(estate, "unmetered", day))
    yield from _without(estate, METERS[key], day, unmetered, "check.meter")


def _without(
    estate: Estate,
    kinds: tuple[DeviceKind, ...],
    day: Period,
    excused: Collection[str | None],
    name: str,
) -> Iterator[Finding]:
    """Find the flats that have no device of some kinds."""
    there = {flat for kind in kinds for flat in _stands(estate, kind, day)}
    flats = [each.flat for each in estate.flats if each.flat not in there | set(excused)]
    if flats:
        shown = ", ".join(flats[:NAMED_FLATS]) + (" ..." if len(flats) > NAMED_FLATS else "")
        message = (
            f"{len(flats)} of {len(estate.flats)} flats have no device of kind "
            f"{' or '.join(kinds)} on {day.start} ({shown}), by which the scheme weighs; add them "
            "to devices.csv"
        )
        yield Finding(name, message, {"file": "devices.csv", "kinds": list(kinds), "flats": flats})


def _stands(estate: Estate, kind: DeviceKind, day: Period) -> list[str | None]:
    """Return the flat of each device of a kind that is in place on a day."""
    return [
        device.flat
        for device in estate.devices_of_kind(kind)
        if day.overlap(device.start, device.end)
    ]
