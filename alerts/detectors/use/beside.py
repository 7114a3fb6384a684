"""
What the other meters of a home counted beside one meter, day by day.

Guests raise hot and cold water alike, and one does not triple while the other stays the same.
So the home's other water meter is the best evidence of how many people were in, and how long they
bathed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.days import NEVER_MS, Days, days_of
from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.detectors.intervals import Register
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Floats, Integers


@dataclass(frozen=True)
class Beside:
    """
    Daily use of meters, and of the other meters of their homes.

    Attributes
    ----------
    days : Days
        Of the meters; a day is complete once the home's other meters had time to report theirs.
    other : (meters, days) float64 array
        What the other meters of the home counted; NaN if unknown, or if there are none.
    """

    days: Days
    other: Floats


def with_others(
    registers: Sequence[Register],
    days: Days,
    others: Sequence[Sequence[Register]],
    limits: Limits,
) -> Beside:
    """
    Return the daily use of meters, along with what the others of their homes counted.

    Parameters
    ----------
    registers : sequence of Register
    days : Days
        Theirs.
    others : sequence of sequences of Register
        For each meter, the others in the same home and unit; empty if there are none.
    limits : Limits
    """
    told_ms, use, other = days.closed_ms.copy(), days.use.copy(), np.full(days.use.shape, np.nan)
    settling_ms = round(limits.settling_hours * HOUR_MS)
    for row, (register, own) in enumerate(zip(registers, others, strict=True)):
        if not own:
            continue
        beside = days_of(own, days.start_ms, days.end_ms, limits.day_gap_hours)
        first_ms = min((each.time_ms[0] for each in own if len(each.time_ms)), default=NEVER_MS)
        waits = days.start_ms >= first_ms
        settled_ms = _first_reading(register, days.end_ms + settling_ms)
        told_ms[row] = np.where(waits, np.maximum(told_ms[row], settled_ms), told_ms[row])
        use[row, told_ms[row] == NEVER_MS] = np.nan
        in_time = np.where(beside.closed_ms <= told_ms[row], beside.use, np.nan)
        other[row] = _together(in_time, limits.beside_known_days)
    return Beside(Days(days.start_ms, days.end_ms, use, told_ms), other)


def _first_reading(register: Register, instants_ms: Integers) -> Integers:
    """Return the time of the first reading from each instant on; far ahead if there is none."""
    times_ms = np.append(register.time_ms, NEVER_MS)
    found: Integers = times_ms[np.searchsorted(times_ms, instants_ms)]
    return found


def _together(use: Floats, known_days: int) -> Floats:
    """Sum meters, (meters, days) to (days,); NaN where one is missing for a while."""
    known = np.isfinite(use)
    lately = np.zeros_like(known)
    for back in range(1, known_days + 1):
        lately[:, back:] |= known[:, :-back]
    whole = known.any(axis=0) & ~(lately & ~known).any(axis=0)
    return np.where(whole, np.nansum(use, axis=0), np.nan)
