"""
A readings file: long CSV or Parquet with the columns ``time,device,quantity,value``.

The header's delimiter settles the dialect: commas and decimal points, or semicolons and decimal
commas. A time is ISO 8601 with an offset, or seconds since 1970. A row that cannot be used is left
out and named in a finding; it costs no other row.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from estate.errors import DataError, UsageError
from estate.findings import Finding
from estate.quantities import quantities
from telemetry.readings import Samples

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

COLUMNS = ("time", "device", "quantity", "value")
FIRST_ROW = 2
"""Number of the first row below the header, as a spreadsheet counts."""
SHOWN_ROWS = 100
"""Rows of a file that get a finding of their own; the rest is counted in one."""

SECONDS = r"-?\d{1,12}(\.\d+)?"
ISO_WITH_OFFSET = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})"
DECIMAL_COMMA = r"[+-]?\d+(,\d+)?([eE][+-]?\d+)?"


@dataclass(frozen=True)
class ReadingsFile:
    """
    The readings of a file; a source of samples for one building.

    Attributes
    ----------
    frame : DataFrame
        ``time_ms`` (int64), ``device``, ``quantity`` (str), ``value`` (float64), sorted by device,
        quantity and time, each key once.
    findings : tuple of Finding
        What was left out, and why.
    sha256 : str
        Digest of the file.
    """

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    sha256: str

    def columns(self) -> pd.DataFrame:
        """Give the readings as columns."""
        return self.frame

    def keep(self, kept: npt.NDArray[np.bool_]) -> ReadingsFile:
        """Give the file with some of its rows only, shape (rows,)."""
        return replace(self, frame=self.frame[kept].reset_index(drop=True))

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
        time_ms, value = self._arrays
        quality = np.zeros(len(chosen), dtype=np.uint8)
        return Samples(index, time_ms[chosen], value[chosen], quality)

    @cached_property
    def _arrays(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        time_ms = self.frame["time_ms"].to_numpy(dtype=np.int64)
        return time_ms, self.frame["value"].to_numpy(dtype=np.float64)

    @cached_property
    def _places(self) -> dict[tuple[str, str], slice]:
        """Where each series lies in the sorted frame."""
        keys = self.frame[["device", "quantity"]]
        first = np.flatnonzero((keys != keys.shift()).any(axis=1).to_numpy())
        last = np.append(first[1:], len(keys))
        names = keys.iloc[first].itertuples(index=False, name=None)
        return {
            (device, quantity): slice(int(start), int(stop))
            for (device, quantity), start, stop in zip(names, first, last, strict=True)
        }

    def _rows(
        self, device: str, quantity: str, start_ms: int, end_ms: int
    ) -> npt.NDArray[np.int64]:
        place = self._places.get((device, quantity))
        if place is None:
            return np.empty(0, dtype=np.int64)
        first, last = np.searchsorted(self._arrays[0][place], [start_ms, end_ms])
        return np.arange(place.start + first, place.start + last, dtype=np.int64)


def read_readings(path: Path) -> ReadingsFile:
    """
    Read a file of readings.

    Raises
    ------
    UsageError
        Where there is no such file.
    DataError
        Where it has no such columns, or is no text.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; check the name") from error
    text, decimal_comma = _read_text(path)
    faults = _Faults(path.name)
    frame = _as_readings(text, decimal_comma, faults)
    frame = frame.sort_values(["device", "quantity", "time_ms"], kind="stable")
    # Of a repeated key the later row counts, as in a store.
    frame = frame.drop_duplicates(["device", "quantity", "time_ms"], keep="last")
    digest = hashlib.sha256(content).hexdigest()
    return ReadingsFile(frame.reset_index(drop=True), tuple(faults.findings()), digest)


def write_readings(path: Path, rows: Iterable[tuple[int, str, str, float]]) -> None:
    """
    Write a readings file with commas, decimal points and times in UTC.

    Parameters
    ----------
    path : Path
    rows : iterable of (time_ms, device, quantity, value)
        Time in ms since 1970, UTC; value in the quantity's unit.
    """
    frame = pd.DataFrame(list(rows), columns=["time", "device", "quantity", "value"])
    times = pd.to_datetime(frame["time"].astype("int64"), unit="ms", utc=True)
    frame["time"] = times.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z"
    frame.to_csv(path, index=False)


def _read_text(path: Path) -> tuple[pd.DataFrame, bool]:
    """Give the cells as text, and whether the numbers have decimal commas."""
    if path.suffix == ".parquet":
        return _checked(path, pd.read_parquet(path)), False
    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline()
        delimiter = ";" if header.count(";") > header.count(",") else ","
        frame = pd.read_csv(
            path,
            sep=delimiter,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            encoding="utf-8-sig",
            skipinitialspace=True,
            skip_blank_lines=False,
            on_bad_lines="error",
        )
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"is not UTF-8 ({error.reason}); save it as CSV UTF-8") from error
    except ValueError as error:
        raise _unreadable(path, f"is no table ({error}); save it as CSV again") from error
    return _checked(path, frame), delimiter == ";"


