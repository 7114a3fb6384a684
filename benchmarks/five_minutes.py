"""
A year of 5-minute readings at full detail: sealed month by month, billed, and printed.

    .venv/bin/python -m benchmarks.five_minutes --flats 50
    .venv/bin/python -m benchmarks.five_minutes --flats 1000     # the sector's large building

Boxes send temperature, humidity and carbon dioxide every five minutes, meters of heat and hot water
every hour. SQLite itself writes a month of them before each clock starts; then the month is sealed,
as in a night of `fairvarme run`, so that the hot file never holds more than an installation's does.
At the end the year's bill is made from the sealed months, and its statements are printed. Each step
is a process of its own, so that memory is its own; where others use the machine, the processor's
time tells more than the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.bill import BUILDING, SERIES, YEAR, a_building, series
from billing.bill.files import write_bill
from estate.periods import HOUR_MS
from operations.bill_building import bill_building
from operations.sealed.record import DatabaseRecord
from telemetry.series.settled_means import ClimateHours
from telemetry.stores.sealed.months import Month, months_between
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.model import Estate

STEP_MS = 300_000
SEALED_AFTER_MS = 60 * 24 * HOUR_MS
DECIMALS = {
    "temperature_c": 1, "humidity_pct": 1, "co2_ppm": 0, "heat_kwh": 0, "hot_water_m3": 3,
}  # fmt: skip
MOST_SECONDS, MOST_MIB = 30, 700
"""For the bill of 1,000 flats."""
STEPS = """
CREATE TEMP TABLE steps AS
WITH RECURSIVE each (step) AS (SELECT ?1 UNION ALL SELECT step + ?3 FROM each WHERE step + ?3 < ?2)
SELECT step, step / 12.0 AS hour, ?4 + step * 300000 AS time_ms FROM each
"""
# As in `benchmarks.bill` a day and a year are triangles; noise is drawn, since files are packed.
READINGS = """
INSERT INTO readings SELECT ?1, time_ms + ?1 * 37 % 290000,
  round(?3 + ?4 * abs(hour % 24 - 12) + ?5 * abs(hour - 4380) + ?6 * hour
  + ?7 * abs(random() % 100), ?2), 0,
  time_ms + ?1 * 37 % 290000 + 200 + abs(random() % 1800)
