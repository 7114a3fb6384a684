"""
Removes old readings, by the table of purposes.

For a register that is kept by the day for longer than in full, the first and the last reading of
each local day stay: the registers at the edges of every day, and thus bills, do not change.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from estate.devices import REGISTER_OF
from estate.periods import day_start_ms, local_date
from estate.purposes.table import Form, kept_days
from telemetry.stores.sealed.damage import SealedDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    import numpy.typing as npt

    from estate.model import Estate
    from telemetry.stores.store import Store

FIRST_DAY = date(2016, 1, 1)
"""Before any reading that ingest takes."""
REGISTERS = frozenset(REGISTER_OF.values())


def remove_old_readings(
    store: Store, estate: Estate, now_ms: int, failed: list[SealedDamaged]
) -> dict[str, int]:
    """
    Remove a building's readings that no purpose requires any more.

    Parameters
    ----------
    store : Store
    estate : Estate
    now_ms : int
        [ms since 1970, UTC]
    failed : list of SealedDamaged
        Receives the damaged files that prevented the removal of a quantity; the others are removed.

    Returns
    -------
    dict of str to int
        Number of readings removed, by quantity.
    """
    found = {}
    for quantity in store.quantities(estate.building.id):
        try:
            found[quantity] = _remove_old(store, estate, quantity, now_ms)
        except SealedDamaged as error:
            failed.append(error)
    return found


def _remove_old(store: Store, estate: Estate, quantity: str, now_ms: int) -> int:
    building, zone = estate.building.id, estate.building.zone
    raw, daily = kept_days(quantity, Form.READING), kept_days(quantity, Form.DAILY)
    devices = store.devices(building, quantity)
    thins = quantity in REGISTERS and raw is not None and daily is not None and daily > raw
    longest = daily if thins else raw
    end_ms = _border_ms(now_ms, longest or 0, zone)
    start_ms = day_start_ms(FIRST_DAY, zone)
    number = store.forget(building, devices, quantity, start_ms, end_ms) if devices else 0
    if thins:
        until_ms = _border_ms(now_ms, raw or 0, zone)
        between = _between(store, building, devices, quantity, (end_ms, until_ms), zone)
        number += store.forget_spans(building, quantity, between)
    return number


def _between(
    store: Store,
    building: str,
    devices: Sequence[str],
    quantity: str,
    span_ms: tuple[int, int],
    zone: ZoneInfo,
) -> dict[str, list[tuple[int, int]]]:
    """Return what lies between the first and the last good reading of each local day, by device."""
    found = {}
    for device in devices:
        samples = store.samples(building, [device], quantity, *span_ms)
        days = _days(samples.time_ms, samples.good().time_ms, zone)
        found[device] = [(first_ms + 1, last_ms) for first_ms, last_ms in days]
    return {device: spans for device, spans in found.items() if spans}


def _days(
    time_ms: npt.NDArray[np.int64], good_ms: npt.NDArray[np.int64], zone: ZoneInfo
) -> Iterator[tuple[int, int]]:
    """Yield the first and last good reading of each day that has one between them."""
    if not len(good_ms):
        return
    day = local_date(int(good_ms[0]), zone)
    last = local_date(int(good_ms[-1]), zone)
    while day <= last:
        start, stop = day_start_ms(day, zone), day_start_ms(day + timedelta(days=1), zone)
        rows = good_ms[np.searchsorted(good_ms, start) : np.searchsorted(good_ms, stop)]
        if len(rows):
            between = np.searchsorted(time_ms, [rows[0] + 1, rows[-1]])
            if between[1] > between[0]:
                yield int(rows[0]), int(rows[-1])
        day += timedelta(days=1)


def _border_ms(now_ms: int, days: int, zone: ZoneInfo) -> int:
    """Return the start of the first local day that is still kept. [ms since 1970, UTC]"""
    return day_start_ms(local_date(now_ms, zone) - timedelta(days=days), zone)
