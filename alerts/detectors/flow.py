"""
Detects leaks and bursts in water meters' counts, interval by interval.

A leak is flow without a rest: at each of several levels, the flow never falls behind the level by
more than a pulse of the meter. That works for intervals of any length, so that lost telegrams do
not end a leak. A burst is an hour of more than a home ever uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.found import Found
from alerts.detectors.memory import LargestOfDays
from alerts.model import AlertKind
from estate.periods import HOUR_MS

if TYPE_CHECKING:
    import numpy.typing as npt

    from alerts.detectors.intervals import Intervals
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats, Integers

    Rows = npt.NDArray[np.intp]

DAY_MS = 24 * HOUR_MS
NONE = -1
NO_CEILING = 1e12
ROUNDING_L = 0.01
"""What a register in cubic metres is off by."""


def flow_alerts(intervals: Intervals, limits: Limits) -> list[Found]:
    """
    Find the leaks and bursts of water meters.

    Parameters
    ----------
    intervals : Intervals
        Use in litres.
    limits : Limits

    Returns
    -------
    list of Found
        By the time they were raised.
    """
    watch = FlowWatch(len(intervals.use), limits)
    columns = (np.ascontiguousarray(each.T) for each in vars(intervals).values())
    for start_ms, end_ms, use_l in zip(*columns, strict=True):
        watch.step(start_ms, end_ms, use_l)
    return watch.found()


class FlowWatch:
    """
    Follows water meters; each step takes the next interval of every meter.

    Parameters
    ----------
    meters : int
    limits : Limits
    """

    def __init__(self, meters: int, limits: Limits) -> None:
        self._fine_l, self._coarse_l = limits.pulse_fine_l, limits.pulse_coarse_l
        self._coarse = np.ones(meters, dtype=np.bool_)
        self._leaks = _Leaks(meters, limits)
        self._bursts = _Bursts(meters, limits)

    def step(self, start_ms: Integers, end_ms: Integers, use_l: Floats) -> None:
        """Take the next interval of each meter, (meters,); one of zero length is ignored."""
        hours = (end_ms - start_ms) / HOUR_MS
        self._coarse &= ~(
            np.abs(use_l - self._coarse_l * np.round(use_l / self._coarse_l)) > ROUNDING_L
        )
        pulse_l = np.where(self._coarse, self._coarse_l, self._fine_l)
        self._bursts.step(start_ms, end_ms, hours, use_l)
        self._leaks.step(start_ms, end_ms, hours, use_l, pulse_l, self._bursts.is_open)

    def found(self) -> list[Found]:
        """Return what was raised so far, by time and row."""
        found = [*self._leaks.found(), *self._bursts.found()]
        return sorted(found, key=lambda each: (each.raised_ms, each.row, each.kind))


class _Alerts:
    """What was raised, and what of it is still open; an alert that soon returns is the same one."""

    def __init__(self, meters: int, reopen_days: float) -> None:
        self.all: list[Found] = []
        self._reopen_ms = reopen_days * DAY_MS
        self._last = np.full(meters, NONE, dtype=np.int64)
        self._end_ms = np.zeros(meters, dtype=np.int64)
        self.is_open = np.zeros(meters, dtype=np.bool_)

    def returns(self, row: int, start_ms: int, now_ms: int) -> bool:
        """Whether a new beginning continues the last alert; if so, reopen it."""
        last = int(self._last[row])
        if last == NONE or start_ms - self._end_ms[row] > self._reopen_ms:
            return False
        self.is_open[row] = True
        self.all[last].opens(now_ms)
        return True

    def raise_(self, found: Found) -> None:
        self._last[found.row] = len(self.all)
        self.is_open[found.row] = True
        found.opens(found.raised_ms)
        self.all.append(found)

    def close(self, rows: Bools, now_ms: Integers) -> None:
        """Close the open alerts of some meters."""
        for row in np.flatnonzero(rows & self.is_open).tolist():
            self.is_open[row] = False
            self.all[self._last[row]].closes(int(now_ms[row]))

    def goes_on(self, rows: Bools, end_ms: Integers) -> None:
        self._end_ms = np.where(rows, end_ms, self._end_ms)

    def goes_on_to(self, row: int, end_ms: int) -> None:
        self._end_ms[row] = end_ms

    def found(self) -> list[Found]:
        for row in np.flatnonzero(self._last != NONE).tolist():
            self.all[self._last[row]].end_ms = int(self._end_ms[row])
        return self.all

    def settle(self, row: int) -> None:
        """Record the end of the last alert before another one replaces it."""
        if self._last[row] != NONE:
            self.all[self._last[row]].end_ms = int(self._end_ms[row])


class _Leaks:
    def __init__(self, meters: int, limits: Limits) -> None:
        levels = len(limits.leak_levels_l_per_h)
        self._limits = limits
        self._level = np.array(limits.leak_levels_l_per_h)
        self._least_hours = np.array(limits.leak_rest_hours)
        self._alerts = _Alerts(meters, limits.leak_reopen_days)
        self._own = LargestOfDays(meters, limits.memory_days, levels)
        # The highest level has no other above it.
        self._ceiling = np.append(limits.leak_floor_times * self._level[:-1], NO_CEILING)
        self._behind_l, self._run_hours, self._floor_hours, self._floor_l, self._intervals = (
            np.zeros((meters, levels)) for _ in range(5)
        )
        self._gap_hours = np.zeros((meters, levels))
        self._start_ms = np.zeros((meters, levels), dtype=np.int64)
        self._raised = np.zeros((meters, levels), dtype=np.bool_)

    def step(
        self,
        start_ms: Integers,
        end_ms: Integers,
        hours: Floats,
        use_l: Floats,
        pulse_l: Floats,
        bursting: Bools,
    ) -> None:
        limits, there = self._limits, hours > 0
        judged = there & np.isfinite(use_l) & (hours <= limits.gap_most_hours)
        short = judged & (hours <= limits.interval_most_hours)
        lag_l = pulse_l[:, None]
        behind = self._behind_l + self._level * hours[:, None] - use_l[:, None]
        self._behind_l = np.where(judged[:, None], np.maximum(behind, 0.0), self._behind_l)
        ended = (judged[:, None] & (self._behind_l > lag_l)) | (there & ~judged)[:, None]
        if ended.any():
            self._end_runs(ended, start_ms, end_ms)
        runs = short[:, None] & ~ended
        self._start_ms = np.where(runs & (self._run_hours == 0), start_ms[:, None], self._start_ms)
        self._run_hours += np.where(runs, hours[:, None], 0.0)
        self._follow_floor(runs, hours, use_l, lag_l)
        self._alerts.goes_on(np.any(self._raised & runs, axis=1), end_ms)
        self._intervals += runs
        gaps = judged & ~short
        if gaps.any():
            self._follow_gaps(gaps, hours, use_l, lag_l)
        known_hours = self._known_hours()
        lag_hours = lag_l / self._level
        least_hours = self._least_hours * (1 + limits.leak_lag_part * lag_hours**2)
        least_hours *= 1 + limits.leak_gap_part * np.maximum(
            self._run_hours / np.maximum(self._intervals, 1) - 1, 0
        )
        long = runs & ~self._raised & (known_hours >= least_hours)
        steady = self._floor_hours >= limits.leak_floor_part * self._run_hours
        for row in np.flatnonzero((long & steady).any(axis=1) & ~bursting).tolist():
            self._judge(row, long[row] & steady[row], int(end_ms[row]))

    def found(self) -> list[Found]:
        return self._alerts.found()

    def _end_runs(self, ended: Bools, start_ms: Integers, end_ms: Integers) -> None:
        """End runs; those without a leak teach how long the home normally goes without a rest."""
        ran = (ended & (self._run_hours > 0)).any(axis=1)
        teaching = np.flatnonzero(ran & ~self._alerts.is_open)
        lengths = np.where(ended[teaching], self._known_hours()[teaching], 0.0)
        self._own.add(teaching, start_ms[teaching] // DAY_MS, lengths)
        self._raised &= ~ended
        self._alerts.close(np.logical_not(self._raised.any(axis=1)), end_ms)
        for each in (
            self._behind_l,
            self._run_hours,
            self._floor_hours,
            self._floor_l,
            self._intervals,
            self._gap_hours,
        ):
            each[ended] = 0.0

    def _follow_floor(self, runs: Bools, hours: Floats, use_l: Floats, lag_l: Floats) -> None:
        """Add up the hours of a run, and what flows in them, that are near its level."""
        near = runs & (use_l[:, None] <= self._ceiling * hours[:, None] + lag_l)
        self._floor_hours += np.where(near, hours[:, None], 0.0)
        self._floor_l += np.where(near, use_l[:, None], 0.0)

    def _follow_gaps(self, gaps: Bools, hours: Floats, use_l: Floats, lag_l: Floats) -> None:
        """Add up the countable part of gaps too long to tell whether the flow rested in them."""
        near = use_l[:, None] <= self._ceiling * hours[:, None] + lag_l
        known_hours = np.minimum(hours, self._limits.interval_most_hours)[:, None]
        calm = gaps[:, None] & (self._run_hours > 0) & near
        self._gap_hours += np.where(calm, known_hours, 0.0)

    def _known_hours(self) -> Floats:
        """Return the hours without a rest: a run's, plus its gaps' up to a small part of that."""
        most = self._limits.leak_gap_most_part * self._run_hours
        return self._run_hours + np.minimum(self._gap_hours, most)

    def _judge(self, row: int, levels: Bools, end_ms: int) -> None:
        """Raise a leak where a run is longer than is usual for the home, or reopen the last one."""
        limits, one = self._limits, np.array([row])
        own_hours = self._own.largest(one, np.array([end_ms // DAY_MS]))[0]
        levels = levels & (self._known_hours()[row] >= limits.leak_own_times * own_hours)
        if not levels.any():
            return
        self._raised[row] |= levels
        level = int(np.flatnonzero(levels)[-1])
        start_ms = int(self._start_ms[row, level])
        if not self._alerts.is_open[row] and not self._alerts.returns(row, start_ms, end_ms):
            self._alerts.settle(row)
            self._alerts.raise_(
                Found(row, AlertKind.LEAK, start_ms, end_ms, end_ms, self._evidence(row, level))
            )
        self._alerts.goes_on_to(row, end_ms)

    def _evidence(self, row: int, level: int) -> dict[str, float]:
        hours = float(self._known_hours()[row, level])
        flow = float(self._floor_l[row, level] / self._floor_hours[row, level])
        return {
            "flow_l_per_h": round(flow, 1),
            "limit_l_per_h": float(self._level[level]),
            "measured_hours": round(hours, 1),
            "lost_l": round(flow * hours),
        }


class _Bursts:
    def __init__(self, meters: int, limits: Limits) -> None:
        self._limits = limits
        self._alerts = _Alerts(meters, limits.burst_reopen_days)
        self._own = LargestOfDays(meters, limits.memory_days)
        self._own_max = np.zeros(meters)
        self._own_day = np.full(meters, NONE, dtype=np.int64)
        self._first_ms = np.full(meters, NONE, dtype=np.int64)
        self._before = np.zeros(meters)
        self._still_hours, self._known_hours, self._known_l = (np.zeros(meters) for _ in range(3))
        self._pulse_l = np.full(meters, max(limits.burst_pulses_l))

    @property
    def is_open(self) -> Bools:
        return self._alerts.is_open

    def step(self, start_ms: Integers, end_ms: Integers, hours: Floats, use_l: Floats) -> None:
        limits, there = self._limits, hours > 0
        short = there & np.isfinite(use_l) & (hours <= limits.interval_most_hours)
        # A register in whole cubic metres has counted at least a pulse less than it shows.
        least_l = np.maximum(use_l - self._pulses(short, use_l), 0.0)
        flow = np.where(short, least_l / np.maximum(hours, 1e-9), 0.0)
        self._first_ms = np.where(there & (self._first_ms == NONE), start_ms, self._first_ms)
        limit = self._limit(there, end_ms)
        two_hours = (flow > limits.burst_two_hours_l_per_h) & (
            (self._before > limits.burst_two_hours_l_per_h) | (hours >= 2)
        )
        # A single hour of more than a home's pipes can carry may be another meter's reading.
        one_hour = (flow > limit) & (flow <= limits.burst_alone_l_per_h)
        bursts = short & (one_hour | two_hours) & ~self._made_up_for(use_l)
        for row in np.flatnonzero(bursts & ~self.is_open).tolist():
            self._open(row, start_ms, end_ms, flow, limit)
        self._alerts.close(there & (flow < limits.burst_over_l_per_h), end_ms)
        self._alerts.goes_on(short & self.is_open, end_ms)
        self._learn(there, short & ~self.is_open, end_ms, flow, hours, use_l)

    def found(self) -> list[Found]:
        return self._alerts.found()

    def _pulses(self, short: Bools, use_l: Floats) -> Floats:
        """Return the pulse of meters that have only ever moved in such steps, otherwise 0. [l]"""
        for pulse_l in sorted(self._limits.burst_pulses_l, reverse=True):
            finer = short & (np.abs(use_l - pulse_l * np.round(use_l / pulse_l)) > ROUNDING_L)
            next_l = max(
                (each for each in self._limits.burst_pulses_l if each < pulse_l), default=0
            )
            self._pulse_l = np.where(finer & (self._pulse_l == pulse_l), next_l, self._pulse_l)
        return self._pulse_l

    def _limit(self, there: Bools, end_ms: Integers) -> Floats:
        """Return the flow above which an hour is a burst. [l/h]"""
        limits, day = self._limits, end_ms // DAY_MS
        older = np.flatnonzero(there & (day != self._own_day))
        self._own_max[older] = self._own.largest(older, day[older])[:, 0]
        self._own_day[older] = day[older]
        known = end_ms - self._first_ms >= limits.burst_history_days * DAY_MS
        least = np.where(known, limits.burst_l_per_h, limits.burst_two_hours_l_per_h)
        return np.maximum(least, limits.burst_own_times * self._own_max)

    def _made_up_for(self, use_l: Floats) -> Bools:
        """Return where the use may catch up on a time for which the register stood still."""
        limits = self._limits
        mean_l_per_h = self._known_l / np.maximum(self._known_hours, 1.0)
        allowed = limits.standing_times * mean_l_per_h * self._still_hours
        return (self._still_hours >= limits.standing_hours) & (use_l <= allowed)

    def _open(
        self, row: int, start_ms: Integers, end_ms: Integers, flow: Floats, limit: Floats
    ) -> None:
        start, end = int(start_ms[row]), int(end_ms[row])
        if self._alerts.returns(row, start, end):
            return
        self._alerts.settle(row)
        evidence = {
            "flow_l_per_h": round(float(flow[row]), 1),
            "limit_l_per_h": round(min(float(limit[row]), self._limits.burst_two_hours_l_per_h), 1),
            "own_largest_l_per_h": round(float(self._own_max[row]), 1),
        }
        self._alerts.raise_(Found(row, AlertKind.BURST, start, end, end, evidence))

    def _learn(
        self,
        there: Bools,
        usual: Bools,
        end_ms: Integers,
        flow: Floats,
        hours: Floats,
        use_l: Floats,
    ) -> None:
        rows = np.flatnonzero(usual & (flow > 0))
        self._own.add(rows, end_ms[rows] // DAY_MS, flow[rows, None])
        self._own_max[rows] = np.maximum(self._own_max[rows], flow[rows])
        still = there & (use_l == 0)
        moves = usual & ~still
        self._still_hours = np.where(still, self._still_hours + hours, self._still_hours)
        self._known_hours += np.where(
            usual & (self._still_hours < self._limits.standing_hours), hours, 0.0
        )
        self._known_l += np.where(moves, use_l, 0.0)
        self._still_hours = np.where(there & ~still, 0.0, self._still_hours)
        self._before = np.where(there, flow, self._before)
