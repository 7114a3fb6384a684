"""
Use of whole days, and the reading with which each day became known.

The register at a day's edge is the reading there, or else interpolated between the readings
around it, so that a few lost telegrams move a little use to a neighbouring day and lose none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.detectors.intervals import Register
    from estate.numbers.arrays import Bools, Floats, Integers


NEVER_MS = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Days:
    """
    Use of days, or of a part of each.

    Attributes
    ----------
    start_ms, end_ms : (days,) int64 array
        [ms since 1970, UTC]
    use : (meters, days) float64 array
        NaN where the register is unknown at an edge. [the register's unit]
    closed_ms : (meters, days) int64 array
        Time of the reading that completed the day; far ahead if none did. [ms since 1970, UTC]
    """

    start_ms: Integers
    end_ms: Integers
    use: Floats
    closed_ms: Integers


def days_of(
    registers: Sequence[Register], start_ms: Integers, end_ms: Integers, gap_hours: float
) -> Days:
    """
    Return the use of days from the registers of meters.

    Parameters
    ----------
    registers : sequence of Register
    start_ms, end_ms : (days,) int64 array
        [ms since 1970, UTC]
    gap_hours : float
        Longest distance of two readings between which a register is interpolated. [h]
    """
    shape = len(registers), len(start_ms)
    use, closed_ms = np.full(shape, np.nan), np.full(shape, NEVER_MS, dtype=np.int64)
    for row, register in enumerate(registers):
        first, last = (_at(register, each, gap_hours) for each in (start_ms, end_ms))
        # The register counts on without a break from the first edge to the last.
        one = first.known & last.known & (first.register == last.register)
        use[row, one] = np.maximum(last.value[one] - first.value[one], 0.0)
        closed_ms[row, one] = last.told_ms[one]
    return Days(start_ms, end_ms, use, closed_ms)


@dataclass(frozen=True)
class _Edge:
    value: Floats
    told_ms: Integers
    register: Integers
    known: Bools


def _at(register: Register, instants_ms: Integers, gap_hours: float) -> _Edge:
    """Return a register at some instants."""
    time_ms, value = register.time_ms, register.value
    if not len(time_ms):
        nothing = np.zeros(len(instants_ms), dtype=np.int64)
        return _Edge(nothing.astype(np.float64), nothing, nothing, nothing > 0)
    number = np.cumsum(register.anew, dtype=np.int64)
    before = np.searchsorted(time_ms, instants_ms, side="right") - 1
    after = np.searchsorted(time_ms, instants_ms, side="left")
    inside = (before >= 0) & (after < len(time_ms))
    before, after = np.maximum(before, 0), np.minimum(after, len(time_ms) - 1)
    gap_ms = time_ms[after] - time_ms[before]
    known = inside & (gap_ms <= gap_hours * HOUR_MS) & (number[before] == number[after])
    part = (instants_ms - time_ms[before]) / np.maximum(gap_ms, 1)
    at = value[before] + (value[after] - value[before]) * part
    return _Edge(at, time_ms[after], number[after], known)
