"""
Readings files: long CSV or Parquet with the columns ``time,device,quantity,value``, or exports.

A row that cannot be used is left out, counted and named in a finding; it costs no other row.
docs/readings-file.md describes the files for those who write them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from estate.errors import DataError
from estate.findings import Finding
from estate.quantities import quantities
from telemetry.plausibility import suspicions
from telemetry.readings import Samples
from telemetry.readings_file.one_file import no_such_file, read_file
from telemetry.readings_file.reading_rows import Rows, by_device_name, each_key_once, joined
from telemetry.readings_file.tables.table import COLUMNS
from telemetry.series.registers.running_sums import running_sum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from telemetry.readings_file.column_map import ColumnMap
    from telemetry.readings_file.one_file import FileRows

    Row = tuple[int, str, str, float]
    """Time [ms since 1970, UTC], device, quantity, value [the quantity's unit]."""
    Progress = Callable[[int, int], None]
    Opening = Callable[[str, str, int], float]
    """Value of a register, by device, quantity and time [ms since 1970, UTC]."""

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  in UTC, as `_iso` writes


@dataclass(frozen=True, eq=False)
class ReadingsFile:
    """
    The readings of one or several files: a source of samples for one building.

    Attributes
    ----------
    digests : mapping of str to str
        SHA-256 in hexadecimal, by the file's name.
    devices : tuple of str
        Every device of the file, sorted.
    series : (n,) int64 array
        Index of the reading's device times the number of known quantities, plus the index
        of its quantity in `estate.quantities.quantities`. Rows are sorted by it and by time; each
        key occurs once, with the file's later row if repeated.
    time_ms : (n,) int64 array
        [ms since 1970, UTC]
    value : (n,) float64 array
        [the quantity's unit]
    findings : tuple of Finding
        Rows that were left out, and why.
    left_out : int
        Number of rows that were left out.
    """

    digests: Mapping[str, str]
    devices: tuple[str, ...]
    series: npt.NDArray[np.int64]
    time_ms: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]
    findings: tuple[Finding, ...]
    left_out: int

    @property
    def name(self) -> str:
        """Name for findings; the first of several, and the number of others."""
        first, *others = self.digests
        return f"{first} and {len(others)} more files" if others else first

    @property
    def sha256(self) -> str:
        """SHA-256 in hexadecimal; of the first of several files."""
        return next(iter(self.digests.values()))

    def columns(self) -> pd.DataFrame:
        """Return ``time_ms`` (int64), ``device``, ``quantity`` (str) and ``value`` (float64)."""
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
        """Return the file with only the rows selected by an (n,) array."""
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
        """Read one quantity of some devices; see `telemetry.stores.store.SampleSource`."""
        rows = [self._rows(device, quantity, start_ms, end_ms) for device in devices]
        index = np.repeat(np.arange(len(rows), dtype=np.int32), [len(each) for each in rows])
        chosen = np.concatenate([np.empty(0, dtype=np.int64), *rows])
        value = self.value[chosen]
        return Samples(index, self.time_ms[chosen], value, suspicions(quantity, value))

    def _rows(
        self, device: str, quantity: str, start_ms: int, end_ms: int
    ) -> npt.NDArray[np.int64]:
        """Return the row numbers of one series within a window."""
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


def read_readings(path: Path, maps: Sequence[ColumnMap] = ()) -> ReadingsFile:
    """Read one readings file; see `read_all`."""
    return read_all([path], maps)


def read_all(
    paths: Sequence[Path],
    maps: Sequence[ColumnMap] = (),
    opening: Opening | None = None,
    on_progress: Progress | None = None,
) -> ReadingsFile:
    """
    Read readings files together; of a repeated key the last file's last row counts.

    Whether a device is known, and was in place at that time, is not checked here.

    Parameters
    ----------
    paths : sequence of Path
        At least one.
    maps : sequence of ColumnMap
        The first map that fits an export is used; a file that none fits is in our own format.
    opening : callable, optional
        Returns the initial value of a register that is computed from consumption.
    on_progress : callable, optional
        Called with the bytes read and the total.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If one is not a table of readings (a missing column, no row), or one of several has no
        usable row; findings of the files before it come first.
    """
    devices: dict[str, int] = {}
    names = _names(paths)
    parts = _read_each(paths, names, maps, devices, on_progress or _unseen)
    ids = tuple(sorted(devices))
    rows = by_device_name(joined([part.rows for part in parts]), devices)
    rows, ended = _with_registers(rows, ids, opening or _from_zero)
    series, time_ms, value, changed = each_key_once(rows)
    if changed:
        ended.append(_changed_finding(names, changed))
    return ReadingsFile(
        {name: part.sha256 for name, part in zip(names, parts, strict=True)},
        ids, series, time_ms, value, (*_findings(parts), *ended),
        sum(part.left_out for part in parts),
    )  # fmt: skip


