"""Balances from postings, proposals within the law, and references of payments."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.law.table import law_of
from billing.ledger.model import Account, Posting
from billing.ledger.payments.on_account import Balance, balances_of, plan
from billing.ledger.payments.reference import payment_reference, read_reference
from estate.periods import Period

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
DENMARK, NOWHERE = law_of("DK", date(2026, 3, 2)), law_of(None, date(2026, 3, 2))
TOLD = date(2026, 3, 2)
STEP_ORE = 100


def statement(name: str, total_ore: int, **more: Any) -> Any:  # noqa: ANN401
    told = {
        "tenancy": name, "flat": name, "resident": True, "total_ore": total_ore,
        "aconto_ore": 12_000_00, "start": YEAR.start, "end": YEAR.end,
    }  # fmt: skip
    return SimpleNamespace(**(told | more))


def test_a_balance_is_what_was_claimed_less_what_was_paid() -> None:
    booked = [
        Posting("A", Account.CHARGE, Account.COST, "heat", "heat-1", 1000),
        Posting("A", Account.ON_ACCOUNT, Account.CHARGE, "", "", 700),
        Posting("A", Account.BALANCE, Account.CHARGE, "", "", 300),
        Posting("A", Account.BANK, Account.BALANCE, "", "", 120),
        Posting("A", Account.BANK, Account.ON_ACCOUNT, "", "", 650),
        Posting("B", Account.CHARGE, Account.BALANCE, "", "", 50),
        Posting("B", Account.BALANCE, Account.BANK, "", "", 50),
        Posting("landlord:C", Account.LANDLORD, Account.COST, "heat", "heat-1", 90),
    ]
    assert balances_of(booked) == [
        Balance("A", credited_ore=700, paid_on_account_ore=650, claimed_ore=300, paid_ore=120),
        Balance("B", credited_ore=0, paid_on_account_ore=0, claimed_ore=-50, paid_ore=-50),
    ]
    assert [each.left_ore for each in balances_of(booked)] == [180, 0]


def test_instalments_are_equal_whole_kroner_after_six_weeks() -> None:
    # 12,345.67 kroner and 4 %: 12,839.49; a twelfth is 1,069.95.
    found = plan([statement("A", 12_345_67)], YEAR, DENMARK, TOLD, 12, 0.04, STEP_ORE)
    assert found.first == date(2026, 5, 1)
    (proposal,) = found.proposals
    assert (proposal.expected_ore, proposal.each_ore) == (12_839_49, 1_069_00)


@pytest.mark.parametrize(
    ("told", "first"),
    [(date(2026, 2, 18), date(2026, 4, 1)), (date(2026, 2, 19), date(2026, 5, 1))],
)
def test_the_notice_ends_before_the_first_instalment(told: date, first: date) -> None:
    # 18 February and 42 days are 1 April.
    assert plan([], YEAR, DENMARK, told, 12, 0, STEP_ORE).first == first


def test_where_no_law_is_asked_the_next_month_begins() -> None:
    assert plan([], YEAR, NOWHERE, TOLD, 12, 0, STEP_ORE).first == date(2026, 4, 1)


def test_nothing_is_proposed_where_the_year_tells_nothing() -> None:
    statements = [
        statement("moved in", 9000, start=date(2025, 7, 1)),
        statement("moved out", 9000, end=date(2025, 7, 1)),
        statement("repaid", -5),
        statement("vacant", 9000, resident=False),
    ]
    found = plan(statements, YEAR, DENMARK, TOLD, 12, 0, STEP_ORE)
    assert [(each.tenancy, each.each_ore, each.withheld) for each in found.proposals] == [
        ("moved in", None, "part_of_period"),
        ("moved out", None, "moved_out"),
        ("repaid", None, "nothing_due"),
    ]


@given(st.integers(0, 10**8), st.integers(1, 12), st.floats(-0.9, 4), st.integers(1, 5000))
def test_instalments_are_never_above_the_expected_cost(
    total_ore: int, instalments: int, change: float, step_ore: int
) -> None:
    found = plan([statement("A", total_ore)], YEAR, DENMARK, TOLD, instalments, change, step_ore)
    (proposal,) = found.proposals
    each_ore = proposal.each_ore or 0
    assert each_ore % step_ore == 0
    assert each_ore * instalments <= (proposal.expected_ore or 0)
    assert (each_ore + step_ore) * instalments > (proposal.expected_ore or 0)


@pytest.mark.parametrize("change", [-1, -2])
def test_a_price_below_nothing_is_a_slip(change: float) -> None:
    with pytest.raises(ValueError, match="price above 0"):
        plan([], YEAR, DENMARK, TOLD, 12, change, STEP_ORE)


def test_the_published_reference_is_read() -> None:
    assert read_reference("RF18 5390 0754 7034") == (5390075, 47034)


@given(st.integers(1, 10**6), st.integers(1, 300))
def test_a_reference_names_its_statement(run: int, number: int) -> None:
    residents = [f"T-{each:04d}" for each in range(300)]
    text = payment_reference(run, residents[number - 1], residents)
    assert read_reference(text.lower()) == (run, number)
    digits = text.replace(" ", "")
    for place in range(4, len(digits)):
        wrong = digits[:place] + str((int(digits[place]) + 1) % 10) + digits[place + 1 :]
        assert read_reference(wrong) is None, "a mistyped digit is found"


@pytest.mark.parametrize("text", ["", "RF", "RF18", "12-1", "RF18 5390 0754 703x", "DE18539007547"])
def test_what_is_no_reference_names_nothing(text: str) -> None:
    assert read_reference(text) is None
