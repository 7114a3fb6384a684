"""Sealed hourly means of some devices as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS
from telemetry.stores.hours import SettledHours
from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.months import month_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from telemetry.readings import Samples
    from telemetry.stores.hours import HourAxis, HourRows
    from telemetry.stores.sealed.files.hours import HoursFile

    Part = tuple[str, Callable[[], HoursFile]]
    """A month, and what opens its file."""


def settled_hours(
    parts: Iterable[Part], late: Samples, devices: Sequence[str], axis: HourAxis
) -> SettledHours:
    """
    Return what `telemetry.stores.store.HourSource.settled_hours` does.

    Parameters
    ----------
    parts : iterable of (str, callable)
        Months and their files of means. A damaged file leaves its hours unknown, so that they
        are computed from the readings again.
    late : Samples
        Readings of these months that are not in the files.
    devices : sequence of str
    axis : HourAxis
    """
    found = SettledHours.unknown(len(devices), axis.number)
    row = {device: number for number, device in enumerate(devices)}
    for name, opened in parts:
        month = month_named(name)
        ends = (min(max(each, axis.start_ms), axis.end_ms) for each in month[1:])
        some = slice(*((each - axis.start_ms) // HOUR_MS for each in ends))
        try:
            rows = list(opened().read(devices))
        except SealedDamaged:
            continue
        found.known[:, some] = True
        for device, hours in rows:
            _fill(found, row[device], hours, axis, some)
        newer = (late.time_ms >= month.start_ms) & (late.time_ms < month.end_ms)
        found.known[np.unique(late.device_index[newer]), some] = False
    return found


def _fill(found: SettledHours, row: int, hours: HourRows, axis: HourAxis, some: slice) -> None:
    place = (hours.hour_ms - axis.start_ms) // HOUR_MS
    inside = (place >= some.start) & (place < some.stop)
    place = place[inside]
    for cells, column in (
        (found.known, hours.settled),
        (found.number, hours.number),
        (found.means, hours.mean),
        (found.glitches, hours.glitches),
        (found.suspect, hours.suspect),
    ):
        cells[row, place] = column[inside]
