"""Summarises each series: how many readings, from when to when, the longest silence. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from telemetry.readings import Quality

if TYPE_CHECKING:
    import numpy.typing as npt

    from telemetry.readings import Samples


@dataclass(frozen=True)
class SeriesSummary:
    """
    Summary of each device's readings of one quantity; arrays of shape (devices,).

    Attributes
    ----------
    readings, suspect : int64 array
        Number of readings, and of those among them that are treated as missing.
    first_ms, last_ms : int64 array
        Device time of the first and last reading; -1 without any. [ms since 1970, UTC]
    last_value : float64 array
        NaN without any. [the quantity's unit]
    longest_gap_ms : int64 array
        Longest time between two neighbouring readings; 0 with fewer than two. [ms]
    """

    readings: npt.NDArray[np.int64]
    suspect: npt.NDArray[np.int64]
    first_ms: npt.NDArray[np.int64]
    last_ms: npt.NDArray[np.int64]
    last_value: npt.NDArray[np.float64]
    longest_gap_ms: npt.NDArray[np.int64]


def summarise(samples: Samples, devices: int) -> SeriesSummary:
    """
    Summarise one quantity of some devices.

    Parameters
    ----------
    samples : Samples
        Sorted by device and time.
    devices : int
        Number of devices requested.

    Examples
    --------
    >>> from telemetry.readings import Samples
    >>> of_first = np.zeros(3, dtype=np.int32)
    >>> time_ms, quality = np.array([0, 10, 40]), np.array([0, 1, 0], dtype=np.uint8)
    >>> found = summarise(Samples(of_first, time_ms, np.ones(3), quality), 2)
    >>> found.readings.tolist(), found.suspect.tolist(), found.longest_gap_ms.tolist()
    ([3, 0], [1, 0], [30, 0])
    """
    bounds = np.searchsorted(samples.device_index, np.arange(devices + 1))
    starts, ends = bounds[:-1], bounds[1:]
    some = ends > starts
    first_ms, last_ms = np.full(devices, -1), np.full(devices, -1)
    last_value = np.full(devices, np.nan)
    first_ms[some] = samples.time_ms[starts[some]]
    last_ms[some] = samples.time_ms[ends[some] - 1]
    last_value[some] = samples.value[ends[some] - 1]
    suspect = np.bincount(
        samples.device_index[(samples.quality & Quality.SUSPECT) != 0], minlength=devices
    )
    return SeriesSummary(
        readings=ends - starts,
        suspect=suspect,
        first_ms=first_ms,
        last_ms=last_ms,
        last_value=last_value,
        longest_gap_ms=_longest_gaps(samples, devices),
    )


def _longest_gaps(samples: Samples, devices: int) -> npt.NDArray[np.int64]:
    longest = np.zeros(devices, dtype=np.int64)
    same = np.diff(samples.device_index) == 0
    np.maximum.at(longest, samples.device_index[1:][same], np.diff(samples.time_ms)[same])
    return longest
