"""Combines the sealed and hot readings of some devices in one table. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from telemetry.readings import Records, Samples
from telemetry.stores.sealed.merge import joined, merged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COLUMNS = ("int64", "float64", "uint8")
NO_SAMPLES = Samples(np.empty(0, np.int32), *(np.empty(0, kind) for kind in COLUMNS))


def combined(
    parts: Sequence[Mapping[str, Records]],
    recent: Samples,
    devices: Sequence[str],
    start_ms: int,
    end_ms: int,
) -> Samples:
    """
    Return the readings of a window, as `telemetry.stores.store.SampleSource.samples` does.

    Parameters
    ----------
    parts : sequence of mapping of str to Records
        For each sealed month the readings of the devices that have any, the oldest month first.
    recent : Samples
        From the hot store, within the window; they override what is sealed for the same time.
    devices : sequence of str
    start_ms, end_ms : int
        [ms since 1970, UTC]
    """
    edges = np.searchsorted(recent.device_index, np.arange(len(devices) + 1))
    pieces: list[Records] = []
    numbers = np.zeros(len(devices), dtype=np.int64)
    for row, device in enumerate(devices):
        own = [_cut(each[device], start_ms, end_ms) for each in parts if device in each]
        some = slice(int(edges[row]), int(edges[row + 1]))
        if some.stop > some.start:
            own = _with_recent(own, _of(recent, some))
        pieces += own
        numbers[row] = sum(each.number for each in own)
    index = np.repeat(np.arange(len(devices), dtype=np.int32), numbers)
    columns = (
        np.concatenate([np.empty(0, kind), *(each[place] for each in pieces)])
        for place, kind in enumerate(COLUMNS)
    )
    return Samples(index, *columns)


def _of(samples: Samples, some: slice) -> Records:
    time_ms = samples.time_ms[some]
    return Records(time_ms, samples.value[some], samples.quality[some], time_ms)


def _cut(records: Records, start_ms: int, end_ms: int) -> Records:
    if not records.number or (records.time_ms[0] >= start_ms and records.time_ms[-1] < end_ms):
        return records
    first, end = np.searchsorted(records.time_ms, [start_ms, end_ms])
    return records.take(slice(int(first), max(int(end), int(first))))


def _with_recent(own: list[Records], recent: Records) -> list[Records]:
    """Add the hot readings: at the end, if they are later than the sealed ones."""
    if not own or not own[-1].number or own[-1].time_ms[-1] < recent.time_ms[0]:
        return [*own, recent]
    return [merged(joined(own), recent)]
