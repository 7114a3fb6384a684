"""
A night of many buildings: one process, two, and a Dask cluster of two give the same bytes.

Each building has meters of heat and hot water in each home, read daily, in one SQLite store. The
bills are made by the command, in processes of their own. Where others use the machine, the
processor's time tells more than the clock.

    .venv/bin/python -m benchmarks.portfolio
    .venv/bin/python -m benchmarks.portfolio 10000 2     # buildings, homes of each
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

from estate.files.writer import write_folder
from estate.model import Building, Cost, Device, Estate, Flat, SchemeUse, Tenancy
from estate.periods import HOUR_MS, Period
from telemetry.stores.sqlite import SqliteStore

BUILDINGS, HOMES = 40, 2
MANY, OF_MANY = 8_000, 75
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
LONG_AGO = date(2020, 1, 1)
METERS = {"heat": "heat_kwh", "hot_water": "hot_water_m3"}
RISES = {"heat": 20.0, "hot_water": 0.1}
"""Of each meter in a day, before what tells the homes apart. [the quantity's unit]"""
SERIES = "INSERT INTO series (building, device, quantity) VALUES (?, ?, ?) RETURNING id"
READINGS = """
WITH RECURSIVE each (day) AS (SELECT 0 UNION ALL SELECT day + 1 FROM each WHERE day < ?4)
INSERT INTO readings SELECT ?1, ?2 + day * 86400000, 1000 + day * ?3, 0, 0 FROM each
"""


@dataclass(frozen=True)
class Measured:
    """One way to make all bills."""

    name: str
    clock_s: float
    processor_s: float
    mib: float
    digest: str


def a_building(name: str, homes: int) -> Estate:
    """Return a building whose homes differ by the rise of their meters alone."""
    flats = [f"{number:03d}" for number in range(homes)]
    devices = [
        {"device": f"{kind}-{flat}", "kind": kind, "flat": flat, "from": LONG_AGO}
        for flat in flats
        for kind in METERS
    ]
    use = SchemeUse.model_validate({"scheme": "dk-metered", "from": LONG_AGO})
    return Estate(
        Building(
            id=name, name=name, address="Street 1", timezone="Europe/Copenhagen", currency="DKK",
            language="da", tenure="ejer", schemes=(use,),
        ),
        tuple(
            Flat(flat=flat, address=f"Street 1, {flat}", area_m2=50 + number, position_factor=1)
            for number, flat in enumerate(flats)
        ),
        tenancies=tuple(
            Tenancy.model_validate(
                {"tenancy": f"{flat}-1", "flat": flat, "from": LONG_AGO, "delivery": "paper"}
            )
            for flat in flats
        ),
        devices=tuple(Device.model_validate(row) for row in devices),
        costs=tuple(
            Cost(
                period_start=YEAR.start, period_end=YEAR.end, item=item, amount_ore=ore * homes,
                received=date(2026, 2, 1),
            )
            for item, ore in (("heat", 800_000), ("hot_water", 200_000))
        ),
    )  # fmt: skip


def fill(directory: Path, buildings: int, homes: int) -> int:
    """Write estates, settings and a year of readings; return the number of readings."""
    store = directory / "readings.db"
    SqliteStore(store).close()
    names = [f"house-{number:05d}" for number in range(buildings)]
    with closing(sqlite3.connect(store)) as connection, connection:
        for name in names:
            estate = a_building(name, homes)
            write_folder(directory / name, estate)
            _fill(connection, estate)
        (count,) = connection.execute("SELECT count(*) FROM readings").fetchone()
    # One a line: a line of a settings file is bounded.
    folders = "\n".join(f'  "{name}",' for name in names)
    lines = ['store = "sqlite:///readings.db"', 'database = "sqlite:///books.db"']
    (directory / "fairvarme.toml").write_text(
        "\n".join([*lines, f"estates = [\n{folders}\n]"]) + "\n"
    )
    return int(count)


def _fill(connection: sqlite3.Connection, estate: Estate) -> None:
    start_ms = YEAR.hours(estate.building.zone).start_ms - 12 * HOUR_MS
    for number, device in enumerate(estate.devices):
        row = (estate.building.id, device.device, METERS[device.kind])
        (series,) = connection.execute(SERIES, row).fetchone()
        rise = RISES[device.kind] * (1 + number % 7 / 10)
        connection.execute(READINGS, (series, start_ms, rise, YEAR.days + 1))


def run(directory: Path, name: str, *more: str) -> Measured:
    """Make all bills in a process of its own, and look at its time and memory."""
    out = directory / f"bills-{name}"
    command = [
        sys.executable, "-m", "fairvarme", "bill", "--period", str(YEAR), "--issued", "2026-03-01",
        "--config", str(directory / "fairvarme.toml"), "--out", str(out), *more,
    ]  # fmt: skip
    log, start = directory / "told.txt", perf_counter()
    with log.open("w") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told)
        # Of the process and of all that it waited for.
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    clock_s = perf_counter() - start
    if process.returncode:
        raise SystemExit(log.read_text()[-2000:])
    processor_s = used.ru_utime + used.ru_stime
    return Measured(name, clock_s, processor_s, used.ru_maxrss / 1024, digest_of(out))


def digest_of(directory: Path) -> str:
    """Return the SHA-256 of all files of a folder, hidden ones apart."""
    found = hashlib.sha256()
    for path in sorted(each for each in directory.rglob("*") if each.is_file()):
        if not path.name.startswith("."):
            found.update(str(path.relative_to(directory)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def measure(directory: Path) -> list[Measured]:
    """Make the bills each way."""
    found = [run(directory, f"{jobs} of a pool", "--jobs", str(jobs)) for jobs in (1, 2)]
    try:
        from distributed import LocalCluster
    except ImportError:
        print("without fairvarme[dask] there is no cluster to measure")
        return found
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:  # type: ignore[no-untyped-call]  # not annotated there
        # Its workers are no children of the command: their time is the cluster's.
        return [*found, run(directory, "2 of Dask", "--dask", cluster.scheduler_address)]


def main(buildings: int = BUILDINGS, homes: int = HOMES) -> int:
    """Print a line each way; 1 where bytes differ."""
    with tempfile.TemporaryDirectory() as name:
        readings = fill(Path(name), buildings, homes)
        print(f"{buildings:,} buildings of {homes} homes, {readings:,} readings")
        found = measure(Path(name))
    one = found[0]
    for each in found:
        print(
            f"{each.name}: clock {each.clock_s:.1f} s (ratio {each.clock_s / one.clock_s:.2f}), "
            f"processor {each.processor_s:.1f} s, largest process {each.mib:.0f} MiB"
        )
    hours = one.processor_s / buildings * MANY / 3600
    cores = len(os.sched_getaffinity(0))
    print(
        f"{MANY:,} such buildings: {hours:.2f} h of one processor, {hours / cores:.2f} h of {cores}"
    )
    if homes != OF_MANY:
        print(f"(of {OF_MANY} homes: run it with {OF_MANY} as the second argument)")
    same = len({each.digest for each in found}) == 1
    print("all bytes are the same" if same else "THE BYTES DIFFER")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in sys.argv[1:])))
