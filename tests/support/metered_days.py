"""Days of meters drawn by simple laws, for tests of what is found in them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from alerts.detect import Meters, Outdoor, detect
from alerts.detectors.found import Found
from alerts.detectors.limits import limits
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS
from telemetry.readings import Samples
from tests.support.water_meters import START_MS

UTC_ZONE = ZoneInfo("UTC")


def days_of_water(days: int, meters: int, seed: int, spread: float = 0.4) -> Floats:
    """Return litres of days that vary from day to day by about so much of 150 l, (meters, days)."""
    rng = np.random.default_rng(seed)
    return 150 * np.exp(spread * rng.standard_normal((meters, days)))


def outdoor_days(days: int, seed: int = 3) -> Floats:
    """Return outdoor temperatures of days from January on, with spells of weather. [°C]"""
    rng = np.random.default_rng(seed)
    spells = np.convolve(rng.standard_normal(days + 4), np.ones(5) / 5, mode="valid") * 5
    return 8.5 - 9 * np.cos(2 * np.pi * (np.arange(days) - 20) / 365) + spells


def days_of_heat(outdoor_c: Floats, meters: int, seed: int, spread: float = 0.1) -> Floats:
    """Return kWh of days of homes that heat below 16 °C, (meters, days)."""
    rng = np.random.default_rng(seed)
    shape = meters, len(outdoor_c)
    size = rng.uniform(2.0, 4.0, (meters, 1))
    need = 2 + size * np.maximum(16 - outdoor_c, 0)
    return need * np.exp(spread * rng.standard_normal(shape))


def hourly(days: Floats) -> Floats:
    """Spread days over the hours from 6 to 22, (meters, hours)."""
    shape = np.zeros(24)
    shape[6:22] = 1 / 16
    return (days[..., None] * shape).reshape(len(days), -1)


def register_samples(hours: Floats, keep: npt.NDArray[np.bool_] | None = None) -> Samples:
    """Return hourly registers of meters that count so much in each hour."""
    value = np.cumsum(np.pad(hours, ((0, 0), (1, 0))), axis=1)
    meters, readings = value.shape
    time_ms = START_MS + np.arange(readings, dtype=np.int64) * HOUR_MS
    samples = Samples(
        np.repeat(np.arange(meters, dtype=np.int32), readings),
        np.tile(time_ms, meters),
        value.ravel(),
        np.zeros(value.size, dtype=np.uint8),
    )
    return samples if keep is None else samples.keep(keep.ravel())


def names(meters: int) -> list[str]:
    return [f"meter-{number:03d}" for number in range(meters)]


def found_of(quantity: str, hours: Floats, outdoor: Outdoor | None = None) -> list[Found]:
    """Return what is found in meters."""
    meters = Meters(quantity, names(len(hours)), register_samples(hours))
    return [each for _, each in detect([meters], UTC_ZONE, limits(), outdoor)]


def outdoor_of(days_c: Floats) -> Outdoor:
    """Return hourly outdoor temperatures of days."""
    hours_c = np.repeat(days_c, 24)
    return Outdoor(START_MS + np.arange(len(hours_c), dtype=np.int64) * HOUR_MS, hours_c)


def day_of(time_ms: int) -> float:
    """Return an instant as days since the start."""
    return (time_ms - START_MS) / HOUR_MS / 24
