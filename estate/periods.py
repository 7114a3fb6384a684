"""
Periods of local days and their hourly time axis.

Days are in the building's time zone. Hours are counted in UTC, so that March in
Denmark has 743 and October 745. Times are integer milliseconds since 1970 in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from estate.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Period:
    """Local days from ``start`` (inclusive) to ``end`` (exclusive)."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"a period must end after it starts, not {self.start}/{self.end}")

    @classmethod
    def parse(cls, text: str) -> Period:
        """Parse ``2026-01-01/2026-02-01``."""
        try:
            start, end = (date.fromisoformat(part) for part in text.split("/"))
            return cls(start, end)
        except ValueError as error:
            raise UsageError(
                f"'{text}' is not a period; write START/END as 2026-01-01/2026-02-01, END exclusive"
            ) from error

    @classmethod
    def month(cls, text: str) -> Period:
        """Parse a calendar month such as ``2026-01``."""
        try:
            start = date.fromisoformat(f"{text}-01")
            return cls(start, (start + timedelta(days=31)).replace(day=1))
        except (ValueError, OverflowError) as error:
            raise UsageError(f"'{text}' is not a month; write it as 2026-01") from error

    @property
    def days(self) -> int:
        """Number of local days."""
        return (self.end - self.start).days

    def each(self) -> list[date]:
        """Yield its days."""
        return [self.start + timedelta(days=offset) for offset in range(self.days)]

    def overlap(self, start: date, end: date | None) -> Period | None:
        """Return the days shared with ``start`` to ``end`` (None: still running), or None."""
        first, last = max(self.start, start), min(self.end, end or date.max)
        return Period(first, last) if first < last else None

    def hours(self, zone: ZoneInfo) -> Hours:
        """Return the axis of hours in the building's time zone."""
        days = [*self.each(), self.end]
        return Hours(tuple(day_start_ms(day, zone) for day in days))

    def __str__(self) -> str:
        return f"{self.start}/{self.end}"


@dataclass(frozen=True)
class Hours:
    """
    Consecutive whole hours from the start of a local day to the start of another.

    Attributes
    ----------
    day_starts_ms : tuple of int
        Start of each local day, and of the day after the last. [ms since 1970, UTC]
    """

    day_starts_ms: tuple[int, ...]

    @property
    def start_ms(self) -> int:
        """Start of the first hour. [ms since 1970, UTC]"""
        return self.day_starts_ms[0]

    @property
    def end_ms(self) -> int:
        """End of the last hour. [ms since 1970, UTC]"""
        return self.day_starts_ms[-1]

    @property
    def count(self) -> int:
        """Number of hours; where clocks changed by half an hour the last one is short."""
        return -(-(self.end_ms - self.start_ms) // HOUR_MS)

    @property
    def days(self) -> int:
        """Number of local days."""
        return len(self.day_starts_ms) - 1

    @cached_property
    def starts_ms(self) -> npt.NDArray[np.int64]:
        """Start of each hour, shape (hours,). [ms since 1970, UTC]"""
        # Imported here and below, not at the top: a command that only parses days starts faster.
        import numpy as np

        return np.arange(self.start_ms, self.end_ms, HOUR_MS, dtype=np.int64)

    def between(self, start_ms: int, end_ms: int) -> npt.NDArray[np.bool_]:
        """Return which hours begin in a span, its end exclusive, shape (hours,). [ms since 1970]"""
        return (self.starts_ms >= start_ms) & (self.starts_ms < end_ms)

    @cached_property
    def day_index(self) -> npt.NDArray[np.int64]:
        """Number of the local day of each hour, from 0, shape (hours,)."""
        import numpy as np

        starts = np.asarray(self.day_starts_ms, dtype=np.int64)
        return np.searchsorted(starts, self.starts_ms, side="right").astype(np.int64) - 1


class Spanned(Protocol):
    """Something with a first day, and the day after its last; None: still running."""

    @property
    def start(self) -> date:
        """Its first day."""

    @property
    def end(self) -> date | None:
        """The day after its last."""


def share_days(one: Spanned, other: Spanned) -> bool:
    """Return whether two spans of days have one in common."""
    return one.start < (other.end or date.max) and other.start < (one.end or date.max)


def day_start_ms(day: date, zone: ZoneInfo) -> int:
    """Return the instant at which a local day starts. [ms since 1970, UTC]"""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def local_time(time_ms: int, zone: ZoneInfo) -> datetime:
    """Return an instant by a building's clock. [ms since 1970, UTC]"""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)


def local_date(time_ms: int, zone: ZoneInfo) -> date:
    """Return the local day of an instant. [ms since 1970, UTC]"""
    return local_time(time_ms, zone).date()
