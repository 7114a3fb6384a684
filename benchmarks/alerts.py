"""
Mould index: all homes at once with numpy against a plain Python loop over homes and hours.

    .venv/bin/python -m benchmarks.alerts

Both follow the same homes through the same month, and must come to the same index.
"""

from __future__ import annotations

import math
import os
import sys
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from alerts.mould.mould import materials, mould_index

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from alerts.mould.mould import Material
    from estate.numbers.arrays import Floats


HOMES = 200
HOURS = 744
ROUNDS = 5
SEED = 1
MATERIAL = "sensitive"
TARGET_RATIO = 5.0


def surfaces() -> tuple[Floats, Floats]:
    """Surfaces of homes from dry to damp, changing every six hours, one hour in fifty missing."""
    rng = np.random.default_rng(SEED)
    temperature_c = np.repeat(rng.uniform(8, 20, (HOMES, HOURS // 6)), 6, axis=1)
    humidity_pct = np.repeat(rng.uniform(60, 100, (HOMES, HOURS // 6)), 6, axis=1)
    temperature_c[rng.random(temperature_c.shape) < 0.02] = np.nan
    return temperature_c, humidity_pct


def plain(
    temperature_c: Sequence[Sequence[float]],
    humidity_pct: Sequence[Sequence[float]],
    material: Material,
) -> list[float]:
    """Follow each home by itself; give the last index of each."""
    last = []
    for temperatures, humidities in zip(temperature_c, humidity_pct, strict=True):
        index, dry_hours = 0.0, 0
        for t, rh in zip(temperatures, humidities, strict=True):
            if not math.isnan(t):
                dry_hours = 0 if _grows(t, rh, material) else dry_hours + 1
                index += _growth(t, rh, index, material) if not dry_hours else -_fall(dry_hours)
                index = max(index, 0.0)
        last.append(index)
    return last


def _critical(t: float, material: Material) -> float:
    curve = ((-0.00267 * t + 0.160) * t - 3.13) * t + 100 if t <= 20 else 0.0
    return max(curve, material.humidity_min_pct)


def _grows(t: float, rh: float, material: Material) -> bool:
    return 0 < t <= 50 and rh >= _critical(t, material)


def _growth(t: float, rh: float, index: float, material: Material) -> float:
    critical = _critical(t, material)
    x = (critical - rh) / (critical - 100)
    largest = material.a + material.b * x - material.c * x * x
    k1 = material.growth_below_1 if index < 1 else material.growth_from_1
    k2 = max(1 - math.exp(2.3 * (index - largest)), 0.0)
    weeks = math.exp(-0.68 * math.log(t) - 13.9 * math.log(rh) + 66.02)
    return k1 * k2 / (168 * weeks)


def _fall(dry_hours: int) -> float:
    if dry_hours <= 6:
        return 0.032 / 24
    return 0.016 / 24 if dry_hours > 24 else 0.0


def seconds(name: str, work: Callable[[], object], rounds: int) -> float:
    """Measure the fastest of some rounds."""
    times = []
    for _ in range(rounds):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    rate = HOMES * HOURS / min(times) / 1e6
    print(f"{name:14} {1000 * min(times):8.1f} ms   {rate:6.2f} million home hours/s")
    return min(times)


def main() -> int:
    """Print the table; exit 1 below the target or where the two differ."""
    temperature_c, humidity_pct = surfaces()
    material = materials()[MATERIAL]
    lists = temperature_c.tolist(), humidity_pct.tolist()
    print(f"{len(os.sched_getaffinity(0))} cores, one used; {HOMES} homes x {HOURS} hours")
    fast = seconds("numpy", lambda: mould_index(temperature_c, humidity_pct, material), ROUNDS)
    slow = seconds("plain Python", lambda: plain(*lists, material), ROUNDS)
    found = mould_index(temperature_c, humidity_pct, material).index[:, -1]
    same = np.allclose(found, plain(*lists, material), rtol=1e-9, atol=1e-12)
    print(f"plain to numpy: {slow / fast:.1f}; same index: {'yes' if same else 'no'}")
    return 0 if same and slow / fast >= TARGET_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
