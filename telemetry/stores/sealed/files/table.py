"""
A Parquet file whose rows are sorted by device, and which states how many rows each device has.

So one device is read without scanning the others. A row group contains whole devices.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # has no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # has no types

from estate.errors import UsageError
from telemetry.stores.sealed.damage import SealedDamaged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

METADATA = b"fairvarme"
VERSION = 1
"""Of what a file says of itself, and of its columns."""
OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "compression_level": 9,
    "version": "2.6",
    "write_page_checksum": True,
    "data_page_version": "2.0",
}
"""How every sealed file is written."""


class DeviceTable:
    """
    An open file.

    Parameters
    ----------
    path : Path

    Attributes
    ----------
    said : dict
        Metadata of the file.
    devices : dict of str to int
        Number of rows of each device.

    Raises
    ------
    SealedDamaged
        If it cannot be read as one.
    UsageError
        If a newer version wrote it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._file = pq.ParquetFile(
                pa.OSFile(str(path)), page_checksum_verification=True, pre_buffer=False
            )
            self.said: dict[str, Any] = json.loads(self._file.metadata.metadata[METADATA])
            self.devices = {str(name): int(rows) for name, rows in self.said["devices"]}
        except FileNotFoundError as error:
            raise SealedDamaged(path, "is missing") from error
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            raise SealedDamaged(path, "cannot be read as Parquet") from error
        if self.said.get("version", VERSION) > VERSION:
            raise UsageError(f"{path} was written by a newer version of Fairvarme; update this one")
        ends = np.cumsum(list(self.devices.values()))
        self._ends = dict(zip(self.devices, ends.tolist(), strict=True))
        metadata = self._file.metadata
        rows = [metadata.row_group(each).num_rows for each in range(metadata.num_row_groups)]
        self._group_starts = np.concatenate([[0], np.cumsum(rows)]).astype(np.int64)

    def groups(self) -> Iterator[list[str]]:
        """Yield groups of devices to be read together, so that each row is read only once."""
        pairs = zip(self._groups_of(list(self.devices)), self.devices, strict=True)
        for _, some in groupby(pairs, key=lambda pair: pair[0]):
            yield [name for _, name in some]

    def columns(
        self, devices: Sequence[str], names: Sequence[str]
    ) -> Iterator[tuple[str, list[npt.NDArray[Any]]]]:
        """Yield some columns of the requested devices that have rows, sorted by device."""
        there = sorted(set(devices) & self.devices.keys(), key=self._ends.__getitem__)
        if not there:
            return
        of_device = self._groups_of(there)
        groups = sorted(set(of_device))
        table = self._read(groups, names)
        sizes = np.diff(self._group_starts)[groups]
        # For each group, the row in the file minus the row in the data that was read.
        offsets = self._group_starts[groups] - np.concatenate([[0], np.cumsum(sizes)])[:-1]
        offset = dict(zip(groups, offsets.tolist(), strict=True))
        for device, group in zip(there, of_device, strict=True):
            stop = self._ends[device] - offset[group]
            yield device, [column[stop - self.devices[device] : stop] for column in table]

    def _groups_of(self, devices: list[str]) -> list[int]:
        last_rows = [self._ends[device] - 1 for device in devices]
        found: list[int] = np.searchsorted(self._group_starts[1:], last_rows, side="right").tolist()
        return found

    def _read(self, groups: list[int], names: Sequence[str]) -> list[npt.NDArray[Any]]:
        try:
            table = self._file.read_row_groups(groups, columns=list(names), use_threads=False)
        except (OSError, pa.ArrowException) as error:
            raise SealedDamaged(self._path, "cannot be read as Parquet") from error
        return [_as_array(table.column(name)) for name in names]


def _as_array(column: Any) -> npt.NDArray[Any]:  # noqa: ANN401  has no types
    array = column.combine_chunks()
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    found: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return found
