"""
Classes of indoor air, and hours that are too warm, dry, damp or stale. Pure functions of arrays.

An hour that is unknown, or whose sensor is suspect, is in no class: less carbon dioxide than
in outdoor air means a faulty sensor, not excellent air.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.runs import runs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from alerts.air.limits import AirClasses, AirLimits
    from estate.numbers.arrays import Bools, Codes, Floats, Integers

UNKNOWN = -1
DAY_HOURS = 24
LEAST_OF_A_DAY = 12
"""Known hours by which a day is judged."""


def temperature_class(temperature_c: Floats, heating: Bools, of: AirClasses) -> Codes:
    """
    Return the class of each hour's temperature; `UNKNOWN` where it is unknown.

    Parameters
    ----------
    temperature_c : (..., hours) float64 array
        [°C]
    heating : (hours,) bool array
        Hours of the heating season, in which only cold counts; outside of it only warmth does.
    of : AirClasses

    Returns
    -------
    (..., hours) int8 array
        Positions in `AirClasses.classes`; one past the last if none is met.
    """
    cold = _first_fulfilled(temperature_c, [(least, np.inf) for least in of.temperature_c])
    warm = _first_fulfilled(temperature_c, [(-np.inf, most) for most in of.most_c])
    return np.where(heating, cold, warm).astype(np.int8)


def humidity_class(humidity_pct: Floats, of: AirClasses) -> Codes:
    """Return the class of each hour's humidity, as `temperature_class`."""
    return _first_fulfilled(humidity_pct, [(least, most) for least, most in of.humidity_pct])


def co2_class(co2_ppm: Floats, of: AirClasses, outdoor_ppm: float) -> Codes:
    """Return the class of each hour's carbon dioxide, as `temperature_class`."""
    return _first_fulfilled(
        co2_ppm, [(0.0, outdoor_ppm + most) for most in of.co2_above_outdoor_ppm]
    )


def _first_fulfilled(values: Floats, bounds: list[tuple[float, float]]) -> Codes:
    found = np.full(values.shape, len(bounds), dtype=np.int8)
    for position, (least, most) in reversed(list(enumerate(bounds))):
        found[(values >= least) & (values <= most)] = position
    found[np.isnan(values)] = UNKNOWN
    return found


def worst(classes: Mapping[str, Codes]) -> Codes:
    """Return the worst class of several quantities in each hour; unknown ones do not count."""
    return np.asarray(np.max(np.stack(list(classes.values())), axis=0), dtype=np.int8)


@dataclass(frozen=True)
class Warmth:
    """
    Hours that are warmer than a home should be, within a year.

    Attributes
    ----------
    overheated_hours, very_hot_hours, known_hours : (homes,) int64 array
    too_warm : (homes,) bool array
        Either exceeds the recommendation, which the rest of the year cannot undo.
    """

    overheated_hours: Integers
    very_hot_hours: Integers
    known_hours: Integers
    too_warm: Bools


def overheating(temperature_c: Floats, limits: AirLimits) -> Warmth:
    """Count the hours that are too warm, in a year or part of one; shape (homes, hours)."""
    warm = np.sum(temperature_c > limits.overheated_c, axis=-1)
    hot = np.sum(temperature_c > limits.very_hot_c, axis=-1)
    known = np.sum(np.isfinite(temperature_c), axis=-1)
    too_warm = (warm > limits.overheated_hours) | (hot > limits.very_hot_hours)
    return Warmth(warm, hot, known, too_warm)


def dry_spells(humidity_pct: Floats, limits: AirLimits) -> list[tuple[int, int, int]]:
    """
    Find the spells of dry air: consecutive days whose mean is below the limit.

    Parameters
    ----------
    humidity_pct : (homes, hours) float64 array
        Whole days from the first hour on; NaN if unknown. [%]
    limits : AirLimits

    Returns
    -------
    list of (int, int, int)
        Home, first hour and the hour after the last. A day with too little data neither
        continues a spell nor begins one.
    """
    days = humidity_pct.shape[-1] // DAY_HOURS
    by_day = humidity_pct[:, : days * DAY_HOURS].reshape(-1, days, DAY_HOURS)
    known = np.isfinite(by_day)
    count = known.sum(axis=-1)
    mean = np.where(known, by_day, 0.0).sum(axis=-1) / np.maximum(count, 1)
    dry = (mean < limits.dry_pct) & (count >= LEAST_OF_A_DAY)
    return [
        (row, start * DAY_HOURS, end * DAY_HOURS)
        for row, start, end in runs(dry)
        if end - start >= limits.dry_days
    ]
