"""Detects that the machine's clock was set while the program ran."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

STEP_SECONDS = 60.0
"""Less is what a time server corrects by and by."""


class ClockWatch:
    """
    Compares the clock with a monotonic one that nobody can set.

    Parameters
    ----------
    clock, steady : callable
        Seconds of the machine's clock, and of a monotonic one. [s]
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._steady = clock, steady
        self._offset = self._first = self._now()

    @property
    def ahead_seconds(self) -> float:
        """How far the clock was set forward since the start; negative if backward. [s]"""
        return self._now() - self._first

    def step(self) -> float:
        """Return by how much the clock was set since the last call; 0 if only by a little. [s]"""
        moved = self._now() - self._offset
        if abs(moved) < STEP_SECONDS:
            return 0.0
        self._offset += moved
        return moved

    def _now(self) -> float:
        return self._clock() - self._steady()
