"""Devices that have fallen silent: when each was last heard."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from estate.devices import REGISTER_OF
from estate.periods import DAY_MS, HOUR_MS, local_date
from telemetry.series.box_checks import INDOOR_QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.devices.limits import DeviceLimits
    from estate.model import Device, Estate
    from telemetry.stores.store import SampleSource

AHEAD_MS = DAY_MS
"""A device whose clock is ahead is heard all the same."""


def placed_on(estate: Estate, now_ms: int) -> list[Device]:
    """Return the devices that send and are in place on the local day of an instant."""
    today = local_date(now_ms, estate.building.zone)
    return [
        each
        for each in estate.devices
        if each.kind != "unmetered"
        and each.start <= today
        and (each.end is None or today < each.end)
    ]


def silent_since(
    source: SampleSource, estate: Estate, now_ms: int, limits: DeviceLimits
) -> list[tuple[Device, int]]:
    """
    Return the devices that were once heard but not recently, with the time of their last reading.

    One that was never heard is not silent: `fairvarme doctor` and the staff's list report it.

    Parameters
    ----------
    source : SampleSource
    estate : Estate
    now_ms : int
        [ms since 1970, UTC]
    limits : DeviceLimits
    """
    placed = placed_on(estate, now_ms)
    lately_ms = now_ms - round(limits.silent_hours * HOUR_MS)
    heard = last_heard(source, estate.building.id, placed, lately_ms, now_ms + AHEAD_MS)
    quiet = [each for each in placed if each.device not in heard]
    first_ms = now_ms - round(limits.looked_back_days * DAY_MS)
    before = last_heard(source, estate.building.id, quiet, first_ms, lately_ms)
    return [(each, before[each.device]) for each in quiet if each.device in before]


def last_heard(
    source: SampleSource, building: str, devices: Iterable[Device], start_ms: int, end_ms: int
) -> dict[str, int]:
    """Return when each device was last heard between two instants. [ms since 1970, UTC]"""
    by_quantity: dict[str, set[str]] = defaultdict(set)
    for each in devices:
        for quantity in _sent_by(each):
            by_quantity[quantity].add(each.device)
    last: dict[str, int] = {}
    for quantity, wanted in by_quantity.items():
        for name, time_ms in last_of(source, building, wanted, quantity, start_ms, end_ms).items():
            last[name] = max(time_ms, last.get(name, time_ms))
    return last


def last_of(
    source: SampleSource,
    building: str,
    devices: Iterable[str],
    quantity: str,
    start_ms: int,
    end_ms: int,
) -> dict[str, int]:
    """Return when devices last sent a quantity between two instants. [ms since 1970, UTC]"""
    names = sorted(devices)
    samples = source.samples(building, names, quantity, start_ms, end_ms)
    latest = np.full(len(names), -1, dtype=np.int64)
    np.maximum.at(latest, samples.device_index, samples.time_ms)
    return {
        name: time_ms for name, time_ms in zip(names, latest.tolist(), strict=True) if time_ms >= 0
    }


def _sent_by(device: Device) -> tuple[str, ...]:
    register = REGISTER_OF.get(device.kind)
    return INDOOR_QUANTITIES if register is None else (register,)
