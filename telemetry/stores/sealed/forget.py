"""Erases readings from sealed files, by writing those files anew without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.months import month_named
from telemetry.stores.sealed.seal import Due

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from estate.numbers.arrays import Bools, Integers
    from telemetry.readings import Records, Samples
    from telemetry.stores.sealed.files.readings import ReadingsFile
    from telemetry.stores.sealed.seal import Sealer
    from telemetry.stores.store import Spans


def forget_sealed(sealer: Sealer, quantity: str, spans: Spans) -> None:
    """
    Write the files anew that hold readings of devices in their spans, without those.

    Raises
    ------
    SealedDamaged
        If a file is damaged; the others are done.
    """
    damaged = []
    windows = [each for own in spans.values() for each in own]
    start_ms, end_ms = min(start for start, _ in windows), max(end for _, end in windows)
    for file in sealer.catalogue.of(quantity, start_ms, end_ms):
        try:
            opened = sealer.open(file)
        except SealedDamaged as error:
            damaged.append(error)
            continue
        left = sum(records.number for _, records in _without(opened, spans))
        if left == file.rows:
            continue

        def rows(opened: ReadingsFile = opened) -> Iterator[tuple[str, Records]]:
            return _without(opened, spans)

        due = Due(month_named(file.month), quantity)
        sealer.exchange(file, sealer.write(due, rows, file.sealed_ms) if left else None)
    if damaged:
        raise damaged[0]


def number_within(samples: Samples, devices: Sequence[str], spans: Spans) -> int:
    """Count the samples that are in the spans of their device."""
    edges = np.searchsorted(samples.device_index, np.arange(len(devices) + 1))
    return sum(
        int(_within(samples.time_ms[edges[row] : edges[row + 1]], spans[device]).sum())
        for row, device in enumerate(devices)
    )


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
