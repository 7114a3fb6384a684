"""Water meters whose hours are known, for tests of what is found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from alerts.detect import Meters, detect
from alerts.detectors.limits import limits
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS
from telemetry.readings import Samples

if TYPE_CHECKING:
    from alerts.detectors.found import Found


START_MS = 1_767_225_600_000
"""2026-01-01T00:00Z."""
DAY_L = [0] * 6 + [30, 40, 10, 6, 0, 6, 12, 6, 0, 6, 12, 30, 24, 12, 6, 6, 6, 0]
"""An ordinary day: nobody uses water from 23 to 6."""


def ordinary_hours(days: int) -> Floats:
    """Return the litres of each hour of days that are all alike."""
    return np.tile(np.array(DAY_L, dtype=np.float64), days)


def water_samples(hours_l: Floats, pulse_l: float = 1.0) -> Samples:
    """Return hourly registers in m³ of meters that count so many litres in each hour, (m, n)."""
    counted = np.cumsum(np.pad(hours_l, ((0, 0), (1, 0))), axis=1)
    value = np.floor(counted / pulse_l + 1e-9) * pulse_l / 1000
    meters, readings = value.shape
    time_ms = START_MS + np.arange(readings, dtype=np.int64) * HOUR_MS
    return Samples(
        np.repeat(np.arange(meters, dtype=np.int32), readings),
        np.tile(time_ms, meters),
        value.ravel(),
        np.zeros(value.size, dtype=np.uint8),
    )


def found_in(samples: Samples, meters: int = 1, quantity: str = "cold_water_m3") -> list[Found]:
    """Return what is found in some meters."""
    names = [f"meter-{number:03d}" for number in range(meters)]
    return [
        each for _, each in detect([Meters(quantity, names, samples)], ZoneInfo("UTC"), limits())
    ]


def hour_of(time_ms: int) -> float:
    """Return an instant as hours since the start."""
    return (time_ms - START_MS) / HOUR_MS
