"""Legal requirements on meters: remote reading, verification, monthly information."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from billing.schemes import METERED_KEYS, METERS
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.law.table import Law
    from billing.schemes import Scheme
    from estate.model import Device, Estate, Facts
    from estate.periods import Period


def meter_findings(
    estate: Estate, period: Period, scheme: Scheme, items: Sequence[str], law: Law
) -> list[Finding]:
    """
    Return findings on meters that do not comply with the law.

    Parameters
    ----------
    estate : Estate
    period : Period
    scheme : Scheme
    items : sequence of str
        Items that are split.
    law : Law
    """
    counted = _counted(estate, period, scheme, items)
    information = _information(estate.building.facts, period, law) if counted else ()
    return [
        *not_remote(counted, period, law),
        *_not_verified(counted, period, law),
        *information,
    ]


def not_remote(devices: Sequence[Device], period: Period, law: Law) -> list[Finding]:
    """Return findings on meters that are not read remotely, as required."""
    new, every = law.day("remote_reading_new"), law.day("remote_reading_all")
    found = []
    for device in devices:
        if device.remote is not False:
            continue
        if new is not None and device.start >= new:
            found.append(_remote_finding(device, law, "remote_reading_new", f"fitted since {new}"))
        elif every is not None and period.end > every:
            found.append(_remote_finding(device, law, "remote_reading_all", f"from {every} on"))
    return found


def _counted(estate: Estate, period: Period, scheme: Scheme, items: Sequence[str]) -> list[Device]:
    """Return the homes' meters of the kinds that the scheme counts, in the period."""
    keys = {each.key for item in items for each in scheme.items.get(item, ())} & METERED_KEYS
    kinds = {kind for key in keys for kind in METERS[key]}
    return [
        device
        for device in estate.devices
        if device.kind in kinds and device.flat and period.overlap(device.start, device.end)
    ]


def _remote_finding(device: Device, law: Law, rule: str, when: str) -> Finding:
    message = (
        f"devices.csv: meter {device.device} of flat {device.flat} is not read remotely, which "
        f"the law of {law.country} requires of those {when} ({law.source(rule)}); replace it"
    )
    data = {"file": "devices.csv", "device": device.device, "flat": device.flat, "rule": rule}
    return Finding("billing.law.remote_reading", message, data)


def _not_verified(devices: Sequence[Device], period: Period, law: Law) -> Iterator[Finding]:
    if not law.wants("meter_verification"):
        return
    for device in devices:
        days = period.overlap(device.start, device.end)
        if days is None or device.verified_until is None:
            continue
        last = days.end - timedelta(days=1)
        if device.verified_until < last:
            message = (
                f"devices.csv: meter {device.device} of flat {device.flat} is verified until "
                f"{device.verified_until} but in use until {last}; have it verified, or replace it"
            )
            data = {"file": "devices.csv", "device": device.device, "flat": device.flat}
            until = {"verified_until": str(device.verified_until)}
            yield Finding("billing.law.verification", message, data | until)


def _information(facts: Facts, period: Period, law: Law) -> Iterator[Finding]:
    if law.wants("monthly_information") and facts.monthly_information is False:
        message = (
            "building.yaml: residents are not informed of their consumption every month, as "
            f"required by the law of {law.country} ({law.source('monthly_information')}); send the "
            "monthly report"
        )
        data = {"file": "building.yaml", "period": str(period)}
        yield Finding("billing.law.monthly_information", message, data)
