"""Splits items without meters by fixed keys, where a law allows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.schemes import METERS, Component, fixed_key
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.law.table import Law
    from billing.schemes import Scheme
    from estate.model import DeviceKind, Estate
    from estate.periods import Period

RULE = "unmetered_by_fixed_keys"


def by_fixed_keys(
    scheme: Scheme, estate: Estate, period: Period, items: Iterable[str], law: Law
) -> tuple[Scheme, list[Finding]]:
    """
    Replace metered keys by fixed keys where no home has a meter.

    Parameters
    ----------
    scheme : Scheme
    estate : Estate
    period : Period
    items : iterable of str
        Items that are split.
    law : Law
        If it lacks the rule, the scheme is unchanged, and the bill reports the missing meters.

    Returns
    -------
    Scheme, list of Finding

    References
    ----------
    .. [1] HeizkostenV §§ 9 (2) sentence 4, 12 (1).
    """
    if not law.wants(RULE):
        return scheme, []
    fitted = {
        device.kind
        for device in estate.devices
        if device.flat and period.overlap(device.start, device.end)
    }
    bare = [item for item in items if _lacks_meters(scheme.items.get(item, ()), fitted)]
    changed = {
        item: _fixed(components) if item in bare else components
        for item, components in scheme.items.items()
    }
    return scheme.model_copy(update={"items": changed}), [
        _finding(scheme, item, law) for item in bare
    ]


def _lacks_meters(components: Sequence[Component], fitted: set[DeviceKind]) -> bool:
    return any(each.key in METERS and fitted.isdisjoint(METERS[each.key]) for each in components)


def _fixed(components: Sequence[Component]) -> tuple[Component, ...]:
    key = fixed_key(components)
    return tuple(Component(key=key, fraction=each.fraction) for each in components)


def _finding(scheme: Scheme, item: str, law: Law) -> Finding:
    message = (
        f"no home has a meter for {item}, so {scheme.id} splits it by fixed keys and not by "
        f"use, as the law of {law.country} prescribes ({law.source(RULE)}); fit meters"
    )
    return Finding("billing.law.unmetered", message, {"item": item, "scheme": scheme.id})
