"""
The core of the split: colour bands over hourly climate, beside one pass of numpy's sum.

The target is a fifth of the speed of the sum; the table says how far it is.

    .venv/bin/python -m benchmarks.keys
"""

from __future__ import annotations

import os
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from billing.keys import climate_bands, own_heat_loss
from billing.measured.climate.colours import climate_limits, worst_colours

if TYPE_CHECKING:
    from collections.abc import Callable

FLATS, HOURS = 1000, 8760
ROUNDS = 7
TARGET_RATIO = 0.2


def best(work: Callable[[], object]) -> float:
    """Return the seconds of the fastest of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def main() -> int:
    """Print the table and the target."""
    rng = np.random.default_rng(1)
    climate = {
        "temperature_c": rng.normal(21, 1.5, (FLATS, HOURS)).astype(np.float32),
        "humidity_pct": rng.normal(45, 12, (FLATS, HOURS)).astype(np.float32),
        "co2_ppm": rng.normal(900, 300, (FLATS, HOURS)).astype(np.float32),
    }
    area_m2 = rng.uniform(40, 120, FLATS)
    counted = np.ones((FLATS, HOURS), dtype=np.bool_)
    weights = climate_limits().weights
    flat = np.repeat(np.arange(FLATS), HOURS)

    def bands() -> object:
        return climate_bands(area_m2, worst_colours(climate), weights, counted)

    def heat_loss() -> object:
        temperature_c = climate["temperature_c"].astype(np.float64)
        return own_heat_loss(
            area_m2, area_m2 * 4, temperature_c, np.zeros(HOURS), counted, np.arange(HOURS) // 24
        )

    def group_by() -> object:
        return [pd.Series(each.ravel()).groupby(flat).mean() for each in climate.values()]

    cores = len(os.sched_getaffinity(0))
    print(f"{cores} cores, 3 x {FLATS} flats x {HOURS} hours, float32")
    one_sum = best(lambda: [each.sum(axis=1) for each in climate.values()])
    split_seconds, loss_seconds, pandas_seconds = best(bands), best(heat_loss), best(group_by)
    for name, seconds in (
        ("numpy sum of the same arrays", one_sum),
        ("colour bands", split_seconds),
        ("own heat loss (one array)", loss_seconds),
        ("pandas group-by mean", pandas_seconds),
    ):
        print(f"{name:30} {seconds * 1000:8.0f} ms   sum / this: {one_sum / seconds:5.2f}")
    print(f"target for the colour bands: {TARGET_RATIO}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
