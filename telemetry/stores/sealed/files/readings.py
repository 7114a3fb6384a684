"""
Readings of a month and quantity as one Parquet file.

Rows are sorted by device and time, and the file states how many each device has, so that one device
is read without scanning the others. A value is stored as a whole number of its last decimal
if that restores it to the last bit, otherwise as it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # has no types

from telemetry.readings import Records
from telemetry.stores.sealed.files.table import METADATA, OPTIONS, VERSION, DeviceTable
from telemetry.stores.sealed.merge import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    Rows = Callable[[], Iterator[tuple[str, Records]]]
    """The readings of each device, sorted by device; may be called again."""

MOST_DECIMALS = 6
LARGEST_WHOLE = 2.0**53
ROWS_AT_ONCE = 1 << 16
"""Of a row group: of whole devices, at least so many rows but for the last."""
READ = ("time_ms", "value", "quality")
TIME = pa.timestamp("ms", tz="UTC")
DELTA = dict.fromkeys(("time_ms", "delay_ms"), "DELTA_BINARY_PACKED")


class Written(NamedTuple):
    """
    What a file holds.

    Attributes
    ----------
    rows, devices : int
    first_ms, last_ms : int
        First and last device time. [ms since 1970, UTC]
    """

    rows: int
    devices: int
    first_ms: int
    last_ms: int


class _TooExact(Exception):
    """A value has more decimals than the file was started with."""


def write_readings(path: Path, rows: Rows, about: Mapping[str, Any]) -> Written:
    """
    Write a file.

    Parameters
    ----------
    path : Path
    rows : callable
        Yields each device's name and readings, sorted; no device is without readings.
    about : mapping
        Further metadata of the file.
    """
    decimals: int | None = 0
    while True:
        try:
            return _write(path, rows(), decimals, about)
        except _TooExact as found:
            decimals = found.args[0]


def _write(
    path: Path, rows: Iterator[tuple[str, Records]], decimals: int | None, about: Mapping[str, Any]
) -> Written:
    devices: list[list[str | int]] = []
    first_ms, last_ms = 2**63 - 1, -(2**63)
    schema = _schema(decimals)
    encodings = DELTA | {"value": "BYTE_STREAM_SPLIT" if decimals is None else DELTA["time_ms"]}
    with pq.ParquetWriter(
        path, schema, use_dictionary=["device", "quality"], column_encoding=encodings, **OPTIONS
    ) as writer:
        for group in _groups(rows):
            records = joined(each for _, each in group)
            columns = _columns(group, records, decimals)
            writer.write_table(pa.table(columns, schema=schema), row_group_size=records.number)
            devices += [[name, each.number] for name, each in group]
            first_ms = min(first_ms, int(records.time_ms.min()))
            last_ms = max(last_ms, int(records.time_ms.max()))
        said = {"version": VERSION, "decimals": decimals, "devices": devices, **about}
        writer.add_key_value_metadata({METADATA: json.dumps(said).encode()})
    return Written(sum(int(number) for _, number in devices), len(devices), first_ms, last_ms)


def _schema(decimals: int | None) -> pa.Schema:
    return pa.schema(
        [
            ("device", pa.dictionary(pa.int32(), pa.string())),
            ("time_ms", TIME),
            ("value", pa.float64() if decimals is None else pa.int64()),
            ("quality", pa.uint8()),
            ("delay_ms", pa.int64()),
        ]
    )


def _columns(
    group: Sequence[tuple[str, Records]], records: Records, decimals: int | None
) -> list[pa.Array]:
    """Return the columns of `_schema` for the joined readings of some devices."""
    names, numbers = zip(*((name, each.number) for name, each in group), strict=True)
    index = np.repeat(np.arange(len(names), dtype=np.int32), numbers)
    return [
        pa.DictionaryArray.from_arrays(index, names),
        pa.array(records.time_ms).cast(TIME),
        pa.array(_kept_values(records.value, decimals)),
        pa.array(records.quality),
        pa.array(records.arrival_ms - records.time_ms),
    ]


def _groups(rows: Iterator[tuple[str, Records]]) -> Iterator[list[tuple[str, Records]]]:
    group: list[tuple[str, Records]] = []
    number = 0
    for name, records in rows:
        group.append((name, records))
        number += records.number
        if number >= ROWS_AT_ONCE:
            yield group
            group, number = [], 0
    if group:
        yield group


def _kept_values(
    value: npt.NDArray[np.float64], decimals: int | None
) -> npt.NDArray[np.int64] | npt.NDArray[np.float64]:
    if decimals is None:
        return value
    whole = _whole(value, decimals)
    if whole is not None:
        return whole
    found = (
        more for more in range(decimals + 1, MOST_DECIMALS + 1) if _whole(value, more) is not None
    )
    raise _TooExact(next(found, None))


def _whole(value: npt.NDArray[np.float64], decimals: int) -> npt.NDArray[np.int64] | None:
    """Return values as whole numbers of their last decimal, if that is lossless."""
    with np.errstate(over="ignore"):
        scaled = np.rint(value * 10.0**decimals)
    if not (np.abs(scaled) < LARGEST_WHOLE).all():
        return None
    whole = scaled.astype(np.int64)
    same = _values(whole, decimals).view(np.int64) == value.view(np.int64)
    return whole if same.all() else None


def _values(whole: npt.NDArray[np.int64], decimals: int) -> npt.NDArray[np.float64]:
    return np.asarray(whole / 10.0**decimals)


class ReadingsFile(DeviceTable):
    """An open file of readings; see `DeviceTable`."""

    def read(self, devices: Sequence[str]) -> dict[str, Records]:
        """Return the readings of some devices, omitting devices that have none."""
        return {
            name: Records(time_ms, self._whole(value), quality, time_ms)
            for name, (time_ms, value, quality) in self.columns(devices, READ)
        }

    def read_all(self, devices: Sequence[str]) -> dict[str, Records]:
        """Return the same together with times of arrival, which takes longer."""
        return {
            name: Records(time_ms, self._whole(value), quality, time_ms + delay_ms)
            for name, (time_ms, value, quality, delay_ms) in self.columns(
                devices, (*READ, "delay_ms")
            )
        }

    def each(self) -> Iterator[tuple[str, Records]]:
        """Yield all readings of each device, sorted by device."""
        for names in self.groups():
            yield from self.read_all(names).items()

    def span(self) -> tuple[int, int]:
        """Return the first and the last device time. [ms since 1970, UTC]"""
        times = [time_ms for _, (time_ms,) in self.columns(list(self.devices), ["time_ms"])]
        return min(int(each[0]) for each in times), max(int(each[-1]) for each in times)

    def _whole(self, value: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        decimals = self.said["decimals"]
        return value if decimals is None else _values(value, decimals)
