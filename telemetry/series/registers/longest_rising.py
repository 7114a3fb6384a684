"""
Finds the longest subsequence that never falls, in n log n steps.

Notes
-----
With the readings of a register in the order of their value, a chain that also keeps to a rate
:math:`r` is a subsequence in which :math:`r t - v` never falls. The way is that of patience
sorting: the least end of a subsequence of each length, and what came before it.
"""

from __future__ import annotations

from bisect import bisect_right


def longest_rising(numbers: list[float]) -> list[int]:
    """
    Return the positions of the longest subsequence that never falls.

    Parameters
    ----------
    numbers : list of float

    Returns
    -------
    list of int
        Rising positions; of several longest subsequences, one.

    Examples
    --------
    >>> longest_rising([1.0, 5.0, 2.0, 2.0, 4.0])
    [0, 2, 3, 4]
    """
    least: list[float] = []
    ends: list[int] = []
    before: list[int] = []
    for position, number in enumerate(numbers):
        length = bisect_right(least, number)
        before.append(ends[length - 1] if length else -1)
        if length == len(least):
            least.append(number)
            ends.append(position)
        else:
            least[length], ends[length] = number, position
    found = []
    position = ends[-1] if ends else -1
    while position >= 0:
        found.append(position)
        position = before[position]
    return found[::-1]
