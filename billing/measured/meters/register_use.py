"""
Use of one meter between two edges, and how much of it is between readings. Pure.

Between two readings use is distributed by progress: degree-days for heat, time otherwise. So a
register at an unread edge is interpolated by the weather of a normal year, however
far apart the readings are. Use outside of the readings is not estimated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS
from telemetry.series.registers.register_breaks import Step, Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from estate.numbers.arrays import Floats, Integers

    Progress = Callable[[Integers], Floats]
    """Maps instants to a rising measure along which use is even."""

Edges = tuple[int, int]
"""From an instant to another. [ms since 1970, UTC]"""
ROUNDING = 1e-9
"""Relative rounding error of a sum of register steps."""


class ImpossibleUse(ValueError):
    """Use exceeds the rise of an unbroken register: an error of the program."""

    def __init__(self, use: float, start_register: float, end_register: float) -> None:
        self.use, self.start_register, self.end_register = use, start_register, end_register
        super().__init__(
            f"a use of {use:g} is more than the register rose, from {start_register:g} to "
            f"{end_register:g}; report it with the readings"
        )


@dataclass(frozen=True)
class Gaps:
    """
    Limits of gaps.

    Attributes
    ----------
    exact_hours : float
        Between readings this close, the register is exact. [h]
    near_hours : float
        In a gap up to this, an edge counts as read; so does one that is no further from a
        reading than the middle of such a gap. Beyond that, it is unread. [h]
    known_part : float
        Fraction of a register that must be ordinary counting, else its own rate across breaks is
        unknown, and so is its use.
    """

    exact_hours: float
    near_hours: float
    known_part: float


@dataclass(frozen=True)
class Break:
    """A step of a register that is not ordinary counting."""

    kind: Step
    time_ms: int
    before: float
    after: float


@dataclass(frozen=True)
class Unread:
    """An edge between two readings far apart."""

    edge_ms: int
    gap_hours: float


@dataclass(frozen=True)
class Register:
    """
    The readings of one register, and its use since the first of them.

    Attributes
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    value, along, total : (n,) float64 arrays
        The readings; the progress at each; the use up to each, breaks corrected: a broken
        step has the meter's own rate. [the register's unit; any unit; the register's unit]
    steps : Steps
    """

    time_ms: Integers
    value: Floats
    along: Floats
    total: Floats
    steps: Steps

    @classmethod
    def of(cls, time_ms: Integers, value: Floats, steps: Steps, progress: Progress) -> Register:
        """Accumulate use through the breaks."""
        along = progress(time_ms)
        use = _without_breaks(steps.use, np.diff(along))
        return cls(time_ms, value, along, np.concatenate([[0.0], np.cumsum(use)]), steps)

    def at(self, along: float) -> float:
        """Return the register at a progress within the readings: read, or interpolated."""
        before = int(np.searchsorted(self.along, along, side="right")) - 1
        if self.along[before] == along:
            return float(self.value[before])
        return float(self.value[before] + self.counted(self.along[before], along))

    def counted(self, start: float, end: float) -> float:
        """Return the use between two progresses within the readings."""
        return float(np.diff(np.interp([start, end], self.along, self.total))[0])

    def breaks(self, edges_ms: Edges) -> tuple[Break, ...]:
        """Return the breaks that overlap the edges."""
        reach = (self.time_ms[1:] > edges_ms[0]) & (self.time_ms[:-1] < edges_ms[1])
        return tuple(
            Break(
                Step(int(self.steps.kind[step])), int(self.time_ms[step + 1]),
                float(self.value[step]), float(self.value[step + 1]),
            )
            for step in np.flatnonzero((self.steps.kind != Step.COUNTED) & reach).tolist()
        )  # fmt: skip

    @property
    def known_part(self) -> float:
        """The fraction of the progress that is not across a broken step; 1 without one."""
        along = np.diff(self.along)
        broken = float(along[self.steps.kind == Step.BROKEN].sum())
        return 1.0 - broken / float(along.sum()) if broken else 1.0

    def still_between(self, edges_ms: Edges) -> Edges:
        """Return the first and last of the final equal readings within the edges."""
        within = (self.time_ms >= edges_ms[0]) & (self.time_ms <= edges_ms[1])
        times = self.time_ms[within]
        if not len(times):
            return edges_ms[0], edges_ms[0]
        moved = (np.diff(self.total) > 0) | (self.steps.kind == Step.BROKEN)
        rises = self.time_ms[1:][moved & within[:-1] & within[1:]]
        return int(rises[-1] if len(rises) else times[0]), int(times[-1])


@dataclass(frozen=True)
class Count:
    """
    Use of a meter between two edges.

    Attributes
    ----------
    start_register, end_register : float
        NaN if the edge is outside of the readings. [the register's unit]
    use : float
        Use between readings; 0 if they do not reach. [the register's unit]
    along, outside_along : float
        Progress between readings, and outside of them.
    interpolated_hours : int
        Between an edge and the nearest reading within the edges. [h]
    broken_hours, outside_hours : int
        Across a broken step; outside of the readings. [h]
    unread : tuple of Unread
        Edges without a reading nearby.
    breaks : tuple of Break
        Breaks within the edges.
    """

    start_register: float
    end_register: float
    use: float
    along: float
    outside_along: float
    interpolated_hours: int
    broken_hours: int
    outside_hours: int
    unread: tuple[Unread, ...]
    breaks: tuple[Break, ...]


def count_between(
    register: Register, edges_ms: Edges, stay_ms: Edges, progress: Progress, gaps: Gaps
) -> Count:
    """
    Compute the use between two edges.

    Parameters
    ----------
    register : Register
        Readings in order of time, also from before and after the edges.
    edges_ms : (start, end)
        [ms since 1970, UTC]
    stay_ms : (start, end)
        Outside of this the meter was elsewhere, or not installed. [ms since 1970, UTC]
    progress : callable
        Progress used for `register`.
    gaps : Gaps

    Returns
    -------
    Count

    Raises
    ------
    ImpossibleUse
    """
    whole = _along(progress, edges_ms)
    known = register.known_part >= gaps.known_part
    read_ms = _read_between(register, edges_ms, stay_ms) if known else None
    if read_ms is None:
        hours = _hours(edges_ms[1] - edges_ms[0])
        return Count(np.nan, np.nan, 0.0, 0.0, whole, 0, 0, hours, (), ())
    start, end = (float(each) for each in progress(np.array(read_ms, dtype=np.int64)))
    registers, use = (register.at(start), register.at(end)), register.counted(start, end)
    breaks = register.breaks(read_ms)
    _refuse_impossible(use, registers, breaks)
    near, unread = _edge_gaps(register.time_ms, read_ms, gaps)
    outside_ms = edges_ms[1] - edges_ms[0] - (read_ms[1] - read_ms[0])
    return Count(
        start_register=registers[0] if read_ms[0] == edges_ms[0] else np.nan,
        end_register=registers[1] if read_ms[1] == edges_ms[1] else np.nan,
        use=use,
        along=end - start,
        outside_along=whole - (end - start) if outside_ms else 0.0,
        interpolated_hours=near,
        broken_hours=_broken_hours(register, read_ms),
        outside_hours=_hours(outside_ms),
        unread=unread,
        breaks=breaks,
    )


def _along(progress: Progress, edges_ms: Edges) -> float:
    return float(np.diff(progress(np.array(edges_ms, dtype=np.int64)))[0])


def _hours(ms: int) -> int:
    """Return hours, rounded up."""
    return -(-ms // HOUR_MS)


def _read_between(register: Register, edges_ms: Edges, stay_ms: Edges) -> Edges | None:
    """Return the part of the edges between readings of the meter's own days."""
    if not len(register.time_ms):
        return None
    start = max(edges_ms[0], stay_ms[0], int(register.time_ms[0]))
    end = min(edges_ms[1], stay_ms[1], int(register.time_ms[-1]))
    return (start, end) if start < end else None


def _without_breaks(use: Floats, along: Floats) -> Floats:
    """Apply the meter's own rate to broken steps."""
    known = np.isfinite(use)
    measured = float(along[known].sum())
    rate = float(use[known].sum()) / measured if measured > 0 else 0.0
    return np.where(known, use, rate * along)


def _refuse_impossible(
    use: float, registers: tuple[float, float], breaks: tuple[Break, ...]
) -> None:
    """Raise if use exceeds end less start; not across a break."""
    start, end = registers
    if not breaks and use > end - start + ROUNDING * max(abs(end), 1.0):
        raise ImpossibleUse(use, start, end)


def _edge_gaps(time_ms: Integers, edges_ms: Edges, gaps: Gaps) -> tuple[int, tuple[Unread, ...]]:
    """Return the hours within the edges that are in a gap over one, and the edges of long gaps."""
    hours, counted, unread = 0, set[int](), list[Unread]()
    for after, edge in zip(np.searchsorted(time_ms, edges_ms).tolist(), edges_ms, strict=True):
        if time_ms[after] == edge:
            continue
        before, next_ms = int(time_ms[after - 1]), int(time_ms[after])
        gap_hours = (next_ms - before) / HOUR_MS
        if min(edge - before, next_ms - edge) / HOUR_MS > gaps.near_hours / 2:
            unread.append(Unread(edge, gap_hours))
        # One gap over both edges counts once.
        if gap_hours > gaps.exact_hours and after not in counted:
            counted.add(after)
            hours += _hours(min(next_ms, edges_ms[1]) - max(before, edges_ms[0]))
    return hours, tuple(unread)


def _broken_hours(register: Register, edges_ms: Edges) -> int:
    broken = np.flatnonzero(register.steps.kind == Step.BROKEN).tolist()
    spans = ((int(register.time_ms[step]), int(register.time_ms[step + 1])) for step in broken)
    return sum(
        _hours(min(after, edges_ms[1]) - max(before, edges_ms[0]))
        for before, after in spans
        if after > edges_ms[0] and before < edges_ms[1]
    )
