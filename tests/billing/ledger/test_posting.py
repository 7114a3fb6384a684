"""From a bill to postings: everything ends in an account, and differences add up to the whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bill.bill import Bill, BillRow, Statement
from billing.ledger.model import Account, Posting
from billing.ledger.package import package_of
from billing.ledger.posting import (
    balances,
    by_tenancy,
    difference,
    differences,
    given_up,
    net,
    postings_of,
)
from estate.errors import DataError, UsageError
from tests.support.estates import building
from tests.support.report_homes import a_bill, a_statement

ACCOUNTS = list(Account)
postings = st.lists(
    st.builds(
        lambda tenancy, accounts, item, amount_ore: Posting(
            tenancy, accounts[0], accounts[1], item, item, amount_ore
        ),
        st.sampled_from("AB"),
        st.permutations(ACCOUNTS),
        st.sampled_from(["", "heat"]),
        st.integers(1, 10**9),
    ),
    max_size=12,
)


def row(tenancy: str, amount_ore: int) -> BillRow:
    return BillRow(
        tenancy=tenancy, flat="f", item="heat", component="heat-1", key="area", fraction=1.0,
        weight=1.0, weight_total=2.0, amount_ore=amount_ore,
    )  # fmt: skip


def home(tenancy: str, cost_ore: int, paid_ore: int | None, resident: bool = True) -> Statement:
    return a_statement(
        tenancy=tenancy, rows=(row(tenancy, cost_ore),), aconto_ore=paid_ore, resident=resident
    )


def bill_of(*statements: Statement, **more: Any) -> Bill:  # noqa: ANN401  fields of a bill
    fields: dict[str, Any] = {"issued": date(2026, 3, 1), "trial": False}
    return a_bill(*statements, **(fields | more))


def held(bill: Bill) -> dict[tuple[str, str], int]:
    sums = balances(postings_of(bill))
    return {(tenancy, str(account)): ore for (tenancy, account), ore in sums.items() if ore}


def test_what_is_left_is_the_balance() -> None:
    bill = bill_of(home("A", 1000, 700), home("B", 400, 650), home("landlord:C", 90, None, False))
    assert held(bill) == {
        ("A", "cost"): -1000, ("A", "on_account"): 700, ("A", "balance"): 300,
        ("B", "cost"): -400, ("B", "on_account"): 650, ("B", "balance"): -250,
        ("landlord:C", "cost"): -90, ("landlord:C", "landlord"): 90,
    }  # fmt: skip


def test_a_late_bill_claims_nothing_and_repays() -> None:
    bill = bill_of(home("A", 1000, 700), home("B", 400, 650), late=True)
    assert held(bill) == {
        ("A", "cost"): -1000, ("A", "on_account"): 700, ("A", "not_claimed"): 300,
        ("B", "cost"): -400, ("B", "on_account"): 650, ("B", "balance"): -250,
    }  # fmt: skip


def test_a_home_that_cost_nothing_has_no_posting() -> None:
    assert postings_of(bill_of(home("A", 0, None))) == ()


@given(postings, postings)
def test_a_difference_brings_what_is_booked_to_the_whole(
    whole: list[Posting], booked: list[Posting]
) -> None:
    posted = difference(whole, booked)
    assert all(each.amount_ore > 0 for each in posted)
    left = {key: ore for key, ore in net([*booked, *posted]).items() if ore}
    assert left == {key: ore for key, ore in net(whole).items() if ore}
    assert difference(whole, whole) == ()


@given(postings)
def test_all_accounts_add_up_to_nothing(booked: list[Posting]) -> None:
    assert sum(balances(booked).values()) == 0


@given(postings)
def test_what_is_given_up_leaves_nobody_owing(booked: list[Posting]) -> None:
    after = by_tenancy([*booked, *given_up(booked, "AB")], Account.BALANCE)
    before = by_tenancy(booked, Account.BALANCE)
    assert after == {tenancy: min(ore, 0) for tenancy, ore in before.items()}


def test_differences_name_those_who_came_and_went() -> None:
    before = postings_of(bill_of(home("A", 1000, 700)))
    after = postings_of(bill_of(home("B", 1000, None)))
    assert [tuple(each) for each in differences(before, after)] == [
        ("A", 1000, 0, 300, 0),
        ("B", 0, 1000, 0, 1000),
    ]


@pytest.mark.parametrize(
    ("name", "more"),
    [("ledger.bill.trial", {"trial": True}), ("ledger.bill.interim", {"interim": True})],
)
def test_what_is_no_settlement_is_refused(name: str, more: dict[str, bool]) -> None:
    with pytest.raises(DataError) as error:
        package_of(bill_of(home("A", 1000, 700), **more), building(), {})
    assert [each.name for each in error.value.findings] == [name]


def test_a_correction_gives_its_reason() -> None:
    with pytest.raises(UsageError, match="--reason CODE"):
        package_of(bill_of(home("A", 1000, 700)), building(), {}, corrects=1)
