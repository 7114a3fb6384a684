"""
Detects a register that goes on in another unit: 13,204 kWh, and then 13.2 under the same id.

A meter that is set to another unit, or a portal that changes its export, leaves a register that
still rises, but a thousand times slower. The step is exactly that between two units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from estate.numbers.arrays import Bools, Floats, Integers

TIMES = (1000.0, 3.6, 1000.0 / 3.6)
"""Between kWh and Wh or MWh (m³ and litres), MJ, GJ, either way."""


def in_another_unit(time_ms: Integers, value: Floats, most_per_hour: float) -> Bools:
    """
    Return which readings are in another unit than those of the far longer time.

    Parameters
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    value : (n,) float64 array
        Without NaN. [the register's unit]
    most_per_hour : float
        What the meter can count. [the register's unit/h]

    Returns
    -------
    (n,) bool array
        All False if the unit never changes for good, or more than once; all True if it is unclear
        which of the two units is the register's.
    """
    found = np.zeros(len(value), dtype=np.bool_)
    limits = register_limits()
    steps = _changes(time_ms, value, most_per_hour, limits.unit_tolerance)
    changes = np.flatnonzero(steps)
    # Readings that a second gateway passes on late are still in the unit from before.
    if not len(changes) % 2 or np.ptp(time_ms[changes]) > limits.long_hours * HOUR_MS:
        return found
    later = np.concatenate([[False], np.cumsum(steps) % 2 == 1])
    earlier_ms = time_ms[changes[0]] - time_ms[0]
    later_ms = time_ms[-1] - time_ms[changes[-1] + 1]
    if earlier_ms < limits.clear_times * later_ms:
        found |= ~later
    if later_ms < limits.clear_times * earlier_ms:
        found |= later
    return found


def _changes(time_ms: Integers, value: Floats, most_per_hour: float, tolerance: float) -> Bools:
    """Return at which steps, none of them a count, the register is multiplied."""
    before, after = value[:-1], value[1:]
    most = most_per_hour * np.maximum(np.diff(time_ms) / HOUR_MS, 1.0)
    counted = (after >= before) & (after - before <= most)
    times = np.divide(after, before, out=np.ones(len(before)), where=before >= 1)
    between = np.concatenate([TIMES, np.reciprocal(TIMES)])
    alike = np.isclose(times[:, None], between, rtol=tolerance, atol=0).any(axis=1)
    return np.asarray(alike & ~counted)
