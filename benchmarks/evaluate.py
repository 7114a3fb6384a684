"""
How well alerts find what is put into the heat of simulated homes, and how often they are wrong.

    make evaluate
    .venv/bin/python -m benchmarks.evaluate --houses 3        a quick look

The limits were set on other seeds and on other homes than these. Each row prints n and the Wilson
interval of 95 %. ``docs/alerts.md`` holds the last table with its date.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from scipy.stats import binomtest

from alerts.detect import Meters, Outdoor, detect
from alerts.detectors.limits import limits
from alerts.model import AlertKind
from estate.periods import HOUR_MS
from firmware_sim.life.people import Persona, personas
from firmware_sim.life.scenario import Scenario
from firmware_sim.physics.building import simulate
from firmware_sim.results.comparison import ring
from telemetry.readings import Samples

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

HEAT = "heat_kwh"
REGISTERS = (HEAT, "hot_water_m3", "cold_water_m3", "electricity_kwh")
FIRST_SEED = 71_000
"""The limits were set on other seeds."""
START, END = date(2024, 7, 1), date(2025, 7, 1)
ZONE = ZoneInfo("Europe/Copenhagen")
START_MS = 1_719_784_800_000
HOURS = 365 * 24
LIVES = ("ordinary",) * 6 + ("frugal",) * 2 + ("warm",) * 2 + ("large_family",)
WEEK = 7 * 24
FLATS = 9
FEW = 3
FIRST_DAY, LAST_DAY = 160, 260
"""Between these days, in the heating season, something is put in."""
RISES_FROM, RISES_FOR, RISES_WITHIN = 120, 90, 95
"""From the end of October."""
RISING = (0, 4, 8)
"""The flats of a house whose heat creeps up, one after the other."""


@dataclass(frozen=True)
class Cell:
    """What was put in, how often it was found in time, and how long that took."""

    name: str
    within_hours: float
    delays: Sequence[float]
    """Infinite where it was not found. [h]"""

    def sentence(self) -> str:
        delays = np.array(self.delays)
        found, number = int((delays <= self.within_hours).sum()), len(delays)
        low, high = binomtest(found, number).proportion_ci(method="wilson")
        median = np.median(delays)
        return (
            f"| {self.name} | {self.within_hours:g} h | {found / number:.2f} "
            f"({low:.2f} to {high:.2f}) | {number} | {median:.0f} h |"
        )


def lives(seed: int) -> list[Persona]:
    """Draw who lives in a house."""
    chosen = np.random.default_rng(seed).choice(LIVES, FLATS)
    return [personas()[name] for name in chosen.tolist()]


def samples_of(hours: Floats, unit: float, lost: float, seed: int = 1) -> Samples:
    """Return registers of meters that count in whole units; a part of the telegrams is lost."""
    counted = np.floor(np.cumsum(np.pad(hours, ((0, 0), (1, 0))), axis=1) / unit + 1e-9) * unit
    meters, readings = counted.shape
    kept = np.random.default_rng(seed).random(counted.shape) >= lost
    device = np.repeat(np.arange(meters, dtype=np.int32), readings)
    time_ms = np.tile(START_MS + np.arange(readings, dtype=np.int64) * HOUR_MS, meters)
    chosen = kept.ravel()
    quality = np.zeros(int(chosen.sum()), dtype=np.uint8)
    return Samples(device[chosen], time_ms[chosen], counted.ravel()[chosen], quality)


Raised = list[tuple[int, AlertKind, float]]
"""Row of the meter, kind, and hour of raising."""


def raised(quantity: str, samples: Samples, outdoor: Outdoor | None = None) -> Raised:
    """Return hour of raising and start of each alert by home and kind."""
    names = [f"{row:04d}" for row in range(int(samples.device_index.max()) + 1)]
    found = detect([Meters(quantity, names, samples)], ZONE, limits(), outdoor)
    return [
        (int(device), each.kind, (each.raised_ms - START_MS) / HOUR_MS) for device, each in found
    ]


def delays_of(found: Raised, kind: AlertKind, begins: Sequence[int], longest: float) -> list[float]:
    """Return the hours from each home's beginning to the first alert."""
    delays = [np.inf] * len(begins)
    for row, what, hour in found:
        late = hour - begins[row]
        if what == kind and 0 <= late <= longest:
            delays[row] = min(delays[row], late)
    return delays


@dataclass(frozen=True)
class House:
    """Use of the hours of a year by register, (homes, hours), and the weather."""

    use: Mapping[str, Floats]
    outdoor: Outdoor


