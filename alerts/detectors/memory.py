"""Running maximum over the last days, for rows of meters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from estate.numbers.arrays import Floats, Integers

    Rows = npt.NDArray[np.intp]

NEVER = -1


class LargestOfDays:
    """
    Keeps the largest value of each of the last days.

    Parameters
    ----------
    rows : int
    days : int
        Number of days kept.
    levels : int
        Values of each row that are kept side by side.
    """

    def __init__(self, rows: int, days: int, levels: int = 1) -> None:
        self._days = days
        self._value = np.zeros((rows, days, levels))
        self._day = np.full((rows, days), NEVER, dtype=np.int64)

    def add(self, rows: Rows, day: Integers, value: Floats) -> None:
        """Keep values (rows, levels) of some rows on a day of each, counted from 1970."""
        if not rows.size:
            return
        slot = day % self._days
        new = self._day[rows, slot] != day
        self._value[rows[new], slot[new]] = 0.0
        self._day[rows, slot] = day
        self._value[rows, slot] = np.maximum(self._value[rows, slot], value)

    def largest(self, rows: Rows, day: Integers) -> Floats:
        """Return the largest values of the last days of some rows, shape (rows, levels)."""
        recent = self._day[rows] > (day - self._days)[:, None]
        largest: Floats = np.where(recent[..., None], self._value[rows], 0.0).max(axis=1)
        return largest
