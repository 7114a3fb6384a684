"""
Days of higher use than usual, for what hardly depends on the weather: water and electricity.

A spike is a jump that is more likely than guests (``belief.py``), by the meter's own past and by
what the other meters of the home count. The message tells of the run of high days: the square root
of a day's use varies about as much in a small home as in a large one, and its excess in spreads is
added up from day to day, less an allowance. Guests for a weekend are soon forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.episodes import Episodes
from alerts.detectors.medians import median_of_known, usual
from alerts.detectors.use.belief import Belief
from alerts.detectors.use.usual_day import at_weekend, usual_day
from alerts.model import AlertKind

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from alerts.detectors.use.belief import Home
    from estate.numbers.arrays import Bools, Floats, Integers


@dataclass(frozen=True)
class Unit:
    """The unit of a day's use, and the least excess and belief that are worth a message."""

    name: str
    floor: float
    belief: float = 1.0


def excess_alerts(
    days: Days, others: Floats, home: Home, unit: Unit, limits: Limits
) -> list[Found]:
    """
    Find days of higher use than usual.

    Parameters
    ----------
    days : Days
    others : (groups, meters, days) float64 array
        What each group of other meters of each home counted; NaN where unknown.
    home : Home
        What raises the meters and those groups.
    unit : Unit
    limits : Limits
    """
    there = np.asarray(np.isfinite(others).any(axis=(1, 2)))
    use = np.concatenate([days.use[None], others[there]])
    watch = _ExcessWatch(len(days.use), unit, limits, home.having(there))
    for day, (start_ms, end_ms) in enumerate(zip(days.start_ms, days.end_ms, strict=True)):
        watch.step(int(start_ms), int(end_ms), days.closed_ms[:, day], use[:, :, day].T)
    return watch.episodes.found()


class _Run:
    """The accumulated excess of consecutive days over the usual, for each meter."""

    def __init__(self, meters: int, limits: Limits) -> None:
        self._limits = limits
        self.sum, self.used, self.expected = (np.zeros(meters) for _ in range(3))
        self.days, self.since_ms = (np.zeros(meters, dtype=np.int64) for _ in range(2))

    def add(self, start_ms: int, use: Floats, usual_log: Floats) -> Floats:
        """Take a day of each meter, and return its excess over its usual days, in spreads."""
        limits = self._limits
        root, spread = usual(np.exp(usual_log / 2), limits.usual_least_days)
        spread = np.maximum(spread, limits.usual_least_spread * root)
        z = (np.sqrt(use) - root) / np.maximum(spread, 1e-9)
        known = np.isfinite(z) & (spread > 0)
        z = np.where(known, z, 0.0)
        step = np.minimum(z, limits.spike_most_z) - limits.spike_allowance
        begins = known & (self.sum == 0) & (step > 0)
        self.since_ms = np.where(begins, start_ms, self.since_ms)
        for each in (self.used, self.expected, self.days):
            each[begins] = 0
        self.sum = np.where(known, np.maximum(self.sum + step, 0.0), self.sum)
        running = known & (self.sum > 0)
        self.used += np.where(running, use, 0.0)
        self.expected += np.where(running, root**2, 0.0)
        self.days += running
        return z

    def is_worth_a_message(self, floor: float) -> Bools:
        """Return which meters' runs are long and high enough."""
        limits = self._limits
        return (
            (self.days >= limits.belief_least_days)
            & (self.used > limits.spike_least_times * self.expected)
            & (self.used - self.expected > floor * self.days)
        )

    def evidence(self, row: int, unit: str) -> dict[str, float]:
        return {
            f"used_{unit}": round(float(self.used[row]), 1),
            f"expected_{unit}": round(float(self.expected[row]), 1),
            "high_days": int(self.days[row]),
        }


class _ExcessWatch:
    """Follows meters, and the others of their homes, from day to day."""

    def __init__(self, meters: int, unit: Unit, limits: Limits, home: Home) -> None:
        self._unit, self._limits = unit, limits
        self.episodes = Episodes(meters, AlertKind.SPIKE, limits)
        days = limits.usual_days
        self._usual_days = np.full((meters, len(home.guests), days), np.nan)
        self._all_days, self._weekends = (np.full((meters, days), np.nan) for _ in range(2))
        self._run = _Run(meters, limits)
        self._belief = Belief(meters, limits, home)

    def step(self, start_ms: int, end_ms: int, closed_ms: Integers, use: Floats) -> None:
        """Take a day of each meter and the others of its home, (meters, registers)."""
        own, weekend = use[:, 0], at_weekend(start_ms, end_ms)
        known, lived = np.isfinite(own), self._lived(use)
        expected = usual_day(self._usual_days, self._weekends, weekend, self._limits)
        jumped = self._belief.step(lived, expected)
        z = self._run.add(start_ms, own, self._usual_days[:, 0])
        raised = known & (jumped >= self._unit.belief)
        raised &= self._run.is_worth_a_message(self._unit.floor)
        for row in np.flatnonzero(raised & ~self.episodes.is_open).tolist():
            since_ms, told_ms = int(self._run.since_ms[row]), int(closed_ms[row])
            evidence = self._run.evidence(row, self._unit.name)
            self.episodes.raise_(row, since_ms, end_ms, told_ms, evidence)
        was_open = self.episodes.is_open.copy()
        self.episodes.step(known & (z >= self._limits.calm_z), known, end_ms)
        self._teach(was_open, lived, weekend)

    def _lived(self, use: Floats) -> Floats:
        """Return the logarithm of what registers counted; NaN where nobody seems to be in."""
        median = median_of_known(self._usual_days, self._limits.usual_least_days)
        log = np.log(np.where(use > 0, use, np.nan))
        return np.where(log < median + 2 * np.log(self._limits.away_part), np.nan, log)

    def _teach(self, was_open: Bools, lived: Floats, weekend: bool) -> None:
        """Learn from ordinary days; a level that lasts for weeks is the usual one from then on."""
        own = lived[:, 0]
        ordinary = np.isfinite(own) & ~was_open
        _push(self._all_days, np.isfinite(own), own)
        _push(self._usual_days, ordinary, lived)
        _push(self._weekends, ordinary, np.full(len(own), float(weekend)))
        stays = self.episodes.close_long()
        self._usual_days[stays] = self._weekends[stays] = np.nan
        recent = self._limits.spike_longest_days
        self._usual_days[stays, 0, -recent:] = self._all_days[stays, -recent:]
        closed = was_open & ~self.episodes.is_open
        self._run.sum[closed] = 0.0
        self._belief.forget(closed)


def _push(ring: Floats, rows: Bools, value: Floats) -> None:
    """Drop the oldest value of some rows, and add a new one."""
    ring[rows, ..., :-1] = ring[rows, ..., 1:]
    ring[rows, ..., -1] = value[rows]
