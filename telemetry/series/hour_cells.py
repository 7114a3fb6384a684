"""Averages a gauge's readings by device and hour, and notes what was left out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import HOUR_MS
from telemetry.readings import Quality
from telemetry.series.glitches import AROUND, glitches

if TYPE_CHECKING:
    import numpy.typing as npt

    from estate.numbers.arrays import Bools, Floats, Integers
    from telemetry.readings import Samples
    from telemetry.series.box_limits import BoxLimits
    from telemetry.stores.hours import HourAxis

BESIDE = int(AROUND[-1])
"""Readings on either side that decide whether one is a glitch."""


class HourCells(NamedTuple):
    """
    Hours of some devices; arrays of shape (devices, hours).

    Attributes
    ----------
    number : int64 array
        Readings that are not suspect.
    means : float64 array
        Mean of the readings that fit their neighbours; NaN if there are none. [the quantity's unit]
    glitches : int64 array
        Readings that do not fit.
    suspect : bool array
        Whether there are suspect readings.
    early, late : bool array
        Whether earlier or later readings could change which readings in the hour are glitches.
    """

    number: npt.NDArray[np.int64]
    means: npt.NDArray[np.float64]
    glitches: npt.NDArray[np.int64]
    suspect: npt.NDArray[np.bool_]
    early: npt.NDArray[np.bool_]
    late: npt.NDArray[np.bool_]


def hour_cells(
    samples: Samples, devices: int, quantity: str, axis: HourAxis, limits: BoxLimits
) -> HourCells:
    """
    Average the readings of each hour that are neither suspect nor far from their neighbours.

    Parameters
    ----------
    samples : Samples
        Sorted by device and time, all of them within the hours.
    devices : int
        Number of devices that `Samples.device_index` counts along.
    quantity : str
    axis : HourAxis
    limits : BoxLimits
    """
    shape = devices, axis.number
    suspect = (samples.quality & Quality.SUSPECT) != 0
    known = samples.keep(~suspect & np.isfinite(samples.value))
    place = _places(known, axis)
    far = limits.glitch.get(quantity)
    left_out = np.zeros(len(known), dtype=np.bool_)
    first, last = left_out, left_out
    if far is not None:
        left_out = glitches(known, far, round(limits.glitch_reach_hours * HOUR_MS))
        first, last = _ends(known.device_index, devices)
    fitting = ~left_out if left_out.any() else slice(None)
    counted, means = averages(place[fitting], known.value[fitting], devices * axis.number)
    lost = np.bincount(place[left_out], minlength=devices * axis.number)
    return HourCells(
        (counted + lost).reshape(shape),
        means.reshape(shape),
        lost.reshape(shape),
        _marked(_places(samples, axis)[suspect], shape),
        _marked(place[first], shape),
        _marked(place[last], shape),
    )


def averages(place: Integers, value: Floats, cells: int) -> tuple[Integers, Floats]:
    """Count and average values by the cell that each is in; NaN without any."""
    number = np.bincount(place, minlength=cells)
    total = np.bincount(place, weights=value, minlength=cells)
    means = np.full(len(number), np.nan)
    np.divide(total, number, out=means, where=number > 0)
    return number, means


def _places(samples: Samples, axis: HourAxis) -> Integers:
    hour = (samples.time_ms - axis.start_ms) // HOUR_MS
    return np.asarray(samples.device_index * np.int64(axis.number) + hour)


def _ends(device_index: npt.NDArray[np.int32], devices: int) -> tuple[Bools, Bools]:
    """Find the first and last few readings of each device, on which neighbours' verdicts depend."""
    edges = np.searchsorted(device_index, np.arange(devices + 1))
    row = np.arange(len(device_index))
    first = row - edges[:-1][device_index] < BESIDE
    last = edges[1:][device_index] - row <= BESIDE
    return first, last


def _marked(place: Integers, shape: tuple[int, int]) -> Bools:
    found = np.zeros(shape[0] * shape[1], dtype=np.bool_)
    found[place] = True
    return found.reshape(shape)
