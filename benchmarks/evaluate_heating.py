"""
How well failed heating is found in simulated homes, and what is told wrongly.

    make evaluate
    .venv/bin/python -m benchmarks.evaluate_heating --houses 3        a quick look

The limits were set on other seeds. Each row prints n and the Wilson interval of 95 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from alerts.detectors.intervals import Register
from alerts.heating.home_hours import HomeHours
from alerts.heating.homes import counted_in_hours
from alerts.heating.limits import heating_limits
from alerts.heating.no_heat import no_heat
from benchmarks.evaluate import (
    END,
    FEW,
    FIRST_DAY,
    FIRST_SEED,
    FLATS,
    HOURS,
    LAST_DAY,
    START,
    START_MS,
    WEEK,
    ZONE,
    Cell,
    lives,
)
from estate.periods import HOUR_MS
from firmware_sim.clock import Clock
from firmware_sim.life.events import Event, EventKind, make_event
from firmware_sim.life.habits import habits_of
from firmware_sim.life.scenario import Scenario
from firmware_sim.physics.building import simulate
from firmware_sim.results.comparison import ring
from telemetry.series.humidity import water_g_per_m3

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DAY = 24
TRYING_LIVES = (
    "ordinary", "frugal", "warm", "large_family", "cold_saver", "never_airs", "window_open",
    "night_worker",
)  # fmt: skip
NOISE_K = 0.05
HEAT_PULSE_KWH, WATER_PULSE_L = 0.01, 1.0
AIRED_FROM, AIRED_TO = 19, 23
AJAR_DAYS = 3


@dataclass(frozen=True)
class House:
    """Homes as their devices tell of them, and the hour at which each one's heating failed."""

    hours: HomeHours
    begins: Sequence[int]


