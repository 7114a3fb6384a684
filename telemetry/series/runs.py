"""Runs of hours in which a condition holds. Pure functions of (rows, hours) bool arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from estate.numbers.arrays import Bools


def long_runs(holds: Bools, least_hours: int, counted: Bools | None = None) -> Bools:
    """Keep the runs of at least this many hours; only `counted` hours count if given."""
    labels, lengths = _labels(holds, _starts(holds))
    if counted is not None:
        lengths = np.bincount(labels[counted], minlength=len(lengths))
    return np.asarray(holds & (lengths[labels] >= least_hours))


def runs_with(holds: Bools, seed: Bools) -> Bools:
    """Keep the runs that contain a seed."""
    labels, _ = _labels(holds, _starts(holds))
    with_seed = np.zeros(labels.max(initial=0) + 1, dtype=np.bool_)
    with_seed[labels[seed & holds]] = True
    return np.asarray(holds & with_seed[labels])


def runs_from(holds: Bools, seed: Bools) -> Bools:
    """Keep each run from its first seed on."""
    seeds = seed & holds
    labels, _ = _labels(holds, _starts(holds) | seeds)
    seeded = np.zeros(labels.max(initial=0) + 1, dtype=np.bool_)
    seeded[labels[seeds]] = True
    return np.asarray(holds & seeded[labels])


def first_hours(holds: Bools) -> Bools:
    """Return the first hour of each run."""
    return _starts(holds)


def all_of_the_last(holds: Bools, hours: int) -> Bools:
    """Return whether the condition has held for this many hours, the current one included."""
    enough = np.zeros_like(holds)
    if holds.shape[1] >= hours:
        so_far = np.cumsum(holds, axis=1, dtype=np.int32)
        so_far = np.concatenate([np.zeros((len(holds), 1), dtype=np.int32), so_far], axis=1)
        enough[:, hours - 1 :] = so_far[:, hours:] - so_far[:, :-hours] == hours
    return enough


def _starts(holds: Bools) -> Bools:
    before = np.zeros_like(holds)
    before[:, 1:] = holds[:, :-1]
    return holds & ~before


def _labels(holds: Bools, starts: Bools) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return a label per run from 1 on, 0 elsewhere, and the length of each run."""
    labels = np.where(holds, np.cumsum(starts.ravel()).reshape(starts.shape), 0)
    lengths = np.bincount(labels.ravel())
    return labels, lengths
