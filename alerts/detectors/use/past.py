"""The last known days of each meter, the newest last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from estate.numbers.arrays import Bools, Floats


class Past:
    """
    The last values of some meters; NaN where there are not enough yet.

    Parameters
    ----------
    meters, length : int
    """

    def __init__(self, meters: int, length: int) -> None:
        self.values: Floats = np.full((meters, length), np.nan)

    def add(self, rows: Bools, value: Floats) -> None:
        """Drop the oldest value of some meters, and add a new one."""
        self.values[rows, :-1] = self.values[rows, 1:]
        self.values[rows, -1] = value[rows]