def failed_house(seed: int) -> House:
    """Let the heating of one flat after the other fail for a week while people are in."""
    rng, away = np.random.default_rng(seed), _away(seed)
    events, begins = [], []
    for row in range(FLATS):
        day = FIRST_DAY + row * ((LAST_DAY - FIRST_DAY) // FLATS)
        hour = day * DAY + int(rng.integers(0, 2 * DAY))
        while away[hour : hour + DAY, row].any():
            hour += DAY
        begins.append(hour)
        events.append(_event(EventKind.HEATING_FAILED, row, hour, hour + WEEK))
    return House(_homes(seed, [each.name for each in lives(seed)], events), begins)


def trying_house(seed: int) -> House:
    """
    Let homes be cold for other reasons.

    The heating is turned off whenever people leave; a window stands ajar for three days, and is
    wide open for an evening with the radiators off.
    """
    rng, away, events = np.random.default_rng(seed), _away(seed), []
    for row in range(FLATS):
        gone = np.diff(np.pad(away[:, row].astype(np.int8), 1))
        for first, last in zip(np.flatnonzero(gone == 1), np.flatnonzero(gone == -1), strict=True):
            events.append(_event(EventKind.HEATING_FAILED, row, int(first), int(last)))
        ajar, wide = (rng.integers(FIRST_DAY, LAST_DAY, 2) * DAY).tolist()
        events.append(_event(EventKind.WINDOW_LEFT_OPEN, row, ajar, ajar + AJAR_DAYS * DAY))
        evening = wide + AIRED_FROM, wide + AIRED_TO
        events.append(replace(_event(EventKind.WINDOW_LEFT_OPEN, row, *evening), size=1.0))
        events.append(_event(EventKind.HEATING_FAILED, row, *evening))
    return House(_homes(seed, rng.choice(TRYING_LIVES, FLATS).tolist(), events), ())


def ordinary_house(seed: int) -> House:
    """Let nothing happen."""
    return House(_homes(seed, [each.name for each in lives(seed)], []), ())


def _away(seed: int) -> Bools:
    """Return the hours in which nobody is in for days, (hours, flats)."""
    clock = Clock(START, END, ZONE, 60)
    away: Bools = habits_of(ring().flats, seed, clock).away[clock.day_index]
    return away


def _event(kind: EventKind, row: int, first: int, last: int) -> Event:
    house, start = ring(), datetime.fromtimestamp(START_MS / 1000, UTC)
    begins, ends = (start + timedelta(hours=hour) for hour in (first, last))
    return make_event(house, kind, house.flats[row], begins, ends)


def _homes(seed: int, names: Sequence[str], events: Sequence[Event]) -> HomeHours:
    """Simulate a house, and return what its boxes and meters tell."""
    house = ring()
    scenario = Scenario(dict(zip(house.flats, names, strict=True)), tuple(events))
    simulation = simulate(house, START, END, seed, events=False, scenario=scenario)
    boxes = {
        name: states[:, 1 : HOURS * 4 + 1].reshape(FLATS, HOURS, 4).mean(axis=2, dtype=np.float64)
        for name, states in simulation.record.states.items()
    }
    first = simulation.first_step
    outdoor_c, outdoor_g = (
        each[first : first + HOURS * 12].reshape(HOURS, 12).mean(axis=1)
        for each in (simulation.weather.temperature_c, simulation.weather.vapour_g_per_m3)
    )
    noise_k = NOISE_K * np.random.default_rng(seed).standard_normal((FLATS, HOURS))
    temperature_c = boxes["temperature_c"] + noise_k
    registers = simulation.record.registers
    water_m3 = registers["hot_water_m3"] + registers["cold_water_m3"]
    return HomeHours(
        starts_ms=START_MS + np.arange(HOURS, dtype=np.int64) * HOUR_MS,
        temperature_c=temperature_c,
        co2_ppm=boxes["co2_ppm"],
        excess_g_per_m3=water_g_per_m3(temperature_c, boxes["humidity_pct"]) - outdoor_g,
        heat_kwh=_counted(registers["heat_kwh"][:, : HOURS + 1], HEAT_PULSE_KWH),
        water_l=_counted(1000 * water_m3[:, : HOURS + 1], WATER_PULSE_L),
        outdoor_c=outdoor_c,
        let=np.ones((FLATS, HOURS), dtype=np.bool_),
    )


def _counted(register: Floats, pulse: float, kept: Bools | None = None) -> Floats:
    """Return what meters that count in pulses were read to have counted in each hour."""
    edges_ms = START_MS + np.arange(register.shape[1], dtype=np.int64) * HOUR_MS
    kept = np.ones(register.shape, dtype=np.bool_) if kept is None else kept
    read = np.floor(register / pulse + 1e-9) * pulse
    stale_hours = heating_limits().stale_hours
    return np.stack(
        [
            counted_in_hours(
                Register(edges_ms[row_kept], row[row_kept], np.arange(row_kept.sum()) == 0),
                edges_ms,
                stale_hours,
            )
            for row, row_kept in zip(read, kept, strict=True)
        ]
    )


def half_lost(hours: HomeHours) -> HomeHours:
    """Lose half of what boxes and meters send, an hour's messages at a time."""
    lost = np.random.default_rng(1).random((2, *hours.temperature_c.shape)) < 0.5
    kept = np.pad(~lost[1], ((0, 0), (1, 0)), constant_values=True)

    def read(use: Floats) -> Floats:
        return _counted(np.pad(np.cumsum(use, axis=1), ((0, 0), (1, 0))), 1e-6, kept)

    return replace(
        hours,
        temperature_c=np.where(lost[0], np.nan, hours.temperature_c),
        co2_ppm=np.where(lost[0], np.nan, hours.co2_ppm),
        excess_g_per_m3=np.where(lost[0], np.nan, hours.excess_g_per_m3),
        heat_kwh=read(hours.heat_kwh),
        water_l=read(hours.water_l),
    )


def without(*names: str) -> Callable[[HomeHours], HomeHours]:
    """Return what lets nothing be known of some quantities."""

    def unknown(hours: HomeHours) -> HomeHours:
        known: dict[str, Any] = vars(hours)
        return HomeHours(**known | {name: np.full_like(known[name], np.nan) for name in names})

    return unknown


SEEN: tuple[tuple[str, float, Callable[[HomeHours], HomeHours]], ...] = (
    ("all measured", 24, without()),
    ("half of the telegrams lost", 24, half_lost),
    ("no water meter", 24, without("water_l")),
    ("no carbon dioxide", 24, without("co2_ppm")),
    ("no heat meter", 48, without("heat_kwh")),
    ("thermometer alone", 48, without("heat_kwh", "water_l", "co2_ppm", "excess_g_per_m3")),
)
"""What is known of the homes, and within how many hours it is to be found."""


def found_cells(houses: Sequence[House]) -> Iterator[Cell]:
    """Yield a cell for each way in which homes are measured."""
    for name, within, seen in SEEN:
        delays: list[float] = []
        for house in houses:
            first = [np.inf] * len(house.begins)
            for each in no_heat(seen(house.hours), heating_limits()):
                late = (each.raised_ms - START_MS) / HOUR_MS - house.begins[each.row]
                if 0 <= late <= WEEK:
                    first[each.row] = min(first[each.row], late)
            delays += first
        yield Cell(f"no heat, {name}", within, delays)


def rates(name: str, houses: Sequence[House]) -> Iterator[str]:
    """Yield how often something is told a home-year where no heating failed."""
    homes = sum(len(house.hours.let) for house in houses)
    for seen_as, _, seen in SEEN:
        number = sum(len(no_heat(seen(house.hours), heating_limits())) for house in houses)
        yield f"| {name}, {seen_as} | no_heat | {number / homes:.2f} | {homes} |"


def evaluate() -> None:
    """Print the tables; it is no benchmark, and `make bench` leaves it out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--houses", type=int, default=23, help=f"of {FLATS} flats each")
    parser.add_argument("--quick", action="store_true", help=f"{FEW} houses")
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED, help="of the first house")
    asked = parser.parse_args()
    houses = FEW if asked.quick else asked.houses
    seeds = range(asked.first_seed, asked.first_seed + houses)
    print("| put in | within | found (95 %) | n | median |\n|---|---|---|---|---|")
    for cell in found_cells([failed_house(seed) for seed in seeds]):
        print(cell.sentence(), flush=True)
    print("\n| no heating failed | raised | a home-year | homes |\n|---|---|---|---|")
    for name, made in (("ordinary", ordinary_house), ("away, aired, thrifty", trying_house)):
        for line in rates(name, [made(seed) for seed in seeds]):
            print(line, flush=True)


if __name__ == "__main__":
    evaluate()
