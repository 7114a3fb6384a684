"""Findings on columns of flats.csv that a scheme needs to weight homes but are blank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from billing.measured.flats import flat_column, position_factors, position_needs
from billing.schemes import column_of
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from billing.rules import BillingRules
    from billing.schemes import Component, PositionCondition
    from estate.model import Estate

ENVELOPE = ("heat_loss_w_per_k", "gains_w")
"""Columns of flats.csv for a home's own heat loss."""
DIGITS = 9
"""Tolerance: a factor equal to the limit but for rounding is at the limit."""


def column_findings(estate: Estate, components: Iterable[Component]) -> Iterator[Finding]:
    """Return findings on blank cells of flats.csv that components of a scheme need."""
    components = list(components)
    needed = {column for each in components if (column := column_of(each.key))}
    if any(each.key == "own_heat_loss" for each in components):
        needed |= set(ENVELOPE)
    if any(each.ventilation for each in components):
        needed.add("volume_m3")
    for column in sorted(needed):
        for row in np.flatnonzero(np.isnan(flat_column(estate, column))):
            flat = estate.flats[row].flat
            message = f"flat {flat} has no {column}, which the scheme needs; add it to flats.csv"
            yield Finding("billing.flat.column", message, {"flat": flat, "column": column})


def position_findings(
    estate: Estate, rules: BillingRules, condition: PositionCondition
) -> Iterator[Finding]:
    """Return findings on missing and implausible position factors."""
    given = np.isfinite(flat_column(estate, "position_factor"))
    needs = position_needs(estate, rules, condition)
    factors = position_factors(estate, rules, condition)
    least = rules.position_least
    columns = " and ".join(ENVELOPE if condition.gains else ENVELOPE[:1])
    for row, (need, factor) in enumerate(zip(needs.tolist(), factors.tolist(), strict=True)):
        flat = estate.flats[row].flat
        if np.isnan(factor):
            message = (
                f"flat {flat} has no position factor: add {columns}, or position_factor, to "
                "flats.csv"
            )
            yield Finding("billing.flat.position", message, {"flat": flat})
        elif need <= 0 and not given[row]:
            message = (
                f"flat {flat} needs {need:.1f} W/m² at the scheme's reference condition, so it "
                "has no position factor (1 is used if this is allowed); correct "
                f"{columns} in flats.csv, or the scheme's position_condition"
            )
            yield Finding("billing.position.no_need", message, {"flat": flat, "need": need})
        elif round(factor, DIGITS) < least:
            origin = (
                "given in flats.csv" if given[row] else "lowest demand of the building over its own"
            )
            message = (
                f"flat {flat} has the position factor {factor:.3f} ({origin}), below {least:g}: it "
                "would pay less than half for a unit of heat; check heat_loss_w_per_k and "
                "area_m2 of this and the best-placed flat, or at position_factor, in flats.csv"
            )
            yield Finding("billing.position.low", message, {"flat": flat, "factor": factor})
