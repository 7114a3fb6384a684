"""
What the other meters of a home counted beside one meter, day by day.

Guests raise hot water, cold water and electricity alike, and one does not triple while the others
stay the same. So the home's other meters are the best evidence of how many people were in, and how
long they bathed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.days import NEVER_MS, Days, days_of
from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alerts.detectors.intervals import Register
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Floats, Integers


BESIDE: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "hot_water_m3": (("cold_water_m3",), ("electricity_kwh",)),
    "cold_water_m3": (("hot_water_m3",), ("electricity_kwh",)),
    "electricity_kwh": (("hot_water_m3", "cold_water_m3"),),
}
"""By which other registers of its home a register is judged; those of a group are added up."""


@dataclass(frozen=True)
class Beside:
    """
    Daily use of meters, and of the other meters of their homes.

    Attributes
    ----------
    days : Days
        Of the meters; a day is complete once the home's other meters had time to report theirs.
    others : (groups, meters, days) float64 array
        What each group of other meters of the home counted; NaN if unknown, or if there are none.
    """

    days: Days
    others: Floats


def with_others(
    registers: Sequence[Register],
    days: Days,
    groups: Sequence[Sequence[Sequence[Register]]],
    limits: Limits,
) -> Beside:
    """
    Return the daily use of meters, along with what the others of their homes counted.

    Parameters
    ----------
    registers : sequence of Register
    days : Days
        Theirs.
    groups : sequence of sequences of sequences of Register
        Of each group, for each meter, the others in the same home; empty if there are none.
    limits : Limits
    """
    others = np.full((len(groups), *days.use.shape), np.nan)
    told_ms = days.closed_ms.copy()
    for row, register in enumerate(registers):
        of_home = [group[row] for group in groups]
        told_ms[row] = _told_ms(register, days, told_ms[row], chain(*of_home), limits)
        for number, group in enumerate(of_home):
            if group:
                beside = days_of(group, days.start_ms, days.end_ms, limits.day_gap_hours)
                in_time = np.where(beside.closed_ms <= told_ms[row], beside.use, np.nan)
                others[number, row] = _together(in_time, limits.beside_known_days)
    use = np.where(told_ms == NEVER_MS, np.nan, days.use)
    return Beside(Days(days.start_ms, days.end_ms, use, told_ms), others)


def _told_ms(
    register: Register, days: Days, told_ms: Integers, others: Iterable[Register], limits: Limits
) -> Integers:
    """Return when each day of a meter is judged: later once there are others to wait for."""
    first_ms = min((each.time_ms[0] for each in others if len(each.time_ms)), default=NEVER_MS)
    settled_ms = _first_reading(register, days.end_ms + round(limits.settling_hours * HOUR_MS))
    return np.where(days.start_ms >= first_ms, np.maximum(told_ms, settled_ms), told_ms)


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
