"""Hourly means: converts irregular readings to one row of hours per device."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import HOUR_MS
from telemetry.readings import Quality
from telemetry.series.box_limits import box_limits
from telemetry.series.glitches import glitches

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import numpy.typing as npt

    from estate.periods import Hours
    from telemetry.readings import Samples
    from telemetry.series.box_limits import BoxLimits
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
    number = np.bincount(place, minlength=cells)
    if len(number) > cells:
        raise ValueError(f"a sample's device_index is not below {devices}, the number of devices")
    total = np.bincount(place, weights=counted.value[kept], minlength=cells)
    means = np.full(cells, np.nan)
    np.divide(total, number, out=means, where=number > 0)
    return means.reshape(devices, hours.count)


class Window(NamedTuple):
    """
    Hours that are read.

    Attributes
    ----------
    hours : Hours
    on : date or None
        The day whose limits hold; None: the newest.
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
        samples = source.samples(building, devices[some], quantity, start_ms, end_ms)
        for window, means in zip(windows, found, strict=True):
            _average(_within(samples, window.hours), quantity, window, means, some)
    return found


def _within(samples: Samples, hours: Hours) -> Samples:
    inside = (samples.time_ms >= hours.start_ms) & (samples.time_ms < hours.end_ms)
    return samples.keep(inside)


def _average(
    samples: Samples, quantity: str, window: Window, means: HourlyMeans, some: slice
) -> None:
    devices = len(means.means[some])
    fitting, left_out = _fitting(samples, devices, quantity, box_limits(window.on))
    means.means[some] = hourly_means(fitting, devices, window.hours)
    means.glitches[some] = left_out
    means.implausible[some] = _implausible(samples, means.means[some], window.hours)


def _implausible(
    samples: Samples, means: npt.NDArray[np.float64], hours: Hours
) -> npt.NDArray[np.int64]:
    """Count the hours of each device with suspect readings and no mean, (devices,)."""
    suspect = (samples.quality & Quality.SUSPECT) != 0
    if not suspect.any():
        return np.zeros(len(means), dtype=np.int64)
    hour = (samples.time_ms[suspect] - hours.start_ms) // HOUR_MS
    device, kept = samples.device_index[suspect], (hour >= 0) & (hour < hours.count)
    lost = np.zeros(means.shape, dtype=np.bool_)
    lost[device[kept], hour[kept]] = True
    return np.asarray((lost & np.isnan(means)).sum(axis=1))


def _fitting(
    samples: Samples, devices: int, quantity: str, limits: BoxLimits
) -> tuple[Samples, npt.NDArray[np.int64]]:
    """Remove suspect readings and glitches; return the number of glitches."""
    good = samples.good()
    far = limits.glitch.get(quantity)
    if far is None:
        return good, np.zeros(devices, dtype=np.int64)
    known = good.keep(np.isfinite(good.value))
    glitch = glitches(known, far, round(limits.glitch_reach_hours * HOUR_MS))
    left_out = np.bincount(known.device_index[glitch], minlength=devices)
    return (known.keep(~glitch) if left_out.any() else known), left_out
