"""
Telemetry: writing readings, hourly means, and reading a readings file, each beside a bare way.

    .venv/bin/python -m benchmarks.telemetry

The store writes batches of 1,000 durably (write-ahead log, full synchronisation); the bare way is
one ``executemany`` a batch into a table without series, checks or upsert, under the same pragmas.
Both are done a second time beside a thread that receives, as the worker's network thread does.
Hourly means are of a month of 100 boxes every 5 minutes, and pandas groups the same columns by
device and hour. The file has a million rows, and pandas reads it with given types and no check.
The best of three rounds counts, taken in turn.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from estate.periods import HOUR_MS, Period
from telemetry.readings import Reading, Samples
from telemetry.readings_file.file import read_readings, write_readings
from telemetry.series.hourly import hourly_means
from telemetry.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from estate.periods import Hours

ROUNDS = 3
BATCHES, BATCH_READINGS = 100, 1000
BOXES, STEP_MS = 100, 300_000
FILE_ROWS = 1_000_000
QUANTITIES = ("temperature_c", "humidity_pct", "co2_ppm")
HOURS = Period.month("2026-01").hours(ZoneInfo("Europe/Copenhagen"))

BARE_TABLE = """
CREATE TABLE readings (device TEXT, quantity TEXT, time_ms INTEGER, value REAL,
  quality INTEGER, arrival_ms INTEGER)
"""


def batches() -> list[list[Reading]]:
    """Return readings of three quantities as they arrive: all boxes, then the next minute."""
    every = [
        Reading("b", f"box-{box:04d}", quantity, minute * 60_000, 20 + box / 7, 0, minute * 60_000)
        for minute in range(BATCHES * BATCH_READINGS // (BOXES * len(QUANTITIES)) + 1)
        for box in range(BOXES)
        for quantity in QUANTITIES
    ]
    return [
        every[number * BATCH_READINGS : (number + 1) * BATCH_READINGS] for number in range(BATCHES)
    ]


def store_writes(work: Sequence[list[Reading]], path: Path) -> None:
    """Write through the store."""
    store = SqliteStore(path)
    for batch in work:
        store.write(batch)
    store.close()


def bare_writes(work: Sequence[list[Reading]], path: Path) -> None:
    """Write with executemany alone."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(BARE_TABLE)
    for batch in work:
        connection.execute("BEGIN IMMEDIATE")
        rows = [reading[1:] for reading in batch]
        connection.executemany("INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()


@contextmanager
def thread_that_receives() -> Iterator[None]:
    """Keep another thread at small system calls with some work between them."""
    ended = threading.Event()

    def receive() -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            while not ended.is_set():
                ours.send(b".")
                theirs.recv(1)
                sum(range(500))

    thread = threading.Thread(target=receive)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def compare_writes(work: Sequence[list[Reading]], directory: Path) -> None:
    """Write through the store and bare."""
    directory.mkdir()
    compare(
        "readings",
        sum(map(len, work)),
        ("SqliteStore.write", lambda turn: store_writes(work, directory / f"store-{turn}")),
        ("bare executemany", lambda turn: bare_writes(work, directory / f"bare-{turn}")),
    )


def a_month(hours: Hours) -> Samples:
    """Return a month of readings, one in a thousand of them suspect."""
    random = np.random.default_rng(1)
    times = np.arange(hours.start_ms, hours.end_ms, STEP_MS, dtype=np.int64)
    size = BOXES * len(times)
    return Samples(
        np.repeat(np.arange(BOXES, dtype=np.int32), len(times)),
        np.tile(times, BOXES),
        random.normal(21, 2, size),
        (random.random(size) < 0.001).astype(np.uint8),
    )


def pandas_means(samples: Samples, hours: Hours) -> pd.Series[float]:
    """Group by device and hour with pandas."""
    frame = pd.DataFrame(
        {"device": samples.device_index, "time_ms": samples.time_ms, "value": samples.value}
    )
    frame = frame[samples.quality == 0]
    hour = (frame["time_ms"] - hours.start_ms) // HOUR_MS
    means: pd.Series[float] = frame["value"].groupby([frame["device"], hour]).mean()
    return means


def write_file(path: Path) -> None:
    """Write a million rows."""
    values = np.round(np.random.default_rng(2).uniform(19, 23, FILE_ROWS), 2).tolist()
    of_a_minute = BOXES * len(QUANTITIES)
    write_readings(
        path,
        (
            (
                HOURS.start_ms + row // of_a_minute * 60_000,
                f"box-{row // len(QUANTITIES) % BOXES:04d}",
                QUANTITIES[row % len(QUANTITIES)],
                values[row],
            )
            for row in range(FILE_ROWS)
        ),
    )


def pandas_reads(path: Path) -> pd.DataFrame:
    """Read the file with pandas alone."""
    frame = pd.read_csv(path, dtype={"device": "category", "quantity": "category"})
    frame["time"] = pd.to_datetime(frame["time"], format="ISO8601", utc=True)
    return frame


def compare(
    unit: str,
    amount: int,
    ours: tuple[str, Callable[[int], object]],
    bare: tuple[str, Callable[[int], object]],
) -> None:
    """Time two ways in turn, and print the rate of each and their ratio."""
    best = {ours[0]: float("inf"), bare[0]: float("inf")}
    for turn in range(ROUNDS):
        for name, work in (ours, bare):
            start = perf_counter()
            work(turn)
            best[name] = min(best[name], perf_counter() - start)
    for name, seconds in best.items():
        print(f"{name:34} {amount / seconds:12,.0f} {unit}/s")
    print(f"{'  ratio':34} {best[bare[0]] / best[ours[0]]:12.2f}")


def main() -> int:
    """Print the table."""
    print(f"{len(os.sched_getaffinity(0))} cores, best of {ROUNDS} rounds")
    samples, work = a_month(HOURS), batches()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        compare_writes(work, directory / "alone")
        with thread_that_receives():
            print("beside a thread that receives:")
            compare_writes(work[: BATCHES // 4], directory / "beside")
        compare(
            "readings",
            len(samples),
            ("hourly_means", lambda _: hourly_means(samples, BOXES, HOURS)),
            ("pandas group-by", lambda _: pandas_means(samples, HOURS)),
        )
        path = directory / "readings.csv"
        write_file(path)
        compare(
            "rows",
            FILE_ROWS,
            ("read_readings", lambda _: read_readings(path)),
            ("pandas read_csv, no check", lambda _: pandas_reads(path)),
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
