"""Hourly means of a month and quantity as one Parquet file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # has no types

from telemetry.stores.hours import HourRows
from telemetry.stores.sealed.files.table import METADATA, OPTIONS, DeviceTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


TYPES = {
    "device": pa.dictionary(pa.int32(), pa.string()),
    "hour_ms": pa.timestamp("ms", tz="UTC"),
    "number": pa.int32(),
    "mean": pa.float64(),
    "glitches": pa.int32(),
    "suspect": pa.bool_(),
    "settled": pa.bool_(),
}
ENCODINGS = {
    "hour_ms": "DELTA_BINARY_PACKED",
    "number": "DELTA_BINARY_PACKED",
    "mean": "BYTE_STREAM_SPLIT",
    "glitches": "DELTA_BINARY_PACKED",
}


def write_hours(
    path: Path, groups: Iterable[tuple[list[str], Sequence[HourRows]]], about: Mapping[str, Any]
) -> int:
    """Write a file, some devices at a time, sorted; return how many rows it has."""
    devices: list[tuple[str, int]] = []
    schema = pa.schema(list(TYPES.items()))
    with pq.ParquetWriter(
        path, schema, use_dictionary=["device"], column_encoding=ENCODINGS, **OPTIONS
    ) as writer:
        for names, rows in groups:
            numbers = [len(each.hour_ms) for each in rows]
            devices += [pair for pair in zip(names, numbers, strict=True) if pair[1]]
            columns = (np.concatenate(column) for column in zip(*rows, strict=True))
            index = np.repeat(np.arange(len(names), dtype=np.int32), numbers)
            device = pa.DictionaryArray.from_arrays(index, names)
            arrays = [
                pa.array(each).cast(kind)
                for each, kind in zip(columns, list(TYPES.values())[1:], strict=True)
            ]
            writer.write_table(
                pa.table([device, *arrays], schema=schema), row_group_size=max(len(index), 1)
            )
        writer.add_key_value_metadata(
            {METADATA: json.dumps({"devices": devices, **about}).encode()}
        )
    return sum(number for _, number in devices)


class HoursFile(DeviceTable):
    """An open file of hourly means; see `DeviceTable`."""

    def read(self, devices: Sequence[str]) -> Iterator[tuple[str, HourRows]]:
        """Yield the hours of some devices, omitting devices that have none."""
        for name, columns in self.columns(devices, HourRows._fields):
            yield name, HourRows(*columns)
