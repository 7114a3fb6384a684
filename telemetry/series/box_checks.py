"""
Detects suspect hours of climate sensors. Pure functions of hourly means (boxes, hours), NaN = gap.

A suspect hour is treated as missing: it is estimated and counted, and never taken for green. So
a sensor on a sunny sill, in a bag or in the stairwell gains nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from telemetry.series.co2_baseline import never_fresh
from telemetry.series.humidity import water_g_per_m3
from telemetry.series.runs import all_of_the_last, first_hours, long_runs, runs_from, runs_with

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from estate.numbers.arrays import Bools, Floats
    from telemetry.series.box_limits import BoxLimits


DAY_HOURS = 24


class Suspicion(StrEnum):
    """Why an hour of a sensor is suspect."""

    FLAT = "flat"
    """All values constant to the last digit: a stuck sensor."""
    SUN = "sun"
    """Far above the day's median for hours, after a rise faster than a room's: a sunny sill."""
    BAG = "bag"
    """Humidity that only rises: the sensor is enclosed."""
    STAIRWELL = "stairwell"
    """Suddenly far colder in fresh air, or colder than all homes: moved elsewhere."""
    BASELINE = "baseline"
    """More carbon dioxide than people can produce in air so dry: not calibrated."""
    NO_HOME = "no_home"
    """Warmer or colder for hours than any home: another unit, a radiator, a balcony."""
    TEMPERATURE_STILL = "temperature_still"
    """Only the temperature is constant, or moves in steps: stuck, or a valve's set point."""
    HUMIDITY_STILL = "humidity_still"
    CO2_STILL = "co2_still"
    SATURATED = "saturated"
    """Saturated air for half a day: a wetted or failed sensor."""
    IMPLAUSIBLE = "implausible"
    """Values that are suspect by themselves, wherever the sensor is (`telemetry.plausibility`)."""


INDOOR_QUANTITIES = ("temperature_c", "humidity_pct", "co2_ppm")
ONE_QUANTITY: Mapping[Suspicion, str] = {
    Suspicion.BASELINE: "co2_ppm",
    Suspicion.NO_HOME: "temperature_c",
    Suspicion.TEMPERATURE_STILL: "temperature_c",
    Suspicion.HUMIDITY_STILL: "humidity_pct",
    Suspicion.CO2_STILL: "co2_ppm",
    Suspicion.SATURATED: "humidity_pct",
}
"""The quantity that a reason makes suspect, unless it is all that the sensor measures."""


def doubted_quantities(reason: Suspicion) -> tuple[str, ...]:
    """Return the quantities that a reason makes suspect."""
    return (ONE_QUANTITY[reason],) if reason in ONE_QUANTITY else INDOOR_QUANTITIES


@dataclass(frozen=True)
class Surroundings:
    """
    Building and weather data to compare a sensor with.

    Attributes
    ----------
    inhabited : (boxes, hours) bool array
        Whether the home is let; an empty one may be cold.
    median_c : (hours,) array
        Temperature of the building's median home. [°C]
    outdoor_c, outdoor_g_per_m3 : (hours,) array
        Temperature of the outdoor air and the water in it; NaN = not known. [°C], [g/m³]
    """

    inhabited: Bools
    median_c: Floats
    outdoor_c: Floats
    outdoor_g_per_m3: Floats


