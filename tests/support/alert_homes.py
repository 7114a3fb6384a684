"""A building with hourly readings of known homes, for tests of its alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from estate.periods import HOUR_MS, Period
from tests.support import estates as make
from tests.support.samples import HandMadeSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.model import Device, Estate, Flat, Tenancy
    from estate.numbers.arrays import Floats

ZONE = ZoneInfo("Europe/Copenhagen")
JANUARY = Period(date(2026, 1, 1), date(2026, 2, 1))
HOURS = JANUARY.hours(ZONE)
FLATS = ("f1", "f2", "f3", "f4", "f5", "f6")
WATER_L_PER_DAY = 120.0
HEAT_KWH_PER_DAY = 24.0
FIRST_USE_HOUR, LAST_USE_HOUR = 6, 22


NOISE_K = 0.01 * (-1.0) ** np.arange(HOURS.count)
"""A sensor that stands still to the last digit for a day is stuck..."""
NOISE_PCT = 0.5 * (-1.0) ** np.arange(HOURS.count)
"""...and one whose humidity only rises is in a bag."""


@dataclass
class Homes:
    """Hourly values by flat, (hours,) each; change them, then ask for the source."""

    temperature_c: dict[str, Floats] = field(default_factory=dict)
    humidity_pct: dict[str, Floats] = field(default_factory=dict)
    hot_water_l: dict[str, Floats] = field(default_factory=dict)
    heat_kwh: dict[str, Floats] = field(default_factory=dict)
    outdoor_c: Floats = field(default_factory=lambda: np.full(HOURS.count, 1.5))

    def source(self) -> HandMadeSource:
        """Return the readings as devices send them: registers at the edges of hours."""
        rows: dict[tuple[str, str], list[tuple[int, float, int]]] = {}
        for flat in FLATS:
            box = f"box-{flat}"
            rows[box, "temperature_c"] = _gauge(self.temperature_c[flat] + NOISE_K)
            rows[box, "humidity_pct"] = _gauge(self.humidity_pct[flat] + NOISE_PCT)
            rows[f"water-{flat}", "hot_water_m3"] = _register(self.hot_water_l[flat] / 1000)
            rows[f"heat-{flat}", "heat_kwh"] = _register(self.heat_kwh[flat])
        rows["outdoor", "temperature_c"] = _gauge(self.outdoor_c)
        return HandMadeSource(rows)


def ordinary_homes() -> Homes:
    """Six homes at 21 °C and 40 %, with water by day and heat that follows the same weather."""
    homes = Homes()
    rng = np.random.default_rng(7)
    hour_of_day = np.arange(HOURS.count) % 24
    awake = (hour_of_day >= FIRST_USE_HOUR) & (hour_of_day < LAST_USE_HOUR)
    weather = np.repeat(rng.uniform(0.7, 1.3, HOURS.days), 24)
    for number, flat in enumerate(FLATS):
        size = 0.8 + 0.1 * number
        homes.temperature_c[flat] = np.full(HOURS.count, 21.0)
        homes.humidity_pct[flat] = np.full(HOURS.count, 40.0)
        drawn = rng.uniform(0.5, 1.5, HOURS.count) * awake
        homes.hot_water_l[flat] = size * WATER_L_PER_DAY * drawn / (LAST_USE_HOUR - FIRST_USE_HOUR)
        homes.heat_kwh[flat] = size * HEAT_KWH_PER_DAY / 24 * weather
    return homes


def an_estate(
    flats: Sequence[Flat] | None = None,
    tenancies: Sequence[Tenancy] = (),
    devices: Sequence[Device] | None = None,
) -> Estate:
    """Return the building of these homes."""
    return make.estate(
        flats or [make.flat(name) for name in FLATS], tenancies, devices or standing_devices(),
        id="birkegaarden", tenure="almen",
    )  # fmt: skip


def standing_devices() -> tuple[Device, ...]:
    """A box, a water meter and a heat meter in each flat, and the outdoor box."""
    kinds = {"box": "climate", "water": "hot_water", "heat": "heat"}
    placed = [
        make.device(f"{name}-{each}", kind, each) for each in FLATS for name, kind in kinds.items()
    ]
    return (*placed, make.device("outdoor", "outdoor", None))


def day_hours(first: int, last: int) -> slice:
    """Positions of the hours of some days of January, `last` exclusive, counted from 0."""
    return slice(first * 24, last * 24)


def _gauge(values: Floats) -> list[tuple[int, float, int]]:
    times = HOURS.starts_ms + HOUR_MS // 2
    return [
        (int(time_ms), float(value), 0)
        for time_ms, value in zip(times, values, strict=True)
        if not np.isnan(value)
    ]


def _register(use: Floats) -> list[tuple[int, float, int]]:
    """Cumulative from 100; a reading whose hour before is NaN is lost."""
    counted = 100 + np.concatenate([[0.0], np.cumsum(np.nan_to_num(use))])
    kept = np.concatenate([[True], ~np.isnan(use)])
    times = np.append(HOURS.starts_ms, HOURS.end_ms)
    return [
        (int(time_ms), float(value), 0)
        for time_ms, value in zip(times[kept], counted[kept], strict=True)
    ]
