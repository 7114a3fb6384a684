"""
Distinguishes uncalibrated CO2 sensors from homes with bad air. Pure functions.

Both read far above outdoor air for weeks. But people give off water along with carbon dioxide,
and both leave with the same air: in a poorly ventilated home the two accumulate together. A sensor
that has drifted reports much carbon dioxide where there is hardly any water.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from estate.numbers.arrays import Bools, Floats
    from telemetry.series.box_limits import BoxLimits


DAY_HOURS = 24


def never_fresh(co2_ppm: Floats, water_excess: Floats, limits: BoxLimits) -> Bools:
    """
    Find the weeks in which carbon dioxide never falls as far as the water in the air does.

    The hours with the least carbon dioxide of each seven days are used. A week in which less than
    half of the hours have both values is not judged, and its values are accepted.

    Parameters
    ----------
    co2_ppm : (boxes, hours) array
        NaN = gap. [ppm]
    water_excess : (boxes, hours) array
        Moisture excess over the outdoor air; NaN = gap. [g/m³]
    limits : BoxLimits

    Returns
    -------
    (boxes, hours) bool array
        Hours with a value in such weeks.
    """
    found = np.zeros(co2_ppm.shape, dtype=np.bool_)
    days, width = co2_ppm.shape[1] // DAY_HOURS, limits.baseline_days
    if days < width:
        return found
    known = np.isfinite(co2_ppm) & np.isfinite(water_excess)
    told = _by_week(known, days, width)
    low = _by_week(known & (co2_ppm <= limits.baseline_ppm), days, width)
    # Most homes are fresh in more hours than needed: nothing is sorted for them.
    doubtful = (told >= limits.baseline_least_hours) & (low < told * limits.baseline_part)
    for box, first in np.argwhere(doubtful):
        week = slice(first * DAY_HOURS, (first + width) * DAY_HOURS)
        if _drifted(co2_ppm[box, week], water_excess[box, week], known[box, week], limits):
            found[box, week] = True
    # The hours after the last whole day belong to that day.
    found[:, days * DAY_HOURS :] = found[:, days * DAY_HOURS - 1, None]
    return found & np.isfinite(co2_ppm)


def _drifted(co2_ppm: Floats, water_excess: Floats, known: Bools, limits: BoxLimits) -> bool:
    co2_ppm, water_excess = co2_ppm[known], water_excess[known]
    taken = np.argsort(co2_ppm, kind="stable")[: max(1, int(len(co2_ppm) * limits.baseline_part))]
    water = max(float(water_excess[taken].mean()), 0.0)
    most_ppm = limits.baseline_ppm + limits.baseline_ppm_per_g_per_m3 * water
    return float(co2_ppm[taken].mean()) > most_ppm


def _by_week(holds: Bools, days: int, width: int) -> npt.NDArray[np.int64]:
    """Count hours over `width` days from each day on, shape (boxes, days - width + 1)."""
    daily = holds[:, : days * DAY_HOURS].reshape(len(holds), days, DAY_HOURS).sum(axis=2)
    so_far = np.concatenate([np.zeros((len(holds), 1), dtype=np.int64), daily.cumsum(axis=1)], 1)
    return np.asarray(so_far[:, width:] - so_far[:, :-width])
