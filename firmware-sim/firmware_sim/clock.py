"""Time steps of a simulation: instants in UTC, hours and days of local time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from firmware_sim.arrays import Floats, Integers

MINUTE_MS = 60_000
QUARTER_MS = 15 * MINUTE_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def month_days(month: str) -> tuple[date, date]:
    """
    Return the first day of a calendar month, and of the next one.

    Raises
    ------
    ValueError
        Unless it is written as ``2026-01``.
    """
    start = date.fromisoformat(f"{month}-01")
    return start, (start + timedelta(days=31)).replace(day=1)


def period_days(text: str) -> tuple[date, date]:
    """Parse ``2026-01-01/2026-02-01``; ValueError if invalid or not in order."""
    start, end = (date.fromisoformat(part) for part in text.split("/"))
    if end <= start:
        raise ValueError(f"{end} is not after {start}")
    return start, end


def day_start_ms(day: date, zone: ZoneInfo) -> int:
    """Return the instant at which a local day starts. [ms since 1970, UTC]"""
    return round(datetime.combine(day, time(), zone).timestamp() * 1000)


def instant_ms(instant: date, zone: ZoneInfo) -> int:
    """Return the start of a local day, or an aware instant as it is. [ms since 1970, UTC]"""
    if isinstance(instant, datetime):
        return round(instant.timestamp() * 1000)
    return day_start_ms(instant, zone)


@dataclass(frozen=True)
class Clock:
    """
    Equal steps over whole local days.

    Attributes
    ----------
    start, end : date
        First local day, and the day after the last.
    zone : ZoneInfo
    step_minutes : int
    """

    start: date
    end: date
    zone: ZoneInfo
    step_minutes: int

    @property
    def steps(self) -> int:
        """Number of steps."""
        return (self.end_ms - self.start_ms) // (self.step_minutes * MINUTE_MS)

    @property
    def days(self) -> int:
        """Number of local days."""
        return (self.end - self.start).days

    @cached_property
    def start_ms(self) -> int:
        """Start of the first step. [ms since 1970, UTC]"""
        return day_start_ms(self.start, self.zone)

    @cached_property
    def end_ms(self) -> int:
        """End of the last step. [ms since 1970, UTC]"""
        return day_start_ms(self.end, self.zone)

    @cached_property
    def step_start_ms(self) -> Integers:
        """Start of each step, shape (steps,). [ms since 1970, UTC]"""
        return self.start_ms + np.arange(self.steps, dtype=np.int64) * self.step_minutes * MINUTE_MS

    @cached_property
    def _midnights(self) -> Integers:
        days = (self.start + timedelta(days=number) for number in range(self.days + 1))
        return np.array([day_start_ms(day, self.zone) for day in days], dtype=np.int64)

    @cached_property
    def day_index(self) -> Integers:
        """Number of the local day of each step, from 0, shape (steps,)."""
        found = np.searchsorted(self._midnights, self.step_start_ms, side="right")
        return found.astype(np.int64) - 1

    @cached_property
    def hour_of_day(self) -> Floats:
        """Hours since local midnight, shape (steps,). [h]"""
        since: Floats = (self.step_start_ms - self._midnights[self.day_index]) / HOUR_MS
        return since

    @cached_property
    def day_position(self) -> Floats:
        """Days since the start, shape (steps,). [d]"""
        return np.asarray(self.day_index + self.hour_of_day / 24)

    @cached_property
    def month_index(self) -> Integers:
        """Month of each step, January 0, shape (steps,)."""
        days = [self.start + timedelta(days=number) for number in range(self.days)]
        return np.array([day.month - 1 for day in days], dtype=np.int64)[self.day_index]

    def step_at(self, instant: date) -> int:
        """Return the step of a local day's start or an aware instant; below 0 before the first."""
        return (instant_ms(instant, self.zone) - self.start_ms) // (self.step_minutes * MINUTE_MS)

    def days_from(self, start: date, end: date) -> Clock:
        """Return the steps of some local days, counted from 0."""
        return replace(self, start=start, end=end)


def iso(time_ms: int) -> str:
    """Format an instant as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
