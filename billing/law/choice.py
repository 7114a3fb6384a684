"""
Selects the scheme that may be charged, and its legal ground.

A rented home in Denmark (tenure almen or privat) may be charged by climate only under a permit
valid on all days of the period; a cooperative or owner-occupied building may decide on it. Without
either, the bill is split by meters, and the climate split is shown as information.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from billing.bill.bill import Ground
from billing.law.days import MONTHS_OF_A_YEAR, add_months
from billing.law.shares import items_short_of_meters
from billing.law.table import Law, law_of
from billing.rules import billing_rules
from billing.schemes import CLIMATE_KEYS, Scheme, load_scheme
from estate.errors import DataError
from estate.findings import Finding

if TYPE_CHECKING:
    from datetime import date

    from estate.model import Building, Permit, SchemeUse
    from estate.periods import Period

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
        The bill is marked as not a claim.
    law : Law
        The law that applies to `charged` on the period's first day.
    exempt : bool
        A permit exempts `charged` from the required metered share.
    """

    charged: Scheme
    beside: Scheme | None
    ground: Ground | None
    trial: bool
    findings: tuple[Finding, ...]
    law: Law
    exempt: bool = False


def choose_scheme(building: Building, period: Period, wanted: Scheme | None) -> Choice:
    """
    Select the scheme that may be charged.

    Parameters
    ----------
    building : Building
    period : Period
    wanted : Scheme, optional
        Used instead of the building's own; legal checks still apply.

    Raises
    ------
    DataError
        If the building has no scheme for the period, or its scheme changes within it.
    """
    use = _use_of(building, period, wanted)
    scheme = asked_scheme(building, period, wanted)
    law = law_of(scheme.country, period.start)
    early = _not_yet(scheme, period)
    rented = law.words("climate_needs_permit")
    if not rented:
        return Choice(scheme, None, _decision(use), _is_trial(use), early, law)
    metered = load_scheme(METERED, period.start)
    if not (scheme.needs_permit or scheme.uses(CLIMATE_KEYS)):
        beside = None if scheme.id == METERED else metered
        return Choice(scheme, beside, _decision(use), _is_trial(use), early, law)
    use, long = _within_law(use, law)
    early = (*early, *long)
    permit = _permit(period, use)
    # A decision does not replace meters: only a permit is a dispensation from the order.
    decidable = building.tenure not in rented and not items_short_of_meters(scheme, law)
    ground = _granted(permit) or (_decision(use) if decidable else None)
    if ground is None:
        refused = _refused(building, period, use, scheme, decidable)
        return Choice(metered, scheme, None, False, (*early, refused), law)
    exempt = ground.kind == "permit"
    return Choice(scheme, metered, ground, _is_trial(use), early, law, exempt)


def asked_scheme(building: Building, period: Period, wanted: Scheme | None = None) -> Scheme:
    """Return the requested scheme: the building's own, or another; raises as `choose_scheme`."""
    use = _use_of(building, period, wanted)
    return wanted or load_scheme(use.scheme if use else "", period.start)


def _use_of(building: Building, period: Period, wanted: Scheme | None) -> SchemeUse | None:
    uses = sorted(building.schemes, key=lambda use: use.start)
    in_force = [use for use in uses if use.start <= period.start]
    changes = [use.start for use in uses if period.start < use.start < period.end]
    if wanted is not None:
        return next((use for use in reversed(in_force) if use.scheme == wanted.id), None)
    if changes:
        message = (
            f"the building's scheme changes on {changes[0]}, within {period}; bill the days "
            f"before and after separately: {_apart(period, changes)}"
        )
        raise DataError([Finding("billing.scheme.changes", message, {"on": str(changes[0])})])
    if not in_force:
        message = f"the building has no scheme for {period}; add one to building.yaml"
        raise DataError([Finding("billing.scheme.missing", message, {"period": str(period)})])
    return in_force[-1]


def _apart(period: Period, changes: list[date]) -> str:
    """Return the periods to bill separately, as command options."""
    edges = [period.start, *changes, period.end]
    return " and ".join(f"use --period {first}/{last}" for first, last in pairwise(edges))


def _not_yet(scheme: Scheme, period: Period) -> tuple[Finding, ...]:
    if scheme.valid_from <= period.start:
        return ()
    message = (
        f"{scheme.id} is valid from {scheme.valid_from}, after the period's first day "
        f"{period.start}; use the version valid then"
    )
    data = {"scheme": scheme.id, "valid_from": str(scheme.valid_from)}
    return (Finding("billing.scheme.not_yet", message, data),)


def _within_law(use: SchemeUse | None, law: Law) -> tuple[SchemeUse | None, list[Finding]]:
    """Limit a permit to the legal length of trials, with a finding."""
    most = law.number("permit_years_most")
    if use is None or use.permit is None or most is None:
        return use, []
    permit, last = use.permit, add_months(use.permit.start, round(most * MONTHS_OF_A_YEAR))
    if permit.end <= last:
        return use, []
    message = (
        f"the permit '{permit.reference}' runs from {permit.start} to {permit.end}; the law of "
        f"{law.country} allows trials of {most:g} years ({law.source('permit_years_most')}), so it "
        f"counts until {last}. Correct its days in building.yaml, or have it renewed"
    )
    data = {"from": str(permit.start), "to": str(permit.end), "counts_until": str(last)}
    ended = permit.model_copy(update={"end": last})
    shorter = use.model_copy(update={"permit": ended})
    return shorter, [Finding("billing.scheme.permit_long", message, data)]


def _permit(period: Period, use: SchemeUse | None) -> Permit | None:
    """Return the permit valid on every day of a period."""
    permit = use.permit if use else None
    holds = permit and permit.start <= period.start and period.end <= permit.end
    return permit if holds else None


def _granted(permit: Permit | None) -> Ground | None:
    return (
        Ground(kind="permit", reference=permit.reference, start=permit.start, end=permit.end)
        if permit
        else None
    )


def _decision(use: SchemeUse | None) -> Ground | None:
    return (
        Ground(kind="decision", reference=use.decision, start=use.start)
        if use and use.decision
        else None
    )


def _is_trial(use: SchemeUse | None) -> bool:
    mark = billing_rules(use.start if use else None).trial_mark
    return bool(use and use.permit and mark in use.permit.reference.upper())


def _refused(
    building: Building, period: Period, use: SchemeUse | None, scheme: Scheme, decidable: bool
) -> Finding:
    """Return the finding on why climate is not charged: a permit for only some days, or none."""
    permit = use.permit if use else None
    if permit and (held := period.overlap(permit.start, permit.end)):
        changes = [day for day in (held.start, held.end) if period.start < day < period.end]
        message = (
            f"the permit '{permit.reference}' is valid from {permit.start} to {permit.end}, on "
            f"some days of {period} only; bill the days with and without it separately: "
            f"{_apart(period, changes)}"
        )
        data = {"scheme": scheme.id, "from": str(permit.start), "to": str(permit.end)}
        return Finding("billing.scheme.permit_changes", message, data)
    needed = "decision" if decidable else "permit"
    state = "has ended or not begun" if permit else "is not there"
    return Finding(
        "billing.scheme.not_permitted",
        f"{scheme.id} may not be charged: the {needed} that tenure {building.tenure} needs {state} "
        f"on the days of {period}. The bill is {METERED}; the climate split stands beside it as "
        f"information. Add the {needed} to building.yaml where there is one",
        {"scheme": scheme.id, "tenure": building.tenure, "needed": needed},
    )
