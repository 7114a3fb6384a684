"""Bridges short gaps of climate readings: air and walls change slowly. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from estate.numbers.arrays import Floats


def held(values: Floats, most_hours: int) -> Floats:
    """
    Keep the last known value for some hours, so that a lost reading is no gap.

    Only earlier values are used, so nothing found changes when the next reading arrives.

    Parameters
    ----------
    values : (..., hours) float64 array
        NaN where unknown.
    most_hours : int
        A value is kept for so many hours after its own. [h]

    Examples
    --------
    >>> held(np.array([np.nan, 1.0, np.nan, np.nan, 2.0]), 1).tolist()
    [nan, 1.0, 1.0, nan, 2.0]
    """
    hour = np.arange(values.shape[-1])
    last = np.maximum.accumulate(np.where(np.isfinite(values), hour, -1), axis=-1)
    kept = np.take_along_axis(values, np.maximum(last, 0), axis=-1)
    return np.where((last >= 0) & (hour - last <= most_hours), kept, np.nan)
