"""Which payments are new, and which accounts each one moves money between. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.ledger.model import NOTHING, Account, Payment, Posting
from estate.errors import DataError
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def new_payments(wanted: Iterable[Payment], booked: Iterable[Payment]) -> list[Payment]:
    """
    Return payments that are not booked yet, each once.

    Raises
    ------
    DataError
        If two different payments of a building have the same key.
    """
    known = {(each.building, each.key): each for each in booked}
    new: dict[tuple[str, str], Payment] = {}
    findings: list[Finding] = []
    for each in wanted:
        key = each.building, each.key
        same = known.get(key) or new.setdefault(key, each)
        findings += _conflicts(each, same)
    if findings:
        raise DataError(findings)
    return list(new.values())


def _conflicts(payment: Payment, same: Payment) -> Iterator[Finding]:
    if payment != same:
        message = (
            f"payment {payment.key} of {payment.building} is {payment.amount_ore / 100:.2f} of "
            f"{payment.tenancy} on {payment.day}, and {same.amount_ore / 100:.2f} of "
            f"{same.tenancy} on {same.day} under the same key; write the bank's own number of each"
        )
        data = {"building": payment.building, "key": payment.key}
        yield Finding("ledger.payment.key_repeats", message, data)


def payment_posting(payment: Payment) -> Posting:
    """Return the posting of a payment."""
    own = Account.ON_ACCOUNT if payment.kind == "on_account" else Account.BALANCE
    accounts = (Account.BANK, own) if payment.amount_ore > 0 else (own, Account.BANK)
    return Posting(payment.tenancy, *accounts, NOTHING, NOTHING, abs(payment.amount_ore))
