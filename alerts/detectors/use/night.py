"""
Detects nights in which something runs that never ran at night before.

A night is high if use exceeds that of nearly all nights before the last week, by a floor and
a factor. One such night is a guest or a fever; a week of them is a cistern, a pump or a
machine left running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.episodes import Episodes
from alerts.detectors.medians import quantile_of_known
from alerts.detectors.use.past import Past
from alerts.model import AlertKind

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from alerts.detectors.use.excess import Unit
    from estate.numbers.arrays import Bools, Floats, Integers


def night_alerts(nights: Days, unit: Unit, limits: Limits) -> list[Found]:
    """
    Find new use at night.

    Parameters
    ----------
    nights : Days
        Use during the part of each night in which people sleep.
    unit : Unit
        Its floor is of a night.
    limits : Limits
    """
    meters, count = nights.use.shape
    watch = _NightWatch(meters, unit, limits)
    for night in range(count):
        watch.step(
            int(nights.start_ms[night]),
            int(nights.end_ms[night]),
            nights.closed_ms[:, night],
            nights.use[:, night],
        )
    return watch.episodes.found()


class _NightWatch:
    def __init__(self, meters: int, unit: Unit, limits: Limits) -> None:
        self._unit, self._limits = unit, limits
        self.episodes = Episodes(meters, AlertKind.NIGHT_USE, limits)
        self._use = Past(meters, limits.usual_days + limits.night_days)
        self._high = Past(meters, limits.night_days)
        self._starts_ms = Past(meters, limits.night_days)

    def step(self, start_ms: int, end_ms: int, closed_ms: Integers, use: Floats) -> None:
        limits, known = self._limits, np.isfinite(use)
        before = self._use.values[:, : limits.usual_days]
        usual = quantile_of_known(before, limits.night_usual_part, limits.usual_least_days)
        high = known & (use > limits.night_times * usual) & (use - usual > self._unit.floor)
        self._use.add(known, use)
        self._high.add(known, high.astype(np.float64))
        self._starts_ms.add(known, np.full(len(use), float(start_ms)))
        nights = np.nansum(self._high.values, axis=1)
        raised = high & (nights >= limits.night_high_days)
        for row in np.flatnonzero(raised & ~self.episodes.is_open).tolist():
            since_ms, told_ms = self._since_ms(row), int(closed_ms[row])
            self.episodes.raise_(row, since_ms, end_ms, told_ms, self._evidence(row, usual))
        self._follow(high, known, end_ms)

    def _since_ms(self, row: int) -> int:
        """Return the start of the first of the high nights that count."""
        return int(self._starts_ms.values[row, np.argmax(self._high.values[row] == 1.0)])

    def _follow(self, high: Bools, known: Bools, end_ms: int) -> None:
        self.episodes.step(high, known, end_ms)
        self._high.values[self.episodes.close_long()] = np.nan

    def _evidence(self, row: int, usual: Floats) -> dict[str, float]:
        name, high = self._unit.name, self._high.values[row] == 1.0
        nights = self._use.values[row, -len(high) :][high]
        return {
            f"used_{name}": round(float(nights.sum()), 1),
            f"expected_{name}": round(float(usual[row]) * len(nights), 1),
            "high_days": len(nights),
        }
