"""
Detects use that creeps up over months, too slowly for spikes, to which the last weeks are usual.

Three spells of some weeks are compared. The median day must rise from one to the next, and even a
low day of the last be hardly below a high day of the first: guests and a busy week leave low
days unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.episodes import Episodes
from alerts.detectors.medians import median_of_known, quantile_of_known
from alerts.detectors.use.past import Past
from alerts.model import AlertKind
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from alerts.detectors.use.excess import Unit
    from estate.numbers.arrays import Bools, Floats

SPELLS = 3


def slow_rises(days: Days, unit: Unit, limits: Limits, within_days: float = np.inf) -> list[Found]:
    """
    Find use that has crept up.

    Parameters
    ----------
    days : Days
    unit : Unit
    limits : Limits
    within_days : float
        Largest span from which the days of the three spells may come. [d]
    """
    meters, count = days.use.shape
    episodes = Episodes(meters, AlertKind.SLOW_RISE, limits)
    past, ends_ms = (Past(meters, SPELLS * limits.slow_days) for _ in range(2))
    for day in range(count):
        use, end_ms = days.use[:, day], int(days.end_ms[day])
        known = np.isfinite(use)
        busy = quantile_of_known(past.values, limits.slow_high_part, limits.slow_days)
        away = use < limits.slow_away_part * busy
        past.add(known & ~away, use)
        ends_ms.add(known & ~away, np.full(meters, float(end_ms)))
        before, _, now = _medians(past, limits)
        rising = known & _rises(past, unit.floor, limits)
        rising &= end_ms - ends_ms.values[:, 0] <= within_days * DAY_MS
        for row in np.flatnonzero(rising & ~episodes.is_open).tolist():
            evidence = {
                f"used_{unit.name}": round(float(now[row]) * limits.slow_days, 1),
                f"expected_{unit.name}": round(float(before[row]) * limits.slow_days, 1),
                "high_days": limits.slow_days,
            }
            start_ms = end_ms - limits.slow_days * DAY_MS
            told_ms = int(days.closed_ms[row, day])
            episodes.raise_(row, start_ms, end_ms, told_ms, evidence)
        episodes.step(rising, known, end_ms)
    return episodes.found()


def _spells(past: Past, limits: Limits) -> Floats:
    """Return the days of each spell, (meters, spells, days), the newest last."""
    return past.values.reshape(len(past.values), SPELLS, limits.slow_days)


def _medians(past: Past, limits: Limits) -> Floats:
    """Return the median day of each spell, (spells, meters); NaN until a spell is complete."""
    return median_of_known(_spells(past, limits), limits.slow_days).T


def _rises(past: Past, floor: float, limits: Limits) -> Bools:
    before, middle, now = _medians(past, limits)
    spells, least = _spells(past, limits), limits.slow_days
    high = quantile_of_known(spells[:, 0], limits.slow_high_part, least)
    low = quantile_of_known(spells[:, -1], limits.slow_low_part, least)
    found: Bools = (
        (now > limits.slow_times * before)
        & (now < limits.slow_away_times * before)
        & (middle > limits.slow_middle_times * before)
        & (now > limits.slow_last_times * middle)
        & (now - before > floor)
        & (low > limits.slow_low_times * high)
    )
    return found