def suspicions(
    temperature_c: Floats,
    humidity_pct: Floats,
    co2_ppm: Floats,
    around: Surroundings,
    limits: BoxLimits,
) -> Mapping[Suspicion, Bools]:
    """
    Return the suspect hours of sensors by reason.

    Parameters
    ----------
    temperature_c, humidity_pct, co2_ppm : (boxes, hours) arrays
        Hourly means, NaN = gap. [°C], [%], [ppm]
    around : Surroundings
    limits : BoxLimits

    Returns
    -------
    mapping of Suspicion to (boxes, hours) bool array
    """
    no_home = like_no_home(temperature_c, around, limits)
    temperature_c = np.where(no_home, np.nan, temperature_c)
    water_excess = water_g_per_m3(temperature_c, humidity_pct) - around.outdoor_g_per_m3
    saturated = full_of_water(humidity_pct, co2_ppm, water_excess, limits) & around.inhabited
    humidity_pct = np.where(saturated, np.nan, humidity_pct)
    sun = in_the_sun(temperature_c, limits)
    # The fall after a peak in the sun is not mistaken for a move to the stairwell.
    shaded_c = np.where(sun, np.nan, temperature_c)
    away = carried_away(shaded_c, co2_ppm, limits)
    far_below = colder_than_homes(shaded_c, co2_ppm, around.median_c, limits) & around.inhabited
    # In warm weather furniture takes up and gives off more water than people do.
    telling = np.where(around.outdoor_c <= limits.baseline_outdoor_c, water_excess, np.nan)
    # Nobody breathes in an empty home: it may well be at the outdoor level.
    breathed = around.inhabited | (co2_ppm > limits.fresh_air_ppm)
    stuck = flat(temperature_c, humidity_pct, co2_ppm, limits)
    temperature_still, humidity_still, co2_still = still_alone(
        (temperature_c, humidity_pct, co2_ppm), (limits.still_leap_k, np.inf, np.inf), limits
    )
    return {
        Suspicion.FLAT: stuck,
        Suspicion.SUN: sun,
        Suspicion.BAG: in_a_bag(humidity_pct, co2_ppm, limits),
        Suspicion.STAIRWELL: away | far_below,
        Suspicion.BASELINE: never_fresh(co2_ppm, telling, limits),
        Suspicion.NO_HOME: no_home,
        Suspicion.TEMPERATURE_STILL: temperature_still & ~stuck,
        Suspicion.HUMIDITY_STILL: humidity_still & ~stuck,
        Suspicion.CO2_STILL: co2_still & breathed & ~stuck,
        Suspicion.SATURATED: saturated,
    }


def flat(temperature_c: Floats, humidity_pct: Floats, co2_ppm: Floats, limits: BoxLimits) -> Bools:
    """Find hours in which all quantities are constant, gaps skipped; shapes as `suspicions`."""
    known = np.isfinite(temperature_c) & np.isfinite(humidity_pct)
    has_co2 = known & np.isfinite(co2_ppm)
    still = _stands(temperature_c) & _stands(humidity_pct)
    # Each run includes its first hour, to which the others are equal.
    with_co2 = long_runs(still & _stands(co2_ppm), limits.flat_hours - 1, counted=has_co2)
    without = long_runs(still & np.isnan(co2_ppm), limits.flat_hours_without_co2 - 1, counted=known)
    return (_with_first(with_co2) & has_co2) | (_with_first(without) & known)


def in_the_sun(temperature_c: Floats, limits: BoxLimits) -> Bools:
    """Find the hours around a peak that no heated room has; shape as `suspicions`."""
    above_k = temperature_c - _day_median(temperature_c)
    near = above_k > limits.sun_edge_k
    steep = _step(temperature_c) >= limits.sun_rise_k_per_h
    return runs_with(runs_with(near, above_k >= limits.sun_above_day_k), steep)


def in_a_bag(humidity_pct: Floats, co2_ppm: Floats, limits: BoxLimits) -> Bools:
    """
    Find the hours in which humidity only rises until the air is full; shapes as `suspicions`.

    They last until it falls, at once or slowly. If carbon dioxide changes fast meanwhile, room
    air reaches the sensor. A rise that persists is not a bag, but a home that has become damp.
    """
    step, hours = _step(humidity_pct), limits.bag_hours
    rises = step >= -limits.bag_slack_pct_per_h
    reached = np.abs(_step(co2_ppm)) > limits.bag_co2_ppm_per_h
    risen = np.full(humidity_pct.shape, np.nan)
    risen[:, hours:] = humidity_pct[:, hours:] - humidity_pct[:, :-hours]
    closed_in = all_of_the_last(rises & ~reached, hours) & (risen >= limits.bag_rise_pct)
    full = runs_with(rises, closed_in) & runs_with(rises, humidity_pct >= limits.bag_full_pct)
    sunk = (risen < -limits.bag_sunk_pct) & ~full
    inside = (step > -limits.bag_end_pct_per_h) & ~sunk
    return runs_from(inside, first_hours(full))


def carried_away(temperature_c: Floats, co2_ppm: Floats, limits: BoxLimits) -> Bools:
    """Find the hours between a sudden fall into fresh air and an equally sudden rise."""
    step = _step(temperature_c)
    fresh = co2_ppm <= limits.fresh_air_ppm
    away = fresh & ~(step >= limits.stairwell_step_k_per_h)
    return long_runs(
        runs_from(away, step <= -limits.stairwell_step_k_per_h), limits.stairwell_hours
    )


