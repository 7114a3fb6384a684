"""
Which scheme may be charged, and on what ground.

A rented home in Denmark (tenure almen or privat) may be charged by climate under a permit only,
valid on all days of the period; a cooperative or owner-occupied building may decide it. Without
either the bill is the metered one, and the climate split is information beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.results import Ground
from billing.rules import billing_rules
from billing.schemes import CLIMATE_KEYS, METERED_KEYS, Scheme, load_scheme
from estate.errors import DataError
from estate.findings import Finding

if TYPE_CHECKING:
    from estate.model import Building, Permit, SchemeUse
    from estate.periods import Period

DENMARK = "DK"
RENTED = frozenset({"almen", "privat"})
METERED = "dk-metered"


@dataclass(frozen=True)
class Choice:
    """
    The schemes of one bill.

    Attributes
    ----------
    charged : Scheme
    beside : Scheme or None
        Computed as information only.
    ground : Ground or None
        The permit or decision under which `charged` may be charged.
    trial : bool
        The bill is printed as no claim.
    """

    charged: Scheme
    beside: Scheme | None
    ground: Ground | None
    trial: bool
    findings: tuple[Finding, ...]


def choose_scheme(building: Building, period: Period, wanted: Scheme | None) -> Choice:
    """
    Choose what may be charged.

    Parameters
    ----------
    building : Building
    period : Period
    wanted : Scheme, optional
        Instead of the building's own; the law is asked all the same.

    Raises
    ------
    DataError
        Where the building names no scheme for the period, or the scheme breaks the law.
    """
    use = _use_of(building, period, wanted)
    scheme = wanted or load_scheme(use.scheme if use else "")
    if scheme.country != DENMARK:
        return Choice(scheme, None, _decision(use), _is_trial(use), ())
    permit = _permit(period, use)
    short = _short_of_meters(scheme)
    ground = _ground(building, permit, use)
    if short and permit is None:
        # A decision cannot do without meters: only a permit is a dispensation from the order.
        ground = None
    metered = load_scheme(METERED)
    if not scheme.uses(CLIMATE_KEYS):
        if short and permit is None:
            raise DataError(short)
        beside = None if scheme.id == METERED else metered
        return Choice(scheme, beside, ground, _is_trial(use), ())
    if ground is None:
        return Choice(metered, scheme, None, False, (_not_permitted(building, scheme, short),))
    return Choice(scheme, metered, ground, _is_trial(use), ())


def _use_of(building: Building, period: Period, wanted: Scheme | None) -> SchemeUse | None:
    uses = sorted(building.schemes, key=lambda use: use.start)
    in_force = [use for use in uses if use.start <= period.start]
    changes = [use for use in uses if period.start < use.start < period.end]
    if wanted is not None:
        return next((use for use in reversed(in_force) if use.scheme == wanted.id), None)
    if changes:
        message = (
            f"the building's scheme changes on {changes[0].start}, within {period}; "
            "bill the days before and after apart"
        )
        raise DataError([Finding("billing.scheme.changes", message, {"on": str(changes[0].start)})])
    if not in_force:
        message = f"the building names no scheme for {period}; add one to building.yaml"
        raise DataError([Finding("billing.scheme.missing", message, {"period": str(period)})])
    return in_force[-1]


def _permit(period: Period, use: SchemeUse | None) -> Permit | None:
    """Give the permit that holds on every day of a period."""
    permit = use.permit if use else None
    holds = permit and permit.start <= period.start and period.end <= permit.end
    return permit if holds else None


def _ground(building: Building, permit: Permit | None, use: SchemeUse | None) -> Ground | None:
    if permit:
        return Ground("permit", permit.reference, permit.start, permit.end)
    return _decision(use) if building.tenure not in RENTED else None


def _decision(use: SchemeUse | None) -> Ground | None:
    return Ground("decision", use.decision, use.start) if use and use.decision else None


def _is_trial(use: SchemeUse | None) -> bool:
    mark = billing_rules().trial_mark
    return bool(use and use.permit and mark in use.permit.reference.upper())


def _not_permitted(building: Building, scheme: Scheme, short: list[Finding]) -> Finding:
    needed = "permit" if building.tenure in RENTED or short else "decision"
    return Finding(
        "billing.scheme.not_permitted",
        f"{scheme.id} may not be charged: tenure {building.tenure} has no {needed} for the whole "
        f"period. The bill is {METERED}; the climate split stands beside it as information. Add "
        f"the {needed} to building.yaml where there is one",
        {"scheme": scheme.id, "tenure": building.tenure},
    )


def _short_of_meters(scheme: Scheme) -> list[Finding]:
    """Find the items of which less is split by meters than the law wants."""
    least = billing_rules().metered_fraction
    found = []
    for item, components in scheme.items.items():
        metered = sum(each.fraction for each in components if each.key in METERED_KEYS)
        if metered < least:
            message = (
                f"{scheme.id} splits {metered:.0%} of {item} by meters; Danish law wants at least "
                f"{least:.0%}. Raise the fraction of a metered key"
            )
            data = {"scheme": scheme.id, "item": item, "metered": metered}
            found.append(Finding("billing.law.metered_fraction", message, data))
    return found
