"""
Alerts of 10,000 flats: what an hour costs, beside a whole run.

    .venv/bin/python -m benchmarks.alert_tiers
    .venv/bin/python -m benchmarks.alert_tiers 20      # buildings

Buildings of 75 flats with a box, hot and cold water and a heat meter each, hourly, in one SQLite
store. The hourly look is at all of them, and finds the readings of some hours; a whole run is at
two, of which 75 days are stored, and stands for the rest. It takes some minutes to fill the store.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import numpy as np

from alerts.hourly.checkpoint import make_checkpoint
from estate.files.writer import write_folder
from estate.model import Building, Device, Estate, Flat, Tenancy
from estate.periods import HOUR_MS, Period
from operations.alerts.checkpoints import Checkpoints
from operations.alerts.run import run_alerts
from operations.alerts.tiers import usual_period
from operations.database import migrate
from operations.settings import read_settings
from telemetry.readings import Reading, Samples
from telemetry.stores.sqlite import SqliteStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.numbers.arrays import Floats, Integers

BUILDINGS, HOMES, WHOLE = 134, 75, 2
ALIKE = 8
"""Buildings that differ; the others are like one of these."""
DAYS = 76
TODAY = date(2026, 2, 11)
TARGET_S = 15.0
LONG_AGO = date(2020, 1, 1)
METERS = {"heat": "heat_kwh", "hot_water": "hot_water_m3", "cold_water": "cold_water_m3"}


@dataclass(frozen=True)
class Memory:
    """Readings of all series at the same times, in memory."""

    time_ms: Integers
    values: dict[tuple[str, str], Floats]

    def until(self, end_ms: int) -> Memory:
        """Return what there was before an instant."""
        last = int(np.searchsorted(self.time_ms, end_ms))
        kept = {name: values[:last] for name, values in self.values.items()}
        return Memory(self.time_ms[:last], kept)

    def samples(
        self,
        building: str,  # noqa: ARG002  of one building
        devices: Sequence[str],
        quantity: str,
        start_ms: int,
        end_ms: int,
    ) -> Samples:
        """Read one quantity of some devices."""
        first, last = np.searchsorted(self.time_ms, [start_ms, end_ms])
        there = [n for n, each in enumerate(devices) if (each, quantity) in self.values]
        rows = [self.values[devices[n], quantity][first:last] for n in there]
        count = last - first
        return Samples(
            np.repeat(np.array(there, dtype=np.int32), count),
            np.tile(self.time_ms[first:last], len(there)),
            np.concatenate([np.empty(0), *rows]),
            np.zeros(count * len(there), dtype=np.uint8),
        )


def a_building(name: str) -> Estate:
    """Return a building of let homes that are measured."""
    flats = [f"{number:03d}" for number in range(HOMES)]
    kinds = ("climate", *METERS)
    rows = [(f"{kind}-{flat}", kind, flat) for flat in flats for kind in kinds]
    return Estate(
        Building(
            id=name, name=name, address="Street 1", timezone="Europe/Copenhagen", currency="DKK",
            language="da", tenure="almen", schemes=(),
        ),
        tuple(Flat(flat=flat, address=f"Street 1, {flat}", area_m2=70) for flat in flats),
        tenancies=tuple(
            Tenancy.model_validate(
                {"tenancy": f"{flat}-1", "flat": flat, "from": LONG_AGO, "delivery": "digital"}
            )
            for flat in flats
        ),
        devices=tuple(
            Device.model_validate(
                {"device": device, "kind": kind, "flat": flat, "from": LONG_AGO}
            )
            for device, kind, flat in [*rows, ("outdoor", "outdoor", None)]
        ),
    )  # fmt: skip


def readings_of(estate: Estate, seed: int) -> Memory:
    """Return weeks of ordinary winter days, a leak in one home of fifty."""
    rng = np.random.default_rng(seed)
    first_ms = Period(TODAY - timedelta(DAYS), TODAY).hours(estate.building.zone).start_ms
    hours = DAYS * 24 + 12
    time_ms = first_ms + (np.arange(hours, dtype=np.int64) + 1) * HOUR_MS
    clock = np.arange(hours) % 24
    awake = (clock >= 6) & (clock < 23)
    outdoor_c = 2 + 4 * np.sin(np.arange(hours) / 90) + rng.normal(0, 0.3, hours)
    values: dict[tuple[str, str], Floats] = {
        ("outdoor", "temperature_c"): outdoor_c,
        ("outdoor", "humidity_pct"): 85 + rng.normal(0, 3, hours),
    }
    for device in estate.devices:
        if device.kind == "climate":
            low_c = 20 + rng.normal(0, 0.7)
            values[device.device, "temperature_c"] = low_c + awake + rng.normal(0, 0.1, hours)
            values[device.device, "humidity_pct"] = 42 + rng.normal(0, 1.5, hours)
            values[device.device, "co2_ppm"] = 600 + 300 * awake + rng.normal(0, 40, hours)
        elif device.kind == "heat":
            use = np.maximum(17 - outdoor_c, 0) * 0.04 * rng.uniform(0.7, 1.3, hours)
            values[device.device, "heat_kwh"] = np.floor(np.cumsum(use) * 10) / 10 + 100
        elif device.kind in METERS:
            litres = rng.exponential(6, hours) * awake + (8.0 if rng.random() < 0.02 else 0.0)
            values[device.device, METERS[device.kind]] = np.floor(np.cumsum(litres)) / 1000 + 100
    return Memory(time_ms, values)


@dataclass(frozen=True)
class Measured:
    """Processor and clock of some buildings."""

    name: str
    buildings: int
    processor_s: float
    clock_s: float

    def of_all(self, buildings: int) -> Measured:
        """Return the same of more buildings, one like the other."""
        times = buildings / self.buildings
        return Measured(self.name, buildings, self.processor_s * times, self.clock_s * times)


def installed(directory: Path, estates: Sequence[Estate]) -> Path:
    """Write estates and settings, and return the settings' path."""
    for estate in estates:
        write_folder(directory / estate.building.id, estate)
    folders = "\n".join(f'  "{each.building.id}",' for each in estates)
    path = directory / "fairvarme.toml"
    path.write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///fairvarme.db"\n'
        f"estates = [\n{folders}\n]\n"
    )
    return path


