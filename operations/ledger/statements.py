"""Statements of an approved run, recomputed and printed with the residents' current data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from billing.bill.documents import StatementsDocument
from billing.ledger.model import STATEMENTS
from billing.ledger.payments.reference import payment_reference
from billing.ledger.store import Ledger
from billing.measured.evidence_file import read_evidence
from operations.ledger.documents import EVIDENCE
from operations.ledger.recompute import recomputed_equal
from operations.wiring import opened_database, opened_estates
from reports.statement.details import FirstStatement, RunNote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from billing.ledger.model import Run
    from estate.model import Estate
    from operations.settings import Settings
    from reports.print_building import ReportRun


def print_statements(
    settings: Settings,
    number: int,
    directory: Path,
    printed_on: date | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> ReportRun:
    """
    Print the statements of a run, each with its payment reference and what it replaces.

    Amounts are those approved; names, addresses and contacts are the current ones.

    Parameters
    ----------
    settings : Settings
    number : int
        Of the run.
    directory : Path
        Made where it is missing; a statement of the same tenancy is written over.
    printed_on : date, optional
        The day of delivery; the period's end unless given.
    on_progress : callable, optional
        Called with the number of statements written so far.

    Raises
    ------
    DataError
        If an amount comes out otherwise than it was approved.
    UsageError
        If there is no such run, or its building is no longer part of the installation.
    """
    # Printing is slow to import, so it is imported only here.
    from reports.print_building import write_statements

    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        again = recomputed_equal(ledger, number)
        (content,) = ledger.documents(again.run, EVIDENCE).values()
        notes = notes_of(ledger, again.run)
    estate = _with_people(settings, read_evidence(content).estate)
    return write_statements(directory, estate, again.bill, on_progress, printed_on, notes)


def notes_of(ledger: Ledger, run: Run) -> Mapping[str, RunNote]:
    """Return what a run's statements say about the run, by tenancy."""
    residents = list(ledger.standing(run).statements)
    before: Mapping[str, int] = {}
    firsts: Mapping[str, FirstStatement] = {}
    if run.facts.corrects is not None:
        before = _told(ledger, ledger.run(run.facts.corrects))
        firsts = _firsts(ledger, run, residents)
    return {
        each: RunNote(
            payment_reference(run.number, each, residents),
            run.facts.reason,
            before.get(each),
            firsts.get(each),
        )
        for each in residents
    }


def _told(ledger: Ledger, run: Run) -> Mapping[str, int]:
    """Return the amount due in each letter of a run, whatever has been waived since. [øre]"""
    (content,) = ledger.documents(run, STATEMENTS).values()
    statements = StatementsDocument.model_validate_json(content).statements
    corrects = run.facts.corrects is not None
    firsts = _firsts(ledger, run, [each.tenancy for each in statements]) if corrects else {}
    return {
        each.tenancy: min(each.claimable_ore, 0)
        if each.tenancy in firsts and firsts[each.tenancy].late
        else each.claimable_ore
        for each in statements
    }


def _firsts(ledger: Ledger, run: Run, residents: Iterable[str]) -> Mapping[str, FirstStatement]:
    """Return whether each home received its first statement by the first run's deadline."""
    deadline = run.facts.deadline
    if deadline is None:
        return {}
    served = ledger.first_served(run)
    return {each: FirstStatement(deadline, served.get(each)) for each in residents}


def _with_people(settings: Settings, estate: Estate) -> Estate:
    """Add the current residents and contacts to an estate as it was billed."""
    with opened_estates(settings) as source:
        now = source.read(estate.building.id)
    building = estate.building.model_copy(update={"contacts": now.building.contacts})
    return replace(estate, building=building, persons=now.persons)


def statement_pdf(ledger: Ledger, run: Run, tenancy: str, now: Estate) -> bytes | None:
    """
    Print one statement of a run, with the people of the current estate.

    Returns
    -------
    bytes or None
        None if the run has no resident of that tenancy.

    Raises
    ------
    DataError
        If an amount comes out otherwise than it was approved.
    """
    from reports.pdf import STATEMENT, Press
    from reports.statement.letter import letter_of

    bill = recomputed_equal(ledger, run.number).bill
    statement = next((each for each in bill.statements if each.tenancy == tenancy), None)
    if statement is None or not statement.resident:
        return None
    (content,) = ledger.documents(run, EVIDENCE).values()
    billed = read_evidence(content).estate
    estate = replace(billed, persons=now.persons)
    letter = letter_of(estate, bill, statement, None, notes_of(ledger, run).get(tenancy))
    with Press(STATEMENT) as press:
        return press.print_words(letter.page, bill.period.end)
