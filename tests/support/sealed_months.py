"""Readings of a few devices in three months, in a store whose months are to be sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from telemetry.readings import Reading
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.sqlite import SqliteStore
from telemetry.stores.store import Store

BUILDING = "solgaarden"
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
START_MS = 1_769_295_600_000
"""2026-01-24 23:00 UTC."""
END_MS = START_MS + 40 * DAY_MS
AFTER_MS = END_MS + 60 * DAY_MS
"""When all of them are closed."""
QUANTITIES = {"temperature_c": 1, "heat_kwh": 3}
"""With the decimals of their values."""
DEVICES = ("box-0101", "box-0102", "meter-0101")

Row = tuple[str, str, int, float, int]


def readings(
    step_ms: int = 6 * HOUR_MS, quantities: Iterable[str] = tuple(QUANTITIES)
) -> list[Reading]:
    """Return readings of every device and quantity; one in fifty is suspect."""
    random, found = np.random.default_rng(1), []
    for device in DEVICES:
        for quantity in quantities:
            decimals = QUANTITIES[quantity]
            times = np.arange(START_MS, END_MS, step_ms) + random.integers(0, 60_000)
            values = np.round(20 + np.cumsum(random.normal(0, 0.3, len(times))), decimals)
            for time_ms, value in zip(times.tolist(), values.tolist(), strict=True):
                quality, delay_ms = int(random.random() < 0.02), int(random.integers(0, 5000))
                found.append(
                    Reading(BUILDING, device, quantity, time_ms, value, quality, time_ms + delay_ms)
                )
    return found


def opened(directory: Path) -> SealedStore:
    """Open the store of a folder."""
    return SealedStore(SqliteStore(directory / "readings.db"), directory / "sealed")


def filled(directory: Path, written: Sequence[Reading] | None = None) -> SealedStore:
    """Return a store in a folder with readings, none sealed yet."""
    store = opened(directory)
    store.write(readings() if written is None else written)
    return store


def rows(store: Store) -> list[Row]:
    """Return all that a store answers, sorted."""
    return sorted(_rows(store))


def as_rows(written: list[Reading]) -> list[Row]:
    """Return what a store should answer of readings without repetition."""
    return sorted(
        (each.device, each.quantity, each.time_ms, each.value, each.quality) for each in written
    )


def _rows(store: Store) -> Iterator[Row]:
    for quantity in store.quantities(BUILDING):
        devices = store.devices(BUILDING, quantity)
        found = store.samples(BUILDING, devices, quantity, 0, AFTER_MS)
        columns = (found.device_index, found.time_ms, found.value, found.quality)
        for index, time_ms, value, quality in zip(*(c.tolist() for c in columns), strict=True):
            yield devices[index], quantity, time_ms, value, quality