def fill(store: SqliteStore, estate: Estate, memory: Memory, first: int, last: int) -> None:
    """Write the readings of some hours."""
    name = estate.building.id
    for (device, quantity), values in memory.values.items():
        times = memory.time_ms[first:last].tolist()
        store.write(
            [
                Reading(name, device, quantity, time_ms, value, 0, time_ms)
                for time_ms, value in zip(times, values[first:last].tolist(), strict=True)
            ]
        )


def measured(name: str, config: Path, now_ms: int, *, whole: bool = False) -> Measured:
    """Run `alerts run` at a time of its own; what it looked at must be of one tier."""
    settings = read_settings(config)
    processor_s, clock_s = process_time(), perf_counter()
    done = run_alerts(settings, [], clock=lambda: now_ms, whole=whole)
    processor_s, clock_s = process_time() - processor_s, perf_counter() - clock_s
    tiers = Counter((each.tier, each.why) for each in done.looked)
    print(f"{name}: {dict(tiers)}, {sum(len(each.checked.alerts) for each in done.looked)} alerts")
    return Measured(name, len(done.looked), processor_s, clock_s)


def hourly(directory: Path, buildings: int) -> list[Measured]:
    """Keep what a night's run keeps, then look after another hour, twice."""
    estates = [a_building(f"house-{number:03d}") for number in range(buildings)]
    config = installed(directory, estates)
    store = SqliteStore(directory / "readings.db")
    engine = migrate(f"sqlite:///{directory / 'fairvarme.db'}")
    checkpoints, hours = Checkpoints(engine), DAYS * 24 + 6
    # Devices have the same names in each building: what is kept of one fits all that are like it.
    memories = [readings_of(each, number) for number, each in enumerate(estates[:ALIKE])]
    made_ms = int(memories[0].time_ms[hours]) + 1
    kept = [
        make_checkpoint(each, memory.until(made_ms), usual_period(each, made_ms), made_ms)
        for each, memory in zip(estates, memories, strict=False)
    ]
    for number, estate in enumerate(estates):
        checkpoints.write(estate.building.id, kept[number % ALIKE])
        # Of older readings the hourly look needs none.
        fill(store, estate, memories[number % ALIKE], hours - 40, hours + 5)
    store.close()
    engine.dispose()
    first = measured("an hour after", config, made_ms + HOUR_MS)
    return [first, measured("four hours after", config, made_ms + 4 * HOUR_MS)]


def whole(directory: Path) -> Measured:
    """Look at some buildings in whole, of which all days are stored."""
    estates = [a_building(f"house-{number:03d}") for number in range(WHOLE)]
    config = installed(directory, estates)
    store = SqliteStore(directory / "readings.db")
    hours = DAYS * 24 + 6
    for number, estate in enumerate(estates):
        memory = readings_of(estate, number)
        fill(store, estate, memory, 0, hours)
    store.close()
    return measured("in whole", config, int(memory.time_ms[hours]) + 1, whole=True)


def main() -> int:
    """Print both, and return 1 where the hourly look takes longer than its target."""
    buildings = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else BUILDINGS
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        found = [whole(Path(one)).of_all(buildings), *hourly(Path(other), buildings)]
    print(f"\n| {buildings * HOMES} flats | processor | clock | part of a whole run |")
    print("|---|---|---|---|")
    for each in found:
        part = each.processor_s / found[0].processor_s
        print(f"| {each.name} | {each.processor_s:.1f} s | {each.clock_s:.1f} s | {part:.3f} |")
    slowest_s = max(each.processor_s for each in found[1:]) * BUILDINGS / buildings
    print(f"\ntarget: {TARGET_S} s of processor for {BUILDINGS * HOMES} flats: {slowest_s:.1f} s")
    return int(slowest_s > TARGET_S)


if __name__ == "__main__":
    sys.exit(main())
