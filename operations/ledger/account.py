"""The building account of a run: gathered from the ledger, written as PDF, workbook and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.ledger.model import Account
from billing.ledger.payments.reference import payment_reference
from billing.ledger.payments.summary import BuildingAccount, building_account
from billing.ledger.posting import by_tenancy, differences
from billing.ledger.store import Ledger
from billing.measured.evidence_file import read_evidence
from operations.ledger.documents import EVIDENCE, read_documents
from operations.wiring import opened_database
from reports.building_account.files import csv_text, workbook
from reports.building_account.tables import account_tables

if TYPE_CHECKING:
    from pathlib import Path

    from estate.model import Building
    from operations.settings import Settings

PAGE, WORKBOOK = "account.pdf", "account.xlsx"


def write_account(settings: Settings, number: int, directory: Path) -> list[Path]:
    """
    Write the building account of a run, and return the files.

    Parameters
    ----------
    settings : Settings
    number : int
        Of the run.
    directory : Path
        Made where it is missing; files of the same name are written over.

    Raises
    ------
    UsageError
        If there is no such run.
    """
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        account = account_of(ledger, number)
        (content,) = ledger.documents(account.run, EVIDENCE).values()
    building = read_evidence(content).estate.building
    directory.mkdir(parents=True, exist_ok=True)
    tables = account_tables(account)
    paths = []
    for name, data in (
        (PAGE, account_pdf(account, building)),
        (WORKBOOK, workbook(tables)),
        *((f"{table.name}.csv", csv_text(table).encode()) for table in tables),
    ):
        paths.append(directory / name)
        paths[-1].write_bytes(data)
    return paths


def account_of(ledger: Ledger, number: int) -> BuildingAccount:
    """Sum up a run of the ledger; raises `UsageError` if there is none."""
    run = ledger.run(number)
    standing, documents = ledger.standing(run), read_documents(ledger, run)
    residents = list(standing.statements)
    before = None if run.facts.corrects is None else ledger.run(run.facts.corrects)
    postings = ledger.postings(run)
    return building_account(
        run,
        standing.state,
        documents.statements,
        documents.run,
        documents.findings,
        {each: payment_reference(number, each, residents) for each in residents},
        by_tenancy(postings, Account.BALANCE),
        differences(ledger.postings(before), postings) if before else (),
    )


def account_pdf(account: BuildingAccount, building: Building) -> bytes:
    """Print a building account, in the building's language."""
    # Printing is slow to import, so it is imported only here.
    from correspondence.catalogue import catalogue, spoken_language
    from reports.building_account.page import account_page
    from reports.pdf import Press

    words = catalogue(spoken_language(building.language))
    with Press("account.typ") as press:
        page = account_page(account, building, words)
        return press.print_words(page, account.run.facts.period_end)
