"""
Detects meters that stand still while the home is in use.

On a holiday meters stand still too. So a meter must count nothing on days when the home's others
count as usual, or for longer than anybody is away; and for much longer than ever before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.episodes import Episodes
from alerts.detectors.medians import median_of_known
from alerts.detectors.use.past import Past
from alerts.model import AlertKind

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats, Integers


def standing_meters(
    days: Days, limits: Limits, alone_days: float, other: Floats | None = None
) -> list[Found]:
    """
    Find meters that stand still.

    Parameters
    ----------
    days : Days
    limits : Limits
    alone_days : float
        Time without use that counts as a stop, whatever the home's other meters say.
    other : (meters, days) float64 array, optional
        What the other meters of each home counted; NaN where unknown.
    """
    meters, count = days.use.shape
    watch = _StandingWatch(meters, limits, alone_days)
    beside = np.full(days.use.shape, np.nan) if other is None else other
    for day in range(count):
        span_ms = int(days.start_ms[day]), int(days.end_ms[day])
        watch.step(*span_ms, days.closed_ms[:, day], days.use[:, day], beside[:, day])
    return watch.episodes.found()


class _Still:
    """Consecutive days without use, and the most that there ever were before."""

    def __init__(self, meters: int) -> None:
        self.days, self.most = np.zeros(meters), np.zeros(meters)

    def step(self, still: Bools, ends: Bools) -> None:
        self.most = np.where(ends, np.maximum(self.most, self.days), self.most)
        self.days = np.where(ends, 0.0, self.days + still)

    def is_long(self, least: float, times: float) -> Bools:
        return self.days >= np.maximum(least, times * self.most)


class _StandingWatch:
    def __init__(self, meters: int, limits: Limits, alone_days: float) -> None:
        self._limits, self._alone_days = limits, alone_days
        self.episodes = Episodes(meters, AlertKind.STOP, limits)
        self._used, self._others = (Past(meters, limits.usual_days) for _ in range(2))
        self._any, self._lived = _Still(meters), _Still(meters)
        self._since_ms = np.zeros(meters, dtype=np.int64)

    def step(
        self, start_ms: int, end_ms: int, closed_ms: Integers, use: Floats, other: Floats
    ) -> None:
        limits, known = self._limits, np.isfinite(use)
        still, moves = known & (use <= 0), known & (use > 0)
        others_usual = median_of_known(self._others.values, limits.usual_least_days)
        lived = still & (other >= limits.stop_lived_part * others_usual)
        self._since_ms = np.where(still & (self._any.days == 0), start_ms, self._since_ms)
        self._any.step(still, moves)
        self._lived.step(lived, moves)
        usual = median_of_known(self._used.values, limits.usual_least_days)
        stops = still & (usual > 0) & self._is_long()
        for row in np.flatnonzero(stops & ~self.episodes.is_open).tolist():
            since_ms, told_ms = int(self._since_ms[row]), int(closed_ms[row])
            evidence = {"still_days": float(self._any.days[row])}
            self.episodes.raise_(row, since_ms, end_ms, told_ms, evidence)
        self.episodes.step(still, moves, end_ms)
        self._used.add(moves, use)
        self._others.add(np.isfinite(other) & (other > 0), other)

    def _is_long(self) -> Bools:
        """Return which meters have stood still too long, for a home in use or for any home."""
        times = self._limits.stop_own_times
        lived = self._lived.is_long(self._limits.stop_lived_days, times)
        found: Bools = lived | self._any.is_long(self._alone_days, times)
        return found