def _checked(path: Path, frame: pd.DataFrame) -> pd.DataFrame:
    frame.columns = frame.columns.str.strip()
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        remedy = f"lacks the column {', '.join(missing)}; the header is {','.join(COLUMNS)}"
        raise _unreadable(path, remedy)
    return frame[list(COLUMNS)]


def _unreadable(path: Path, problem: str) -> DataError:
    message = f"{path.name} {problem}"
    return DataError([Finding("readings.file.unreadable", message, {"file": path.name})])


class _Faults:
    """Collects the rows that cannot be used: the first fault of each row counts."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._rows: dict[int, tuple[str, Any, str]] = {}

    def add(
        self, bad: npt.NDArray[np.bool_], column: str, cells: pd.Series[Any], remedy: str
    ) -> None:
        for position in np.flatnonzero(bad).tolist():
            self._rows.setdefault(position, (column, cells.iloc[position], remedy))

    def any_of(self, rows: int) -> npt.NDArray[np.bool_]:
        bad = np.zeros(rows, dtype=np.bool_)
        bad[list(self._rows)] = True
        return bad

    def findings(self) -> Iterable[Finding]:
        for position, (column, cell, remedy) in sorted(self._rows.items())[:SHOWN_ROWS]:
            row = position + FIRST_ROW
            yield Finding(
                "readings.row.invalid",
                f"{self._file} row {row}, column {column} holds '{cell}': {remedy}",
                {"file": self._file, "row": row, "column": column, "value": str(cell)},
            )
        hidden = len(self._rows) - SHOWN_ROWS
        if hidden > 0:
            yield Finding(
                "readings.rows.more",
                f"{self._file} has {hidden} more rows that are left out; mend the first ones",
                {"file": self._file, "rows": hidden},
            )


def _as_readings(text: pd.DataFrame, decimal_comma: bool, faults: _Faults) -> pd.DataFrame:
    blank = (text.astype(str) == "").all(axis=1)
    text = text.rename_axis(None)
    time_ms = _times(text["time"], blank, faults)
    device = text["device"].astype(str).str.strip()
    quantity = text["quantity"].astype(str).str.strip()
    faults.add(((device == "") & ~blank).to_numpy(), "device", device, "name the device")
    unknown = (~quantity.isin(quantities().keys()) & ~blank).to_numpy()
    faults.add(unknown, "quantity", quantity, f"write one of {', '.join(quantities())}")
    value = _values(text["value"], blank, decimal_comma, faults)
    _check_limits(quantity, value, text["value"], faults)
    keep = ~faults.any_of(len(text)) & ~blank.to_numpy()
    columns = {"time_ms": time_ms, "device": device, "quantity": quantity, "value": value}
    return pd.DataFrame(columns)[keep].astype({"time_ms": np.int64, "value": np.float64})


def _times(
    cells: pd.Series[Any], blank: pd.Series[bool], faults: _Faults
) -> npt.NDArray[np.float64]:
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        return cells.dt.as_unit("ms").astype("int64").to_numpy(dtype=np.float64)
    text = cells.astype(str).str.strip()
    epoch = text.str.fullmatch(SECONDS)
    iso = text.str.fullmatch(ISO_WITH_OFFSET)
    time_ms = np.full(len(text), np.nan)
    time_ms[epoch] = np.round(text[epoch].astype(float) * 1000)
    parsed = pd.to_datetime(text[iso], format="ISO8601", utc=True, errors="coerce")
    time_ms[iso] = np.where(
        parsed.isna(), np.nan, parsed.astype("datetime64[ms, UTC]").astype("int64")
    )
    bad = np.isnan(time_ms) & ~blank.to_numpy()
    faults.add(bad, "time", cells, "write it as 2026-01-31T13:00:00+01:00, or seconds since 1970")
    return time_ms


def _values(
    cells: pd.Series[Any], blank: pd.Series[bool], decimal_comma: bool, faults: _Faults
) -> npt.NDArray[np.float64]:
    text = cells.astype(str).str.strip()
    remedy = "write a number such as 21.5"
    if decimal_comma:
        remedy = "write a number such as 21,5: this file's decimal mark is a comma"
        text = text.where(text.str.fullmatch(DECIMAL_COMMA), "").str.replace(",", ".")
    value = pd.to_numeric(text, errors="coerce").to_numpy(dtype=np.float64)
    faults.add(~np.isfinite(value) & ~blank.to_numpy(), "value", cells, remedy)
    return value


def _check_limits(
    quantity: pd.Series[str], value: npt.NDArray[np.float64], cells: pd.Series[Any], faults: _Faults
) -> None:
    for name, each in quantities().items():
        outside = (value < each.minimum) | (value > each.maximum)
        remedy = (
            f"{name} is from {each.minimum:g} to {each.maximum:g} {each.unit}; look at the sensor"
        )
        faults.add((quantity == name).to_numpy() & outside, "value", cells, remedy)
