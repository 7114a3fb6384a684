"""Payments on account: each counts once, in the bill that it belongs to."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.statement.aconto import aconto_findings, charged_ore, credited_ore
from estate.model import Aconto, Estate
from estate.periods import Period
from tests.support.estates import estate, flat, tenancy

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


def charge(start: str, end: str, amount_ore: int) -> Aconto:
    return Aconto.model_validate(
        {"tenancy": "t", "period_start": start, "period_end": end, "amount_ore": amount_ore}
    )


def test_whole_charges_are_added_up() -> None:
    charges = [
        charge("2026-01-01", "2026-02-01", 85_000),
        charge("2026-02-01", "2026-03-01", 90_000),
    ]
    assert charged_ore(charges, YEAR) == 175_000
    assert charged_ore(charges, Period.month("2026-02")) == 90_000


def test_nothing_charged_is_no_zero() -> None:
    assert charged_ore([], YEAR) is None
    assert charged_ore([charge("2025-01-01", "2026-01-01", 5)], YEAR) is None
    assert charged_ore([charge("2026-01-01", "2026-02-01", 0)], YEAR) == 0


@pytest.mark.parametrize(("amount_ore", "part"), [(36_500, 3_100), (-36_500, -3_100)])
def test_a_yearly_charge_counts_by_days(amount_ore: int, part: int) -> None:
    charges = [charge("2026-01-01", "2027-01-01", amount_ore)]
    assert charged_ore(charges, Period.month("2026-01")) == part


@given(st.integers(-(10**7), 10**7), st.integers(1, 364), st.integers(2, 365))
def test_adjacent_periods_add_up_to_the_charge(amount_ore: int, first: int, second: int) -> None:
    cuts = sorted({0, first, second, 365})
    days = [date.fromordinal(YEAR.start.toordinal() + cut) for cut in cuts]
    charges = [charge("2026-01-01", "2027-01-01", amount_ore)]
    parts = [charged_ore(charges, Period(a, b)) for a, b in pairwise(days)]
    assert sum(part or 0 for part in parts) == amount_ore


JUNE = date(2026, 6, 1)


def an_estate(charges: list[Aconto], start: date, end: date | None = None) -> Estate:
    home = tenancy("t", "1", start, end)
    return estate([flat("1")], [home], aconto=charges)


def credited(charges: list[Aconto], start: date, end: date | None, period: Period) -> int | None:
    return credited_ore(an_estate(charges, start, end), period).get("t")


def test_a_tenancy_that_ended_gets_all_that_it_paid() -> None:
    """Paid for January to June, moved out on 1 June."""
    charges = [charge("2026-01-01", "2026-07-01", 300_000)]
    assert credited(charges, date(2019, 1, 1), JUNE, YEAR) == 300_000
    after = [
        *charges,
        charge("2026-11-01", "2026-12-01", 50_000),
        charge("2027-05-01", "2027-06-01", 7),
    ]
    assert credited(after, date(2019, 1, 1), JUNE, YEAR) == 350_007


def test_what_was_paid_before_moving_in_is_credited_by_the_first_bill() -> None:
    charges = [
        charge("2025-10-01", "2025-11-01", 40_000),
        charge("2026-05-01", "2026-07-01", 6_100),
    ]
    assert credited(charges, JUNE, None, YEAR) == 46_100
    later = Period(YEAR.end, date(2028, 1, 1))
    assert credited(charges, JUNE, None, later) is None


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.integers(0, 1400), st.integers(1, 800), st.integers(-(10**6), 10**6)),
        min_size=1, max_size=4,
    ),
    st.integers(0, 1000), st.integers(1, 400), st.lists(st.integers(0, 1500), max_size=4),
)  # fmt: skip
def test_every_payment_is_credited_once_however_the_bills_are_cut(
    rows: list[tuple[int, int, int]], moves_in: int, stays: int, cuts: list[int]
) -> None:
    """Four years of bills, cut anywhere; the tenancy lies within them."""
    first = date(2023, 1, 1).toordinal()

    def day(number: int) -> date:
        return date.fromordinal(first + number)

    charges = [charge(str(day(start)), str(day(start + days)), ore) for start, days, ore in rows]
    edges = sorted({0, 1600, *cuts})
    bills = [
        credited(charges, day(moves_in), day(moves_in + stays), Period(day(a), day(b)))
        for a, b in pairwise(edges)
    ]
    assert sum(bill or 0 for bill in bills) == sum(ore for _, _, ore in rows)


def found(charges: list[Aconto], start: date, end: date | None = None) -> list[str]:
    return [each.name for each in aconto_findings(an_estate(charges, start, end), YEAR)]


def test_the_same_days_charged_twice_are_found() -> None:
    january, half = ("2026-01-01", "2026-02-01", 500), ("2026-01-15", "2026-07-01", 700)
    long_ago = date(2019, 1, 1)
    assert found([charge(*january)], long_ago) == []
    assert found([charge(*january), charge(*january)], long_ago) == ["billing.aconto.twice"]
    assert found([charge(*half), charge(*january)], long_ago) == ["billing.aconto.twice"]
    assert found([charge("2025-01-01", "2025-02-01", 1)] * 2, long_ago) == []


def test_a_charge_after_the_last_bill_is_found() -> None:
    charges = [charge("2026-01-01", "2026-02-01", 500)]
    assert found(charges, date(2019, 1, 1), date(2025, 12, 1)) == ["billing.aconto.not_counted"]
    assert found(charges, date(2019, 1, 1), JUNE) == []
    assert found(charges, date(2027, 2, 1)) == []
