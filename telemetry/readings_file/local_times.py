"""
Converts times as exports write them to instants.

When clocks go forward, an hour of local time does not exist; when they go back, an hour occurs
twice. Neither is guessed: the first is a fault, the second keeps both instants until the order
of the file resolves it.

Wall-clock times are represented as if they were UTC ("wall", ms since 1970).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from estate.periods import DAY_MS, HOUR_MS
from telemetry.readings_file.column_map import ISO, MILLISECONDS, SECONDS, SERIAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.numbers.arrays import Integers
    from telemetry.readings_file.column_map import TimeColumn


NO_TIME = np.iinfo(np.int64).min
"""An invalid time; also the integer value of pandas' NaT."""
LENGTH_MS = {"quarter": HOUR_MS // 4, "hour": HOUR_MS}
CALENDAR = {
    "day": pd.DateOffset(days=1),
    "month": pd.DateOffset(months=1),
    "year": pd.DateOffset(years=1),
}
EXCEL_ZERO_MS = -25_569 * DAY_MS
"""Day 0 of a workbook's serial days, 1899-12-30; correct from 1 March 1900."""

_is_iso = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)? ?(Z|[+-]\d{2}(:?\d{2})?)?)?"
).fullmatch
_has_offset = re.compile(r":.*(Z|[+-]\d{2}(:?\d{2})?)").search
_is_number = re.compile(r"-?\d{1,15}([.,]\d+)?").fullmatch
_end_of_day = re.compile(r"(?<!\d)24:00(:00)?(?!\d)")


class Instants(NamedTuple):
    """
    Instants that some texts denote.

    Attributes
    ----------
    start_ms, end_ms : (n,) int64 array
        The interval that the text denotes; equal for an instant.
        `NO_TIME` if invalid. [ms since 1970, UTC]
    later_ms : (n,) int64 array
        How much later both are in the second of two equal local times; 0 if the time is
        unambiguous. [ms]
    skipped : (n,) bool array
        The local time did not exist on that day.
    """

    start_ms: Integers
    end_ms: Integers
    later_ms: Integers
    skipped: npt.NDArray[np.bool_]


def read_instants(texts: Sequence[str], time: TimeColumn, *, typed: bool) -> Instants:
    """
    Parse times as a column map defines them.

    Parameters
    ----------
    texts : sequence of str
    time : TimeColumn
    typed : bool
        Whether the file has typed times, as a workbook does; they are ISO 8601 here.
    """
    zone = time.zone or "UTC"
    wall_ms, fixed_ms = _read_all(texts, time, typed=typed)
    local_ms, later_ms, skipped = _on_the_wall(wall_ms, zone)
    moment_ms = np.where(fixed_ms == NO_TIME, local_ms, fixed_ms)
    if time.interval is None:
        return Instants(moment_ms, moment_ms, later_ms, skipped)
    forwards = time.written == "start"
    if time.interval in LENGTH_MS:
        # Hours are added in UTC: in wall-clock time one would be lost or doubled.
        length_ms = LENGTH_MS[time.interval]
        other_ms = moment_ms + (length_ms if forwards else -length_ms)
    else:
        wall_ms = np.where(wall_ms == NO_TIME, _wall_of(fixed_ms, zone), wall_ms)
        other_ms = _next_on_the_wall(wall_ms, time.interval, zone, forwards=forwards)
    other_ms[moment_ms == NO_TIME] = NO_TIME
    start_ms, end_ms = (moment_ms, other_ms) if forwards else (other_ms, moment_ms)
    return Instants(start_ms, end_ms, later_ms, skipped)


def _read_all(texts: Sequence[str], time: TimeColumn, *, typed: bool) -> tuple[Integers, Integers]:
    """Return wall-clock times and instants; `NO_TIME` in both if invalid."""
    whole = [_end_of_day.sub(r"00:00\1", text) for text in texts]
    wall_ms = np.full(len(texts), NO_TIME, dtype=np.int64)
    fixed_ms = wall_ms.copy()
    for each in dict.fromkeys((ISO, *time.format) if typed else time.format):
        unread = np.flatnonzero((wall_ms == NO_TIME) & (fixed_ms == NO_TIME))
        chosen = [whole[number] for number in unread.tolist()]
        wall, fixed = _read(chosen, each)
        if time.zone is not None:
            wall_ms[unread] = wall
        fixed_ms[unread] = fixed
    for each in time.format:
        if {"%d", "%m"} <= set(re.findall("%.", each)):
            wall_ms[_month_first(whole, wall_ms, each)] = NO_TIME
    next_day = np.array([old != new for old, new in zip(texts, whole, strict=True)], dtype=np.bool_)
    wall_ms[next_day & (wall_ms != NO_TIME)] += DAY_MS
    fixed_ms[next_day & (fixed_ms != NO_TIME)] += DAY_MS
    return wall_ms, fixed_ms


