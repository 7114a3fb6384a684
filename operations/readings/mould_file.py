"""The mould index on anyone's own file of temperature and humidity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.mould.mould import first_hour, materials, mould_index, surface_conditions
from estate.errors import UsageError
from estate.periods import HOUR_MS
from operations.readings.climate_file import Gauge, read_gauges

if TYPE_CHECKING:
    from pathlib import Path

    from estate.numbers.arrays import Floats


SATURATED_PCT = 100.0


@dataclass(frozen=True)
class MouldCourse:
    """
    The course of the index.

    Attributes
    ----------
    index_max, index_end : float
    hours_to_1, hours_to_3 : int or None
        Time until the index first reached these; None if it never did. [h]
    hours, missing_hours, clipped_hours : int
        All hours, those without conditions, and those of more than 100 % humidity.
    """

    index_max: float
    index_end: float
    hours_to_1: int | None
    hours_to_3: int | None
    hours: int
    missing_hours: int
    clipped_hours: int


def mould_of_file(
    path: Path,
    material: str,
    f_rsi: float | None = None,
    outdoor: Path | None = None,
    decline: float = 1.0,
) -> MouldCourse:
    """
    Follow the mould index through the hours of a file.

    Parameters
    ----------
    path : Path
        ``time,temperature_c,humidity_pct``: conditions at the surface; those of the room's air
        where `f_rsi` and `outdoor` are given. A row stands for the hour that it starts.
    material : str
    f_rsi : float, optional
        [1]
    outdoor : Path, optional
        ``time,temperature_c``.
    decline : float
        Speed of decline in dry spells relative to pine. [1]

    Raises
    ------
    UsageError, DataError
    """
    if (f_rsi is None) != (outdoor is None):
        raise UsageError(
            "room air needs both --f-rsi and --outdoor; leave out both where FILE is of the "
            "surface itself"
        )
    temperature, humidity = read_gauges(path, "temperature_c", "humidity_pct")
    first = int(min(temperature.time_ms[0], humidity.time_ms[0]) // HOUR_MS)
    hours = int(max(temperature.time_ms[-1], humidity.time_ms[-1]) // HOUR_MS) - first + 1
    temperature_c, humidity_pct = (_hourly(each, first, hours) for each in (temperature, humidity))
    clipped = humidity_pct > SATURATED_PCT
    humidity_pct = np.clip(humidity_pct, 0.0, SATURATED_PCT)
    if f_rsi is not None and outdoor is not None:
        (outside,) = read_gauges(outdoor, "temperature_c")
        surface = surface_conditions(
            temperature_c, humidity_pct, _hourly(outside, first, hours), f_rsi
        )
        temperature_c, humidity_pct = surface.temperature_c, surface.humidity_pct
    course = mould_index(temperature_c, humidity_pct, materials()[material], decline)
    return MouldCourse(
        index_max=float(course.index.max()),
        index_end=float(course.index[-1]),
        hours_to_1=_hours_to(course.index, 1.0),
        hours_to_3=_hours_to(course.index, 3.0),
        hours=hours,
        missing_hours=int(course.missing_hours),
        clipped_hours=int(np.count_nonzero(clipped)),
    )


def _hourly(gauge: Gauge, first: int, hours: int) -> Floats:
    """Average the known values of each hour, NaN if there are none; `first` counts from 1970."""
    hour = gauge.time_ms // HOUR_MS - first
    within = (hour >= 0) & (hour < hours)
    count = np.bincount(hour[within], minlength=hours)
    total = np.bincount(hour[within], weights=gauge.value[within], minlength=hours)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _hours_to(index: Floats, level: float) -> int | None:
    position = int(first_hour(index, level))
    return None if position < 0 else position + 1
