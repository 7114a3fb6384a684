"""
What one meter counted between two edges, and how much of it was measured. Pure.

Between two readings use is spread by progress: degree-days for heat, time for else. So a
register at an edge that nobody read stands where the weather of an ordinary year puts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from estate.periods import HOUR_MS
from telemetry.breaks import Step, Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from billing.results import Method

    Floats = npt.NDArray[np.float64]
    Instants = npt.NDArray[np.int64]
    Progress = Callable[[Instants], Floats]
    """Instants to a rising measure along which use is spread evenly."""


@dataclass(frozen=True)
class Gaps:
    """
    How long a gap may be.

    Attributes
    ----------
    exact_hours : float
        Readings so near each other are the register itself. [h]
    near_hours : float
        Up to here an edge is read between two readings; beyond, it is estimated. [h]
    measured_part : float
        Of the time between the edges, to extend what was counted to all of it.
    """

    exact_hours: float
    near_hours: float
    measured_part: float


@dataclass(frozen=True)
class Break:
    """A step of a register that is none of its own counting."""

    kind: Step
    time_ms: int
    before: float
    after: float


@dataclass(frozen=True)
class Count:
    """
    What a meter counted between two edges.

    Attributes
    ----------
    start_register, end_register : float
        NaN where nothing was read on one side of the edge. [the register's unit]
    use : float
        NaN where too little was measured. [the register's unit]
    interpolated_hours : int
        Between an edge and the reading next to it within the edges. [h]
    estimated_hours : int
        That no reading is near to. [h]
    breaks : tuple of Break
        Within the edges.
    """

    start_register: float
    end_register: float
    use: float
    method: Method
    interpolated_hours: int
    estimated_hours: int
    breaks: tuple[Break, ...]


def count_between(
    time_ms: Instants,
    value: Floats,
    steps: Steps,
    edges_ms: tuple[int, int],
    progress: Progress,
    gaps: Gaps,
) -> Count:
    """
    Count between two edges.

    Parameters
    ----------
    time_ms, value : (n,) arrays
        Readings in the order of time, also from before and after the edges.
    steps : Steps
        Of those readings.
    edges_ms : (start, end)
        [ms since 1970, UTC]
    progress : callable
    gaps : Gaps

    Returns
    -------
    Count
    """
    start, end = edges_ms
    along = progress(time_ms)
    use = _without_breaks(steps.use, np.diff(along))
    total = np.concatenate([[0.0], np.cumsum(use)])
    edges_along = progress(np.array(edges_ms, dtype=np.int64))
    known = [len(time_ms) > 0 and time_ms[0] <= edge <= time_ms[-1] for edge in edges_ms]
    inside = np.flatnonzero((time_ms >= start) & (time_ms <= end))
    registers = [
        _register(along, value, use, float(edge)) if at else np.nan
        for edge, at in zip(edges_along, known, strict=True)
    ]
    if all(known):
        counted = float(np.diff(np.interp(edges_along, along, total))[0])
        near, far = _edge_hours(time_ms, edges_ms, gaps)
    else:
        counted = _extended(along, total, edges_along, known, inside, gaps.measured_part)
        near, far = 0, _unmeasured_hours(time_ms[inside], edges_ms, known)
    far += _broken_hours(time_ms, steps, edges_ms)
    method: Method = "own_rate" if far else "interpolated" if near else "measured"
    breaks = _breaks(time_ms, value, steps, edges_ms)
    return Count(registers[0], registers[1], counted, method, near, far, breaks)


def _without_breaks(use: Floats, along: Floats) -> Floats:
    """Give a broken step the meter's own rate."""
    known = np.isfinite(use)
    measured = float(along[known].sum())
    rate = float(use[known].sum()) / measured if measured > 0 else np.nan
    return np.where(known, use, rate * along)


def _register(along: Floats, value: Floats, use: Floats, edge: float) -> float:
    """Give the register at an edge: the reading there, or what was counted since the last one."""
    before = int(np.searchsorted(along, edge, side="right")) - 1
    if along[before] == edge:
        return float(value[before])
    share = (edge - along[before]) / (along[before + 1] - along[before])
    return float(value[before] + share * use[before])


def _edge_hours(time_ms: Instants, edges_ms: tuple[int, int], gaps: Gaps) -> tuple[int, int]:
    """Give the hours within the edges that lie in a gap over one: near ones, and far ones."""
    near = far = 0
    # One gap over both edges counts once.
    for before in sorted(set(_gaps_at(time_ms, edges_ms))):
        gap_hours = (time_ms[before + 1] - time_ms[before]) / HOUR_MS
        within_ms = min(int(time_ms[before + 1]), edges_ms[1]) - max(
            int(time_ms[before]), edges_ms[0]
        )
        within_hours = -(-within_ms // HOUR_MS)
        if gap_hours > gaps.near_hours:
            far += within_hours
        elif gap_hours > gaps.exact_hours:
            near += within_hours
    return near, far


def _gaps_at(time_ms: Instants, edges_ms: tuple[int, int]) -> list[int]:
    """Give the number of the reading before each edge that has none of its own."""
    after = np.searchsorted(time_ms, edges_ms)
    return [
        int(number) - 1
        for number, edge in zip(after, edges_ms, strict=True)
        if time_ms[number] != edge
    ]


def _extended(
    along: Floats,
    total: Floats,
    edges_along: Floats,
    known: list[bool],
    inside: Instants,
    measured_part: float,
) -> float:
    """Extend what was counted to all of the time between the edges."""
    if not len(inside):
        return np.nan
    first = edges_along[0] if known[0] else along[inside[0]]
    last = edges_along[1] if known[1] else along[inside[-1]]
    whole = edges_along[1] - edges_along[0]
    if last - first < measured_part * whole or last <= first:
        return np.nan
    counted = np.interp(last, along, total) - np.interp(first, along, total)
    return float(counted * whole / (last - first))


def _unmeasured_hours(inside_ms: Instants, edges_ms: tuple[int, int], known: list[bool]) -> int:
    start, end = edges_ms
    if not len(inside_ms):
        return (end - start) // HOUR_MS
    missing_ms = (0 if known[0] else int(inside_ms[0]) - start) + (
        0 if known[1] else end - int(inside_ms[-1])
    )
    return max(-(-missing_ms // HOUR_MS), 1)


def _broken(time_ms: Instants, steps: Steps, edges_ms: tuple[int, int]) -> Instants:
    """Give the numbers of the steps that reach into the edges and are not the meter's counting."""
    reach = (time_ms[1:] > edges_ms[0]) & (time_ms[:-1] < edges_ms[1])
    return np.flatnonzero((steps.kind != Step.COUNTED) & reach)


def _broken_hours(time_ms: Instants, steps: Steps, edges_ms: tuple[int, int]) -> int:
    start, end = edges_ms
    return sum(
        -(-(min(int(time_ms[step + 1]), end) - max(int(time_ms[step]), start)) // HOUR_MS)
        for step in _broken(time_ms, steps, edges_ms)
        if steps.kind[step] == Step.BROKEN
    )


def _breaks(
    time_ms: Instants, value: Floats, steps: Steps, edges_ms: tuple[int, int]
) -> tuple[Break, ...]:
    return tuple(
        Break(
            Step(int(steps.kind[step])), int(time_ms[step + 1]),
            float(value[step]), float(value[step + 1]),
        )
        for step in _broken(time_ms, steps, edges_ms)
    )  # fmt: skip