def colder_than_homes(
    temperature_c: Floats, co2_ppm: Floats, median_c: Floats, limits: BoxLimits
) -> Bools:
    """Find the hours in which a sensor is in fresh air and far below the median home."""
    below = temperature_c < median_c - limits.stairwell_below_homes_k
    fresh = co2_ppm <= limits.fresh_air_ppm
    return long_runs(below & fresh, limits.stairwell_below_hours)


def like_no_home(temperature_c: Floats, around: Surroundings, limits: BoxLimits) -> Bools:
    """Find the hours of a temperature that no home reaches; shapes as `suspicions`."""
    outdoor_c, above_k = around.outdoor_c, around.median_c - around.outdoor_c
    warm = temperature_c >= np.fmax(limits.warmest_c, outdoor_c + limits.warmest_above_outdoor_k)
    # Even a home that is not heated is warmed by its neighbours.
    outdoors = temperature_c < outdoor_c + limits.outdoors_part * above_k
    outdoors &= above_k >= limits.outdoors_least_k
    cold = ((temperature_c <= limits.coldest_c) | outdoors) & around.inhabited
    return long_runs(warm, limits.no_home_hours) | long_runs(cold, limits.no_home_hours)


def full_of_water(
    humidity_pct: Floats, co2_ppm: Floats, water_excess: Floats, limits: BoxLimits
) -> Bools:
    """
    Find the hours of air saturated for longer than a bath; shapes as `suspicions`.

    Where carbon dioxide has accumulated too, the home is not ventilated and the value is accepted.
    """
    piled_up = co2_ppm - limits.outdoor_ppm >= limits.stale_ppm_per_g_per_m3 * water_excess
    return long_runs((humidity_pct >= limits.saturated_pct) & ~piled_up, limits.saturated_hours)


def still_alone(
    quantities: Sequence[Floats], leaps: Sequence[float], limits: BoxLimits
) -> list[Bools]:
    """
    Find, for each quantity of a sensor, the hours it is constant while another moves.

    Parameters
    ----------
    quantities : sequence of (boxes, hours) array
    leaps : sequence of float
        For each quantity, the step from which a change is a leap rather than movement. [unit per
        hour]
    limits : BoxLimits
    """
    standing = [
        still(values, limits.still_hours, leap)
        for values, leap in zip(quantities, leaps, strict=True)
    ]
    moving = [
        np.isfinite(values) & ~stands for values, stands in zip(quantities, standing, strict=True)
    ]
    return [
        stands & np.logical_or.reduce([other for other in moving if other is not own])
        for stands, own in zip(standing, moving, strict=True)
    ]


def still(values: Floats, least_hours: int, leap: float = np.inf) -> Bools:
    """Find the hours in which one quantity is constant except for leaps; gaps are skipped."""
    known, step = np.isfinite(values), _step(_last_known(values))
    stands = (step == 0) | (np.abs(step) >= leap)
    # A leap within an hour affects the means of two hours.
    split = (step[:, :-1] * step[:, 1:] > 0) & (np.abs(step[:, :-1] + step[:, 1:]) >= leap)
    stands[:, :-1] |= split
    stands[:, 1:] |= split
    return _with_first(long_runs(stands, least_hours - 1, counted=known)) & known


def _step(values: Floats) -> Floats:
    """Return the change since the hour before, NaN in the first one."""
    return np.diff(values, axis=1, prepend=np.nan)


def _last_known(values: Floats) -> Floats:
    """Return the last known value at each hour, NaN before the first."""
    hour = np.arange(values.shape[1])
    last = np.maximum.accumulate(np.where(np.isfinite(values), hour, -1), axis=1)
    return np.take_along_axis(values, np.maximum(last, 0), axis=1)


def _stands(values: Floats) -> Bools:
    return np.asarray(_step(_last_known(values)) == 0)


def _with_first(holds: Bools) -> Bools:
    wider = holds.copy()
    wider[:, :-1] |= holds[:, 1:]
    return wider


def _day_median(values: Floats) -> Floats:
    """Return the median of each hour's day: blocks of 24 hours, the last ending with the data."""
    rows, hours = values.shape
    days = -(-hours // DAY_HOURS)
    padded = np.full((rows, days * DAY_HOURS), np.nan)
    padded[:, :hours] = values
    # Gaps are sorted last.
    ordered = np.sort(padded.reshape(rows, days, DAY_HOURS), axis=2)
    middle = (np.isfinite(ordered).sum(axis=2, keepdims=True) - 1) // 2
    median = np.take_along_axis(ordered, np.maximum(middle, 0), axis=2)[:, :, 0]
    return np.repeat(median, DAY_HOURS, axis=1)[:, :hours]
