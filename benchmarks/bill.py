"""
A year of a thousand flats, from the SQLite store to statements: time and memory of one process.

Boxes and meters report every hour; the store holds 44 million readings, written by SQLite itself
before the clock starts. The bill is made in a process of its own, so that its memory is its own.
Where others use the machine, the processor's time tells more than the clock.

    .venv/bin/python -m benchmarks.bill
    .venv/bin/python -m benchmarks.bill 100      # flats
"""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from billing.bill.files import write_bill
from estate.model import Building, Cost, Device, Estate, Flat, SchemeUse, Tenancy
from estate.periods import HOUR_MS, Period
from operations.bill_building import bill_building
from telemetry.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Iterator

FLATS = 1000
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
MOST_SECONDS, MOST_MIB = 50, 500
BUILDING = "bench"
LONG_AGO = date(2020, 1, 1)

SERIES = "INSERT INTO series (building, device, quantity) VALUES (?, ?, ?) RETURNING id"
HOURS = """
CREATE TEMP TABLE hours AS
WITH RECURSIVE each (hour) AS (SELECT 0 UNION ALL SELECT hour + 1 FROM each WHERE hour < ?)
SELECT hour FROM each
"""
# Even and odd numbers represent noise; a day and a year are triangles.
READINGS = """
INSERT INTO readings SELECT ?1, ?2 + hour * 3600000,
  ?3 + ?4 * abs(hour % 24 - 12) + ?5 * abs(hour - 4380) + ?6 * hour
  + ?7 * ((hour * 7919 + ?1 * 104729) % 100), 0, 0
FROM hours
"""


def series(estate: Estate) -> Iterator[tuple[str, str, tuple[float, float, float, float, float]]]:
    """Yield device, quantity and level, day, year, rise and noise of each series."""
    for number, device in enumerate(estate.devices):
        shift = number % 7 / 5
        if device.kind == "outdoor":
            yield device.device, "temperature_c", (15.0, -0.3, -0.004, 0, 0.01)
        elif device.kind == "climate":
            yield device.device, "temperature_c", (20.0 + shift, -0.05, 0, 0, 0.001)
            yield device.device, "humidity_pct", (50.0, -0.5, -0.002, 0, 0.02)
            yield device.device, "co2_ppm", (430.0, 40.0, 0, 0, 0.5)
        elif device.kind == "heat":
            yield device.device, "heat_kwh", (1000.0, 0, 0, 0.8 + shift / 5, 0)
        else:
            yield device.device, "hot_water_m3", (100.0, 0, 0, 0.004 + shift / 500, 0)


def a_building(flats: int) -> Estate:
    """Return a building in which every seventh flat changes hands in June."""
    names = [f"{number:04d}" for number in range(flats)]
    june = date(2025, 6, 12)
    tenancies = []
    for number, name in enumerate(names):
        moves = number % 7 == 0
        first = {"tenancy": f"{name}-1", "flat": name, "from": LONG_AGO, "delivery": "paper"}
        tenancies.append(Tenancy.model_validate(first | ({"to": june} if moves else {})))
        if moves:
            second = first | {"tenancy": f"{name}-2", "from": june}
            tenancies.append(Tenancy.model_validate(second))
    kinds = {"box": "climate", "heat": "heat", "water": "hot_water"}
    rows = [
        {"device": f"{prefix}-{name}", "kind": kind, "flat": name, "from": LONG_AGO}
        for name in names
        for prefix, kind in kinds.items()
    ]
    rows.append({"device": "outdoor", "kind": "outdoor", "from": LONG_AGO})
    costs = [
        Cost(period_start=YEAR.start, period_end=YEAR.end, item=item, amount_ore=ore * flats)
        for item, ore in (("heat", 800_000), ("hot_water", 200_000))
    ]
    return Estate(
        _house(),
        tuple(
            Flat(
                flat=name, address=name, area_m2=50 + number % 50, gains_w=200,
                heat_loss_w_per_k=1.2 * (50 + number % 50) + number % 20,
            )
            for number, name in enumerate(names)
        ),
        tenancies=tuple(tenancies),
        devices=tuple(sorted((Device.model_validate(row) for row in rows), key=lambda d: d.device)),
        costs=tuple(costs),
    )  # fmt: skip


def _house() -> Building:
    use = SchemeUse.model_validate(
        {"scheme": "dk-climate", "from": LONG_AGO, "decision": "made for this benchmark"}
    )
    return Building(
        id=BUILDING, name="Bench", address="Street 1", timezone="Europe/Copenhagen",
        currency="DKK", language="da", tenure="ejer", schemes=(use,),
    )  # fmt: skip


def fill(path: Path, estate: Estate) -> int:
    """Write a year of readings, and an hour before and after; give their number."""
    SqliteStore(path).close()
    hours = YEAR.hours(estate.building.zone)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(HOURS, (hours.count + 1,))
    for device, quantity, values in series(estate):
        connection.execute("BEGIN")
        (number,) = connection.execute(SERIES, (BUILDING, device, quantity)).fetchone()
        connection.execute(READINGS, (number, hours.start_ms - HOUR_MS // 2, *values))
        connection.execute("COMMIT")
    (count,) = connection.execute("SELECT count(*) FROM readings").fetchone()
    connection.close()
    return int(count)


def make_bill(path: Path, out: Path, flats: int) -> None:
    """Make the bill and its files, and print clock, processor's time and memory."""
    start = perf_counter()
    estate = a_building(flats)
    bill = bill_building(estate, SqliteStore(path), YEAR)
    write_bill(out, bill, {})
    seconds, used = perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(f"{seconds:.1f} {cpu:.1f} {used.ru_maxrss / 1024:.0f} {len(bill.statements)}")


def main(flats: int = FLATS) -> int:
    """Print the table; 1 where a target is missed by the processor's time or by memory."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "store.db"
        readings = fill(path, a_building(flats))
        command = [sys.executable, "-m", "benchmarks.bill", str(flats), str(path), name]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    clock, cpu, mib, statements = (float(each) for each in told)
    print(f"{flats} flats, {readings:,} readings, {statements:.0f} statements")
    print(f"clock {clock:.1f} s, processor {cpu:.1f} s (target {MOST_SECONDS} s)")
    print(f"memory {mib:.0f} MiB (target {MOST_MIB} MiB)")
    return int(cpu > MOST_SECONDS or mib > MOST_MIB)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        make_bill(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[1]))
    else:
        sys.exit(main(*(int(each) for each in sys.argv[1:])))
