"""Erases readings from sealed files by rewriting those files without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.months import month_named
from telemetry.stores.sealed.seal import Due

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from estate.numbers.arrays import Bools, Integers
    from telemetry.readings import Records, Samples
    from telemetry.stores.sealed.files.readings import ReadingsFile
    from telemetry.stores.sealed.seal import Sealer
    from telemetry.stores.store import Spans


class Forgotten(NamedTuple):
    """
    What was erased from sealed files.

    Attributes
    ----------
    number : int
        Readings erased; those in both the files and the hot store count once.
    damaged : list of SealedDamaged
        Files that could not be read, and were left unchanged.
    """

    number: int
    damaged: list[SealedDamaged]


def forget_sealed(sealer: Sealer, quantity: str, spans: Spans, recent: Samples) -> Forgotten:
    """
    Rewrite the files that contain readings of devices in the given spans, without those readings.

    Parameters
    ----------
    sealer : Sealer
    quantity : str
    spans : mapping
    recent : Samples
        What the hot store has of the devices, in the same order.
    """
    damaged = []
    windows = [each for own in spans.values() for each in own]
    start_ms, end_ms = min(start for start, _ in windows), max(end for _, end in windows)
    times = _by_device(recent, spans)
    number = sum(int(_within(time_ms, spans[name]).sum()) for name, time_ms in times.items())
    for file in sealer.catalogue.of(quantity, start_ms, end_ms):
        try:
            opened = sealer.open(file)
        except SealedDamaged as error:
            damaged.append(error)
            continue
        read = opened.read(list(spans))
        gone = {name: _cut(records, spans[name]) for name, records in read.items()}
        erased = sum(records.number for records in gone.values())
        if not erased:
            continue
        number += erased - sum(
            len(np.intersect1d(records.time_ms, times[name])) for name, records in gone.items()
        )

        def rows(opened: ReadingsFile = opened) -> Iterator[tuple[str, Records]]:
            return _without(opened, spans)

        due = Due(month_named(file.month), quantity)
        left = file.rows - erased
        sealer.exchange(file, sealer.write(due, rows, file.sealed_ms) if left else None)
    return Forgotten(number, damaged)


def _by_device(samples: Samples, devices: Iterable[str]) -> dict[str, Integers]:
    """Return the times of each device's samples."""
    names = list(devices)
    edges = np.searchsorted(samples.device_index, np.arange(len(names) + 1))
    return {name: samples.time_ms[edges[row] : edges[row + 1]] for row, name in enumerate(names)}


def _cut(records: Records, spans: Sequence[tuple[int, int]]) -> Records:
    return records.take(_within(records.time_ms, spans))


def _without(file: ReadingsFile, spans: Spans) -> Iterator[tuple[str, Records]]:
    for name, records in file.each():
        kept = records
        if name in spans:
            kept = records.take(~_within(records.time_ms, spans[name]))
        if kept.number:
            yield name, kept


def _within(time_ms: Integers, spans: Sequence[tuple[int, int]]) -> Bools:
    found = np.zeros(len(time_ms), dtype=np.bool_)
    for start_ms, end_ms in spans:
        found |= (time_ms >= start_ms) & (time_ms < end_ms)
    return found
