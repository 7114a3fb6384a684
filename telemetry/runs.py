"""Runs of hours in which something holds. Pure functions of (rows, hours) bool arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]


def long_runs(holds: Bools, least_hours: int) -> Bools:
    """Keep the runs of at least so many hours."""
    labels, lengths = _labels(holds, _starts(holds))
    return np.asarray(holds & (lengths[labels] >= least_hours))


def runs_with(holds: Bools, seed: Bools) -> Bools:
    """Keep the runs that hold a seed."""
    labels, _ = _labels(holds, _starts(holds))
    with_seed = np.zeros(labels.max(initial=0) + 1, dtype=np.bool_)
    with_seed[labels[seed & holds]] = True
    return np.asarray(holds & with_seed[labels])


def runs_from(holds: Bools, seed: Bools) -> Bools:
    """Keep of each run what comes from a seed on; hours before it are left out."""
    seeds = seed & holds
    labels, _ = _labels(holds, _starts(holds) | seeds)
    seeded = np.zeros(labels.max(initial=0) + 1, dtype=np.bool_)
    seeded[labels[seeds]] = True
    return np.asarray(holds & seeded[labels])


def first_hours(holds: Bools) -> Bools:
    """Give the first hour of each run."""
    return _starts(holds)


def all_of_the_last(holds: Bools, hours: int) -> Bools:
    """Tell whether it has held for so many hours, this one among them."""
    enough = np.zeros_like(holds)
    if holds.shape[1] >= hours:
        so_far = np.cumsum(holds, axis=1, dtype=np.int32)
        so_far = np.concatenate([np.zeros((len(holds), 1), dtype=np.int32), so_far], axis=1)
        enough[:, hours - 1 :] = so_far[:, hours:] - so_far[:, :-hours] == hours
    return enough


def rolling_least(values: Floats, width: int) -> Floats:
    """
    Give the least of each window of hours.

    Parameters
    ----------
    values : (rows, hours) array
        NaN counts as large.
    width : int
        At most the number of hours.

    Returns
    -------
    (rows, hours - width + 1) array
    """
    least, covered = np.where(np.isnan(values), np.inf, values), 1
    while covered * 2 <= width:
        least = np.minimum(least[:, :-covered], least[:, covered:])
        covered *= 2
    beyond = width - covered
    if not beyond:
        return least
    return np.asarray(np.minimum(least[:, :-beyond], least[:, beyond:]))


def windows_to_hours(window: Bools, width: int, hours: int) -> Bools:
    """Mark every hour that lies in a marked window: (rows, hours - width + 1) to (rows, hours)."""
    change = np.zeros((len(window), hours + 1), dtype=np.int32)
    change[:, : window.shape[1]] += window
    change[:, width : width + window.shape[1]] -= window
    return np.asarray(np.cumsum(change, axis=1)[:, :hours] > 0)


def _starts(holds: Bools) -> Bools:
    before = np.zeros_like(holds)
    before[:, 1:] = holds[:, :-1]
    return holds & ~before


def _labels(holds: Bools, starts: Bools) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give each run a number from 1 on, 0 elsewhere; and the length of each number."""
    labels = np.where(holds, np.cumsum(starts.ravel()).reshape(starts.shape), 0)
    lengths = np.bincount(labels.ravel())
    return labels, lengths
