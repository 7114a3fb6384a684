"""Readings as means of whole hours, gaps kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS

if TYPE_CHECKING:
    import numpy.typing as npt

    from estate.periods import Hours
    from telemetry.readings import Samples


def hourly_means(samples: Samples, devices: int, hours: Hours) -> npt.NDArray[np.float64]:
    """
    Average the valid readings of each hour.

    Parameters
    ----------
    samples : Samples
        One quantity; suspect values count as missing.
    devices : int
        Number of devices that were asked for.
    hours : Hours

    Returns
    -------
    (devices, hours) float64 array
        NaN where an hour has no valid reading. [the quantity's unit]
    """
    valid = samples.good()
    hour = (valid.time_ms - hours.start_ms) // HOUR_MS
    inside = (hour >= 0) & (hour < hours.count)
    cell = valid.device_index[inside] * hours.count + hour[inside]
    size = devices * hours.count
    counts = np.bincount(cell, minlength=size)
    sums = np.bincount(cell, weights=valid.value[inside], minlength=size)
    means = np.divide(sums, counts, out=np.full(size, np.nan), where=counts > 0)
    return means.reshape(devices, hours.count)
