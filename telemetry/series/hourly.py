"""Hourly means: converts irregular readings to one row of hours per device."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import HOUR_MS
from telemetry.series.box_limits import box_limits
from telemetry.series.hour_cells import averages, hour_cells
from telemetry.series.settled_means import Wanted, basis_of, completed
from telemetry.stores.hours import HourAxis, HourSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import numpy.typing as npt

    from estate.periods import Hours
    from telemetry.readings import Samples
    from telemetry.series.hour_cells import HourCells
    from telemetry.stores.store import SampleSource

DEVICES_AT_ONCE = 100
"""Number of devices whose readings are in memory at once."""


class HourlyMeans(NamedTuple):
    """
    Hourly means of one gauge of some devices.

    Attributes
    ----------
    means : (devices, hours) float64 array
        NaN where an hour has no valid reading. [the quantity's unit]
    glitches : (devices,) int64 array
        Readings left out because they are far from their neighbours.
    implausible : (devices,) int64 array
        Hours without a mean because all of their readings are suspect by themselves.
    """

    means: npt.NDArray[np.float64]
    glitches: npt.NDArray[np.int64]
    implausible: npt.NDArray[np.int64]


def hourly_means(samples: Samples, devices: int, hours: Hours) -> npt.NDArray[np.float64]:
    """
    Average the valid readings of each hour.

    An hour has the readings from its start (inclusive) to its end (exclusive).

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
        If a sample's device is not among the devices.
    """
    counted = samples.good()
    hour = (counted.time_ms - hours.start_ms) // HOUR_MS
    kept = (hour >= 0) & (hour < hours.count) & ~np.isnan(counted.value)
    place = counted.device_index[kept] * np.int64(hours.count) + hour[kept]
    cells = devices * hours.count
    _, means = averages(place, counted.value[kept], cells)
    if len(means) > cells:
        raise ValueError(f"a sample's device_index is not below {devices}, the number of devices")
    return means.reshape(devices, hours.count)


class Window(NamedTuple):
    """
    Hours that are read.

    Attributes
    ----------
    hours : Hours
    on : date or None
        The day whose limits apply; None: the newest limits.
    """

    hours: Hours
    on: date | None = None


def read_hourly_means(
    source: SampleSource,
    building: str,
    devices: Sequence[str],
    quantity: str,
    hours: Hours,
    on: date | None = None,
) -> HourlyMeans:
    """Read and average one gauge of some devices over some hours; see `read_windows`."""
    (found,) = read_windows(source, building, devices, quantity, [Window(hours, on)])
    return found


def read_windows(
    source: SampleSource,
    building: str,
    devices: Sequence[str],
    quantity: str,
    windows: Sequence[Window],
) -> list[HourlyMeans]:
    """
    Read and average one gauge of some devices, a hundred devices at a time.

    Readings far from their neighbours are left out and counted.

    Parameters
    ----------
    source : SampleSource
    building : str
    devices : sequence of str
        Device ids.
    quantity : str
    windows : sequence of Window
        Each gets what it would get alone; what they share is read once, so they should overlap.

    Returns
    -------
    list of HourlyMeans
        Of each window.

    Raises
    ------
    StoreUnavailable
    """
    count = len(devices)
    found = [
        HourlyMeans(
            np.empty((count, each.hours.count)),
            np.zeros(count, dtype=np.int64),
            np.zeros(count, dtype=np.int64),
        )
        for each in windows
    ]
    start_ms = min(each.hours.start_ms for each in windows)
    end_ms = max(each.hours.end_ms for each in windows)
    for first in range(0, count, DEVICES_AT_ONCE):
        some = slice(first, first + DEVICES_AT_ONCE)
        read = cache(partial(source.samples, building, devices[some], quantity, start_ms, end_ms))
        for window, means in zip(windows, found, strict=True):
            cells = _settled_cells(source, building, devices[some], quantity, window)
            if cells is None:
                cells = _cells(read(), len(devices[some]), quantity, window)
            means.means[some] = cells.means
            means.glitches[some] = cells.glitches.sum(axis=1)
            means.implausible[some] = (cells.suspect & np.isnan(cells.means)).sum(axis=1)
    return found


def _settled_cells(
    source: SampleSource, building: str, devices: Sequence[str], quantity: str, window: Window
) -> HourCells | None:
    """Return the hours that a source knows without all readings; None if it knows none."""
    axis = HourAxis(window.hours.start_ms, window.hours.count)
    whole = axis.start_ms % HOUR_MS == 0 and axis.end_ms == window.hours.end_ms
    basis = basis_of(quantity, window.on)
    if not (isinstance(source, HourSource) and basis and whole):
        return None
    settled = source.settled_hours(building, devices, quantity, axis, basis)
    if settled is None:
        return None

    def read(names: Sequence[str], start_ms: int, end_ms: int) -> Samples:
        return source.samples(building, names, quantity, start_ms, end_ms)

    return completed(settled, Wanted(devices, quantity, axis, box_limits(window.on)), read)


def _cells(samples: Samples, devices: int, quantity: str, window: Window) -> HourCells:
    axis = HourAxis(window.hours.start_ms, window.hours.count)
    inside = (samples.time_ms >= axis.start_ms) & (samples.time_ms < window.hours.end_ms)
    return hour_cells(samples.keep(inside), devices, quantity, axis, box_limits(window.on))
