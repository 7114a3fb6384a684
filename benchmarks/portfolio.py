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
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

from estate.files.writer import write_folder
from estate.model import Building, Cost, Device, Estate, Flat, SchemeUse, Tenancy
from estate.periods import HOUR_MS, Period
from operations.portfolio.run import SUMMARY
from telemetry.stores.sqlite import SqliteStore

BUILDINGS, HOMES = 40, 2
MANY, OF_MANY = 8_000, 75
YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
LONG_AGO = date(2020, 1, 1)
LOOK_EACH_S = 0.5
METERS = {"heat": "heat_kwh", "hot_water": "hot_water_m3"}
RISES = {"heat": 20.0, "hot_water": 0.1}
"""Of each meter in a day, before what tells the homes apart. [the quantity's unit]"""
SERIES = "INSERT INTO series (building, device, quantity) VALUES (?, ?, ?) RETURNING id"
READINGS = """
WITH RECURSIVE each (day) AS (SELECT 0 UNION ALL SELECT day + 1 FROM each WHERE day < ?4)
INSERT INTO readings SELECT ?1, ?2 + day * 86400000, 1000 + day * ?3, 0, 0 FROM each
"""


@dataclass(frozen=True)
class Process:
    """What one process has used of the processor, and its most memory."""

    processor_s: float
    mib: float

    def __str__(self) -> str:
        return f"{self.processor_s:.1f} s {self.mib:.0f} MiB"


@dataclass(frozen=True)
class Measured:
    """One way to make all bills."""

    name: str
    clock_s: float
    workers: tuple[Process, ...]
    command: Process
    digest: str

    @property
    def processor_s(self) -> float:
        """Of the command and its workers, those of a cluster too. [s]"""
        return self.command.processor_s + sum(each.processor_s for each in self.workers)


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
    before, ended, seen = look(), Event(), dict[int, Process]()
    with log.open("w") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told)
        watcher = Thread(target=_watch, args=(seen, ended))
        watcher.start()
        code = process.wait()
    clock_s = perf_counter() - start
    ended.set()
    watcher.join()
    if code:
        raise SystemExit(_without_bill(out / SUMMARY) or log.read_text()[-2000:])
    each_s = {
        pid: Process(now.processor_s - before.get(pid, Process(0, 0)).processor_s, now.mib)
        for pid, now in seen.items()
    }
    told_by = each_s.pop(process.pid)
    # What only tracks resources uses next to nothing.
    workers = tuple(each for each in each_s.values() if each.processor_s > 0.5)
    return Measured(name, clock_s, workers, told_by, digest_of(out))


def _without_bill(summary: Path) -> str:
    """Return the rows of the buildings that have no bill, and why."""
    rows = summary.read_text("utf-8").splitlines() if summary.exists() else []
    return "\n".join(row for row in rows[1:] if row.split(",")[1] != "billed")


def _watch(seen: dict[int, Process], ended: Event) -> None:
    """Keep the last look at each process until ``ended``."""
    while not ended.wait(LOOK_EACH_S):
        seen.update(look())


def look() -> dict[int, Process]:
    """Return what each process below this one has used so far."""
    parents, found = {}, {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            peak = (path / "status").read_text().partition("VmHWM:")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since
        pid, ticks = int(path.name), int(fields[11]) + int(fields[12])
        parents[pid] = int(fields[1])
        if peak:
            found[pid] = Process(ticks / os.sysconf("SC_CLK_TCK"), int(peak[0]) / 1024)
    return {pid: found[pid] for pid in found if _below(pid, parents)}


def _below(pid: int, parents: dict[int, int]) -> bool:
    while pid := parents.get(pid, 0):
        if pid == os.getpid():
            return True
    return False


def digest_of(directory: Path) -> str:
    """Return the SHA-256 of all files of a folder, hidden ones apart."""
    found = hashlib.sha256()
    for path in sorted(each for each in directory.rglob("*") if each.is_file()):
        if not path.name.startswith("."):
            found.update(str(path.relative_to(directory)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def measure(directory: Path) -> Iterator[Measured]:
    """Make the bills each way."""
    for jobs in (1, 2):
        yield run(directory, f"{jobs} of a pool", "--jobs", str(jobs))
    try:
        import dask
        from distributed import LocalCluster
    except ImportError:
        print("without fairvarme[dask] there is no cluster to measure")
        return
    # As docs/operation.md has it: else its samples of the last hour are most of a worker's memory.
    dask.config.set({"distributed.worker.profile.enabled": False})
    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as cluster:  # type: ignore[no-untyped-call]  # not annotated there
        yield run(directory, "2 of Dask", "--dask", cluster.scheduler_address)


def _show(each: Measured, one: Measured) -> None:
    print(
        f"{each.name}: clock {each.clock_s:.1f} s (ratio {each.clock_s / one.clock_s:.2f}), "
        f"processor {each.processor_s:.1f} s (ratio {each.processor_s / one.processor_s:.2f}); "
        f"command {each.command}; workers {', '.join(map(str, each.workers)) or 'none'}",
        flush=True,
    )


def main(buildings: int = BUILDINGS, homes: int = HOMES) -> int:
    """Print a line each way; 1 where bytes differ."""
    with tempfile.TemporaryDirectory() as name:
        readings = fill(Path(name), buildings, homes)
        print(f"{buildings:,} buildings of {homes} homes, {readings:,} readings", flush=True)
        found = list[Measured]()
        for each in measure(Path(name)):
            found.append(each)
            _show(each, found[0])
    one = found[0]
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
