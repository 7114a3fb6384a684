"""
A readings file: long CSV or Parquet with the columns ``time,device,quantity,value``.

A row that cannot be used is left out, counted and named in a finding; it costs no other row.
docs/readings-file.md describes the file for those who write one.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from estate.errors import DataError, UsageError
from estate.findings import Finding
from estate.quantities import quantities
from telemetry.plausibility import suspicions
from telemetry.readings import Samples
from telemetry.readings_cells import COLUMN_OF, Fault, parse_cells, remedy_for
from telemetry.readings_table import COLUMNS, raw_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from telemetry.readings_cells import Cells
    from telemetry.readings_table import RawCells

    Row = tuple[int, str, str, float]
    """Time [ms since 1970, UTC], device, quantity, value [the quantity's unit]."""
    Columns = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  in UTC, as `_iso` writes
NAMED_ROWS = 100
"""So many rows that are left out get a finding of their own; the others are counted in one."""


@dataclass(frozen=True, eq=False)
class ReadingsFile:
    """
    The readings of a file: a source of samples, for one building.

    Attributes
    ----------
    name : str
        Of the file, for findings.
    devices : tuple of str
        Every device of the file, sorted.
    series : (n,) int64 array
        Position of the reading's device times the number of known quantities, plus the position
        of its quantity in `estate.quantities.quantities`. Rows are sorted by it and by time; each
        key is there once, the file's later row where it was repeated.
    time_ms : (n,) int64 array
        [ms since 1970, UTC]
    value : (n,) float64 array
        [the quantity's unit]
    findings : tuple of Finding
        What was left out, and why.
    left_out : int
        Number of rows that were left out.
    sha256 : str
        Of the file, in hexadecimal.
    """

    name: str
    devices: tuple[str, ...]
    series: npt.NDArray[np.int64]
    time_ms: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    findings: tuple[Finding, ...]
    left_out: int
    sha256: str

    def columns(self) -> pd.DataFrame:
        """Give ``time_ms`` (int64), ``device``, ``quantity`` (str) and ``value`` (float64)."""
        device, quantity = np.divmod(self.series, len(quantities()))
        return pd.DataFrame(
            {
                "time_ms": self.time_ms,
                "device": np.array(self.devices, dtype=object)[device],
                "quantity": np.array(list(quantities()), dtype=object)[quantity],
                "value": self.value,
            }
        )

    def keep(self, kept: npt.NDArray[np.bool_]) -> ReadingsFile:
        """Give the file with some rows of `columns` only, told by an (n,) array."""
        return replace(
            self, series=self.series[kept], time_ms=self.time_ms[kept], value=self.value[kept]
        )

    def samples(
        self,
        building: str,  # noqa: ARG002  the file is of one building
        devices: Sequence[str],
        quantity: str,
        start_ms: int,
        end_ms: int,
    ) -> Samples:
        """Read one quantity of some devices; see `telemetry.store.SampleSource`."""
        rows = [self._rows(device, quantity, start_ms, end_ms) for device in devices]
        index = np.repeat(np.arange(len(rows), dtype=np.int32), [len(each) for each in rows])
        chosen = np.concatenate([np.empty(0, dtype=np.int64), *rows])
        value = self.value[chosen]
        return Samples(index, self.time_ms[chosen], value, suspicions(quantity, value))

    def _rows(
        self, device: str, quantity: str, start_ms: int, end_ms: int
    ) -> npt.NDArray[np.int64]:
        """Give the row numbers of one series within a window."""
        series = self._series_of.get((device, quantity))
        if series is None:
            return np.empty(0, dtype=np.int64)
        first, last = np.searchsorted(self.series, [series, series + 1]).tolist()
        start, end = np.searchsorted(self.time_ms[first:last], [start_ms, end_ms]).tolist()
        return np.arange(first + start, first + end, dtype=np.int64)

    @cached_property
    def _series_of(self) -> dict[tuple[str, str], int]:
        keys = ((device, quantity) for device in self.devices for quantity in quantities())
        return {key: series for series, key in enumerate(keys)}


def read_readings(path: Path) -> ReadingsFile:
    """
    Read a readings file.

    Whether a device is known, and stood there at that time, is not asked here.

    Raises
    ------
    UsageError
        Where there is no such file.
    DataError
        Where it is no table of readings: a missing column, no row, not UTF-8.
    """
    devices: dict[str, int] = {}
    left_out = _LeftOut(path.name)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            parts = [
                left_out.without(raw, parse_cells(raw, devices))
                for raw in raw_cells(file, path.name, left_out.findings)
            ]
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the name") from error
    names = tuple(sorted(devices))
    series, time_ms, value = _sorted_columns(parts, names, devices)
    return ReadingsFile(
        path.name, names, series, time_ms, value, left_out.all_findings(), left_out.count, sha256
    )


def nothing_usable(file: str, findings: Iterable[Finding]) -> DataError:
    """Say that no reading of a file may be used, after what is wrong with its rows."""
    message = (
        f"{file}: none of its readings may be used; mend the rows as said above, or check that it "
        "is the right file"
    )
    return DataError([*findings, Finding("readings.none", message, {"file": file})])


def write_readings(path: Path, rows: Iterable[Row]) -> None:
    """
    Write a readings file: CSV with decimal points, or Parquet where the name ends in ``.parquet``.

    Raises
    ------
    UsageError
        Where Parquet is asked for and pyarrow is not there.
    """
    if path.suffix == ".parquet":
        frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
        frame["time"] = pd.to_datetime(frame["time"].astype(np.int64), unit="ms", utc=True)
        try:
            frame.to_parquet(path, engine="pyarrow", index=False)
        except ImportError as error:
            raise UsageError(
                "Parquet needs pyarrow; install fairvarme[parquet], or write CSV"
            ) from error
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            (_iso(time_ms), device, quantity, repr(value))
            for time_ms, device, quantity, value in rows
        )


