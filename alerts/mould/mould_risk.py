"""
Finds damp spells in which the mould index of a surface becomes a risk. Pure.

The index decides, not humidity alone. A cold vacant flat has a high relative humidity at
its surfaces with little water in the air, but mould hardly grows there: the critical humidity
rises as the temperature falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.runs import runs

if TYPE_CHECKING:
    from alerts.mould.mould import MouldIndex
    from estate.numbers.arrays import Bools


@dataclass(frozen=True)
class Spell:
    """
    A spell from the first growth until the surface is no longer damp.

    Attributes
    ----------
    row : int
        Row of the surface.
    start, end : int
        Indices of its hours, end exclusive.
    raised : int
        Index after the hour that warned.
    index_max : float
        [1]
    """

    row: int
    start: int
    end: int
    raised: int
    index_max: float


def find_spells(course: MouldIndex, warned: Bools) -> list[Spell]:
    """
    Find the spells in which there was a warning.

    A spell begins where the index rises above 0. It ends with the last hour of growth before the
    index is 0 again, or before the last hour.

    Parameters
    ----------
    course : MouldIndex
        Shape (surfaces, hours), from index 0.
    warned : (surfaces, hours) bool array
        Hours after which somebody is warned; those at index 0 are ignored.

    Returns
    -------
    list of Spell
        By row and start.
    """
    return [
        _spell(course, warned, row, start, end)
        for row, start, end in runs(course.index > 0)
        if warned[row, start:end].any()
    ]


def _spell(course: MouldIndex, warned: Bools, row: int, start: int, end: int) -> Spell:
    growing = course.growing[row, start:end]
    return Spell(
        row=row,
        start=start,
        end=start + int(np.flatnonzero(growing)[-1]) + 1,
        raised=start + int(warned[row, start:end].argmax()) + 1,
        index_max=float(course.index[row, start:end].max()),
    )
