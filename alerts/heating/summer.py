"""
Detects heat on summer nights: a valve left open, or water that circulates day and night.

On warm days nobody heats, and at night nobody draws hot water. A meter that then counts every night
of a week counts all summer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.episodes import Episodes
from alerts.detectors.use.past import Past
from alerts.model import AlertKind
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from alerts.detectors.days import Days
    from alerts.detectors.found import Found
    from alerts.detectors.limits import Limits
    from alerts.heating.limits import HeatingLimits
    from estate.numbers.arrays import Floats


def summer_heat(
    nights: Days, outdoor_c: Floats, limits: HeatingLimits, detectors: Limits
) -> list[Found]:
    """
    Find heat on summer nights.

    Parameters
    ----------
    nights : Days
        Heat during the part of each night in which people sleep. [kWh]
    outdoor_c : (nights,) array
        Mean of each night's day, NaN where unknown. [°C]
    limits : HeatingLimits
    detectors : Limits
    """
    meters, count = nights.use.shape
    episodes = Episodes(meters, AlertKind.SUMMER_HEAT, detectors)
    used, starts_ms = (Past(meters, limits.summer_nights) for _ in range(2))
    for night in range(count):
        use, end_ms = nights.use[:, night], int(nights.end_ms[night])
        if not outdoor_c[night] >= limits.summer_c:
            # Some cool days end an alert; the next summer's is another one.
            cool = np.ones(meters, dtype=np.bool_)
            episodes.step(~cool, cool & np.isfinite(outdoor_c[night]), end_ms)
            continue
        known, high = np.isfinite(use), use >= limits.summer_night_kwh
        used.add(known, use)
        starts_ms.add(known, np.full(meters, float(nights.start_ms[night])))
        # For unknown nights the comparison is false.
        always = known & (used.values >= limits.summer_night_kwh).all(axis=1)
        always &= end_ms - starts_ms.values[:, 0] <= limits.summer_within_days * DAY_MS
        for row in np.flatnonzero(always & ~episodes.is_open).tolist():
            evidence = {
                "used_kwh": round(float(used.values[row].sum()), 1),
                "high_nights": limits.summer_nights,
                "outdoor_temperature_c": round(float(outdoor_c[night]), 1),
            }
            start_ms = int(starts_ms.values[row, 0])
            told_ms = int(nights.closed_ms[row, night])
            episodes.raise_(row, start_ms, end_ms, told_ms, evidence)
        episodes.step(high, known, end_ms)
    return episodes.found()
