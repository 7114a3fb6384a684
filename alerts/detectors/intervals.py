"""
What registers counted from one reading to the next, judged only by earlier readings.

A reading that does not fit the one before is held back: it is left out if a later one fits again,
and begins a new register once several consecutive readings rise from it. The use across is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats, Integers
    from telemetry.readings import Samples

    Rows = npt.NDArray[np.intp]

ROUNDING = 1e-9
"""A register that falls by less fell by rounding."""


class Register(NamedTuple):
    """
    The readings of one meter that count.

    Attributes
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    value : (n,) float64 array
        [the register's unit]
    anew : (n,) bool array
        Whether a register begins with this reading.
    """

    time_ms: Integers
    value: Floats
    anew: Bools


@dataclass(frozen=True)
class Intervals:
    """
    Intervals between two readings, a row per meter; rows are padded with intervals of zero length.

    Attributes
    ----------
    start_ms, end_ms : (meters, n) int64 array
        [ms since 1970, UTC]
    use : (meters, n) float64 array
        NaN across a new register. [the register's unit]
    """

    start_ms: Integers
    end_ms: Integers
    use: Floats


def registers_of(
    samples: Samples, meters: int, most_per_hour: float, limits: Limits
) -> list[Register]:
    """
    Return the readings of each meter that count.

    Parameters
    ----------
    samples : Samples
        (n,) readings of one register, sorted by device and time; suspect ones are not counted.
    meters : int
        Number of meters that `Samples.device_index` counts along.
    most_per_hour : float
        What such a meter can count; a step shorter than an hour is treated as a whole one. [unit/h]
    limits : Limits
    """
    good = samples.good()
    good = good.keep(np.isfinite(good.value))
    bounds = np.searchsorted(good.device_index, np.arange(meters + 1))
    found = []
    for first, last in pairwise(bounds.tolist()):
        time_ms, value = good.time_ms[first:last], good.value[first:last]
        rows, anew = _counting(time_ms, value, most_per_hour, limits.confirming_readings)
        found.append(Register(time_ms[rows], value[rows], anew))
    return found


def _counting(
    time_ms: Integers, value: Floats, most_per_hour: float, confirming: int
) -> tuple[Rows, Bools]:
    """Return the rows that count, and which of them begin a register."""
    everything = np.arange(len(value))
    if _all_fit(time_ms, value, most_per_hour):
        return everything, everything == 0
    times, values = time_ms.tolist(), value.tolist()
    kept, anew = [0], [True]
    waiting: list[int] = []
    for at in range(1, len(values)):
        last = kept[-1]
        if _fits(times[at] - times[last], values[at] - values[last], most_per_hour):
            kept.append(at)
            anew.append(False)
            waiting = []
            continue
        before = waiting[-1] if waiting else at
        follows = _fits(times[at] - times[before], values[at] - values[before], most_per_hour)
        waiting = [*waiting, at] if follows else [at]
        if len(waiting) >= confirming and values[at] > values[waiting[0]]:
            kept.append(at)
            anew.append(True)
            waiting = []
    return np.array(kept, dtype=np.intp), np.array(anew)


def _fits(gap_ms: int, counted: float, most_per_hour: float) -> bool:
    """Return whether a register can have counted an amount in a time."""
    return -ROUNDING <= counted <= most_per_hour * max(gap_ms / HOUR_MS, 1.0)


def _all_fit(time_ms: Integers, value: Floats, most_per_hour: float) -> bool:
    hours, counted = np.maximum(np.diff(time_ms) / HOUR_MS, 1.0), np.diff(value)
    return bool(((counted >= -ROUNDING) & (counted <= most_per_hour * hours)).all())


def intervals_of(registers: Sequence[Register], least_hours: float) -> Intervals:
    """Return the intervals between each meter's readings, with short ones merged."""
    spaced = [_spaced(each, round(least_hours * HOUR_MS)) for each in registers]
    shape = len(spaced), max((len(each.value) - 1 for each in spaced if len(each.value)), default=0)
    start_ms, end_ms = (np.zeros(shape, dtype=np.int64) for _ in range(2))
    use = np.full(shape, np.nan)
    for row, (time_ms, value, anew) in enumerate(spaced):
        count = max(len(value) - 1, 0)
        start_ms[row, :count], end_ms[row, :count] = time_ms[:-1], time_ms[1:]
        use[row, :count] = np.where(anew[1:], np.nan, np.maximum(np.diff(value), 0.0))
    return Intervals(start_ms, end_ms, use)


def _spaced(register: Register, least_ms: int) -> Register:
    """Leave out readings that follow too soon, except those that begin a register."""
    gaps = np.diff(register.time_ms)
    if not len(gaps) or gaps.min() >= least_ms:
        return register
    times, anew = register.time_ms.tolist(), register.anew.tolist()
    kept = [0]
    for at in range(1, len(times)):
        if anew[at] or times[at] - times[kept[-1]] >= least_ms:
            kept.append(at)
    return Register(register.time_ms[kept], register.value[kept], register.anew[kept])
