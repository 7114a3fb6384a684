"""
Selects the readings of a series that form one meter's rising register.

Readings under one id are not always of one meter: single telegrams of zero, another meter's
readings among its own or for some days, a count that dips and recovers. The longest chain of
readings that only rises, no faster than the meter can count, is the register; the rest is left
out. Readings before or after the chain, possibly of another meter or the same one after a reset,
are a register of their own. If two such registers interleave, or none can be identified,
nothing is kept: the register is missing, and the caller estimates it. Late or rounded copies of
the register's own readings are no other register, and a unit that changes ends it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from estate.periods import HOUR_MS
from telemetry.readings import Samples
from telemetry.series.registers.copies import copies
from telemetry.series.registers.longest_rising import longest_rising
from telemetry.series.registers.other_unit import in_another_unit
from telemetry.series.registers.register_breaks import (
    Step,
    register_limits,
    register_steps,
    without_glitches,
)
from telemetry.series.registers.returning_values import returning_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from estate.numbers.arrays import Bools, Floats, Integers

    Rows = npt.NDArray[np.intp]


class Fitting(NamedTuple):
    """
    The readings of a series that belong to one register.

    Attributes
    ----------
    kept : (n,) bool array
        All False if `one_meter` is False.
    one_meter : bool
        Whether one register could be identified.
    """

    kept: Bools
    one_meter: bool


def one_register(
    time_ms: Integers, value: Floats, most_per_hour: float, fewest_digits: int
) -> Fitting:
    """
    Select the readings of one rising register, across roll-over, reset and replacement.

    Parameters
    ----------
    time_ms, value, most_per_hour, fewest_digits : as of `register_steps`

    Returns
    -------
    Fitting
    """
    series = _Series(time_ms, value, most_per_hour, fewest_digits)
    if series.rises_through():
        return Fitting(np.ones(len(value), dtype=np.bool_), one_meter=True)
    unit = ~in_another_unit(time_ms, value, most_per_hour)
    found = series.fitting_among(unit)
    if found.one_meter or not unit.any():
        return found
    return series.fitting_among(unit & ~copies(time_ms, value))


def fitting_samples(samples: Samples, devices: int, quantity: str) -> Samples:
    """
    Remove suspect and NaN readings, and those that are not of the register.

    Parameters
    ----------
    samples : Samples
        (n,) readings of one register, sorted by device and time.
    devices : int
        Number of devices that `Samples.device_index` counts along.
    quantity : str
        Quantity of the register; a home's rate limits apply.
    """
    limits, good = register_limits(), samples.good()
    most = limits.most_per_hour[quantity]
    kept = ~np.isnan(good.value)
    bounds = np.searchsorted(good.device_index, np.arange(devices + 1))
    for first, last in pairwise(bounds.tolist()):
        rows = first + np.flatnonzero(kept[first:last])
        fits = one_register(good.time_ms[rows], good.value[rows], most, limits.fewest_digits)
        kept[rows] = fits.kept
    return good.keep(kept)


@dataclass(frozen=True)
class _Series:
    """Readings under one id; the methods take and return row numbers in order of time."""

    time_ms: Integers
    value: Floats
    most_per_hour: float
    fewest_digits: int

    def fitting(self) -> Fitting:
        """Select the readings of one register, if there is one."""
        limits = self.most_per_hour, self.fewest_digits
        single = self.with_innocent(without_glitches(self.time_ms, self.value, *limits))
        if self.breaks_for_good(np.flatnonzero(single), np.flatnonzero(~single)):
            return Fitting(single, one_meter=True)
        everything = np.flatnonzero(~returning_values(self.value, register_limits().most_breaks))
        # If a break remains, a dip or a bump may have caused it.
        parts = (everything, self.without_dips(everything), self.without_bumps(everything))
        ways = (self.register(each) for each in parts)
        rows = min((self.without_dips(each) for each in ways), key=self.broken)
        rows = self.without_stuck(rows)
        one_meter = len(rows) > 0 and not self.too_broken(rows)
        kept = np.zeros(len(self.value), dtype=np.bool_)
        kept[rows if one_meter else []] = True
        return Fitting(kept, one_meter)

    def kinds(self, rows: Rows) -> npt.NDArray[np.int8]:
        """Return the kind of each step between the given rows."""
        limits = self.most_per_hour, self.fewest_digits
        return register_steps(self.time_ms[rows], self.value[rows], *limits).kind

    def rises_through(self) -> bool:
        """Whether every step is an ordinary count."""
        rates = self.rates(np.arange(len(self.value)))
        return bool(((rates >= 0) & (rates <= self.most_per_hour)).all())

    def fitting_among(self, some: Bools) -> Fitting:
        """Select the readings of one register among some of them."""
        kept = some.copy()
        if not some.any():
            return Fitting(kept, one_meter=False)
        part = replace(self, time_ms=self.time_ms[some], value=self.value[some])
        kept[some], one_meter = part.fitting()
        return Fitting(kept, one_meter)

    def breaks_for_good(self, rows: Rows, glitches: Rows) -> bool:
        """Whether the register, apart from a few glitches, restarts at most a few times."""
        limits, kinds = register_limits(), self.kinds(rows)
        few = len(glitches) <= max(1, limits.glitch_part * len(self.value))
        # A count that falls to less than half was reset, possibly long ago.
        long = np.diff(self.time_ms[rows]) > limits.long_hours * HOUR_MS
        anew = long & (self.value[rows[1:]] < self.value[rows[:-1]] / 2)
        if not few or ((kinds == Step.BROKEN) & ~anew).any():
            return False
        if np.count_nonzero(kinds != Step.COUNTED) > limits.most_breaks:
            return False
        return not self._among_each_other(rows, glitches) and not any(self._dips(rows))

    def with_innocent(self, kept: Bools) -> Bools:
        """Restore a reading left out next to a glitch, where the register only rises."""
        rows = np.flatnonzero(kept)
        if len(rows) and (self.kinds(rows) == Step.COUNTED).all():
            kept = kept.copy()
            kept[self.with_fitting(rows, np.arange(len(kept)))] = True
        return kept

    def without_dips(self, rows: Rows) -> Rows:
        """Remove the readings between a fall and the jump that recovers it."""
        kept = np.ones(len(rows), dtype=np.bool_)
        for dip in self._dips(rows):
            kept[dip] = False
        return rows[kept]

    def without_bumps(self, rows: Rows) -> Rows:
        """Remove the readings between a jump and the fall that reverses it: a mirrored dip."""
        mirrored = replace(self, time_ms=-self.time_ms[::-1], value=-self.value[::-1])
        last, kept = len(self.value) - 1, np.ones(len(rows), dtype=np.bool_)
        for bump in mirrored._jumps_back(last - rows[::-1]):
            kept[::-1][bump] = False
        return rows[kept]

    def _dips(self, rows: Rows) -> Iterator[slice]:
        """
        Yield the positions of rows between a fall and the rise that recovers it.

        The level before the fall is reached within a day and a half, or by a rise of half the fall
        or more that is much faster than every other until the next fall.
        """
        soon_ms = round(register_limits().long_hours * HOUR_MS)
        time_ms, value = self.time_ms[rows], self.value[rows]
        leaps = {each.start: each for each in self._jumps_back(rows)}
        falls = np.flatnonzero(np.diff(value) < 0)
        soon = np.searchsorted(time_ms, time_ms[falls] + soon_ms, "right").tolist()
        for at, until in zip(falls.tolist(), soon, strict=True):
            if at + 1 in leaps:
                yield leaps[at + 1]
                continue
            back = np.flatnonzero(value[at + 1 : until] >= value[at])
            if len(back):
                yield slice(at + 1, at + 1 + int(back[0]))

    def _jumps_back(self, rows: Rows) -> Iterator[slice]:
        """Yield the positions of rows between a fall and a jump of at least half of it."""
        change, rates = np.diff(self.value[rows]), self.rates(rows)
        falls = np.flatnonzero(change < 0)
        for at, end in pairwise([*falls.tolist(), len(change)]):
            after = rates[at + 1 : end]
            if len(after) < 2:
                continue
            jump = int(np.argmax(after))
            others = float(np.delete(after, jump).max())
            risen = change[at + 1 + jump] >= -change[at] / 2
            if risen and after[jump] > register_limits().jump_times * others:
                yield slice(at + 1, at + 2 + jump)

    def without_stuck(self, rows: Rows) -> Rows:
        """Remove repeats of a count up to the jump that catches up."""
        value, kept, kinds = self.value[rows], np.ones(len(rows), dtype=np.bool_), self.kinds(rows)
        fastest = float(self.rates(rows)[kinds == Step.COUNTED].max(initial=0.0))
        for at in np.flatnonzero(kinds == Step.BROKEN).tolist():
            since = at - int(np.argmax(np.append(value[at::-1] != value[at], True))) + 1
            if 0 <= self.rates(rows[[since, at + 1]])[0] <= fastest:
                kept[since + 1 : at + 1] = False
        return rows[kept]

    def rates(self, rows: Rows) -> Floats:
        """Return the rate of each step. [the register's unit/h]"""
        hours = np.maximum(np.diff(self.time_ms[rows]) / HOUR_MS, 1.0)
        return np.diff(self.value[rows]) / hours

    def usual_rate(self, rates: Floats) -> float:
        """Return a rate that steps of the register rarely exceed. [the register's unit/h]"""
        limits = register_limits()
        if not len(rates):
            return self.most_per_hour
        high = float(np.quantile(rates, limits.usual_quantile))
        return max(limits.usual_times * high, limits.usual_part * self.most_per_hour)

    def register(self, rows: Rows) -> Rows:
        """Return the rows of the register among the given ones; none if unclear."""
        fastest = 2 * self.most_per_hour
        chain = self.chain(rows, fastest)
        others = self.chain(np.setdiff1d(rows, chain), fastest)
        rates = (self.usual_rate(self.rates(each)) for each in (chain, others))
        return self._told(rows, min(max(rates), fastest), register_limits().most_breaks)

    def _told(self, rows: Rows, rate: float, breaks: int) -> Rows:
        """Return the rows of the register and those before and after it, up to a few breaks."""
        if breaks < 0:
            return rows
        first = self.chain(rows, rate)
        second = self.chain(np.setdiff1d(rows, first), rate)
        own = self._own(first, second)
        other = first if own is second else second
        if not len(own) or self._among_each_other(own, other):
            return np.empty(0, dtype=np.intp)
        own = self._without_ends_of_others(own, rows)
        before, after = rows[rows < own[0]], rows[rows > own[-1]]
        # Runs no longer than the gaps within the register are more of the same.
        passed = _longest_gap(rows, own)
        parts = [
            self._told(each, rate, breaks - 1) for each in (before, after) if len(each) > passed
        ]
        unlike = [part for part in parts if not self._counts_like(part, own)]
        clear = register_limits().clear_times
        if any(self.moves(own) < clear * self.moves(part) for part in unlike):
            return np.empty(0, dtype=np.intp)
        kept = [self._with_jumps(self.with_fitting(own, rows), rows), *parts]
        return np.setdiff1d(np.concatenate(kept), np.concatenate([own[:0], *unlike]))

    def _counts_like(self, part: Rows, own: Rows) -> bool:
        """Whether readings before or after a register are neither constant nor in another unit."""
        if len(part) <= 1 or not self.moves(own):
            return True
        times = register_limits().usual_times
        rate, own_rate = (float(self.rates(each[[0, -1]])[0]) for each in (part, own))
        return rate < 0 or own_rate / times <= rate <= own_rate * times

    def _without_ends_of_others(self, own: Rows, rows: Rows) -> Rows:
        """
        Trim the ends of a chain that belong to the readings left out next to them.

        A run of another meter begins before the chain, and only its first readings are below it.
        """
        passed = np.flatnonzero(np.diff(np.searchsorted(rows, own)) > 1)
        if not len(passed):
            return own
        first, last = int(passed[0]) + 1, int(passed[-1]) + 1
        slow = self._slow(self.rates(own))
        early = self._evenly(rows[rows < own[first]], slow)
        late = self._evenly(rows[rows > own[last - 1]], slow)[::-1]
        start = first if 2 * first < _before_the_first_jump(early) else 0
        end = last if 2 * (len(own) - last) < _before_the_first_jump(late) else len(own)
        return own[start:end] if start < end else own

    def _evenly(self, rows: Rows, slow: float) -> Bools:
        """Return which steps rise without a jump."""
        rates = self.rates(rows)
        return np.asarray((rates >= 0) & (rates <= slow) & (self.moves(rows) > 0))

    def _with_jumps(self, own: Rows, rows: Rows) -> Rows:
        """Restore readings skipped only to make a jump look slow: the jump is a break."""
        rates, passed = self.rates(own), np.diff(np.searchsorted(rows, own)) > 1
        fast = passed & (rates > self._slow(rates[~passed]))
        found = [own]
        for at in np.flatnonzero(fast).tolist():
            between = rows[(rows > own[at]) & (rows < own[at + 1])]
            low, high = self.value[own[[at, at + 1]]]
            within = between[(self.value[between] >= low) & (self.value[between] <= high)]
            found.append(self.chain(within, self.most_per_hour * 1e9))
        return np.sort(np.concatenate(found))

    def _slow(self, rates: Floats) -> float:
        """Return a rate below which a step is not a jump. [the register's unit/h]"""
        limits = register_limits()
        high = float(np.quantile(rates, limits.usual_quantile)) if len(rates) else 0.0
        return max(limits.jump_times * high, limits.usual_part * self.most_per_hour)

    def _own(self, longer: Rows, shorter: Rows) -> Rows:
        """Return the chain that is the register: it surrounds the others, or moves; else none."""
        clear = register_limits().clear_times
        if not len(shorter):
            return longer
        for outer, inner in ((longer, shorter), (shorter, longer)):
            if _goes_on_around(outer, inner):
                if self.moves(outer) or not self.moves(inner):
                    return outer if clear * len(outer) >= len(inner) else inner
                # An empty home's meter, with days of another meter; or a filler before and after.
                return longer if len(longer) >= clear * len(shorter) else longer[:0]
        return shorter if self.moves(shorter) >= clear * max(self.moves(longer), 1) else longer

    def _among_each_other(self, own: Rows, other: Rows) -> bool:
        """Whether another, equally good register interleaves with this one."""
        inside = other[(other > own[0]) & (other < own[-1])]
        if len(np.unique(np.searchsorted(own, inside))) <= 1:
            return False
        clear = register_limits().clear_times
        if self.moves(inside) or self.moves(own):
            return self.moves(own) < clear * self.moves(inside)
        return len(own) < clear * len(inside)

    def moves(self, rows: Rows) -> int:
        """Count the steps that rise."""
        return int(np.count_nonzero(np.diff(self.value[rows]) > 0))

    def chain(self, rows: Rows, rate: float) -> Rows:
        """Return the longest chain of rows that never falls and never exceeds a rate."""
        value = self.value[rows]
        head = rate * (self.time_ms[rows] / HOUR_MS) - value
        order = np.lexsort((rows, value))
        return rows[np.sort(order[longest_rising(head[order].tolist())])]

    def with_fitting(self, own: Rows, rows: Rows) -> Rows:
        """Restore the rows within a chain that fit between its members."""
        inside = np.setdiff1d(rows[(rows > own[0]) & (rows < own[-1])], own)
        at = np.searchsorted(own, inside)
        fits = self._follows(own[at - 1], inside) & self._follows(inside, own[at])
        candidates = np.union1d(own, inside[fits])
        # Rows of one gap must rise among themselves.
        value = self.value[candidates]
        return np.asarray(candidates[value >= np.maximum.accumulate(value)])

    def _follows(self, rows: Rows, later: Rows) -> Bools:
        """Whether each row can be followed by its counterpart."""
        risen = self.value[later] - self.value[rows]
        hours = (self.time_ms[later] - self.time_ms[rows]) / HOUR_MS
        return np.asarray((risen >= 0) & (risen <= self.most_per_hour * hours))

    def broken(self, rows: Rows) -> int:
        """Count the steps that are not ordinary counting."""
        return int(np.count_nonzero(self.kinds(rows) == Step.BROKEN))

    def too_broken(self, rows: Rows) -> bool:
        """Whether the remaining rows break too often to be a register."""
        return self.broken(rows) > max(register_limits().most_breaks, len(rows) / 100)


def _goes_on_around(outer: Rows, inner: Rows) -> bool:
    """Whether one chain is before and after another, but not within it."""
    around = outer[0] < inner[0] and outer[-1] > inner[-1]
    return bool(around and not ((outer > inner[0]) & (outer < inner[-1])).any())


def _before_the_first_jump(evenly: Bools) -> int:
    """Return the number of rows before the first jump."""
    return int(np.argmin(np.append(evenly, False))) + 1


def _longest_gap(rows: Rows, own: Rows) -> int:
    """Return the longest run of rows that a chain skips."""
    return int(np.diff(np.searchsorted(rows, own)).max(initial=1)) - 1
