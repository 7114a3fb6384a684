"""What is missing or estimated in a bill, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from billing.schemes import CLIMATE_KEYS
from billing.weights import COLUMNS, METERS
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.schemes import Component, Scheme
    from billing.weights import BuildingMonth

ENVELOPE = ("heat_loss_w_per_k", "gains_w")
"""Columns of flats.csv that a home's own heat loss is computed from."""
NEED_OUTDOOR = frozenset({"degree_hours", "own_heat_loss"})


def scheme_findings(month: BuildingMonth, scheme: Scheme, items: set[str]) -> list[Finding]:
    """Find what the scheme needs for some items and the data does not have."""
    components = [each for item in sorted(items) for each in scheme.items.get(item, ())]
    findings = list(_column_findings(month, components))
    climate = any(each.key in CLIMATE_KEYS for each in components)
    if climate:
        findings += _climate_findings(month)
    if any(_needs_outdoor(month, each) for each in components):
        findings += _outdoor_findings(month)
    for key in sorted({each.key for each in components} & METERS.keys()):
        findings += _meter_findings(month, key)
    return list({finding.message: finding for finding in findings}.values())


def needs_position(component: Component) -> bool:
    """Whether a component is weighed by position factors."""
    return component.position or component.key == "heat_units_position"


def _needs_outdoor(month: BuildingMonth, component: Component) -> bool:
    computed = bool(np.isnan(month.of_flats("position_factor")).any())
    return component.key in NEED_OUTDOOR or (needs_position(component) and computed)


def _column_findings(month: BuildingMonth, components: list[Component]) -> Iterator[Finding]:
    needed: set[str] = {COLUMNS[each.key] for each in components if each.key in COLUMNS}
    if any(each.key == "own_heat_loss" for each in components):
        needed |= set(ENVELOPE)
    for column in sorted(needed):
        for row in np.flatnonzero(np.isnan(month.of_flats(column))):
            flat = month.estate.flats[row].flat
            message = f"flat {flat} has no {column}, which the scheme needs; add it to flats.csv"
            yield Finding("billing.flat.column", message, {"flat": flat, "column": column})
    if any(needs_position(each) for each in components):
        for row in np.flatnonzero(np.isnan(month.position_factors)):
            flat = month.estate.flats[row].flat
            message = (
                f"flat {flat} has no position factor: add heat_loss_w_per_k and gains_w such that "
                "the flat needs heat at the reference temperature, or position_factor, to flats.csv"
            )
            yield Finding("billing.flat.position", message, {"flat": flat})


def _climate_findings(month: BuildingMonth) -> Iterator[Finding]:
    measured = np.isfinite(month.climate.values["temperature_c"])
    name = "billing.climate.estimated" if measured.any() else "billing.climate.missing"
    remedy = (
        "they are estimated from the outdoor temperature and the home's own hours; look at the box"
        if measured.any()
        else "add the readings of the period"
    )
    hours = measured.shape[1]
    for row in np.flatnonzero(~measured.all(axis=1)):
        flat, missing = month.estate.flats[row].flat, int((~measured[row]).sum())
        message = f"flat {flat}: {missing} of {hours} hours without temperature; {remedy}"
        yield Finding(name, message, {"flat": flat, "missing_hours": missing, "hours": hours})


def _outdoor_findings(month: BuildingMonth) -> Iterator[Finding]:
    measured = np.isfinite(month.climate.outdoor["temperature_c"])
    missing, hours = int((~measured).sum()), len(measured)
    if not missing:
        return
    name = "billing.outdoor.estimated" if measured.any() else "billing.outdoor.missing"
    remedy = (
        "they are estimated from the hours around them"
        if measured.any()
        else "add a device of kind outdoor and its readings"
    )
    message = f"{missing} of {hours} hours without outdoor temperature; {remedy}"
    yield Finding(name, message, {"missing_hours": missing, "hours": hours})


def _meter_findings(month: BuildingMonth, key: str) -> Iterator[Finding]:
    kind = month.meter_kind(key)
    meters = month.meters(kind)
    known = np.isfinite(meters.use)
    name = "billing.register.estimated" if known.any() else "billing.register.missing"
    for number, span in enumerate(month.spans):
        hours = int(month.counted[number].sum())
        missing = int(meters.estimated_hours[number]) if known[number] else hours
        if not missing:
            continue
        how = "the meter's other hours" if known[number] else "the other homes per m² and day"
        remedy = f"they are estimated from {how}" if known.any() else "add the readings"
        message = (
            f"flat {span.flat} ({span.tenancy}): {missing} of {hours} hours without a register of "
            f"kind {kind}; {remedy}"
        )
        data = {"flat": span.flat, "tenancy": span.tenancy, "missing_hours": missing}
        yield Finding(name, message, {**data, "hours": hours, "kind": kind})
