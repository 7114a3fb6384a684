"""What came too late to be claimed reaches no other system as a balance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.exchange.account import Account
from billing.exchange.records import records_of
from tests.support.exchange_account import a_bill, account, statements

OWED_ORE = 98_765 - 120
"""What 0102-7 has to pay; 0101-1 gets money back, and nobody claims from the landlord."""


def test_a_late_bill_repays_and_claims_nothing() -> None:
    late = Account.of(a_bill(statements()).replace(late=True))
    assert late.not_claimed == {"0102-7": OWED_ORE}
    found = [(each.name, each.data["tenancy"]) for each in late.findings()]
    assert found == [("exchange.account.not_claimed", "0102-7")]
    assert Account.of(a_bill(statements())).findings() == []


@pytest.mark.parametrize("table", ["amounts", "balances"])
def test_balances_are_what_may_be_claimed(table: str) -> None:
    records = records_of(replace(account(), not_claimed={"0102-7": OWED_ORE}), table)
    left = dict.fromkeys(("0101-1", "0102-7", "landlord:0102"), 0)
    for each in records:
        tenancy, numbers = str(each["tenancy"]), ("amount", "prepayment", "not_claimed", "balance")
        amount, prepayment, lost, balance = (int(each[name] or 0) for name in numbers)  # type: ignore[arg-type]
        assert balance == amount - prepayment - lost
        left[tenancy] += balance
    assert left == {"0101-1": 131_257 - 200_000, "0102-7": 0, "landlord:0102": 5}
