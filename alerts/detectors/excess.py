"""
Days of more use than usual, in what hardly hangs on the weather: water and electricity.

The square root of a day's use is about as spread in a small home as in a large one. What is above
the home's own median is added up from day to day, less an allowance; guests for a weekend are soon
forgotten, and a spike that stays passes the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.episodes import Episodes
from alerts.detectors.medians import usual
from alerts.model import AlertKind

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats, Integers


@dataclass(frozen=True)
class Unit:
    """What a day's use is counted in, and the least that is worth a message."""

    name: str
    floor: float


def excess_alerts(days: Days, unit: Unit, limits: Limits) -> list[Found]:
    """
    Find days of more use than usual.

    Parameters
    ----------
    days : Days
    unit : Unit
    limits : Limits
    """
    meters, count = days.use.shape
    watch = _ExcessWatch(meters, unit, limits)
    for day in range(count):
        watch.step(
            int(days.start_ms[day]), int(days.end_ms[day]), days.closed_ms[:, day], days.use[:, day]
        )
    return watch.episodes.found()


class _ExcessWatch:
    def __init__(self, meters: int, unit: Unit, limits: Limits) -> None:
        self._unit, self._limits = unit, limits
        self.episodes = Episodes(meters, AlertKind.SPIKE, limits)
        self._usual_days = np.full((meters, limits.usual_days), np.nan)
        self._all_days = np.full((meters, limits.usual_days), np.nan)
        self._sum, self._used, self._expected = (np.zeros(meters) for _ in range(3))
        self._high_days = np.zeros(meters, dtype=np.int64)
        self._since_ms = np.zeros(meters, dtype=np.int64)

    def step(self, start_ms: int, end_ms: int, closed_ms: Integers, use: Floats) -> None:
        limits, known = self._limits, np.isfinite(use)
        root = np.sqrt(use)
        median, spread = usual(self._usual_days, limits.usual_least_days)
        scale = np.maximum(spread, limits.usual_least_spread * median)
        z = np.where(known & (scale > 0), (root - median) / np.maximum(scale, 1e-9), 0.0)
        z = np.nan_to_num(z)
        self._add_up(start_ms, known, use, median**2, z)
        excess = self._used - self._expected
        enough = (excess > self._unit.floor * self._high_days) & (
            self._used > limits.spike_least_times * self._expected
        )
        enough &= self._used > limits.spike_own_times * self._own_largest() * self._high_days
        raised = known & enough & (self._sum >= limits.spike_sum)
        for row in np.flatnonzero(raised & ~self.episodes.is_open).tolist():
            self.episodes.raise_(
                row, int(self._since_ms[row]), end_ms, int(closed_ms[row]), self._evidence(row)
            )
        was_open = self.episodes.is_open.copy()
        self.episodes.step(known & (z >= limits.calm_z), known, end_ms)
        self._teach(known, was_open, root, median)

    def _add_up(
        self, start_ms: int, known: Bools, use: Floats, usual_use: Floats, z: Floats
    ) -> None:
        """Add what a day is above the usual to the sum, which begins anew at 0."""
        limits = self._limits
        step = np.minimum(z, limits.spike_most_z) - limits.spike_allowance
        began = known & (self._sum == 0) & (step > 0)
        self._since_ms = np.where(began, start_ms, self._since_ms)
        for each in (self._used, self._expected, self._high_days):
            each[began] = 0
        self._sum = np.where(known, np.maximum(self._sum + step, 0.0), self._sum)
        running = known & (self._sum > 0)
        self._used += np.where(running, use, 0.0)
        self._expected += np.where(running, usual_use, 0.0)
        self._high_days += running

    def _teach(self, known: Bools, was_open: Bools, root: Floats, median: Floats) -> None:
        """Let ordinary days be usual; a level that stays for weeks is the usual from then on."""
        limits = self._limits
        away = root < limits.away_part * median
        _push(self._all_days, known & ~away, root)
        _push(self._usual_days, known & ~away & ~was_open, root)
        stays = self.episodes.close_long()
        self._usual_days[stays] = np.nan
        recent = limits.spike_longest_days
        self._usual_days[stays, -recent:] = self._all_days[stays, -recent:]
        self._sum[(was_open & ~self.episodes.is_open)] = 0.0

    def _own_largest(self) -> Floats:
        """Return the largest mean of some days in a row that is usual, 0 where there is none."""
        use, length = self._usual_days**2, self._limits.spike_own_days
        windows = np.lib.stride_tricks.sliding_window_view(use, length, axis=1)
        largest: Floats = np.nan_to_num(windows.mean(axis=-1), nan=0.0).max(axis=1)
        return largest

    def _evidence(self, row: int) -> dict[str, float]:
        name = self._unit.name
        return {
            f"used_{name}": round(float(self._used[row]), 1),
            f"expected_{name}": round(float(self._expected[row]), 1),
            "high_days": int(self._high_days[row]),
        }


def _push(ring: Floats, rows: Bools, value: Floats) -> None:
    """Let the oldest value of some rows go, and add a new one."""
    ring[rows, :-1] = ring[rows, 1:]
    ring[rows, -1] = value[rows]
