"""
Finds damp spells in which the mould index of a home's coldest surface becomes a risk. Pure.

The index decides, not humidity alone. A cold vacant flat has a high relative humidity at
its surfaces with little water in the air, but mould hardly grows there: the critical humidity
rises as the temperature falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.mould.mould import first_hour
from alerts.runs import runs

if TYPE_CHECKING:
    from alerts.mould.mould import MouldIndex


@dataclass(frozen=True)
class Spell:
    """
    A spell from the first growth until the surface is no longer damp.

    Attributes
    ----------
    row : int
        Row of the home.
    start, end : int
        Indices of its hours, end exclusive.
    raised : int
        Index after the hour in which the mould index reached the limit.
    index_max : float
        [1]
    """

    row: int
    start: int
    end: int
    raised: int
    index_max: float


def find_spells(course: MouldIndex, limit: float) -> list[Spell]:
    """
    Find the spells in which the index reaches a limit.

    A spell begins where the index rises above 0. It ends with the last hour of growth before the
    index is 0 again, or before the last hour.

    Parameters
    ----------
    course : MouldIndex
        Shape (homes, hours), from index 0.
    limit : float
        Above 0. [1]

    Returns
    -------
    list of Spell
        By row and start.
    """
    return [
        _spell(course, row, start, end, limit)
        for row, start, end in runs(course.index > 0)
        if course.index[row, start:end].max() >= limit
    ]


def _spell(course: MouldIndex, row: int, start: int, end: int, limit: float) -> Spell:
    index, growing = course.index[row, start:end], course.growing[row, start:end]
    return Spell(
        row=row,
        start=start,
        end=start + int(np.flatnonzero(growing)[-1]) + 1,
        raised=start + int(first_hour(index, limit)) + 1,
        index_max=float(index.max()),
    )
