"""
Cumulative registers: their value at an instant, and their use over each hour.

A register that falls was replaced, reset or rolled over. Its use across the fall is
unknown: the value between two such readings, and the use of the hour,
are NaN. Billing knows start and end registers of a replaced meter and adds them up.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from estate.periods import HOUR_MS
from telemetry.readings import Samples

if TYPE_CHECKING:
    from estate.numbers.arrays import Floats, Integers
    from estate.periods import Hours


UNKNOWN_GAP_MS = -1
LONGEST_GAP_MS = HOUR_MS * 3 // 2
"""Longest gap: hourly readings may be a little late, but a lost one is not interpolated over."""


class Edge(NamedTuple):
    """
    Registers at some instants.

    Attributes
    ----------
    value : (devices, k) float64 array
        NaN if unknown. [the register's unit]
    gap_ms : (devices, k) int64 array
        From the reading before to the reading after the instant: 0 if there is a reading at
        the instant itself, -1 if the value is unknown. [ms]
    """

    value: npt.NDArray[np.float64]
    gap_ms: npt.NDArray[np.int64]


def register_at(samples: Samples, devices: int, instants_ms: Integers) -> Edge:
    """
    Return registers at instants: the reading at each, else interpolated between its neighbours.

    `Edge.gap_ms` is the distance of the neighbours. Before the first and after the last
    reading of a device, and between two readings across which its register falls, the value is
    not known.

    Parameters
    ----------
    samples : Samples
        (n,) readings of one register, sorted by device and time; suspect ones are not counted.
    devices : int
        Number of devices that `Samples.device_index` counts along.
    instants_ms : (k,) or (devices, k) int64 array
        The same instants for every device, or each device's own. [ms since 1970, UTC]

    Returns
    -------
    Edge
    """
    counted = _counted(samples)
    bounds = np.searchsorted(counted.device_index, np.arange(devices + 1))
    instants = np.broadcast_to(instants_ms, (devices, np.shape(instants_ms)[-1]))
    value = np.empty(instants.shape)
    gap_ms = np.empty(instants.shape, dtype=np.int64)
    for device, (first, last) in enumerate(pairwise(bounds)):
        value[device], gap_ms[device] = _interpolate(
            counted.time_ms[first:last], counted.value[first:last], instants[device]
        )
    return Edge(value, gap_ms)


def hourly_use(
    samples: Samples, devices: int, hours: Hours, longest_gap_ms: int = LONGEST_GAP_MS
) -> Floats:
    """
    Return what each register counted in each hour.

    Parameters
    ----------
    samples : Samples
        (n,) readings of one register, sorted by device and time; suspect ones are not counted.
        Those of the last hour's end, and one after it, are needed for the last hour.
    devices : int
        Number of devices that `Samples.device_index` counts along.
    hours : Hours
    longest_gap_ms : int
        Longest distance of the two readings that an hour's edge is interpolated from. [ms]

    Returns
    -------
    (devices, hours) float64 array
        Never below 0; NaN if the register is missing at an edge of the hour or falls
        within the hour. [the register's unit]
    """
    edges = register_at(samples, devices, np.append(hours.starts_ms, hours.end_ms))
    use = np.diff(np.where(edges.gap_ms <= longest_gap_ms, edges.value, np.nan), axis=1)
    device, hour = _falls(_counted(samples), hours)
    use[device, hour] = np.nan
    return use


def _counted(samples: Samples) -> Samples:
    """Remove suspect and NaN readings."""
    good = samples.good()
    return good.keep(~np.isnan(good.value))


def _interpolate(time_ms: Integers, value: Floats, instants: Integers) -> tuple[Floats, Integers]:
    """Return (k,) values and gaps of one device from its (n,) readings."""
    found = np.full(len(instants), np.nan)
    gap_ms = np.full(len(instants), UNKNOWN_GAP_MS, dtype=np.int64)
    before = np.searchsorted(time_ms, instants, side="right") - 1
    after = np.searchsorted(time_ms, instants, side="left")
    between = np.flatnonzero((before >= 0) & (after < len(time_ms)))
    between = between[value[after[between]] >= value[before[between]]]
    left, right = before[between], after[between]
    gap_ms[between] = time_ms[right] - time_ms[left]
    share = (instants[between] - time_ms[left]) / np.maximum(gap_ms[between], 1)
    # Rounding may exceed the next reading by the last bit; a register must not fall.
    found[between] = np.minimum(value[left] + (value[right] - value[left]) * share, value[right])
    return found, gap_ms


def _falls(counted: Samples, hours: Hours) -> tuple[npt.NDArray[np.int32], Integers]:
    """Return device and hour of each fall; a reading at an edge belongs to the hour before it."""
    same_device = counted.device_index[1:] == counted.device_index[:-1]
    falls = np.flatnonzero(same_device & (counted.value[1:] < counted.value[:-1])) + 1
    hour = (counted.time_ms[falls] - 1 - hours.start_ms) // HOUR_MS
    within = (hour >= 0) & (hour < hours.count)
    return counted.device_index[falls[within]], hour[within]
