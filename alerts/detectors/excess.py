"""
Days of higher use than usual, for what hardly depends on the weather: water and electricity.

A spike is a jump that is more likely than guests (``belief.py``). If a home has other meters of
the same kind, use above what they lead one to expect is a spike as well: the square root of a
day's use varies about as much in a small home as in a large one, and its excess in spreads is added
up from day to day, less an allowance. Guests for a weekend are soon forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.belief import Belief, at_weekend, usual_day
from alerts.detectors.episodes import Episodes
from alerts.detectors.medians import median_of_known, usual
from alerts.model import AlertKind

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats, Integers


@dataclass(frozen=True)
class Unit:
    """The unit of a day's use, and the least excess and belief that are worth a message."""

    name: str
    floor: float
    belief: float = 1.0


def excess_alerts(
    days: Days, unit: Unit, limits: Limits, other: Floats | None = None
) -> list[Found]:
    """
    Find days of higher use than usual.

    Parameters
    ----------
    days : Days
    unit : Unit
    limits : Limits
    other : (meters, days) float64 array, optional
        What the other meters of each home counted; NaN where unknown.
    """
    meters, count = days.use.shape
    watch = _ExcessWatch(meters, unit, limits)
    beside = np.full(days.use.shape, np.nan) if other is None else other
    for day in range(count):
        span_ms = int(days.start_ms[day]), int(days.end_ms[day])
        watch.step(*span_ms, days.closed_ms[:, day], days.use[:, day], beside[:, day])
    return watch.episodes.found()


@dataclass(frozen=True)
class _Expected:
    """The expected square root of a day's use, and the spread of days around it, (meters,)."""

    root: Floats
    spread: Floats


class _Run:
    """The accumulated excess of consecutive days over what is expected, for each meter."""

    def __init__(self, meters: int) -> None:
        self.sum, self.used, self.expected = (np.zeros(meters) for _ in range(3))
        self.days, self.since_ms = (np.zeros(meters, dtype=np.int64) for _ in range(2))

    def add(
        self,
        start_ms: int,
        use: Floats,
        expected: _Expected,
        limits: Limits,
    ) -> Floats:
        """Take a day of each meter, and return its excess over what is expected, in spreads."""
        z = (np.sqrt(use) - expected.root) / np.maximum(expected.spread, 1e-9)
        known = np.isfinite(z) & (expected.spread > 0)
        z = np.where(known, z, 0.0)
        step = np.minimum(z, limits.spike_most_z) - limits.spike_allowance
        begins = known & (self.sum == 0) & (step > 0)
        self.since_ms = np.where(begins, start_ms, self.since_ms)
        for each in (self.used, self.expected, self.days):
            each[begins] = 0
        self.sum = np.where(known, np.maximum(self.sum + step, 0.0), self.sum)
        running = known & (self.sum > 0)
        self.used += np.where(running, use, 0.0)
        self.expected += np.where(running, expected.root**2, 0.0)
        self.days += running
        return z

    def above(self, least_sum: float, times: float, floor: float, least_days: int) -> Bools:
        """Return which meters' runs amount to a spike."""
        return (
            (self.sum >= least_sum)
            & (self.days >= least_days)
            & (self.used > times * self.expected)
            & (self.used - self.expected > floor * self.days)
        )


