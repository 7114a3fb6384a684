"""
Detects single readings of a gauge far from their neighbours. Pure functions of columns.

A fault code, a lost digit or a foreign value lasts for one or two readings. Room
air does not: a real change of place or weather lasts for more than two readings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from estate.numbers.arrays import Bools, Integers
    from telemetry.readings import Samples


AROUND = np.arange(-2, 3)
"""Offsets of the five readings whose median is the expected value."""
LEAST_AROUND = 3


def glitches(samples: Samples, far: float, reach_ms: int) -> Bools:
    """
    Find the readings that do not fit their neighbours.

    These are one or two in a row farther than `far` from the median of five, and all of
    a series that alternates with every reading, of which the right half is unknown.

    Parameters
    ----------
    samples : Samples
        (n,) readings of one gauge, sorted by device and time, without NaN.
    far : float
        [the quantity's unit]
    reach_ms : int
        Readings farther apart are not compared. [ms]

    Returns
    -------
    (n,) bool array
    """
    found = np.zeros(len(samples), dtype=np.bool_)
    beside = np.diff(samples.device_index) == 0
    beside &= np.diff(samples.time_ms) <= reach_ms
    step = np.where(beside, np.diff(samples.value), 0.0)
    jumps = np.flatnonzero(np.abs(step) > far / 2)
    if len(jumps):
        near = np.unique(jumps[:, None] + np.arange(-1, 3))
        near = near[(near >= 0) & (near < len(samples))]
        found[near] = _far_from_median(samples, near, far, reach_ms)
        found |= _to_and_fro(step, far)
    return found


def _far_from_median(samples: Samples, near: Integers, far: float, reach_ms: int) -> Bools:
    device = samples.device_index[near]
    first, end = (np.searchsorted(samples.device_index, device, side) for side in ("left", "right"))
    # At the ends of a series, its five nearest readings.
    middle = np.maximum(np.minimum(near, end - 1 - AROUND[-1]), first - AROUND[0])
    place = middle[:, None] + AROUND
    inside = place < end[:, None]
    place = np.where(inside, place, near[:, None])
    inside &= np.abs(samples.time_ms[place] - samples.time_ms[near][:, None]) <= reach_ms
    # Each row includes itself, so that no row is empty.
    median = np.nanmedian(np.where(inside, samples.value[place], np.nan), axis=1)
    off = np.abs(samples.value[near] - median) > far
    return np.asarray(off & (inside.sum(axis=1) >= LEAST_AROUND))


def _to_and_fro(step: npt.NDArray[np.float64], far: float) -> Bools:
    """Find readings that alternate: far from both neighbours, which are also far from theirs."""
    leap = np.where(np.abs(step) > far, np.sign(step), 0.0)
    away = np.zeros(len(step) + 1, dtype=np.bool_)
    away[1:-1] = leap[:-1] * leap[1:] < 0
    both = away.copy()
    both[1:-1] &= away[:-2] & away[2:]
    both[[0, -1]] = False
    return both