def _iso(time_ms: int) -> str:
    # Seconds as a float would lose milliseconds in the far future.
    time = EPOCH + timedelta(milliseconds=time_ms)
    return time.isoformat(timespec="milliseconds") + "Z"


def _sorted_columns(
    parts: Sequence[Columns], names: Sequence[str], devices: dict[str, int]
) -> Columns:
    """Give series, time and value by series and time, each key once: of its last row."""
    position = np.empty(len(names), dtype=np.int64)
    position[[devices[name] for name in names]] = np.arange(len(names))
    found, time_ms, value = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    device, quantity = np.divmod(found, len(quantities()))
    series = position[device] * len(quantities()) + quantity
    order = np.lexsort((time_ms, series))
    series, time_ms, value = series[order], time_ms[order], value[order]
    # The sort is stable, so that the last of equal keys is the file's last.
    last = np.append((np.diff(series) != 0) | (np.diff(time_ms) != 0), True)[: len(series)]
    return series[last], time_ms[last], value[last]


@dataclass
class _LeftOut:
    """Counts the rows that are left out, and names the first of them."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    by_column: Counter[str] = field(default_factory=Counter)
    named: int = 0

    @property
    def count(self) -> int:
        return self.by_column.total()

    def without(self, raw: RawCells, cells: Cells) -> Columns:
        """Note the rows with a fault; give series (devices as found), time and value of others."""
        wrong = np.flatnonzero((cells.fault != Fault.NONE) & (cells.fault != Fault.BLANK))
        faults, counts = np.unique(cells.fault[wrong], return_counts=True)
        for fault, count in zip(faults.tolist(), counts.tolist(), strict=True):
            self.by_column[COLUMN_OF[Fault(fault)]] += count
        for row in wrong[: NAMED_ROWS - self.named].tolist():
            self.findings.append(self._finding(raw, cells, row))
            self.named += 1
        kept = cells.fault == Fault.NONE
        series = cells.device * len(quantities()) + cells.quantity
        return series[kept], cells.time_ms[kept], cells.value[kept]

    def all_findings(self) -> tuple[Finding, ...]:
        return (*self.findings, *self._others())

    def _finding(self, raw: RawCells, cells: Cells, row: int) -> Finding:
        fault = Fault(cells.fault[row])
        column = COLUMN_OF[fault]
        cell = raw.frame[column].iloc[row]
        value = "" if pd.isna(cell) else str(cell)
        number = int(raw.frame.index[row]) + raw.first_row
        shown = f"holds '{value}'" if value else "is blank"
        remedy = remedy_for(fault, int(cells.quantity[row]), raw.decimal_comma)
        return Finding(
            "readings.row.invalid",
            f"{self.file} row {number}, column {column} {shown}: {remedy}",
            {"file": self.file, "row": number, "column": column, "value": value},
        )

    def _others(self) -> Iterator[Finding]:
        others = self.count - self.named
        if others:
            yield Finding(
                "readings.rows.more",
                f"{self.file} has {others} more rows that are left out; mend the first ones and "
                "read it again",
                {"file": self.file, "rows": others, "by_column": dict(self.by_column)},
            )
