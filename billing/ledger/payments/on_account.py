"""What each tenancy has paid and owes, and its payments on account for the next period. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from billing.law.days import add_months
from billing.ledger.model import Account, Posting
from billing.ledger.posting import by_tenancy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.bill.documents import StatementDocument
    from billing.law.table import Law
    from estate.periods import Period

Withheld = Literal["part_of_period", "moved_out", "nothing_due"]


class Balance(NamedTuple):
    """
    What was claimed from a tenancy, and what it has paid. All amounts in øre.

    Attributes
    ----------
    credited_ore : int
        By its statements, as charged on account.
    paid_on_account_ore : int
        Booked here; 0 if another system receives the payments.
    claimed_ore : int
        By its statements; negative if it is to be repaid.
    paid_ore : int
        Of that.
    """

    tenancy: str
    credited_ore: int
    paid_on_account_ore: int
    claimed_ore: int
    paid_ore: int

    @property
    def left_ore(self) -> int:
        """The unpaid part of what was claimed; negative if it is to be repaid. [øre]"""
        return self.claimed_ore - self.paid_ore


def balances_of(booked: Iterable[Posting]) -> list[Balance]:
    """Return the balance of each tenancy of a building, from all of its postings."""
    booked = list(booked)
    paid = [each for each in booked if Account.BANK in (each.debit, each.credit)]
    billed = [each for each in booked if Account.BANK not in (each.debit, each.credit)]
    sums = {
        (part, account): by_tenancy(postings, account)
        for part, postings in (("billed", billed), ("paid", paid))
        for account in (Account.ON_ACCOUNT, Account.BALANCE)
    }
    tenancies = sorted({tenancy for each in sums.values() for tenancy in each})
    return [
        Balance(
            tenancy,
            sums["billed", Account.ON_ACCOUNT].get(tenancy, 0),
            -sums["paid", Account.ON_ACCOUNT].get(tenancy, 0),
            sums["billed", Account.BALANCE].get(tenancy, 0),
            -sums["paid", Account.BALANCE].get(tenancy, 0),
        )
        for tenancy in tenancies
    ]


class Proposal(NamedTuple):
    """
    What a tenancy could be charged on account, if anything. All amounts in øre.

    Attributes
    ----------
    expected_ore : int or None
        Cost of the next period; None if nothing is proposed.
    each_ore : int or None
        Of equal instalments, which together do not exceed the expected cost.
    withheld : str or None
        Why nothing is proposed.
    """

    tenancy: str
    flat: str
    cost_ore: int
    charged_ore: int | None
    expected_ore: int | None
    each_ore: int | None
    withheld: Withheld | None = None


@dataclass(frozen=True)
class Plan:
    """
    Proposals for the next period.

    Attributes
    ----------
    first : date
        Day of the first instalment: the first of a month, after the notice required by law.
    """

    first: date
    instalments: int
    proposals: tuple[Proposal, ...]


def plan(
    statements: Sequence[StatementDocument],
    period: Period,
    law: Law,
    told: date,
    instalments: int,
    price_change: float,
    step_ore: int,
) -> Plan:
    """
    Propose equal instalments for the next period.

    Parameters
    ----------
    statements : sequence of StatementDocument
        Of the last account.
    period : Period
        Its days.
    law : Law
    told : date
        Day on which the tenants are notified.
    instalments : int
    price_change : float
        Expected relative change of the price of heat; -0.05 is a twentieth less. [1]
    step_ore : int
        Instalments are whole multiples of it, rounded down. [øre]
    """
    if instalments < 1 or price_change <= -1 or step_ore < 1:
        raise ValueError("at least one instalment, a price above 0 and a step of 1 øre")
    proposals = (
        _proposal(each, period, instalments, price_change, step_ore)
        for each in statements
        if each.resident
    )
    return Plan(_first_day(law, told), instalments, tuple(proposals))


def _first_day(law: Law, told: date) -> date:
    weeks = law.number("on_account_notice_weeks") or 0
    day = told + timedelta(weeks=weeks)
    return day if day.day == 1 else add_months(day.replace(day=1), 1)


def _proposal(
    statement: StatementDocument,
    period: Period,
    instalments: int,
    price_change: float,
    step_ore: int,
) -> Proposal:
    known = (statement.tenancy, statement.flat, statement.total_ore, statement.aconto_ore)
    if statement.end < period.end:
        return Proposal(*known, None, None, "moved_out")
    if statement.start > period.start:
        # The use of a summer does not predict that of a winter.
        return Proposal(*known, None, None, "part_of_period")
    expected_ore = int(statement.total_ore * (1 + price_change))
    each_ore = expected_ore // instalments // step_ore * step_ore
    if each_ore <= 0:
        return Proposal(*known, expected_ore, None, "nothing_due")
    return Proposal(*known, expected_ore, each_ore)
