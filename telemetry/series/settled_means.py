"""
Hourly means that are stored with a sealed month, so that they can be read instead of readings.

Whether a reading is a glitch depends on the two on either side of it. So an hour is settled if
these are in the same month; the few others are computed from the readings each time, with enough
neighbours to judge them as if everything had been read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.errors import UsageError
from estate.periods import HOUR_MS
from telemetry.readings import Samples
from telemetry.series.box_checks import INDOOR_QUANTITIES
from telemetry.series.box_limits import box_limits
from telemetry.series.hour_cells import BESIDE, HourCells, hour_cells
from telemetry.stores.hours import HourAxis, HourRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from estate.numbers.arrays import Bools, Integers
    from telemetry.series.box_limits import BoxLimits
    from telemetry.stores.hours import SettledHours

    Read = Callable[[Sequence[str], int, int], Samples]
    """Reads the quantity of some devices in a span. [ms since 1970, UTC]"""

VERSION = 1
"""Of how means are made; those of another version are made again of the readings."""
MARGIN_HOURS = 3
WIDER = 8
"""How much farther is looked where the margin did not hold enough readings."""


def basis_of(quantity: str, on: date | None) -> str:
    """Name what means depend on besides the readings: the method, and a day's limits."""
    if quantity not in INDOOR_QUANTITIES:
        return ""
    limits = box_limits(on)
    far = limits.glitch.get(quantity)
    return f"{VERSION}: far {far}, reach {limits.glitch_reach_hours} h"


class ClimateHours:
    """Makes the hourly means of climate boxes (a `HourMaker`); meters have none."""

    def basis(self, quantity: str, start_ms: int) -> str:
        """Name what means from a time on depend on; empty if there are no means."""
        try:
            return basis_of(quantity, _day(start_ms))
        except UsageError:
            # Earlier than any limits: the device's clock was wrong.
            return ""

    def rows(self, quantity: str, axis: HourAxis, samples: Samples, devices: int) -> list[HourRows]:
        """Return the hours with readings of each device."""
        limits = box_limits(_day(axis.start_ms))
        cells = hour_cells(samples, devices, quantity, axis, limits)
        some = (cells.number > 0) | cells.suspect
        return [_rows(cells, row, np.flatnonzero(some[row]), axis) for row in range(devices)]


class Wanted(NamedTuple):
    """Devices and hours whose means are wanted."""

    devices: Sequence[str]
    quantity: str
    axis: HourAxis
    limits: BoxLimits


def completed(settled: SettledHours, wanted: Wanted, read: Read) -> HourCells:
    """
    Compute the hours that are not settled from their readings.

    Parameters
    ----------
    settled : SettledHours
        Of the devices and hours that are wanted.
    wanted : Wanted
    read : callable

    Returns
    -------
    HourCells
        The same as all of the readings would give; `early` and `late` are empty.
    """
    known = settled.known & ~_judged_by_the_window(settled)
    nowhere = np.zeros_like(known)
    cells = HourCells(
        settled.number.astype(np.int64),
        settled.means.copy(),
        settled.glitches.astype(np.int64),
        settled.suspect.copy(),
        nowhere,
        nowhere,
    )
    for first, end in _runs(np.asarray(~known.all(axis=0))):
        _complete(cells, known, wanted, read, slice(first, end))
    return cells


def _judged_by_the_window(settled: SettledHours) -> Bools:
    """Find the hours so near an end of the window that it affects how their readings are judged."""
    # Unknown hours count as hours without readings, which can only find more.
    number = np.where(settled.known, settled.number, 0)
    before = np.cumsum(number, axis=1) - number
    after = number.sum(axis=1, keepdims=True) - before - number
    return np.asarray((number > 0) & ((before < BESIDE) | (after < BESIDE)))


@dataclass(frozen=True)
class _Look:
    """Rows of devices that are read together, and how far to read on either side."""

    rows: Integers
    left: int
    right: int


def _complete(cells: HourCells, known: Bools, wanted: Wanted, read: Read, some: slice) -> None:
    """Fill a run of hours, reading further out if too few readings surround it."""
    rows = np.flatnonzero(~known[:, some].all(axis=1))
    looks = [_Look(rows, MARGIN_HOURS, MARGIN_HOURS)]
    while looks:
        look = looks.pop()
        first = max(some.start - look.left, 0)
        end = min(some.stop + look.right, wanted.axis.number)
        start_ms = wanted.axis.start_ms + first * HOUR_MS
        axis = HourAxis(start_ms, end - first)
        names = [wanted.devices[row] for row in look.rows.tolist()]
        samples = read(names, axis.start_ms, axis.end_ms)
        found = hour_cells(samples, len(names), wanted.quantity, axis, wanted.limits)
        inner = slice(some.start - first, some.stop - first)
        unknown = ~known[look.rows, some]
        left = (found.early[:, inner] & unknown).any(axis=1) & (first > 0)
        right = (found.late[:, inner] & unknown).any(axis=1) & (end < wanted.axis.number)
        _take(cells, found, look.rows, some, inner, unknown & ~(left | right)[:, None])
        looks += _farther(look, left, right)


def _farther(look: _Look, left: Bools, right: Bools) -> Iterator[_Look]:
    for to_left, to_right in ((True, True), (True, False), (False, True)):
        rows = look.rows[(left == to_left) & (right == to_right)]
        if len(rows):
            yield _Look(
                rows,
                look.left * (WIDER if to_left else 1),
                look.right * (WIDER if to_right else 1),
            )


def _take(
    cells: HourCells, found: HourCells, rows: Integers, some: slice, inner: slice, which: Bools
) -> None:
    for into, out_of in zip(cells[:4], found[:4], strict=True):
        part = into[rows, some]
        part[which] = out_of[:, inner][which]
        into[rows, some] = part


def _runs(open_hours: Bools) -> Iterator[tuple[int, int]]:
    change = np.flatnonzero(np.diff(np.concatenate([[False], open_hours, [False]]).astype(np.int8)))
    yield from zip(change[::2].tolist(), change[1::2].tolist(), strict=True)


def _rows(cells: HourCells, row: int, hours: Integers, axis: HourAxis) -> HourRows:
    edge = cells.early[row, hours] | cells.late[row, hours]
    return HourRows(
        axis.start_ms + hours * HOUR_MS,
        cells.number[row, hours].astype(np.int32),
        cells.means[row, hours],
        cells.glitches[row, hours].astype(np.int32),
        cells.suspect[row, hours],
        ~edge,
    )


def _day(start_ms: int) -> date:
    return datetime.fromtimestamp(start_ms / 1000, UTC).date()
