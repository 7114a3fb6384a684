"""
From a bill to postings, and from two bills to the difference between them. Pure.

A bill's postings move each home's cost from the building's costs to the tenancy, and from there
to the payments on account and the balance, so that nothing is left in between.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from billing.ledger.model import NOTHING, Account, Posting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from billing.bill.bill import Bill, Statement

PostingKey = tuple[str, Account, Account, str, str]
"""Tenancy, the two accounts in their order, item, component."""


def postings_of(bill: Bill) -> tuple[Posting, ...]:
    """Return a whole bill's postings, omitting those of 0 øre."""
    each = (posting for statement in bill.statements for posting in _of(bill, statement))
    return tuple(_postings(net(each)))


def _of(bill: Bill, statement: Statement) -> Iterator[Posting]:
    tenancy = statement.tenancy
    own = Account.CHARGE if statement.resident else Account.LANDLORD
    for row in statement.rows:
        yield Posting(tenancy, own, Account.COST, row.item, row.component, row.amount_ore)
    if not statement.resident:
        return
    claim_ore = bill.claimable_ore(statement)
    for account, amount_ore in (
        (Account.ON_ACCOUNT, statement.aconto_ore or 0),
        (Account.BALANCE, claim_ore),
        (Account.NOT_CLAIMED, statement.balance_ore - claim_ore),
    ):
        yield Posting(tenancy, account, Account.CHARGE, NOTHING, NOTHING, amount_ore)


def net(postings: Iterable[Posting]) -> Mapping[PostingKey, int]:
    """Net the postings between two accounts for the same thing, in both directions. [øre]"""
    sums: Counter[PostingKey] = Counter()
    for tenancy, debit, credit, item, component, amount_ore in postings:
        first, second = sorted((debit, credit))
        key = (tenancy, first, second, item, component)
        sums[key] += amount_ore if first == debit else -amount_ore
    return sums


def difference(whole: Iterable[Posting], booked: Iterable[Posting]) -> tuple[Posting, ...]:
    """Return what must be posted to bring what is already booked up to the whole bill."""
    wanted, there = net(whole), net(booked)
    left = {key: wanted.get(key, 0) - there.get(key, 0) for key in {**wanted, **there}}
    return tuple(_postings(left))


def _postings(sums: Mapping[PostingKey, int]) -> Iterator[Posting]:
    for (tenancy, first, second, item, component), amount_ore in sorted(sums.items()):
        if amount_ore > 0:
            yield Posting(tenancy, first, second, item, component, amount_ore)
        elif amount_ore < 0:
            yield Posting(tenancy, second, first, item, component, -amount_ore)


def balances(postings: Iterable[Posting]) -> Mapping[tuple[str, Account], int]:
    """Return what each account of each tenancy holds; all of them add up to 0. [øre]"""
    sums: Counter[tuple[str, Account]] = Counter()
    for posting in postings:
        sums[posting.tenancy, posting.debit] += posting.amount_ore
        sums[posting.tenancy, posting.credit] -= posting.amount_ore
    return sums


def by_tenancy(postings: Iterable[Posting], account: Account) -> Mapping[str, int]:
    """Return what one account holds, by tenancy. [øre]"""
    return {
        tenancy: amount_ore
        for (tenancy, each), amount_ore in sorted(balances(postings).items())
        if each is account
    }


def given_up(booked: Iterable[Posting], tenancies: Iterable[str]) -> tuple[Posting, ...]:
    """Return postings that waive the back-payments of tenancies whose statements came too late."""
    owed = by_tenancy(booked, Account.BALANCE)
    accounts = (Account.NOT_CLAIMED, Account.BALANCE)
    return tuple(
        Posting(tenancy, *accounts, NOTHING, NOTHING, owed[tenancy])
        for tenancy in sorted(tenancies)
        if owed.get(tenancy, 0) > 0
    )


class Difference(NamedTuple):
    """What a correction changes for one tenancy. All amounts in øre."""

    tenancy: str
    cost_before_ore: int
    cost_ore: int
    balance_before_ore: int
    balance_ore: int


def differences(before: Iterable[Posting], after: Iterable[Posting]) -> tuple[Difference, ...]:
    """Return what changes for each tenancy, including those for which nothing does."""
    old, new = balances(before), balances(after)
    tenancies = sorted({tenancy for tenancy, _ in {**old, **new}})
    return tuple(
        Difference(
            tenancy,
            -old.get((tenancy, Account.COST), 0),
            -new.get((tenancy, Account.COST), 0),
            old.get((tenancy, Account.BALANCE), 0),
            new.get((tenancy, Account.BALANCE), 0),
        )
        for tenancy in tenancies
    )
