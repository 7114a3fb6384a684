"""
Detects values that a series returns to repeatedly while its register moves on.

A register never returns to a number that it has left. One that recurs among readings that
rise is another meter's or a filler: all its readings are, including those that would
happen to fit.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.numbers.arrays import Bools, Floats


def returning_values(value: Floats, few: int) -> Bools:
    """
    Return which readings show a value that recurs among others that rise.

    Parameters
    ----------
    value : (n,) float64 array
        In the order of time, without NaN. [the register's unit]
    few : int
        A value that recurs no more often may be the register's own around single glitches.

    Returns
    -------
    (n,) bool array
    """
    starts = np.flatnonzero(np.concatenate([[True], np.diff(value) != 0]))[: len(value)]
    shown, number, times = np.unique(value[starts], return_inverse=True, return_counts=True)
    found = [
        each
        for each in np.flatnonzero(times > few + 1).tolist()
        if _rises(value[starts[np.flatnonzero(number == each)[1:]] - 1].tolist(), few)
    ]
    return np.isin(value, shown[found])


def _rises(passed: Sequence[float], few: int) -> bool:
    """Whether the values between recurrences are mostly those of a rising register."""
    ends: list[float] = []
    for number in passed:
        at = bisect_left(ends, number)
        ends[at : at + 1] = [number]
    return len(ends) > max(few, len(passed) / 2)
