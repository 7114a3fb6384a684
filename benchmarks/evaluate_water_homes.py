"""Simulated homes whose water and electricity is judged as it is, or with something put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np

from alerts.detect import Meters, Outdoor, detect
from alerts.detectors.found import Found
from alerts.detectors.limits import Limits
from alerts.model import AlertKind
from benchmarks.evaluate import (
    END,
    FIRST_DAY,
    FLATS,
    HOURS,
    LAST_DAY,
    START,
    START_MS,
    ZONE,
    Flags,
    Floats,
    house,
    lives,
    samples_of,
)
from estate.periods import HOUR_MS
from firmware_sim.clock import Clock
from firmware_sim.life.living import Households
from firmware_sim.results.comparison import ring

HOT, COLD, ELECTRICITY = "hot_water_m3", "cold_water_m3", "electricity_kwh"
FIRST_SEED = 93_000
WARM_UP_DAYS = 80
"""So much of the past is read before something is put in: more than any detector remembers."""
APART = 0.25
"""By so much more do days of simulated meters differ where each goes its own way."""
PULSE = {HOT: 0.001, COLD: 0.001, ELECTRICITY: 0.01, "heat_kwh": 0.01}
DAY = 24
ALL = slice(0, HOURS)
AROUND = slice((FIRST_DAY - WARM_UP_DAYS) * DAY, (LAST_DAY + 16) * DAY)
"""What is put in for a week or two, and what came before it."""


def water(seeds: Iterable[int]) -> dict[str, Floats]:
    """Return the water of the hours of a year of the homes of some houses, (homes, hours)."""
    flows: dict[str, list[Floats]] = {HOT: [], COLD: []}
    for seed in seeds:
        lived = Households(ring(), lives(seed), seed).live(Clock(START, END, ZoneInfo("UTC"), 5))
        for name, flow_l in ((HOT, lived.hot_water_l), (COLD, lived.cold_water_l)):
            flows[name].append(flow_l.reshape(-1, 12, FLATS).sum(axis=1).T / 1000)
    return {name: np.vstack(each)[:, :HOURS] for name, each in flows.items()}


class Homes:
    """All homes of some houses."""

    def __init__(self, houses: int) -> None:
        self.seeds = range(FIRST_SEED, FIRST_SEED + houses)
        self.use = water(self.seeds)
        self.count = houses * FLATS
        draw = np.random.default_rng(7)
        self.begins: list[int] = draw.integers(FIRST_DAY * DAY, LAST_DAY * DAY, self.count).tolist()

    def with_electricity(self) -> None:
        """Simulate what takes longer, unless that is done: the houses themselves."""
        if ELECTRICITY not in self.use:
            self.use[ELECTRICITY] = np.vstack([house(seed).use[ELECTRICITY] for seed in self.seeds])

    def apart(self) -> Homes:
        """Return the same homes, where the days of each meter go their own way in part."""
        self.with_electricity()
        homes, draw = copy(self), np.random.default_rng(11)
        homes.use = {}
        for name in (HOT, COLD, ELECTRICITY):
            days = np.exp(APART * draw.standard_normal((self.count, HOURS // DAY)) - APART**2 / 2)
            homes.use[name] = self.use[name] * np.repeat(days, DAY, axis=1)
        return homes

    def put(self, name: str, times: float, more: float, hours: int) -> Floats:
        """Return the use of a register with something put in from each home's own hour on."""
        use = self.use[name].copy()
        for row, begin in enumerate(self.begins):
            part = use[row, begin : begin + hours]
            part[:] = part * times + more
        return use

    def in_at_home(self) -> Flags:
        """Return which homes used water as usual on most of the days that count."""
        days = self.use[COLD].reshape(self.count, -1, DAY).sum(axis=2)
        usual = np.median(days, axis=1)
        lived = [
            (days[row, begin // DAY : begin // DAY + 5] > 0.2 * usual[row]).sum() >= 4
            for row, begin in enumerate(self.begins)
        ]
        return np.array(lived)


Raised = list[tuple[str, int, Found]]
"""Register, row of the home, and what was found."""


def found_in(
    use: Mapping[str, Floats],
    values: Limits,
    *,
    together: bool = True,
    lost: float = 0.0,
    unit: Mapping[str, float] = PULSE,
    outdoor: Outdoor | None = None,
    hours: slice = ALL,
) -> Raised:
    """Return what is found in registers of the same homes, or of unrelated ones."""
    meters = []
    for number, (name, counted) in enumerate(use.items()):
        homes = [f"{row:04d}" for row in range(len(counted))]
        samples = samples_of(counted, unit[name], lost, seed=1 + number)
        start_ms, end_ms = (START_MS + hour * HOUR_MS for hour in (hours.start, hours.stop))
        samples = samples.keep((samples.time_ms >= start_ms) & (samples.time_ms <= end_ms))
        devices = [f"{name} {home}" for home in homes]
        meters.append(Meters(name, devices, samples, homes if together else ()))
    found = detect(meters, ZONE, values, outdoor)
    return [(device.split()[0], int(device.split()[1]), each) for device, each in found]


def delays(
    found: Raised, homes: Homes, names: Iterable[str], kinds: Iterable[AlertKind], longest: float
) -> list[float]:
    """Return the hours from each home's beginning to the first alert of it."""
    wanted = set(product(names, kinds))
    first = [np.inf] * homes.count
    for name, row, each in found:
        late = (each.raised_ms - START_MS) / HOUR_MS - homes.begins[row]
        if (name, each.kind) in wanted and 0 <= late <= longest:
            first[row] = min(first[row], late)
    return first
