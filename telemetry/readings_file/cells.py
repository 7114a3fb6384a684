"""
Converts raw cells to numbers, with a fault code per row. Pure functions of columns.

Each distinct text is parsed once, however many rows contain it.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from estate.model import is_id
from estate.quantities import quantities
from telemetry.readings_file.local_times import NO_TIME, Instants, read_instants
from telemetry.readings_file.tables.table import OVERFLOW, clean
from telemetry.stores.refusal import EARLIEST_MS, LATEST_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from estate.numbers.arrays import Floats, Integers
    from telemetry.readings_file.column_map import TimeColumn
    from telemetry.readings_file.raw_readings import Dialect, RawCells

    Column = pd.Series[Any]

UNKNOWN = -1

_is_moment = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)? ?(Z|[+-]\d{2}(:?\d{2})?)"
).fullmatch
_is_seconds = re.compile(r"-?\d{1,11}([.]\d+)?").fullmatch


class Fault(IntEnum):
    """What is wrong with a row; of several faults, the first in this order."""

    NONE = 0
    TOO_MANY = 1
    TIME = 2
    SKIPPED = 3
    """A local time that did not exist."""
    ORDER = 4
    """An interval that ends before it starts."""
    DEVICE = 5
    QUANTITY = 6
    UNIT = 7
    VALUE = 8
    IMPOSSIBLE = 9
    BLANK = 10
    """The whole row is blank; it is skipped without a finding."""


COLUMN_OF = {
    Fault.TOO_MANY: OVERFLOW,
    Fault.TIME: "time",
    Fault.SKIPPED: "time",
    Fault.ORDER: "until",
    Fault.DEVICE: "device",
    Fault.QUANTITY: "quantity",
    Fault.UNIT: "value",
    Fault.VALUE: "value",
    Fault.IMPOSSIBLE: "value",
}


class Cells(NamedTuple):
    """
    Rows as numbers.

    Attributes
    ----------
    time_ms : (n,) int64 array
        For an interval, its end. [ms since 1970, UTC]
    start_ms : (n,) int64 array
        The start of the interval, or the time. [ms since 1970, UTC]
    later_ms : (n,) int64 array
        How much later both are in the second of two equal local times. [ms]
    device : (n,) int64 array
        Index into the names that were passed in, -1 if invalid.
    quantity : (n,) int64 array
        Index into `estate.quantities.quantities`, -1 if invalid.
    value : (n,) float64 array
        NaN if invalid. [the quantity's unit]
    fault : (n,) int64 array
        A `Fault` for each row; only rows without one may be used.
    """

    time_ms: Integers
    start_ms: Integers
    later_ms: Integers
    device: Integers
    quantity: Integers
    value: Floats
    fault: Integers


def parse_cells(raw: RawCells, devices: dict[str, int]) -> Cells:
    """
    Convert some rows.

    Parameters
    ----------
    raw : RawCells
        (n,) rows.
    devices : dict of str to int
        Index of every device seen so far; new ones are added.
    """
    frame, dialect = raw.frame, raw.dialect
    start_ms, time_ms, later_ms, skipped = _instants(frame, dialect)
    device = _by_text(frame["device"], lambda texts: _device_positions(texts, devices))
    quantity = _by_text(frame["quantity"], _quantity_positions)
    value = _numbers(frame["value"], dialect)
    if dialect.unit is not None:
        value = dialect.unit.convert(value)
    low, high = _limits()
    faults = {
        Fault.TOO_MANY: frame[OVERFLOW].to_numpy() != "" if OVERFLOW in frame else False,
        Fault.SKIPPED: skipped,
        Fault.TIME: time_ms == NO_TIME,
        Fault.ORDER: start_ms > time_ms,
        Fault.DEVICE: device == UNKNOWN,
        Fault.QUANTITY: quantity == UNKNOWN,
        Fault.UNIT: not dialect.unit_known,
        Fault.VALUE: ~np.isfinite(value),
        Fault.IMPOSSIBLE: (value < low[quantity]) | (value > high[quantity]),
    }
    conditions = [np.broadcast_to(wrong, len(frame)) for wrong in faults.values()]
    fault = np.select(conditions, [int(code) for code in faults], default=Fault.NONE)
    wrong = np.flatnonzero(fault)
    fault[wrong[_blank(frame.iloc[wrong], dialect)]] = Fault.BLANK
    return Cells(time_ms, start_ms, later_ms, device, quantity, value, fault)


@cache
def remedies() -> Mapping[str, str]:
    """Return the remedies for invalid cells, by type of fault."""
    text = resources.files("telemetry.readings_file").joinpath("remedies.yaml").read_text("utf-8")
    table: dict[str, str] = yaml.safe_load(text)
    return table


def remedy_for(fault: Fault, quantity: int, dialect: Dialect) -> str:
    """
    Return the remedy for a row.

    Parameters
    ----------
    fault : Fault
    quantity : int
        Index of the row's quantity, -1 if invalid.
    dialect : Dialect
    """
    known = tuple(quantities().values())
    if fault is Fault.IMPOSSIBLE:
        of = known[quantity]
        return remedies()["impossible"].format(
            quantity=of.name, minimum=of.minimum, maximum=of.maximum, unit=of.unit
        )
    return remedies()[_remedy_name(fault, dialect)].format(
        quantities=", ".join(each.name for each in known),
        formats=" or ".join(dialect.time.format) if dialect.time else "",
        zone=dialect.time.zone if dialect.time else "",
        unit=dialect.written_unit,
        quantity=known[quantity].name,
        thousands=dialect.thousands,
        decimal="," if dialect.decimal_comma else ".",
    )


def _remedy_name(fault: Fault, dialect: Dialect) -> str:
    name = fault.name.lower()
    if fault is Fault.VALUE:
        marks = "decimal_comma" if dialect.decimal_comma else ""
        grouped = "thousands" if dialect.thousands else "mapped" if dialect.mapped else ""
        return "_".join(filter(None, (name, marks, grouped)))
    if fault is Fault.UNIT and not dialect.written_unit:
        return "unit_missing"
    return f"{name}_mapped" if dialect.mapped and f"{name}_mapped" in remedies() else name


def _by_text(
    column: Column, parse: Callable[[Sequence[str]], npt.NDArray[Any]]
) -> npt.NDArray[Any]:
    """Parse each distinct text once and return the results by row, shape (n,)."""
    position, texts = _different(column)
    return parse(texts)[position]


def _different(column: Column) -> tuple[npt.NDArray[np.intp], list[str]]:
    """Return the distinct texts, and the index of each row's text."""
    position, different = pd.factorize(column.to_numpy(dtype=object))
    # A missing cell has index -1, which is the blank text at the end.
    return position, [*(clean(str(each)) for each in different), ""]


def _device_positions(texts: Sequence[str], devices: dict[str, int]) -> Integers:
    return np.array(
        [devices.setdefault(text, len(devices)) if is_id(text) else UNKNOWN for text in texts],
        dtype=np.int64,
    )


def _quantity_positions(texts: Sequence[str]) -> Integers:
    position = {name: number for number, name in enumerate(quantities())}
    return np.array([position.get(text, UNKNOWN) for text in texts], dtype=np.int64)


@cache
def _limits() -> tuple[Floats, Floats]:
    """Return the limits of each quantity; the last pair is for an unknown one."""
    every = quantities().values()
    low = np.array([*(each.minimum for each in every), -np.inf])
    high = np.array([*(each.maximum for each in every), np.inf])
    return low, high


def _instants(frame: pd.DataFrame, dialect: Dialect) -> Instants:
    """Parse start and end of each row, which are equal for an instant."""
    how = dialect.time
    if how is None:
        time_ms = _times(frame["time"], dialect.decimal_comma)
        return Instants(time_ms, time_ms, np.zeros_like(time_ms), np.zeros(len(frame), np.bool_))
    read = _local(frame["time"], how, dialect)
    if how.until is None:
        return read
    return read._replace(end_ms=_local(frame["until"], how, dialect).end_ms)


def _local(column: Column, how: TimeColumn, dialect: Dialect) -> Instants:
    position, texts = _different(column)
    read = read_instants(texts, how, typed=dialect.typed)
    start_ms, end_ms = (_in_range(each)[position] for each in (read.start_ms, read.end_ms))
    return Instants(start_ms, end_ms, read.later_ms[position], read.skipped[position])


def _times(column: Column, decimal_comma: bool) -> Integers:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        time_ms = _milliseconds(pd.DatetimeIndex(column))
    elif _is_numeric(column):
        time_ms = _from_seconds(column.to_numpy(dtype=np.float64, na_value=np.nan))
    else:
        time_ms = _by_text(column, lambda texts: _parse_times(texts, decimal_comma))
    return _in_range(time_ms)


def _in_range(time_ms: Integers) -> Integers:
    return np.where((time_ms >= EARLIEST_MS) & (time_ms <= LATEST_MS), time_ms, NO_TIME)


def _parse_times(texts: Sequence[str], decimal_comma: bool) -> Integers:
    time_ms = np.full(len(texts), NO_TIME, dtype=np.int64)
    moments = [number for number, text in enumerate(texts) if _is_moment(text)]
    read = pd.to_datetime(
        [texts[number] for number in moments], format="ISO8601", utc=True, errors="coerce"
    )
    time_ms[moments] = _milliseconds(read)
    pointed = _pointed(texts, decimal_comma)
    seconds = [number for number, text in enumerate(pointed) if _is_seconds(text)]
    time_ms[seconds] = _from_seconds(np.array([float(pointed[number]) for number in seconds]))
    return time_ms


def _milliseconds(moments: pd.DatetimeIndex) -> Integers:
    return moments.round("ms").as_unit("ms").asi8


def _from_seconds(seconds: Floats) -> Integers:
    known = np.isfinite(seconds) & (np.abs(seconds) < LATEST_MS / 1000)
    time_ms = np.full(len(seconds), NO_TIME, dtype=np.int64)
    time_ms[known] = np.rint(seconds[known] * 1000).astype(np.int64)
    return time_ms


def _numbers(column: Column, dialect: Dialect) -> Floats:
    if _is_numeric(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return _by_text(column, lambda texts: _parse_numbers(texts, dialect))


def _parse_numbers(texts: Sequence[str], dialect: Dialect) -> Floats:
    thousands = dialect.thousands if dialect.grouped else ""
    is_number = _number_pattern("," if dialect.decimal_comma else ".", thousands)
    found = [text if is_number(text) else "nan" for text in _bare(texts, dialect)]
    if thousands:
        found = [text.replace(thousands, "") for text in found]
    # Python parses to the nearest float; pandas' parser may be off by the last bit.
    return np.array([float(text.replace(",", ".")) for text in found])


def _bare(texts: Sequence[str], dialect: Dialect) -> Sequence[str]:
    """Strip a unit after a number, and unify all spaces."""
    if not dialect.mapped:
        return texts
    unit = dialect.written_unit.casefold()
    plain = [re.sub(r"\s", " ", text) for text in texts]
    return [
        text[: -len(unit)].strip() if unit and text.casefold().endswith(unit) else text
        for text in plain
    ]


@cache
def _number_pattern(decimal: str, thousands: str) -> Callable[[str], object]:
    grouped = rf"\d{{1,3}}({re.escape(thousands)}\d{{3}})+|" if thousands else ""
    return re.compile(rf"[+-]?({grouped}\d+)({re.escape(decimal)}\d+)?([eE][+-]?\d+)?").fullmatch


def _pointed(texts: Sequence[str], decimal_comma: bool) -> Sequence[str]:
    """Convert decimal commas to points; a point in such a file is not a decimal mark."""
    return [text.translate(_SWAPPED) for text in texts] if decimal_comma else texts


_SWAPPED = str.maketrans(",.", ".,")


def _is_numeric(column: Column) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _blank(rows: pd.DataFrame, dialect: Dialect) -> npt.NDArray[np.bool_]:
    """Mark rows that are blank, or that lack a value where one may be missing."""
    looked_at = rows[["value"]] if dialect.sparse else rows
    if dialect.mapped and not dialect.sparse:
        # What a map sets for every row is not in the cells.
        looked_at = rows[[name for name in rows if name in ("time", "value", OVERFLOW)]]
    blank = np.ones(len(rows), dtype=np.bool_)
    for name in looked_at:
        column = rows[name]
        blank &= column.isna().to_numpy() | (column.astype(str).str.strip() == "").to_numpy()
    return blank
