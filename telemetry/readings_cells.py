"""
Raw cells become numbers; what cannot is told apart by its fault. Pure functions of columns.

Each different text is read once, however many rows hold it.
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

from estate.model import ID_PATTERN
from estate.quantities import quantities
from telemetry.readings_table import OVERFLOW, clean
from telemetry.refusal import EARLIEST_MS, LATEST_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from telemetry.readings_table import RawCells

    Column = pd.Series[Any]
    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

UNKNOWN = -1
NO_TIME = np.iinfo(np.int64).min
"""A time that cannot be read; also what pandas' NaT is as an integer."""

_id_fits = re.compile(ID_PATTERN).fullmatch
_is_moment = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)? ?(Z|[+-]\d{2}(:?\d{2})?)"
).fullmatch
_is_seconds = re.compile(r"-?\d{1,11}([.]\d+)?").fullmatch
_is_number = re.compile(r"[+-]?\d+([.]\d+)?([eE][+-]?\d+)?").fullmatch


class Fault(IntEnum):
    """What is wrong with a row; where there are several, the one that comes first here."""

    NONE = 0
    TOO_MANY = 1
    TIME = 2
    DEVICE = 3
    QUANTITY = 4
    VALUE = 5
    IMPOSSIBLE = 6
    BLANK = 7
    """The whole row is; it is passed over without a word."""


COLUMN_OF = {
    Fault.TOO_MANY: OVERFLOW,
    Fault.TIME: "time",
    Fault.DEVICE: "device",
    Fault.QUANTITY: "quantity",
    Fault.VALUE: "value",
    Fault.IMPOSSIBLE: "value",
}


class Cells(NamedTuple):
    """
    Rows as numbers.

    Attributes
    ----------
    time_ms : (n,) int64 array
        [ms since 1970, UTC]
    device : (n,) int64 array
        Position in the names that were passed in, -1 where it is none.
    quantity : (n,) int64 array
        Position in `estate.quantities.quantities`, -1 where it is none.
    value : (n,) float64 array
        NaN where it is none. [the quantity's unit]
    fault : (n,) int64 array
        A `Fault` for each row; only rows without one may be used.
    """

    time_ms: Integers
    device: Integers
    quantity: Integers
    value: Floats
    fault: Integers


def parse_cells(raw: RawCells, devices: dict[str, int]) -> Cells:
    """
    Read some rows.

    Parameters
    ----------
    raw : RawCells
        (n,) rows.
    devices : dict of str to int
        Position of every device seen so far; new ones are added.
    """
    frame, comma = raw.frame, raw.decimal_comma
    time_ms = _times(frame["time"], comma)
    device = _by_text(frame["device"], lambda texts: _device_positions(texts, devices))
    quantity = _by_text(frame["quantity"], _quantity_positions)
    value = _numbers(frame["value"], comma)
    low, high = _limits()
    faults = {
        Fault.TOO_MANY: frame[OVERFLOW].to_numpy() != "" if OVERFLOW in frame else False,
        Fault.TIME: time_ms == NO_TIME,
        Fault.DEVICE: device == UNKNOWN,
        Fault.QUANTITY: quantity == UNKNOWN,
        Fault.VALUE: ~np.isfinite(value),
        Fault.IMPOSSIBLE: (value < low[quantity]) | (value > high[quantity]),
    }
    conditions = [np.broadcast_to(wrong, len(frame)) for wrong in faults.values()]
    fault = np.select(conditions, [int(code) for code in faults], default=Fault.NONE)
    wrong = np.flatnonzero(fault)
    fault[wrong[_blank(frame.iloc[wrong])]] = Fault.BLANK
    return Cells(time_ms, device, quantity, value, fault)


@cache
def remedies() -> Mapping[str, str]:
    """Read what to do about a wrong cell, by what is wrong with it."""
    text = resources.files("telemetry").joinpath("remedies.yaml").read_text("utf-8")
    table: dict[str, str] = yaml.safe_load(text)
    return table


def remedy_for(fault: Fault, quantity: int, decimal_comma: bool) -> str:
    """
    Say what to do about a row.

    Parameters
    ----------
    fault : Fault
    quantity : int
        Position of the row's quantity, -1 where it is none.
    decimal_comma : bool
    """
    known = tuple(quantities().values())
    if fault is Fault.VALUE and decimal_comma:
        return remedies()["value_decimal_comma"]
    if fault is Fault.IMPOSSIBLE:
        of = known[quantity]
        return remedies()["impossible"].format(
            quantity=of.name, minimum=of.minimum, maximum=of.maximum, unit=of.unit
        )
    names = ", ".join(each.name for each in known)
    return remedies()[fault.name.lower()].format(quantities=names)


def _by_text(
    column: Column, parse: Callable[[Sequence[str]], npt.NDArray[Any]]
) -> npt.NDArray[Any]:
    """Parse each different text once and give the results by row, shape (n,)."""
    position, different = pd.factorize(column.to_numpy(dtype=object))
    # A missing cell has position -1, which is the blank text put last.
    parsed = parse([*(clean(str(each)) for each in different), ""])
    return parsed[position]


def _device_positions(texts: Sequence[str], devices: dict[str, int]) -> Integers:
    return np.array(
        [devices.setdefault(text, len(devices)) if _id_fits(text) else UNKNOWN for text in texts],
        dtype=np.int64,
    )


def _quantity_positions(texts: Sequence[str]) -> Integers:
    position = {name: number for number, name in enumerate(quantities())}
    return np.array([position.get(text, UNKNOWN) for text in texts], dtype=np.int64)


@cache
def _limits() -> tuple[Floats, Floats]:
    """Give the lowest and highest possible value of each quantity; of an unknown one, the last."""
    every = quantities().values()
    low = np.array([*(each.minimum for each in every), -np.inf])
    high = np.array([*(each.maximum for each in every), np.inf])
    return low, high


def _times(column: Column, decimal_comma: bool) -> Integers:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        time_ms = _milliseconds(pd.DatetimeIndex(column))
    elif _is_numeric(column):
        time_ms = _from_seconds(column.to_numpy(dtype=np.float64, na_value=np.nan))
    else:
        time_ms = _by_text(column, lambda texts: _parse_times(texts, decimal_comma))
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


def _numbers(column: Column, decimal_comma: bool) -> Floats:
    if _is_numeric(column):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return _by_text(column, lambda texts: _parse_numbers(texts, decimal_comma))


def _parse_numbers(texts: Sequence[str], decimal_comma: bool) -> Floats:
    pointed = _pointed(texts, decimal_comma)
    # Python reads to the nearest number; pandas' own reader may miss it by the last bit.
    return np.array([float(text) if _is_number(text) else np.nan for text in pointed])


def _pointed(texts: Sequence[str], decimal_comma: bool) -> Sequence[str]:
    """Write decimal commas as points; a point in such a file is no decimal mark."""
    return [text.translate(_SWAPPED) for text in texts] if decimal_comma else texts


_SWAPPED = str.maketrans(",.", ".,")


def _is_numeric(column: Column) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _blank(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which rows hold nothing at all."""
    blank = np.ones(len(rows), dtype=np.bool_)
    for name in rows:
        column = rows[name]
        blank &= column.isna().to_numpy() | (column.astype(str).str.strip() == "").to_numpy()
    return blank
