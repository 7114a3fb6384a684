"""
Leaks and bursts of a building's water meters, continuing from what a run has kept.

A meter continues from the last reading that was processed: everything before it is in what was
kept, and everything after it is read again, whenever it arrived.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.flow import FlowWatch
from alerts.detectors.intervals import Intervals, Register, intervals_of, registers_of
from alerts.detectors.limits import limits
from alerts.hourly.state import put_back, state_of
from alerts.meters import LITRES_PER_M3, named
from alerts.stays import WATER, stays_of, within
from estate.devices import REGISTER_OF
from estate.periods import HOUR_MS
from telemetry.readings import Samples
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from alerts.hourly.state import Arrays
    from alerts.model import Alert
    from alerts.stays import Stay
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Integers
    from telemetry.stores.store import SampleSource

NONE = -1
RESUME = "resume_ms"
LATELY_MS = 26 * HOUR_MS
"""Meters that are this far behind the others are read by themselves."""


@dataclass(frozen=True)
class Flows:
    """
    The state of the water meters of one kind.

    Attributes
    ----------
    resume_ms : (stays,) int64 array
        Time of the last reading processed of each; before the first one if it has none.
        [ms since 1970, UTC]
    state : dict of str to array
        See `alerts.hourly.state`.
    """

    resume_ms: Integers
    state: Arrays

    @classmethod
    def of_arrays(cls, kept: Mapping[str, Integers]) -> Flows:
        """Restore them from the result of `arrays`."""
        state = {name: each for name, each in kept.items() if name != RESUME}
        return cls(kept[RESUME], state)

    def arrays(self) -> Arrays:
        """Return all of it, by name."""
        return {**self.state, RESUME: self.resume_ms}


def follow_flows(
    estate: Estate, source: SampleSource, start_ms: int, cut_ms: int
) -> dict[DeviceKind, Flows]:
    """
    Follow a building's water meters from one instant to another, and keep their state.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
    start_ms, cut_ms : int
        End inclusive. [ms since 1970, UTC]

    Raises
    ------
    StoreUnavailable
    """
    followed = {}
    for kind in WATER:
        stays = stays_of(estate, kind)
        from_ms = np.full(len(stays), start_ms, dtype=np.int64)
        watch, intervals, registers = _follow(estate, source, kind, from_ms, None, cut_ms + 1)
        last_ms = [_last_ms(row, intervals, each) for row, each in enumerate(registers)]
        resume_ms = _resumes(stays, np.array(last_ms, dtype=np.int64), start_ms)
        followed[kind] = Flows(resume_ms, state_of(watch))
    return followed


def flows_since(
    estate: Estate, source: SampleSource, followed: Mapping[DeviceKind, Flows], end_ms: int
) -> list[Alert]:
    """
    Return leaks and bursts of a building's water meters, from the kept state and later readings.

    Parameters
    ----------
    estate : Estate
        The one that they were followed in.
    source : SampleSource
    followed : mapping of str to Flows
    end_ms : int
        Exclusive. [ms since 1970, UTC]

    Raises
    ------
    Unfit
        If what was kept belongs to other meters, or to another version.
    StoreUnavailable
    """
    alerts = []
    for kind, flows in followed.items():
        stays = stays_of(estate, kind)
        watch, _, _ = _follow(estate, source, kind, flows.resume_ms, flows.state, end_ms)
        quantity = REGISTER_OF[kind]
        alerts += [named(estate, stays[each.row], quantity, each) for each in watch.found()]
    return alerts


def _follow(
    estate: Estate,
    source: SampleSource,
    kind: DeviceKind,
    from_ms: Integers,
    state: Arrays | None,
    end_ms: int,
) -> tuple[FlowWatch, Intervals, list[Register]]:
    stays, detectors, quantity = stays_of(estate, kind), limits(), REGISTER_OF[kind]
    watch = FlowWatch(len(stays), detectors)
    if state is not None:
        put_back(watch, state)
    samples = _read(source, estate.building.id, stays, quantity, from_ms, end_ms)
    most = register_limits().most_per_hour[quantity]
    zone = estate.building.zone
    registers = [
        within(register, stay, zone)
        for register, stay in zip(
            registers_of(samples, len(stays), most, detectors), stays, strict=True
        )
    ]
    in_litres = [each._replace(value=each.value * LITRES_PER_M3) for each in registers]
    intervals = intervals_of(in_litres, detectors.interval_least_hours)
    columns = (np.ascontiguousarray(each.T) for each in vars(intervals).values())
    for start_ms, until_ms, use_l in zip(*columns, strict=True):
        watch.step(start_ms, until_ms, use_l)
    return watch, intervals, registers


def _read(
    source: SampleSource,
    building: str,
    stays: Sequence[Stay],
    quantity: str,
    from_ms: Integers,
    end_ms: int,
) -> Samples:
    """Return the readings of each stay from its own instant on, indexed by stay."""
    parts = []
    newest_ms = int(from_ms.max(initial=NONE))
    lately = from_ms > newest_ms - LATELY_MS
    for some in (lately, ~lately):
        rows = np.flatnonzero(some)
        if len(rows):
            parts += _read_rows(source, building, stays, rows.tolist(), quantity, from_ms, end_ms)
    parts.sort(key=lambda part: int(part.device_index[0]))
    return Samples(
        np.concatenate([np.empty(0, np.int32), *(each.device_index for each in parts)]),
        np.concatenate([np.empty(0, np.int64), *(each.time_ms for each in parts)]),
        np.concatenate([np.empty(0, np.float64), *(each.value for each in parts)]),
        np.concatenate([np.empty(0, np.uint8), *(each.quality for each in parts)]),
    )


def _read_rows(
    source: SampleSource,
    building: str,
    stays: Sequence[Stay],
    rows: Sequence[int],
    quantity: str,
    from_ms: Integers,
    end_ms: int,
) -> list[Samples]:
    devices = sorted({stays[row].device for row in rows})
    start_ms = int(from_ms[list(rows)].min())
    samples = source.samples(building, devices, quantity, start_ms, end_ms)
    edges = np.searchsorted(samples.device_index, np.arange(len(devices) + 1))
    place = {device: number for number, device in enumerate(devices)}
    found = []
    for row in rows:
        first, last = edges[place[stays[row].device]], edges[place[stays[row].device] + 1]
        first += np.searchsorted(samples.time_ms[first:last], from_ms[row])
        if first < last:
            own = slice(first, last)
            index = np.full(last - first, row, dtype=np.int32)
            found.append(
                Samples(index, samples.time_ms[own], samples.value[own], samples.quality[own])
            )
    return found


def _last_ms(row: int, intervals: Intervals, register: Register) -> int:
    """Return the reading at which the next interval of a meter begins."""
    if not len(register.time_ms):
        return NONE
    return int(max(intervals.end_ms[row].max(initial=NONE), register.time_ms[0]))


def _resumes(stays: Sequence[Stay], last_ms: Integers, start_ms: int) -> Integers:
    """Return where to resume each stay; without a reading, where its meter was last read."""
    resume_ms = last_ms.copy()
    for row in np.flatnonzero(last_ms == NONE).tolist():
        alike = [last for stay, last in zip(stays, last_ms.tolist(), strict=True)
                 if stay.device == stays[row].device]  # fmt: skip
        resume_ms[row] = max(start_ms, *alike)
    return resume_ms


def touched(
    estate: Estate, followed: Mapping[DeviceKind, Flows], late: Iterable[tuple[str, str, int]]
) -> bool:
    """
    Whether late readings fall in a time that was already processed.

    Parameters
    ----------
    estate : Estate
    followed : mapping of str to Flows
    late : iterable of (str, str, int)
        Device, quantity and time of the earliest reading of each. [ms since 1970, UTC]
    """
    first_ms = {(device, quantity): time_ms for device, quantity, time_ms in late}
    # The last reading processed of a meter is part of what was kept.
    return any(
        first_ms.get((stay.device, REGISTER_OF[kind]), resume_ms + 1) <= resume_ms
        for kind, flows in followed.items()
        for stay, resume_ms in zip(stays_of(estate, kind), flows.resume_ms.tolist(), strict=True)
    )
