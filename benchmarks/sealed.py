"""
Sealed months: what a reading takes on the disk, and what reads of a month and a year take.

    .venv/bin/python -m benchmarks.sealed [FLATS]

A year of 5-minute temperatures of some flats (10 unless told) is written to SQLite, read as bills
and alerts read it, sealed, and read again: as readings, and as hourly means of the readings and of
what is sealed beside them. Both are of processor time, and ratios count. Where DuckDB is installed
it reads the same files; the project does without it.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from estate.periods import Period
from telemetry.readings import Reading
from telemetry.series.hourly import read_hourly_means
from telemetry.series.settled_means import ClimateHours
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from telemetry.stores.store import Store

FLATS, FLATS_OF_A_SECTOR = 10, 1000
QUANTITIES = 3
"""Of a box; one is measured here, and the others take as much."""
STEP_MS, ROUNDS, AT_ONCE = 300_000, 2, 50_000
ZONE = ZoneInfo("Europe/Copenhagen")
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
MONTH = Period(date(2025, 3, 1), date(2025, 4, 1))
ON = date(2025, 1, 1)
BUILDING, QUANTITY = "house", "temperature_c"
SEALED_MS = YEAR.hours(ZONE).end_ms + 100 * 86_400_000


def fill(store: Store, devices: list[str]) -> int:
    """Write a year of each device, as rooms warm and cool and radios are late; return how many."""
    random, hours = np.random.default_rng(1), YEAR.hours(ZONE)
    count = 0
    for device in devices:
        times = np.arange(hours.start_ms, hours.end_ms, STEP_MS) + random.integers(0, STEP_MS)
        walk = np.cumsum(random.normal(0, 0.02, len(times)))
        day = np.sin(np.arange(len(times)) * 2 * np.pi / 288)
        values = np.round(21 + 1.5 * day + walk - np.linspace(0, walk[-1], len(times)), 1)
        late = times + random.integers(200, 2000, len(times))
        rows = [
            Reading(BUILDING, device, QUANTITY, time_ms, value, 0, arrival_ms)
            for time_ms, value, arrival_ms in zip(
                times.tolist(), values.tolist(), late.tolist(), strict=True
            )
        ]
        for first in range(0, len(rows), AT_ONCE):
            store.write(rows[first : first + AT_ONCE])
        count += len(rows)
    return count


def seconds(act: Callable[[], object]) -> float:
    """Return the processor time of the better round. [s]"""
    found = []
    for _ in range(ROUNDS):
        began = process_time()
        act()
        found.append(process_time() - began)
    return min(found)


def reads(store: Store, devices: list[str]) -> dict[str, float]:
    """Return the processor time of each read that we do. [s]"""
    found = {}
    for name, days in (("month", MONTH), ("year", YEAR)):
        hours = days.hours(ZONE)
        span = hours.start_ms, hours.end_ms

        def readings(some: list[str], span: tuple[int, int] = span) -> object:
            return store.samples(BUILDING, some, QUANTITY, *span)

        found[f"readings of a {name}"] = seconds(lambda f=readings: f(devices))  # type: ignore[misc]
        found[f"one box's {name}"] = seconds(lambda f=readings: f(devices[:1]))  # type: ignore[misc]
        found[f"hourly means of a {name}"] = seconds(
            lambda h=hours: read_hourly_means(store, BUILDING, devices, QUANTITY, h, ON)  # type: ignore[misc]
        )
    return found


def sizes(directory: Path) -> tuple[int, int]:
    """Return the bytes of sealed readings and of sealed means."""
    paths = list(directory.rglob("*.parquet"))
    means = sum(path.stat().st_size for path in paths if "-hours-" in path.name)
    return sum(path.stat().st_size for path in paths) - means, means


def duckdb_reads(directory: Path) -> None:
    """Read the same files with DuckDB, if it is installed."""
    if find_spec("duckdb") is None:
        print("DuckDB is not installed")
        return
    import duckdb  # type: ignore[import-not-found,unused-ignore]  # not among ours

    files = [str(each) for each in directory.rglob("*.parquet") if "-hours-" not in each.name]
    opened = duckdb.connect()
    opened.execute("SET threads = 1")
    query = "SELECT device, time_ms, value, quality FROM read_parquet($files)"
    for name, which in (("readings of a year", ""), ("one box's year", "box-0000")):
        asked = f"{query} WHERE device = '{which}'" if which else query

        def read(asked: str = asked) -> object:
            return opened.execute(asked, {"files": files}).fetchnumpy()

        print(f"DuckDB, {name}: {seconds(read):.3f} s")


def main() -> int:
    """Measure and print."""
    flats = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else FLATS
    devices = [f"box-{number:04}" for number in range(flats)]
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        hot = SqliteStore(directory / "readings.db")
        count = fill(hot, devices)
        hot_bytes = (directory / "readings.db").stat().st_size
        before = reads(hot, devices)
        store = SealedStore(hot, directory / "sealed", ClimateHours)
        began = process_time()
        list(store.seal(BUILDING, SEALED_MS, SEALED_MS))
        sealing = process_time() - began
        after = reads(store, devices)
        readings, means = sizes(directory / "sealed")
        print(f"{flats} flats, {count} readings; sealed in {sealing:.1f} s of processor time, ")
        print(f"{count / sealing / 1e3:.0f} thousand readings/s, read back and released")
        print("\n| | SQLite | sealed readings | sealed means |\n|---|---|---|---|")
        each = (hot_bytes / count, readings / count, means / count)
        print("| byte a reading | " + " | ".join(f"{one:.2f}" for one in each) + " |")
        scale = FLATS_OF_A_SECTOR / flats * QUANTITIES / 2**30
        all_of = (hot_bytes * scale, readings * scale, means * scale)
        whole = " | ".join(f"{one:.1f}" for one in all_of)
        print(f"| GiB, a year of 1,000 flats, 3 quantities | {whole} |")
        print("\n| processor time | SQLite [s] | sealed [s] | ratio |\n|---|---|---|---|")
        for what, took in before.items():
            print(f"| {what} | {took:.3f} | {after[what]:.3f} | {took / after[what]:.1f} |")
        duckdb_reads(directory / "sealed")
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
