"""
Hours of climate boxes that are suspect. Pure functions of hourly means, (boxes, hours), NaN = gap.

A suspect hour counts as missing: it is estimated and counted, and never taken for a green one. So
a box on a sunny sill, in a bag or in the stairwell earns nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from telemetry.runs import (
    all_of_the_last,
    first_hours,
    long_runs,
    rolling_least,
    runs_from,
    runs_with,
    windows_to_hours,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from telemetry.box_limits import BoxLimits

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

DAY_HOURS = 24


class Suspicion(StrEnum):
    """Why an hour of a box is suspect."""

    FLAT = "flat"
    """Nothing moves, to the last digit: a stuck sensor."""
    SUN = "sun"
    """Far warmer than the day for some hours, risen faster than a room can: a sunny sill."""
    BAG = "bag"
    """Humidity that only rises: the box is closed in."""
    STAIRWELL = "stairwell"
    """Suddenly far colder in fresh air, or far colder than all homes: another place."""
    BASELINE = "baseline"
    """Carbon dioxide that never comes down to fresh air: the sensor is not calibrated."""


def suspicions(
    temperature_c: Floats,
    humidity_pct: Floats,
    co2_ppm: Floats,
    median_c: Floats,
    inhabited: Bools,
    limits: BoxLimits,
) -> Mapping[Suspicion, Bools]:
    """
    Tell the suspect hours of boxes by reason.

    Parameters
    ----------
    temperature_c, humidity_pct, co2_ppm : (boxes, hours) arrays
        Hourly means, NaN = gap. [°C], [%], [ppm]
    median_c : (hours,) array
        Temperature of the building's median home. [°C]
    inhabited : (boxes, hours) bool array
        Somebody rents the home; an empty one may be as cold as it likes.
    limits : BoxLimits

    Returns
    -------
    mapping of Suspicion to (boxes, hours) bool array
    """
    sun = in_the_sun(temperature_c, limits)
    # The fall after a peak in the sun is no way to the stairwell.
    shaded_c = np.where(sun, np.nan, temperature_c)
    away = carried_away(shaded_c, co2_ppm, limits)
    far_below = colder_than_homes(shaded_c, co2_ppm, median_c, limits) & inhabited
    return {
        Suspicion.FLAT: flat(temperature_c, humidity_pct, co2_ppm, limits),
        Suspicion.SUN: sun,
        Suspicion.BAG: in_a_bag(humidity_pct, limits),
        Suspicion.STAIRWELL: away | far_below,
        Suspicion.BASELINE: never_fresh(co2_ppm, limits),
    }


def flat(temperature_c: Floats, humidity_pct: Floats, co2_ppm: Floats, limits: BoxLimits) -> Bools:
    """Find hours in which all that a box measures stands still; shapes as `suspicions`."""
    still = _stands(temperature_c) & _stands(humidity_pct)
    # Each run gets its first hour back, to which the others are equal.
    without_co2 = np.isnan(co2_ppm)
    with_co2 = _with_first(long_runs(still & _stands(co2_ppm), limits.flat_hours - 1))
    without = long_runs(still & without_co2, limits.flat_hours_without_co2 - 1)
    return with_co2 | _with_first(without)


def in_the_sun(temperature_c: Floats, limits: BoxLimits) -> Bools:
    """Find the hours around a peak that no heated room has; shape as `suspicions`."""
    above_k = temperature_c - _day_median(temperature_c)
    near = above_k > limits.sun_edge_k
    steep = _step(temperature_c) >= limits.sun_rise_k_per_h
    return runs_with(runs_with(near, above_k >= limits.sun_above_day_k), steep)


def in_a_bag(humidity_pct: Floats, limits: BoxLimits) -> Bools:
    """Find the hours of a humidity that only rises, and those until it falls at once."""
    step, hours = _step(humidity_pct), limits.bag_hours
    rises = step >= -limits.bag_slack_pct_per_h
    risen = np.full(humidity_pct.shape, np.nan)
    risen[:, hours:] = humidity_pct[:, hours:] - humidity_pct[:, :-hours]
    closed_in = all_of_the_last(rises, hours) & (risen >= limits.bag_rise_pct)
    begun = first_hours(runs_with(rises, closed_in))
    return runs_from(step > -limits.bag_end_pct_per_h, begun)


def carried_away(temperature_c: Floats, co2_ppm: Floats, limits: BoxLimits) -> Bools:
    """Find the hours after a sudden fall into fresh air, until it is as suddenly warm again."""
    step = _step(temperature_c)
    fresh = co2_ppm <= limits.fresh_air_ppm
    away = fresh & ~(step >= limits.stairwell_step_k_per_h)
    return long_runs(
        runs_from(away, step <= -limits.stairwell_step_k_per_h), limits.stairwell_hours
    )


def colder_than_homes(
    temperature_c: Floats, co2_ppm: Floats, median_c: Floats, limits: BoxLimits
) -> Bools:
    """Find the hours in which a box stands in fresh air and far below the median home."""
    below = temperature_c < median_c - limits.stairwell_below_homes_k
    fresh = co2_ppm <= limits.fresh_air_ppm
    return long_runs(below & fresh, limits.stairwell_below_hours)


def never_fresh(co2_ppm: Floats, limits: BoxLimits) -> Bools:
    """Find the hours of weeks in which carbon dioxide never comes down to fresh air."""
    hours, width = co2_ppm.shape[1], limits.baseline_hours
    if hours < width:
        return np.zeros(co2_ppm.shape, dtype=np.bool_)
    high = rolling_least(co2_ppm, width) > limits.baseline_ppm
    return windows_to_hours(high, width, hours) & np.isfinite(co2_ppm)


def _step(values: Floats) -> Floats:
    """Give the change since the hour before, NaN in the first one."""
    return np.diff(values, axis=1, prepend=np.nan)


def _stands(values: Floats) -> Bools:
    return np.asarray(_step(values) == 0)


def _with_first(holds: Bools) -> Bools:
    wider = holds.copy()
    wider[:, :-1] |= holds[:, 1:]
    return wider


def _day_median(values: Floats) -> Floats:
    """Give the median of the day of each hour: 24 hours from the first on, the last ones a day."""
    rows, hours = values.shape
    days = -(-hours // DAY_HOURS)
    padded = np.full((rows, days * DAY_HOURS), np.nan)
    padded[:, :hours] = values
    # Gaps are sorted behind what is known.
    ordered = np.sort(padded.reshape(rows, days, DAY_HOURS), axis=2)
    middle = (np.isfinite(ordered).sum(axis=2, keepdims=True) - 1) // 2
    median = np.take_along_axis(ordered, np.maximum(middle, 0), axis=2)[:, :, 0]
    return np.repeat(median, DAY_HOURS, axis=1)[:, :hours]
