from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.statement.aconto import charged_ore
from estate.model import Aconto
from estate.periods import Period

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