FROM steps
"""


class Used(NamedTuple):
    """
    What a step took.

    Attributes
    ----------
    clock_s, processor_s : float
    memory_mib : float
        At most.
    """

    clock_s: float
    processor_s: float
    memory_mib: float

    def __str__(self) -> str:
        return f"{self.processor_s:.1f} s | {self.clock_s:.1f} s | {self.memory_mib:.0f} MiB"


def fill(path: Path, estate: Estate, month: Month) -> int:
    """Write the readings of a month, and return how many."""
    SqliteStore(path).close()
    hours, count = YEAR.hours(estate.building.zone), 0
    # Registers at the edges of the year too.
    start_ms, end_ms = hours.start_ms - HOUR_MS, hours.end_ms + HOUR_MS
    first = (max(month.start_ms, start_ms) - hours.start_ms) // STEP_MS
    last = (min(month.end_ms, end_ms) - hours.start_ms) // STEP_MS
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        for every in (1, 12):
            connection.execute("DROP TABLE IF EXISTS steps")
            connection.execute(STEPS, (first, last, every, hours.start_ms))
            connection.execute("BEGIN")
            for device, quantity, values in series(estate):
                if (every == 12) == (quantity in {"heat_kwh", "hot_water_m3"}):
                    key = BUILDING, device, quantity
                    number = _series(connection, key)
                    row = number, DECIMALS[quantity], *values
                    count += connection.execute(READINGS, row).rowcount
            connection.execute("COMMIT")
    return count


def _series(connection: sqlite3.Connection, key: tuple[str, str, str]) -> int:
    find = "SELECT id FROM series WHERE building = ? AND device = ? AND quantity = ?"
    found = connection.execute(find, key).fetchone() or connection.execute(SERIES, key).fetchone()
    return int(found[0])


def opened(directory: Path) -> SealedStore:
    """Open the store of a folder."""
    hot = SqliteStore(directory / "readings.db")
    record = DatabaseRecord(f"sqlite:///{directory / 'fairvarme.db'}")
    return SealedStore(hot, directory / "sealed", ClimateHours, record)


def seal(directory: Path, flats: int) -> None:  # noqa: ARG001  one of the steps
    """Seal what the hot store has."""
    end_ms = YEAR.hours(a_building(1).building.zone).end_ms + 2 * SEALED_AFTER_MS
    with closing(opened(directory)) as store:
        for _ in store.seal(BUILDING, end_ms, end_ms):
            pass


def bill(directory: Path, flats: int) -> None:
    """Make the bill of the year and its files."""
    with closing(opened(directory)) as store:
        write_bill(directory / "bill", bill_building(a_building(flats), store, YEAR), {})


def statements(directory: Path, flats: int) -> None:
    """Make the bill, and print a statement for each tenancy."""
    from reports.pdf import STATEMENT, Press
    from reports.statement.letter import letter_of

    estate = a_building(flats)
    with closing(opened(directory)) as store, Press(STATEMENT) as press:
        found = bill_building(estate, store, YEAR)
        for each in found.statements:
            if each.resident:
                letter = letter_of(estate, found, each, None, None)
                pdf = press.print_words(letter.page, YEAR.end)
                (directory / f"{each.tenancy}.pdf").write_bytes(pdf)


STEPS_OF_A_YEAR = {"seal": seal, "bill": bill, "statements": statements}


def run(step: str, directory: Path, flats: int) -> Used:
    """Run a step in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.five_minutes", "--step", step]
    command += ["--flats", str(flats), "--folder", str(directory)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Used(*json.loads(done.stdout.splitlines()[-1]))


def _step(step: str, directory: Path, flats: int) -> None:
    began = perf_counter()
    STEPS_OF_A_YEAR[step](directory, flats)
    used = resource.getrusage(resource.RUSAGE_SELF)
    clock, processor = perf_counter() - began, used.ru_utime + used.ru_stime
    print(json.dumps([clock, processor, used.ru_maxrss / 1024]))


def measure(directory: Path, flats: int) -> tuple[Counter[str], dict[str, Used]]:
    """Fill, seal, bill and print a year; return readings and bytes, and what each step took."""
    estate, counts = a_building(flats), Counter[str]()
    hours = YEAR.hours(estate.building.zone)
    sealing: list[Used] = []
    for month in months_between(hours.start_ms - HOUR_MS, hours.end_ms + HOUR_MS):
        counts["readings"] += fill(directory / "readings.db", estate, month)
        size = (directory / "readings.db").stat().st_size
        counts["hot bytes at most"] = max(counts["hot bytes at most"], size)
        sealing.append(run("seal", directory, flats))
    counts["hot bytes after"] = (directory / "readings.db").stat().st_size
    files = [path for path in (directory / "sealed").rglob("*") if path.is_file()]
    counts["sealed bytes"] = sum(path.stat().st_size for path in files)
    clock, processor, memory = zip(*sealing, strict=True)
    took = {"seal": Used(sum(clock), sum(processor), max(memory))}
    return counts, took | {each: run(each, directory, flats) for each in ("bill", "statements")}


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; 1 where a target for 1,000 flats is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--flats", type=int, default=10)
    parser.add_argument("--step", choices=sorted(STEPS_OF_A_YEAR))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args(arguments)
    if asked.step:
        _step(asked.step, asked.folder, asked.flats)
        return 0
    with tempfile.TemporaryDirectory(dir=asked.folder) as name:
        counts, took = measure(Path(name), asked.flats)
    print(f"{asked.flats} flats, {counts['readings']:,} readings")
    print("\n| | processor | clock | memory |\n|---|---|---|---|")
    for step, used in took.items():
        print(f"| {step} | {used} |")
    mib = 2**20
    print(f"\nsealed {counts['sealed bytes'] / mib:.0f} MiB; the hot file at most", end=" ")
    print(f"{counts['hot bytes at most'] / mib:.0f}, in the end", end=" ")
    print(f"{counts['hot bytes after'] / mib:.0f} MiB")
    spent = took["bill"]
    return int(spent.processor_s > MOST_SECONDS or spent.memory_mib > MOST_MIB)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
