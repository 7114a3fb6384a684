"""
Readings of a server of time series, as one file for each building and month.

A closed month gives the same bytes each time, so that a backup keeps it once. Times of arrival are
not in it: no bill and no alert asks for them, and InfluxDB of every version answers the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import local_date
from estate.quantities import quantities
from telemetry.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from estate.model import Estate
    from telemetry.stores.store import Store

AT_ONCE = 20_000
"""Readings that are written together."""


class Month(NamedTuple):
    """A month of UTC of one building. [ms since 1970, UTC]"""

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


def write_month(store: Store, month: Month, target: Path) -> bool:
    """Write a month's readings to a file; return whether there are any."""
    columns: dict[str, np.ndarray] = {}
    for quantity in quantities():
        devices = store.devices(month.building, quantity)
        found = store.samples(month.building, devices, quantity, month.start_ms, month.end_ms)
        if len(found):
            columns |= {
                f"{quantity}/device": np.array(devices)[found.device_index],
                f"{quantity}/time_ms": found.time_ms,
                f"{quantity}/value": found.value,
                f"{quantity}/quality": found.quality,
            }
    if columns:
        with target.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **columns)
    return bool(columns)


def load_month(store: Store, building: str, source: Path) -> int:
    """Write the readings of a file into a store; return how many they are."""
    count = 0
    with np.load(source, allow_pickle=False) as columns:
        names = {name.partition("/")[0] for name in columns.files}
        for quantity in sorted(names):
            device, time_ms, value, quality = (
                columns[f"{quantity}/{each}"] for each in ("device", "time_ms", "value", "quality")
            )
            for first in range(0, len(time_ms), AT_ONCE):
                taken = slice(first, first + AT_ONCE)
                rows = zip(
                    device[taken].tolist(),
                    time_ms[taken].tolist(),
                    value[taken].tolist(),
                    quality[taken].tolist(),
                    strict=True,
                )
                readings = [Reading(building, d, quantity, t, v, q, t) for d, t, v, q in rows]
                store.write(readings)
                count += len(readings)
    return count


def _ms(month: np.datetime64) -> int:
    return int(month.astype("datetime64[ms]").astype(np.int64))
