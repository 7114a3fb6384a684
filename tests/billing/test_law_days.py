"""Accounting years and deadlines."""

from __future__ import annotations

from datetime import date

import pytest

from billing.law.days import add_months, day_findings, is_late, statement_deadline
from billing.law.table import law_of
from billing.results import CostLine
from estate.periods import Period

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))


def line(received: date | None) -> CostLine:
    return CostLine("heat", "energy", YEAR.start, YEAR.end, 100, None, None, False, received)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2025, 10, 31), 4, date(2026, 2, 28)),
        (date(2023, 10, 31), 4, date(2024, 2, 29)),
        (date(2026, 1, 1), 12, date(2027, 1, 1)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 18, date(2028, 5, 30)),
    ],
)
def test_months_end_on_a_day_that_is_there(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("country", "received", "expected"),
    [
        # The year ends on 31 December.
        ("DK", None, date(2026, 4, 30)),
        (
            "DK",
            date(2026, 1, 20),
            date(2026, 4, 30),
        ),  # three months are never shorter than the four
        ("DK", date(2026, 3, 10), date(2026, 6, 10)),
        ("DE", date(2026, 3, 10), date(2026, 12, 31)),
        ("AT", None, date(2026, 12, 31)),
        ("CH", None, None),
        (None, None, None),
    ],
)
def test_deadline(country: str | None, received: date | None, expected: date | None) -> None:
    assert statement_deadline(YEAR, [line(received)], law_of(country, YEAR.start)) == expected


def test_month_has_no_deadline_because_it_settles_nothing() -> None:
    month = Period.month("2026-01")
    assert statement_deadline(month, [line(None)], law_of("DK", month.start)) is None


def test_late_is_the_day_after() -> None:
    deadline = date(2026, 4, 30)
    assert not is_late(deadline, deadline)
    assert is_late(deadline, date(2026, 5, 1))
    assert not is_late(None, date(2030, 1, 1))
    assert not is_late(deadline, None)


GOT = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("country", "period", "received", "issued", "names"),
    [
        ("DK", YEAR, GOT, date(2026, 4, 30), []),
        ("DK", YEAR, GOT, date(2026, 5, 2), ["late"]),
        ("DK", YEAR, None, None, ["received"]),
        ("DK", Period.month("2026-01"), None, None, ["period_short"]),
        ("DK", Period(date(2025, 1, 1), date(2025, 12, 31)), GOT, None, ["period_short"]),
        ("DK", Period(date(2025, 1, 1), date(2026, 7, 1)), GOT, None, ["period_transition"]),
        ("DK", Period(date(2025, 1, 1), date(2026, 7, 2)), GOT, None, ["period_long"]),
        ("DE", Period(date(2025, 1, 1), date(2026, 1, 2)), GOT, None, ["period_long"]),
        ("AT", Period(date(2025, 1, 1), date(2026, 5, 1)), None, None, ["period_transition"]),
        ("AT", Period(date(2025, 1, 1), date(2026, 5, 2)), None, None, ["period_long"]),
        ("CH", Period.month("2026-01"), None, None, []),
    ],
)
def test_days_that_somebody_must_know(
    country: str, period: Period, received: date | None, issued: date | None, names: list[str]
) -> None:
    found = day_findings(period, [line(received)], law_of(country, period.start), issued)
    assert [each.name.removeprefix("billing.law.") for each in found] == names


def test_leap_year_is_an_accounting_year() -> None:
    leap = Period(date(2024, 1, 1), date(2025, 1, 1))
    assert day_findings(leap, [line(GOT)], law_of("DK", leap.start), None) == []
