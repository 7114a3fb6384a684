"""Determines heated days: by the measured outdoor temperature, or by a season."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from estate.numbers.arrays import Bools, Floats

if TYPE_CHECKING:
    from datetime import date

    from estate.periods import Period


def measured_degree_days(
    outdoor_c: Floats, day_index: npt.NDArray[np.int64], limit_c: float
) -> Floats:
    """
    Return each local day's degree-days below the heating limit.

    Parameters
    ----------
    outdoor_c : (hours,) array
        [°C]
    day_index : (hours,) array
        Index of the local day of each hour, from 0.
    limit_c : float
        [°C]

    Returns
    -------
    (days,) array
        [K d]

    References
    ----------
    .. [1] Danish degree-days: base 17 °C, mean of the day below it;
       nfs.as/varme/varmeforbrug-og-besparelser/graddage
    """
    mean_c = np.bincount(day_index, weights=outdoor_c) / np.bincount(day_index)
    return np.maximum(limit_c - mean_c, 0.0)


def heated_hours(outdoor_c: Floats, day_index: npt.NDArray[np.int64], limit_c: float) -> Bools:
    """
    Return which hours are in a local day with a mean below the heating limit.

    Parameters
    ----------
    outdoor_c : (hours,) array
        [°C]
    day_index : (hours,) array
        Index of the local day of each hour, from 0.
    limit_c : float
        [°C]

    Returns
    -------
    (hours,) bool array
        False throughout a day with a NaN.
    """
    return np.asarray((measured_degree_days(outdoor_c, day_index, limit_c) > 0)[day_index])


def season_days(period: Period, season: tuple[str, str] | None) -> Bools:
    """
    Return which local days of a period lie in a season; all of them if there is no season.

    Parameters
    ----------
    period : Period
    season : (str, str) or None
        First day, and the day after the last, such as ``10-01``.

    Returns
    -------
    (days,) bool array
    """
    return np.array([season is None or _within(day, season) for day in period.each()])


def _within(day: date, season: tuple[str, str]) -> bool:
    """Whether a day is in a season, end exclusive."""
    first, end = season
    today = f"{day:%m-%d}"
    return first <= today < end if first <= end else today >= first or today < end
