"""Queries on the ledger, within a transaction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from billing.ledger.chain import digest
from billing.ledger.database.rows import (
    change_of,
    facts_text,
    payment_of,
    posting_of,
    run_of,
)
from billing.ledger.database.tables import (
    BillDraft,
    BillingRun,
    DraftDocument,
    LedgerEntry,
    LedgerPayment,
    LedgerPosting,
    RunDocument,
    RunState,
)
from billing.ledger.model import STATEMENTS
from estate.errors import UsageError
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from billing.ledger.model import Package, Payment, Posting, Run, StateChange

WITH_ENTRY = select(BillingRun, LedgerEntry).join(
    LedgerEntry, BillingRun.entry == LedgerEntry.position
)


def runs_of(session: Session, building: str | None = None) -> list[Run]:
    """Return the runs of one building or of all, in the order of their approval."""
    query = WITH_ENTRY.order_by(BillingRun.run)
    if building is not None:
        query = query.where(BillingRun.building == building)
    return [run_of(row, entry) for row, entry in session.execute(query)]


def find_run(session: Session, number: int) -> Run:
    """Return a run; raises `UsageError` if there is none."""
    found = session.execute(WITH_ENTRY.where(BillingRun.run == number)).first()
    if found is None:
        raise UsageError(f"there is no run {number}; `fairvarme runs list` shows which there are")
    return run_of(*found)


def newest_number(session: Session) -> int:
    """Return the number of the newest run of all, 0 if there is none."""
    return session.scalar(select(func.max(BillingRun.run))) or 0


def newest_of(session: Session, building: str, period: Period) -> Run | None:
    """Return the last run of a building's period; None if there is none."""
    query = WITH_ENTRY.where(
        BillingRun.building == building,
        BillingRun.period_start == period.start,
        BillingRun.period_end == period.end,
    ).order_by(BillingRun.run.desc())
    found = session.execute(query).first()
    return run_of(*found) if found else None


def run_before(session: Session, building: str, period: Period, corrects: int | None) -> Run | None:
    """Return the run that a bill corrects, or None; raises `UsageError` if it may not do so."""
    newest = newest_of(session, building, period)
    if newest is None and corrects is not None:
        raise UsageError(
            f"run {corrects} is none of {building} {period}; `fairvarme runs list` shows which "
            "there are"
        )
    if newest is not None and corrects != newest.number:
        raise UsageError(
            f"{building} {period} is approved already, as run {newest.number}; correct it with "
            f"--corrects {newest.number} --reason CODE"
        )
    return newest


def booked(
    session: Session,
    first: int | None = None,
    until: int | None = None,
    building: str | None = None,
) -> list[Posting]:
    """
    Return postings in the order of their booking.

    Parameters
    ----------
    first : int, optional
        Of the runs of one chain of corrections.
    until : int, optional
        Of its runs up to this one.
    building : str, optional
        Of one building, payments too.
    """
    query = select(LedgerPosting).order_by(LedgerPosting.entry, LedgerPosting.number)
    if first is not None:
        chain = select(BillingRun.run).where(BillingRun.first == first)
        if until is not None:
            chain = chain.where(BillingRun.run <= until)
        query = query.where(LedgerPosting.run.in_(chain))
    if building is not None:
        query = query.where(LedgerPosting.building == building)
    return [posting_of(row) for row in session.scalars(query)]


def residents_of(session: Session, run: Run) -> Sequence[str]:
    """Return the residents' tenancies for which a run has a statement, in order."""
    (text,) = documents_of(session, run.number, (STATEMENTS,)).values()
    statements = json.loads(text)["statements"]
    return sorted({each["tenancy"] for each in statements if each["resident"]})


def changes_of(session: Session, run: int) -> list[StateChange]:
    """Return the steps of a run, in their order."""
    query = select(RunState).where(RunState.run == run).order_by(RunState.entry, RunState.number)
    return [change_of(row) for row in session.scalars(query)]


def changes_of_chain(session: Session, first: int) -> list[StateChange]:
    """Return the steps of a first run and of its corrections, in their order."""
    chain = select(BillingRun.run).where(BillingRun.first == first)
    query = select(RunState).where(RunState.run.in_(chain))
    rows = session.scalars(query.order_by(RunState.entry, RunState.number))
    return [change_of(row) for row in rows]


def payments_of(session: Session, building: str) -> list[Payment]:
    """Return the payments of a building, in the order of their booking."""
    query = (
        select(LedgerPayment)
        .where(LedgerPayment.building == building)
        .order_by(LedgerPayment.entry, LedgerPayment.number)
    )
    return [payment_of(row) for row in session.scalars(query)]


def documents_of(session: Session, run: int, names: Sequence[str]) -> Mapping[str, bytes]:
    """Return documents of a run by name; all of them if none is named."""
    query = (
        select(RunDocument.name, RunDocument.content)
        .join(BillingRun, BillingRun.entry == RunDocument.entry)
        .where(BillingRun.run == run)
    )
    if names:
        query = query.where(RunDocument.name.in_(names))
    return {row.name: row.content for row in session.execute(query)}


def document_names(session: Session, run: int) -> Mapping[str, str]:
    """Return the SHA-256 of each document of a run, by name."""
    query = (
        select(RunDocument.name, RunDocument.sha256)
        .join(BillingRun, BillingRun.entry == RunDocument.entry)
        .where(BillingRun.run == run)
        .order_by(RunDocument.name)
    )
    return {row.name: row.sha256 for row in session.execute(query)}


def draft_documents_of(session: Session, draft: int) -> Mapping[str, bytes]:
    """Return the documents of a draft, by name."""
    rows = session.scalars(select(DraftDocument).where(DraftDocument.draft == draft))
    return {each.name: each.content for each in rows}


def same_draft_of(session: Session, package: Package, by: str) -> int | None:
    """Return an existing draft of the very same bill; None if there is none."""
    facts, documents = facts_text(package.facts), dict(package.documents)
    query = select(BillDraft.draft).where(
        BillDraft.building == package.facts.building,
        BillDraft.made_by == by,
        BillDraft.facts == facts,
    )
    same = (
        draft
        for draft in session.scalars(query.order_by(BillDraft.draft))
        if draft_documents_of(session, draft) == documents
    )
    return next(same, None)


def same_run_of(session: Session, package: Package, by: str, since: int) -> Run | None:
    """Return a run later than ``since`` that approved the very same bill, or None."""
    facts = package.facts
    newest = newest_of(session, facts.building, Period(facts.period_start, facts.period_end))
    if newest is None or newest.number <= since or newest.approved_by != by:
        return None
    digests = {name: digest(content) for name, content in package.documents.items()}
    return newest if document_names(session, newest.number) == digests else None
