"""The settlement letters of a run, one to each tenancy that has moved out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.ledger.model import Account
from billing.ledger.payments.on_account import balances_of
from billing.ledger.payments.reference import payment_reference
from billing.ledger.posting import by_tenancy
from billing.ledger.store import Ledger
from correspondence.home_delivery import letter_address
from operations.ledger.recompute import recomputed_equal
from operations.wiring import opened_database, opened_estates
from reports.letter.settlement import Settlement, settlement_page
from reports.print_building import ReportRun, address_findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from billing.bill.bill import Bill
    from billing.ledger.model import Run
    from estate.model import Estate, Tenancy
    from operations.settings import Settings

LETTER = "plain.typ"


def print_settlements(
    settings: Settings, number: int, directory: Path, printed_on: date
) -> ReportRun:
    """
    Print a letter for each tenancy of a run that ended within its period.

    Amounts are those approved and booked; names and addresses are the current ones.

    Parameters
    ----------
    settings : Settings
    number : int
        Of the run.
    directory : Path
        Made where it is missing; a letter of the same tenancy is written over.
    printed_on : date
        Determines the residents' address.

    Raises
    ------
    DataError
        If an amount comes out otherwise than it was approved.
    UsageError
        If there is no such run, or its building is no longer part of the installation.
    """
    # Printing is slow to import, so it is imported only here.
    from reports.pdf import write_all

    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        again = recomputed_equal(ledger, number)
        with opened_estates(settings) as source:
            estate = source.read(again.run.facts.building)
        settled = list(_settled(ledger, again.run, again.bill, estate))
    pages = (
        (tenancy.tenancy, settlement_page(estate, tenancy, each, printed_on), again.bill.period.end)
        for tenancy, each in settled
    )
    paths = write_all(directory, LETTER, pages)
    missing = [
        tenancy.tenancy
        for tenancy, _ in settled
        if letter_address(estate, tenancy, printed_on).missing
    ]
    return ReportRun(tuple(paths), tuple(address_findings(missing)))


def _settled(
    ledger: Ledger, run: Run, bill: Bill, estate: Estate
) -> Iterator[tuple[Tenancy, Settlement]]:
    """Yield the tenancies that ended by the period's end, with what each owes."""
    residents = list(ledger.standing(run).statements)
    claimed = by_tenancy(ledger.postings(run), Account.BALANCE)
    balances = {each.tenancy: each for each in balances_of(ledger.booked(bill.building))}
    for statement in bill.statements:
        tenancy = estate.tenancy_by_id.get(statement.tenancy)
        if tenancy is None or tenancy.end is None or tenancy.end > bill.period.end:
            continue
        balance = balances.get(tenancy.tenancy)
        yield (
            tenancy,
            Settlement(
                statement,
                payment_reference(run.number, tenancy.tenancy, residents),
                claimed.get(tenancy.tenancy, 0),
                balance.paid_on_account_ore if balance else 0,
                balance.left_ore if balance else 0,
            ),
        )
