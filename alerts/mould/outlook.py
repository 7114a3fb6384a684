"""
Forecasts the mould index if the home continues as in its last week. Pure.

The week's air is repeated for two weeks, adjusted for the season: the outdoor air is as much
warmer or colder, and at the same relative humidity as much damper or drier, as the season of a
normal year makes it, while the water that the home adds to it stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from alerts.mould.mould import mould_index, surface_conditions
from estate.numbers.values import load_table
from telemetry.series.humidity import PERCENT, water_g_per_m3

if TYPE_CHECKING:
    import numpy.typing as npt

    from alerts.mould.mould import Material
    from estate.numbers.arrays import Floats, Integers

WEEK_HOURS, AHEAD_HOURS = 7 * 24, 14 * 24
WEEKS_AHEAD = AHEAD_HOURS // WEEK_HOURS
YEAR_DAYS = 365.0
ROWS_AT_ONCE = 500
"""Two weeks of so many homes and days are looked at together, to bound memory."""
SATURATED_PCT = 100.0


@dataclass(frozen=True)
class Air:
    """
    The air of rooms and outdoors.

    Attributes
    ----------
    temperature_c, humidity_pct : (rooms, hours) float64 array
        NaN if unknown. [°C], [%]
    outdoor_c, outdoor_pct : (hours,) float64 array
        NaN if unknown. [°C], [%]
    day_of_year : (hours,) float64 array
        From 0 at the start of the year. [d]
    """

    temperature_c: Floats
    humidity_pct: Floats
    outdoor_c: Floats
    outdoor_pct: Floats
    day_of_year: Floats


@cache
def _months() -> tuple[Floats, Floats]:
    """Return the middle of each month of a normal year, and its temperature. [d], [°C]"""
    table = load_table("alerts.mould", "normal_year.yaml")
    firsts = [date(2001, month, 1) for month in range(1, 13)] + [date(2002, 1, 1)]
    days = np.array([(later - earlier).days for earlier, later in pairwise(firsts)])
    middle = np.cumsum(days) - days / 2
    return middle, table["base_c"] - np.array(table["degree_days"]) / days


def normal_outdoor_c(day_of_year: npt.ArrayLike) -> Floats:
    """
    Return the outdoor temperature of a normal year. [°C]

    Examples
    --------
    >>> [round(float(each), 1) for each in normal_outdoor_c([15.5, 196.5])]
    [0.3, 16.3]
    """
    middle, mean_c = _months()
    return np.interp(np.asarray(day_of_year, dtype=np.float64), middle, mean_c, period=YEAR_DAYS)


def outlook(
    index: Floats,
    air: Air,
    day_ends: Integers,
    f_rsi: Floats,
    material: Material,
    decline: float,
    least_hours: int,
) -> Floats:
    """
    Return the largest index in the two weeks after each day, if the home goes on as in its week.

    Parameters
    ----------
    index : (rooms, hours) float64 array
        At the end of each hour, of the surface. [1]
    air : Air
    day_ends : (days,) int array
        Number of hours before the end of each day; rising.
    f_rsi : (rooms, 1) float64 array
    material : Material
    decline : float
    least_hours : int
        Least number of known hours in the week. [h]

    Returns
    -------
    (rooms, days) float64 array
        NaN where the week is unknown; 0 where nothing grows yet. No later hour is used. [1]
    """
    found = np.full((len(index), len(day_ends)), np.nan)
    known = np.isfinite(air.temperature_c) & np.isfinite(air.humidity_pct)
    known &= np.isfinite(air.outdoor_c)
    so_far = np.concatenate([np.zeros((len(index), 1), dtype=np.int64), known.cumsum(axis=1)], 1)
    whole = np.flatnonzero(day_ends >= WEEK_HOURS)
    ends = day_ends[whole]
    told = so_far[:, ends] - so_far[:, ends - WEEK_HOURS] >= least_hours
    now = index[:, ends - 1]
    found[:, whole] = np.where(told, 0.0, np.nan)
    rows, days = np.nonzero(told & (now > 0))
    for first in range(0, len(rows), ROWS_AT_ONCE):
        some = slice(first, first + ROWS_AT_ONCE)
        row, day = rows[some], days[some]
        ahead = _ahead(air, row, ends[day], f_rsi[row])
        course = mould_index(*ahead, material, decline, now[row, day])
        found[row, whole[day]] = course.index.max(axis=1)
    return found


def _ahead(air: Air, row: Integers, end: Integers, f_rsi: Floats) -> tuple[Floats, Floats]:
    """Return the conditions at the surface in the coming two weeks, (rows, hours)."""
    hour = np.arange(AHEAD_HOURS)
    source = end[:, None] - WEEK_HOURS + hour % WEEK_HOURS
    later_days = (WEEK_HOURS + hour - hour % WEEK_HOURS) / 24
    day = air.day_of_year[source]
    step_k = normal_outdoor_c(day + later_days) - normal_outdoor_c(day)
    outdoor_c, room_c = air.outdoor_c[source], air.temperature_c[row[:, None], source]
    # If it is not measured, outdoor air is assumed saturated: the season then affects it most.
    outdoor_pct = np.where(
        np.isnan(air.outdoor_pct[source]), SATURATED_PCT, air.outdoor_pct[source]
    )
    season = water_g_per_m3(outdoor_c + step_k, outdoor_pct) - water_g_per_m3(
        outdoor_c, outdoor_pct
    )
    full = water_g_per_m3(room_c, np.full_like(room_c, SATURATED_PCT))
    humidity_pct = air.humidity_pct[row[:, None], source] + season / full * PERCENT
    surface = surface_conditions(
        room_c, np.clip(humidity_pct, 0.0, SATURATED_PCT), outdoor_c + step_k, f_rsi
    )
    return surface.temperature_c, surface.humidity_pct


def warns(
    index: Floats,
    ahead: Floats,
    day_ends: Integers,
    limit: float,
    ahead_limit: float,
    likely_limit: float,
) -> npt.NDArray[np.bool_]:
    """
    Return the hours after which a home is warned.

    At the limit, unless another week like the last keeps the index below the likely limit; and at
    the end of a day whose outlook, like that of the day before, reaches the ahead limit.

    Parameters
    ----------
    index : (rooms, hours) float64 array
    ahead : (rooms, days) float64 array
        As `outlook` returns it.
    day_ends : (days,) int array
    limit, ahead_limit, likely_limit : float
        [1]

    Returns
    -------
    (rooms, hours) bool array
    """
    last_day = np.searchsorted(day_ends, np.arange(index.shape[1]) + 1, side="right") - 1
    of_day = np.where(np.isnan(ahead), np.inf, ahead)
    likely = np.where(last_day >= 0, of_day[:, np.maximum(last_day, 0)], np.inf) >= likely_limit
    raised = (index >= limit) & likely
    two = (ahead[:, 1:] >= ahead_limit) & (ahead[:, :-1] >= ahead_limit)
    raised[:, day_ends[1:] - 1] |= two
    return raised
