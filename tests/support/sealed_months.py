"""Readings of a few devices in three months, in a store whose months are to be sealed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from telemetry.readings import Reading
from telemetry.stores.sealed.catalogue import SealedFile
from telemetry.stores.sealed.files.record import NoRecord
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


class FileRecord(NoRecord):
    """What was sealed, remembered in a file of JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def files(self, building: str) -> list[SealedFile]:
        """Return what is recorded."""
        return [SealedFile.model_validate(each) for each in self._read().get(building, [])]

    def buildings(self) -> list[str]:
        """Return of whom something is recorded."""
        return sorted(name for name, files in self._read().items() if files)

    def add(self, building: str, files: Iterable[SealedFile]) -> None:
        """Record files."""
        self._write(building, [*self.files(building), *files])

    def remove(self, building: str, files: Iterable[SealedFile]) -> None:
        """Strike files out."""
        gone = {each.sha256 for each in files}
        self._write(building, [each for each in self.files(building) if each.sha256 not in gone])

    def _read(self) -> dict[str, list[object]]:
        found: dict[str, list[object]] = (
            json.loads(self._path.read_text()) if self._path.exists() else {}
        )
        return found

    def _write(self, building: str, files: Sequence[SealedFile]) -> None:
        rows = [each.model_dump() for each in files]
        # At one instant, since its process may be killed.
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(self._read() | {building: rows}))
        os.replace(new, self._path)  # noqa: PTH105  tests count the steps of `Path.replace`


def opened(directory: Path) -> SealedStore:
    """Open the store of a folder."""
    hot, record = SqliteStore(directory / "readings.db"), FileRecord(directory / "record.json")
    return SealedStore(hot, directory / "sealed", record=record)


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
