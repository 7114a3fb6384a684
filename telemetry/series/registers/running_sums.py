"""
Converts consumption per interval to a register: its running sum.

A bill reads registers. A sum across a missing interval would be too low,
so a series ends where one is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from estate.numbers.arrays import Floats, Integers


class Register(NamedTuple):
    """
    A register computed from intervals.

    Attributes
    ----------
    time_ms : (n,) int64 array
        Edges of the intervals. [ms since 1970, UTC]
    value : (n,) float64 array
        Consumption up to then.
    gap_ms : int or None
        Where the intervals are interrupted and the register ends. [ms since 1970, UTC]
    beyond : int
        Number of intervals left out after it, or because they overlap the one before.
    """

    time_ms: Integers
    value: Floats
    gap_ms: int | None
    beyond: int


def running_sum(
    start_ms: Integers,
    end_ms: Integers,
    used: Floats,
    opening: Callable[[int], float] = lambda _start_ms: 0.0,
) -> Register:
    """
    Add up consumption per interval.

    Parameters
    ----------
    start_ms, end_ms : (n,) int64 array
        Intervals in any order; of those with the same start the last one counts.
        [ms since 1970, UTC]
    used : (n,) float64 array
    opening : callable, optional
        Returns the register's value at the start of the first interval.
    """
    order = np.argsort(start_ms, kind="stable")
    last = np.append(np.diff(start_ms[order]) != 0, True)[: len(order)]
    order = order[last]
    start_ms, end_ms, used = start_ms[order], end_ms[order], used[order]
    joined = np.append(True, start_ms[1:] == end_ms[:-1])
    reach = len(joined) if joined.all() else int(np.argmin(joined))
    first = opening(int(start_ms[0]))
    # Added one by one, so that a file read in two parts yields the same bits as in one.
    value = np.add.accumulate(np.append(first, used[:reach]))
    time_ms = np.append(start_ms[0], end_ms[:reach])
    gap_ms = int(end_ms[reach - 1]) if reach < len(joined) else None
    return Register(time_ms, value, gap_ms, len(joined) - reach)