class _ExcessWatch:
    def __init__(self, meters: int, unit: Unit, limits: Limits) -> None:
        self._unit, self._limits = unit, limits
        self.episodes = Episodes(meters, AlertKind.SPIKE, limits)
        self._usual_days, self._all_days, self._other_days = (
            np.full((meters, limits.usual_days), np.nan) for _ in range(3)
        )
        self._weekends = np.full((meters, limits.usual_days), np.nan)
        self._alone, self._beside = _Run(meters), _Run(meters)
        self._belief = Belief(meters, limits)

    def step(
        self, start_ms: int, end_ms: int, closed_ms: Integers, use: Floats, other: Floats
    ) -> None:
        limits, known = self._limits, np.isfinite(use)
        median, spread = usual(self._usual_days, limits.usual_least_days)
        least = limits.usual_least_spread * median
        alone = _Expected(median, np.maximum(spread, least))
        beside, has_others = self._by_others(median, np.sqrt(other))
        jumped = self._jumped(start_ms, end_ms, use, median)
        z = self._alone.add(start_ms, use, alone, limits)
        by_others = self._beside.add(start_ms, use, beside, limits)
        for run, raised in (
            (self._beside, known & np.isfinite(other) & self._more_than_others_say(has_others)),
            (self._alone, known & self._more_than_ever(has_others, jumped)),
        ):
            for row in np.flatnonzero(raised & ~self.episodes.is_open).tolist():
                since_ms, told_ms = int(run.since_ms[row]), int(closed_ms[row])
                self.episodes.raise_(row, since_ms, end_ms, told_ms, self._evidence(run, row))
        was_open = self.episodes.is_open.copy()
        high = known & (np.maximum(z, by_others) >= limits.calm_z)
        self.episodes.step(high, known, end_ms)
        weekend = np.full(len(use), float(at_weekend(start_ms, end_ms)))
        self._teach(known, was_open, np.sqrt(use), np.sqrt(other), weekend, median)

    def _by_others(self, median: Floats, other_root: Floats) -> tuple[_Expected, Bools]:
        """Return what to expect given the other meters, and whose others have enough of a past."""
        limits, ring = self._limits, self._other_days
        other_median = median_of_known(ring, limits.usual_least_days)
        other_median = np.where(other_median > 0, other_median, np.nan)
        median = np.where(median > 0, median, np.nan)
        own = self._usual_days / median[:, None] - 1
        others = ring / other_median[:, None] - 1
        paired = np.isfinite(own) & np.isfinite(others) & (np.abs(others) <= limits.beside_most)
        own, others = np.where(paired, own, 0.0), np.where(paired, others, 0.0)
        weight = np.maximum((others**2).sum(axis=1), 1e-9)
        slope = np.clip((own * others).sum(axis=1) / weight, 0, 1)
        off = np.where(paired, median[:, None] * (own - slope[:, None] * others), np.nan)
        spread = usual(off, limits.usual_least_days).spread
        spread = np.maximum(spread, limits.usual_least_spread * median)
        expected = median * (1 + slope * (other_root / other_median - 1))
        root = np.maximum(expected, limits.beside_least_part * median)
        return _Expected(root, spread), np.isfinite(other_median)

    def _more_than_others_say(self, has_others: Bools) -> Bools:
        limits = self._limits
        return has_others & self._beside.above(
            limits.beside_sum, limits.beside_times, self._unit.floor, limits.spike_least_days
        )

    def _jumped(self, start_ms: int, end_ms: int, use: Floats, median: Floats) -> Floats:
        """Return the probability that the use of each meter has jumped."""
        weekend = at_weekend(start_ms, end_ms)
        expected = usual_day(self._usual_days, self._weekends, weekend, self._limits)
        somebody_in = np.sqrt(use) >= self._limits.away_part * median
        return self._belief.step(np.log(np.maximum(use, 1e-9)), expected, somebody_in)

    def _more_than_ever(self, has_others: Bools, jumped: Floats) -> Bools:
        """Return where the use alone is a spike: stricter where guests would raise others too."""
        limits = self._limits
        likely = jumped >= np.where(has_others, limits.belief_with_others, self._unit.belief)
        return likely & self._alone.above(
            0.0, limits.spike_least_times, self._unit.floor, limits.belief_least_days
        )

    def _teach(
        self,
        known: Bools,
        was_open: Bools,
        root: Floats,
        other_root: Floats,
        weekend: Floats,
        median: Floats,
    ) -> None:
        """Learn from ordinary days; a level that lasts for weeks is the usual one from then on."""
        limits = self._limits
        away = root < limits.away_part * median
        usual_day = known & ~away & ~was_open
        _push(self._all_days, known & ~away, root)
        _push(self._usual_days, usual_day, root)
        _push(self._other_days, usual_day, other_root)
        _push(self._weekends, usual_day, weekend)
        stays = self.episodes.close_long()
        self._usual_days[stays] = self._other_days[stays] = self._weekends[stays] = np.nan
        recent = limits.spike_longest_days
        self._usual_days[stays, -recent:] = self._all_days[stays, -recent:]
        closed = was_open & ~self.episodes.is_open
        for run in (self._alone, self._beside):
            run.sum[closed] = 0.0
        self._belief.forget(closed)

    def _evidence(self, run: _Run, row: int) -> dict[str, float]:
        name = self._unit.name
        return {
            f"used_{name}": round(float(run.used[row]), 1),
            f"expected_{name}": round(float(run.expected[row]), 1),
            "high_days": int(run.days[row]),
        }


def _push(ring: Floats, rows: Bools, value: Floats) -> None:
    """Drop the oldest value of some rows, and add a new one."""
    ring[rows, :-1] = ring[rows, 1:]
    ring[rows, -1] = value[rows]
