"""Local days as hours: summer time, months, years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from estate.errors import UsageError
from estate.periods import Period, day_start_ms, local_date

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.mark.parametrize(
    ("month", "hours"),
    [("2026-01", 744), ("2026-02", 672), ("2024-02", 696), ("2026-03", 743), ("2026-10", 745)],
)
def test_hours_of_a_civil_month(month: str, hours: int) -> None:
    assert Period.month(month).hours(COPENHAGEN).count == hours


@pytest.mark.parametrize(
    "zone", ["Europe/Copenhagen", "UTC", "Asia/Kolkata", "Australia/Lord_Howe"]
)
def test_hours_equal_pandas(zone: str) -> None:
    axis = Period.parse("2025-12-01/2026-12-01").hours(ZoneInfo(zone))
    days = pd.date_range("2025-12-01", "2026-12-01", freq="1D", tz=zone)
    expected = pd.date_range(days[0], days[-1], freq="1h", inclusive="left")
    assert axis.starts_ms.tolist() == (expected.as_unit("ms").asi8).tolist()
    of_day = (expected.normalize().tz_localize(None) - pd.Timestamp("2025-12-01")).days
    assert axis.day_index.tolist() == of_day.tolist()


def test_days_partition_the_hours() -> None:
    axis = Period.month("2026-10").hours(COPENHAGEN)
    counts = np.bincount(axis.day_index)
    assert counts.sum() == 745
    assert sorted(set(counts.tolist())) == [24, 25]
    assert counts[24] == 25  # the 25th of October 2026


def test_neighbouring_periods_meet() -> None:
    march, april = Period.month("2026-03"), Period.month("2026-04")
    assert march.end == april.start
    assert march.hours(COPENHAGEN).end_ms == april.hours(COPENHAGEN).start_ms


def test_overlap() -> None:
    month = Period.month("2026-01")
    assert month.overlap(date(2026, 1, 16), None) == Period(date(2026, 1, 16), month.end)
    assert month.overlap(date(2025, 1, 1), date(2026, 1, 1)) is None
    assert month.overlap(date(2025, 1, 1), None) == month


def test_local_date_turns_at_local_midnight() -> None:
    start = day_start_ms(date(2026, 7, 1), COPENHAGEN)
    assert start == datetime(2026, 6, 30, 22, tzinfo=UTC).timestamp() * 1000
    before = start - timedelta(seconds=1) // timedelta(milliseconds=1)
    assert [local_date(start, COPENHAGEN), local_date(before, COPENHAGEN)] == [
        date(2026, 7, 1), date(2026, 6, 30),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["2026-01", "2026-02-01/2026-01-01", "a/b", "", "2026-01-01/"])
def test_text_that_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="2026-01-01/2026-02-01"):
        Period.parse(text)
    with pytest.raises(UsageError):
        Period.month(text + "x")