def _month_first(texts: list[str], wall_ms: Integers, form: str) -> npt.NDArray[np.bool_]:
    """
    Mark times that seem to fit a format, in a file that has the month before the day.

    ``01/02/2026`` fits both orders, ``01/31/2026`` only one: the file's majority decides, so that
    one mistyped date costs no other.
    """
    fits = _read(texts, form)[0]
    swapped = {"%d": "%m", "%m": "%d"}
    other = _read(texts, re.sub("%[dm]", lambda found: swapped[found[0]], form))[0]
    only_other = (other != NO_TIME) & (wall_ms == NO_TIME)
    only_this = (fits != NO_TIME) & (other == NO_TIME)
    decided = bool(only_other.sum() > only_this.sum())
    read: npt.NDArray[np.bool_] = (fits != NO_TIME) & (fits == wall_ms) & decided
    return read


def _read(texts: list[str], form: str) -> tuple[Integers, Integers]:
    """Parse texts of one format: wall-clock times, and instants."""
    nothing = np.full(len(texts), NO_TIME, dtype=np.int64)
    if form in (SECONDS, MILLISECONDS):
        return nothing, _numbers(texts, 1000.0 if form == SECONDS else 1.0)
    if form == SERIAL:
        days_ms = _numbers(texts, float(DAY_MS))
        return np.where(days_ms == NO_TIME, NO_TIME, days_ms + EXCEL_ZERO_MS), nothing
    if form == ISO:
        given = [text if _is_iso(text) else "" for text in texts]
        offset = [bool(_has_offset(text)) for text in given]
        wall = ["" if aware else text for text, aware in zip(given, offset, strict=True)]
        fixed = [text if aware else "" for text, aware in zip(given, offset, strict=True)]
        return (
            _milliseconds(pd.to_datetime(wall, format="ISO8601", errors="coerce")),
            _milliseconds(pd.to_datetime(fixed, format="ISO8601", errors="coerce", utc=True)),
        )
    if "%z" in form:
        return nothing, _milliseconds(pd.to_datetime(texts, format=form, errors="coerce", utc=True))
    return _milliseconds(pd.to_datetime(texts, format=form, errors="coerce")), nothing


def _numbers(texts: list[str], times: float) -> Integers:
    values = [float(text.replace(",", ".")) if _is_number(text) else np.nan for text in texts]
    return _whole(np.array(values) * times)


def _whole(milliseconds: npt.NDArray[np.float64]) -> Integers:
    known = np.abs(milliseconds) < 2.0**62
    found = np.full(len(milliseconds), NO_TIME, dtype=np.int64)
    found[known] = np.rint(milliseconds[known]).astype(np.int64)
    return found


def _on_the_wall(wall_ms: Integers, zone: str) -> tuple[Integers, Integers, npt.NDArray[np.bool_]]:
    """Return first instants of wall-clock times, delays of second ones, and which are skipped."""
    wall = _index(wall_ms)
    first = np.ones(len(wall), dtype=np.bool_)
    summer = _milliseconds(wall.tz_localize(zone, ambiguous=first, nonexistent="NaT"))
    winter = _milliseconds(wall.tz_localize(zone, ambiguous=~first, nonexistent="NaT"))
    return summer, winter - summer, (wall_ms != NO_TIME) & (summer == NO_TIME)


def _next_on_the_wall(wall_ms: Integers, interval: str, zone: str, *, forwards: bool) -> Integers:
    wall, step = _index(wall_ms), CALENDAR[interval]
    moved = pd.DatetimeIndex(wall + step if forwards else wall - step)
    first = np.ones(len(moved), dtype=np.bool_)
    return _milliseconds(moved.tz_localize(zone, ambiguous=first, nonexistent="shift_forward"))


def _wall_of(instant_ms: Integers, zone: str) -> Integers:
    return _milliseconds(_index(instant_ms).tz_localize("UTC").tz_convert(zone).tz_localize(None))


def _index(milliseconds: Integers) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(milliseconds.astype("datetime64[ms]"))


def _milliseconds(moments: pd.DatetimeIndex) -> Integers:
    if moments.tz is not None:
        moments = moments.tz_convert("UTC")  # rounding wall-clock time would be ambiguous
    return moments.round("ms").as_unit("ms").asi8