def _read_each(
    paths: Sequence[Path],
    names: Sequence[str],
    maps: Sequence[ColumnMap],
    devices: dict[str, int],
    on_progress: Progress,
) -> list[FileRows]:
    """Read each file; an error comes after the findings of the files before it."""
    parts: list[FileRows] = []
    done, total = 0, sum(_size(path) for path in paths)
    for path, name in zip(paths, names, strict=True):
        try:
            part = read_file(path, maps, devices, partial(_add, on_progress, done, total))
        except DataError as error:
            raise DataError([*_findings(parts), *error.findings]) from error
        parts.append(part)
        if len(paths) > 1 and not len(part.rows.series):
            raise nothing_usable(name, _findings(parts))
        done += _size(path)
        on_progress(done, total)
    return parts


def _findings(parts: Iterable[FileRows]) -> list[Finding]:
    return [finding for part in parts for finding in part.findings]


def nothing_usable(file: str, findings: Iterable[Finding]) -> DataError:
    """Return the findings of a file without usable readings, those of its rows first."""
    message = (
        f"{file}: it has no usable readings; correct the rows as described above, "
        "or check that it is the right file"
    )
    return DataError([*findings, Finding("readings.none", message, {"file": file})])


def write_readings(path: Path, rows: Iterable[Row]) -> None:
    """Write a readings file: CSV with decimal points, or Parquet if named ``.parquet``."""
    if path.suffix == ".parquet":
        frame = pd.DataFrame(list(rows), columns=list(COLUMNS))
        frame["time"] = pd.to_datetime(frame["time"].astype(np.int64), unit="ms", utc=True)
        frame.to_parquet(path, engine="pyarrow", index=False)
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(
            (_iso(time_ms), device, quantity, repr(value))
            for time_ms, device, quantity, value in rows
        )


def _iso(time_ms: int) -> str:
    # Seconds as a float would lose milliseconds far in the future.
    time = EPOCH + timedelta(milliseconds=time_ms)
    return time.isoformat(timespec="milliseconds") + "Z"


def _from_zero(_device: str, _quantity: str, _time_ms: int) -> float:
    return 0.0


def _unseen(_done: int, _total: int) -> None:
    pass


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the shortest distinct name of each file."""
    short = [path.name for path in paths]
    return short if len(set(short)) == len(short) else [str(path) for path in paths]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise no_such_file(path, error) from error


def _add(on_progress: Progress, done: int, total: int, read: int) -> None:
    on_progress(done + read, total)


def _with_registers(
    rows: Rows, devices: Sequence[str], opening: Opening
) -> tuple[Rows, list[Finding]]:
    """Replace each series of consumption by a register."""
    if not rows.use.any():
        return rows, []
    names = tuple(quantities())
    parts, findings = [rows.pick(~rows.use)], []
    for series in np.unique(rows.series[rows.use]).tolist():
        device, quantity = devices[series // len(names)], names[series % len(names)]
        used = rows.pick(rows.use & (rows.series == series))
        register = running_sum(
            used.start_ms, used.time_ms, used.value, partial(opening, device, quantity)
        )
        if register.gap_ms is not None:
            findings.append(_gap_finding(device, quantity, register.gap_ms, register.beyond))
        same = np.full(len(register.time_ms), series)
        parts.append(Rows.of_register(same, register.time_ms, register.value))
    return joined(parts), findings


def _gap_finding(device: str, quantity: str, gap_ms: int, beyond: int) -> Finding:
    return Finding(
        "readings.use.gap",
        f"{quantity} of device {device}: an interval is missing, overlapped or left out at "
        f"{_iso(gap_ms)}; the {beyond} intervals after it are left out; add the "
        "missing one to the file, or let the device be estimated",
        {"device": device, "quantity": quantity, "at": _iso(gap_ms), "left_out": beyond},
    )


def _changed_finding(files: Sequence[str], count: int) -> Finding:
    return Finding(
        "readings.repeated",
        f"{count} readings stand in {', '.join(files)} again with another value; the later row "
        "counts. Check whether files overlap, or two devices share an id",
        {"files": list(files), "readings": count},
    )