@cache
def house(seed: int) -> House:
    """Simulate a house."""
    built = ring()
    households = dict(zip(built.flats, (each.name for each in lives(seed)), strict=True))
    simulation = simulate(built, START, END, seed, events=False, scenario=Scenario(households))
    use = {
        name: np.diff(register, axis=1)[:, :HOURS]
        for name, register in simulation.record.registers.items()
        if name in REGISTERS
    }
    outdoor_c = simulation.weather.temperature_c[simulation.first_step :]
    hourly_c = outdoor_c[: HOURS * 12].reshape(-1, 12).mean(axis=1)
    time_ms = START_MS + np.arange(len(hourly_c), dtype=np.int64) * HOUR_MS
    return House(use, Outdoor(time_ms, hourly_c))


def heat_cells(houses: int) -> Iterator[Cell]:
    """Put spikes and stops into one flat after the other of each house."""
    cases: tuple[tuple[str, AlertKind, float, float, int], ...] = (
        ("heat x2", AlertKind.SPIKE, 2.0, 48, FLATS),
        ("heat x1.5", AlertKind.SPIKE, 1.5, 96, FLATS),
        ("heat x2, four flats", AlertKind.SPIKE, 2.0, 48, 4),
        ("heat x1.5, four flats", AlertKind.SPIKE, 1.5, 96, 4),
        ("heat stops", AlertKind.STOP, 0.0, 96, FLATS),
    )
    for name, kind, times, within, flats in cases:
        delays: list[float] = []
        for seed in range(FIRST_SEED, FIRST_SEED + houses):
            built, rng = house(seed), np.random.default_rng(seed)
            use = built.use[HEAT][:flats].copy()
            days = FIRST_DAY + np.arange(flats) * ((LAST_DAY - FIRST_DAY) // flats)
            begins = (days * 24 + rng.integers(0, 48, flats)).tolist()
            for row, begin in enumerate(begins):
                use[row, begin : begin + WEEK] *= times
            found = raised("heat_kwh", samples_of(use, 0.01, 0.0), built.outdoor)
            delays += delays_of(found, kind, begins, WEEK + 24)
        yield Cell(name, within, delays)


def slow_cell(houses: int) -> Cell:
    """Let the heat of one flat after the other rise over three months, and stay."""
    delays: list[float] = []
    begin = RISES_FROM * 24
    grown = np.clip((np.arange(HOURS) - begin) / (RISES_FOR * 24), 0.0, 1.0)
    for seed in range(FIRST_SEED, FIRST_SEED + houses):
        built = house(seed)
        for row in RISING:
            use = built.use[HEAT].copy()
            use[row] *= 1 + grown
            found = raised("heat_kwh", samples_of(use, 0.01, 0.0), built.outdoor)
            own = [each for each in found if each[0] == row]
            late = delays_of(own, AlertKind.SLOW_RISE, [begin] * FLATS, RISES_WITHIN * 24)
            delays.append(late[row])
    return Cell(f"heat that rises to x2 in {RISES_FOR} days", RISES_WITHIN * 24, delays)


def false_alerts(houses: int) -> Iterator[str]:
    """Count what is raised where nothing was put in, a home-year."""
    for flats in (FLATS, 4):
        found = []
        for seed in range(FIRST_SEED, FIRST_SEED + houses):
            built = house(seed)
            use = samples_of(built.use[HEAT][:flats], 0.01, 0.0)
            found += raised("heat_kwh", use, built.outdoor)
        yield from _rates(f"heat, {flats} flats", found, houses * flats)


def _rates(name: str, found: Raised, homes: int) -> Iterator[str]:
    for kind in sorted({each[1] for each in found}):
        number = sum(each[1] == kind for each in found)
        yield f"| {name} | {kind} | {number / homes:.2f} | {homes} |"
    if not found:
        yield f"| {name} | none | 0.00 | {homes} |"


def evaluate() -> None:
    """Print the tables; it is no benchmark, and `make bench` leaves it out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--houses", type=int, default=23, help=f"of {FLATS} flats each")
    parser.add_argument("--quick", action="store_true", help=f"{FEW} houses")
    options = parser.parse_args()
    houses = FEW if options.quick else options.houses
    print("| put in | within | found (95 %) | n | median |\n|---|---|---|---|---|")
    for cell in heat_cells(houses):
        print(cell.sentence(), flush=True)
    print(slow_cell(houses).sentence(), flush=True)
    print("\n| nothing put in | raised | a home-year | homes |\n|---|---|---|---|")
    for line in false_alerts(houses):
        print(line, flush=True)


if __name__ == "__main__":
    evaluate()
