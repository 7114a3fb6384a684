"""Erases readings from sealed files, by writing those files anew without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.months import month_named
from telemetry.stores.sealed.seal import Due

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from telemetry.readings import Records
    from telemetry.stores.sealed.parquet import ReadingsFile
    from telemetry.stores.sealed.seal import Sealer


def forget_sealed(
    sealer: Sealer, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
) -> None:
    """
    Write the files anew that hold readings of some devices in a span, without those.

    Raises
    ------
    SealedDamaged
        If a file is damaged; the others are done.
    """
    names, damaged = set(devices), []
    for file in sealer.catalogue.of(quantity, start_ms, end_ms):
        due = Due(month_named(file.month), quantity)
        try:
            left = sealer.open(file)
            if not names & left.devices.keys():
                continue

            def rows(left: ReadingsFile = left) -> Iterator[tuple[str, Records]]:
                return _without(left, names, start_ms, end_ms)

            some = next(rows(), None) is not None
            sealer.exchange([file], [sealer.write(due, rows, file.sealed_ms)] if some else [])
        except SealedDamaged as error:
            damaged.append(error)
    if damaged:
        raise damaged[0]


def _without(
    file: ReadingsFile, names: Collection[str], start_ms: int, end_ms: int
) -> Iterator[tuple[str, Records]]:
    for name, records in file.each():
        if name in names:
            time_ms = records.time_ms
            records = records.take((time_ms < start_ms) | (time_ms >= end_ms))
        if records.number:
            yield name, records
