"""
Readings of a server of time series, as one file for each building and month.

A closed month gives the same bytes each time, so that backups keep it once. Times of arrival are
included: they distinguish a first statement from a late one, and reveal a wrong clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import local_date
from estate.quantities import quantities
from telemetry.readings import Reading, Records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from estate.model import Estate
    from telemetry.stores.store import HotStore, Store

AT_ONCE = 20_000
"""Readings that are written together."""


class Month(NamedTuple):
    """A UTC month of one building. [ms since 1970, UTC]"""

    building: str
    name: str
    start_ms: int
    end_ms: int


def months_of(estate: Estate, now_ms: int) -> Iterator[Month]:
    """Yield the months from a building's first device until now."""
    first = min((each[0].start for each in estate.placements.values()), default=None)
    if first is None:
        return
    last = local_date(now_ms, estate.building.zone)
    # A day before: the building's zone may be ahead of UTC.
    start = np.datetime64(first, "M") - 1
    for month in np.arange(start, np.datetime64(last, "M") + 2):
        yield Month(estate.building.id, str(month), _ms(month), _ms(month + 1))


def write_month(store: HotStore, month: Month, target: Path) -> bool:
    """Write a month's readings to a file; return whether there are any."""
    columns: dict[str, np.ndarray] = {}
    for quantity in quantities():
        found = {
            device: records
            for device in store.devices(month.building, quantity)
            if (records := _records(store, month, device, quantity)).number
        }
        if found:
            numbers = [records.number for records in found.values()]
            columns[f"{quantity}/device"] = np.repeat(list(found), numbers)
            for place, name in enumerate(Records._fields):
                columns[f"{quantity}/{name}"] = np.concatenate(
                    [each[place] for each in found.values()]
                )
    if columns:
        with target.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **columns)
    return bool(columns)


def _records(store: HotStore, month: Month, device: str, quantity: str) -> Records:
    return store.records(month.building, device, quantity, month.start_ms, month.end_ms)


def load_month(store: Store, building: str, source: Path) -> int:
    """Write the readings of a file into a store; return their number."""
    count = 0
    with np.load(source, allow_pickle=False) as columns:
        names = {name.partition("/")[0] for name in columns.files}
        for quantity in sorted(names):
            device, time_ms, value, quality = (
                columns[f"{quantity}/{each}"] for each in ("device", "time_ms", "value", "quality")
            )
            # A backup from an earlier version has none.
            arrival = f"{quantity}/arrival_ms"
            arrival_ms = columns[arrival] if arrival in columns.files else time_ms
            for first in range(0, len(time_ms), AT_ONCE):
                taken = slice(first, first + AT_ONCE)
                rows = zip(
                    device[taken].tolist(),
                    time_ms[taken].tolist(),
                    value[taken].tolist(),
                    quality[taken].tolist(),
                    arrival_ms[taken].tolist(),
                    strict=True,
                )
                readings = [Reading(building, d, quantity, t, v, q, a) for d, t, v, q, a in rows]
                store.write(readings)
                count += len(readings)
    return count


def _ms(month: np.datetime64) -> int:
    return int(month.astype("datetime64[ms]").astype(np.int64))
