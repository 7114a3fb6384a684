"""Hourly means: irregular readings become one row of hours for each device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from estate.periods import Hours
    from telemetry.readings import Samples
    from telemetry.store import SampleSource

DEVICES_AT_ONCE = 100
"""Readings of so many devices are in memory at once; the hourly means of all of them are."""


def hourly_means(samples: Samples, devices: int, hours: Hours) -> npt.NDArray[np.float64]:
    """
    Average the valid readings of each hour.

    An hour holds the readings from its start (inclusive) to its end (exclusive).

    Parameters
    ----------
    samples : Samples
        (n,) readings of one quantity, in any order; suspect and NaN ones are not counted.
    devices : int
        Number of devices that `Samples.device_index` counts along.
    hours : Hours

    Returns
    -------
    (devices, hours) float64 array
        NaN where an hour has no valid reading. [the quantity's unit]

    Raises
    ------
    ValueError
        Where a sample's device is not among the devices.
    """
    counted = samples.good()
    hour = (counted.time_ms - hours.start_ms) // HOUR_MS
    kept = (hour >= 0) & (hour < hours.count) & ~np.isnan(counted.value)
    place = counted.device_index[kept] * np.int64(hours.count) + hour[kept]
    cells = devices * hours.count
    number = np.bincount(place, minlength=cells)
    if len(number) > cells:
        raise ValueError(f"a sample's device_index is not below {devices}, the number of devices")
    total = np.bincount(place, weights=counted.value[kept], minlength=cells)
    means = np.full(cells, np.nan)
    np.divide(total, number, out=means, where=number > 0)
    return means.reshape(devices, hours.count)


def read_hourly_means(
    source: SampleSource, building: str, devices: Sequence[str], quantity: str, hours: Hours
) -> npt.NDArray[np.float64]:
    """
    Read and average one quantity of some devices, a hundred devices at a time.

    Parameters
    ----------
    source : SampleSource
    building : str
    devices : sequence of str
        Device ids.
    quantity : str
    hours : Hours

    Returns
    -------
    (devices, hours) float64 array
        See `hourly_means`.

    Raises
    ------
    StoreUnavailable
    """
    means = np.empty((len(devices), hours.count))
    for first in range(0, len(devices), DEVICES_AT_ONCE):
        some = devices[first : first + DEVICES_AT_ONCE]
        samples = source.samples(building, some, quantity, hours.start_ms, hours.end_ms)
        means[first : first + len(some)] = hourly_means(samples, len(some), hours)
    return means
