"""Looks whether the ledger is as it was written: every row, every document, every sum."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from billing.ledger.chain import START, digest, link
from billing.ledger.model import STATEMENTS, Account
from billing.ledger.posting import balances
from billing.ledger.reading import booked, documents_of, runs_of
from billing.ledger.rows import held
from billing.ledger.tables import SEALED, LedgerEntry, LedgerPosting, RunDocument
from estate.database.engine import answering
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from billing.ledger.model import Posting, Run
    from estate.database.engine import Base

ENTRIES_AT_ONCE = 200
NOTHING_CHANGED = "look who changed the database, and restore it from a backup"


@dataclass(frozen=True)
class Verified:
    """
    What a look at the whole ledger found.

    Attributes
    ----------
    entries : int
    head : str
        Digest of the newest entry; kept elsewhere, it tells later whether the end was cut off.
    findings : tuple of Finding
        Empty where nothing was changed.
    """

    entries: int
    head: str
    findings: tuple[Finding, ...]


def verify(
    engine: Engine, kept: Sequence[str] = (), on_progress: Callable[[int, int], None] | None = None
) -> Verified:
    """
    Compute every digest and every sum of the ledger anew.

    Parameters
    ----------
    engine : Engine
    kept : sequence of str
        Digests of entries that were written down elsewhere; one that is none any more tells of
        entries that were taken off the end.
    on_progress : callable, optional
        Told how many runs are looked at, and of how many.

    Raises
    ------
    StoreUnavailable
    """
    findings: list[Finding] = []
    digests: list[str] = []
    with answering(engine) as session:
        previous = START
        for entry, rows in _entries(session):
            expected = len(digests) + 1
            findings += _entry_findings(entry, rows, expected, previous)
            previous = link(previous, held(entry, rows))
            digests.append(previous)
        findings += _unsealed(session, len(digests))
        findings += _documents(session)
        runs = runs_of(session)
        for number, run in enumerate(runs, start=1):
            findings += _unexplained(session, run)
            # Else what was looked at would fill the memory.
            session.expunge_all()
            if on_progress is not None:
                on_progress(number, len(runs))
    findings += _missing(kept, digests)
    return Verified(len(digests), previous, tuple(findings))


def _missing(kept: Sequence[str], digests: Sequence[str]) -> Iterator[Finding]:
    for each in kept:
        if each not in digests:
            message = f"no ledger entry has the digest {each}; {NOTHING_CHANGED}"
            yield Finding("ledger.chain.broken", message, {"digest": each})


def _entries(session: Session) -> Iterator[tuple[LedgerEntry, list[Base]]]:
    last = session.scalar(select(func.max(LedgerEntry.position))) or 0
    for start in range(1, last + 1, ENTRIES_AT_ONCE):
        end = start + ENTRIES_AT_ONCE
        under: dict[int, list[Base]] = defaultdict(list)
        for table in SEALED:
            for row in session.scalars(_between(table, start, end)):
                under[row.entry].append(row)
        query = select(LedgerEntry).where(LedgerEntry.position.between(start, end - 1))
        for entry in session.scalars(query.order_by(LedgerEntry.position)):
            yield entry, under[entry.position]
        session.expunge_all()


def _between(table: Any, start: int, end: int) -> Any:  # noqa: ANN401  any of the tables
    from sqlalchemy.orm import defer

    query = select(table).where(table.entry >= start, table.entry < end)
    return query.options(defer(RunDocument.content)) if table is RunDocument else query


def _entry_findings(
    entry: LedgerEntry, rows: Sequence[Base], expected: int, previous: str
) -> Iterator[Finding]:
    data = {"entry": entry.position}
    if entry.position != expected:
        message = f"ledger entry {expected} is missing before {entry.position}; {NOTHING_CHANGED}"
        yield Finding("ledger.chain.broken", message, data)
    if entry.previous != previous or entry.digest != link(previous, held(entry, rows)):
        message = (
            f"ledger entry {entry.position} ({entry.kind}) is not what was written; "
            f"{NOTHING_CHANGED}"
        )
        yield Finding("ledger.chain.broken", message, data)
    postings = [row for row in rows if isinstance(row, LedgerPosting)]
    if sum(row.amount_ore for row in postings) != entry.posted_ore:
        message = (
            f"the postings of ledger entry {entry.position} do not add up to it; {NOTHING_CHANGED}"
        )
        yield Finding("ledger.postings.sum", message, data)


def _unsealed(session: Session, entries: int) -> Iterator[Finding]:
    for table in SEALED:
        known = select(LedgerEntry.position)
        count = session.scalar(
            select(func.count()).select_from(table).where(table.entry.not_in(known))
        )
        if count:
            name = table.__tablename__
            message = f"{count} rows of {name} stand under no ledger entry; {NOTHING_CHANGED}"
            data = {"table": name, "rows": count, "entries": entries}
            yield Finding("ledger.rows.unsealed", message, data)


def _documents(session: Session) -> Iterator[Finding]:
    for row in session.scalars(select(RunDocument).execution_options(yield_per=20)):
        if digest(row.content) != row.sha256:
            message = (
                f"document {row.name} of ledger entry {row.entry} is not what was written; "
                f"{NOTHING_CHANGED}"
            )
            yield Finding(
                "ledger.document.changed", message, {"entry": row.entry, "name": row.name}
            )
        session.expunge(row)


def _unexplained(session: Session, run: Run) -> Iterator[Finding]:
    """Compare what is booked up to a run with its own statements, tenancy by tenancy."""
    documents = documents_of(session, run.number, (STATEMENTS,))
    if STATEMENTS not in documents:
        return
    there = cost_by_tenancy(booked(session, run.first, run.number))
    told = _told(json.loads(documents[STATEMENTS]))
    for tenancy in sorted(there.keys() | told.keys()):
        booked_ore, told_ore = there.get(tenancy, 0), told.get(tenancy, 0)
        if booked_ore != told_ore:
            message = (
                f"run {run.number}: {booked_ore / 100:.2f} are booked for {tenancy}, and its "
                f"statement says {told_ore / 100:.2f}; {NOTHING_CHANGED}"
            )
            data = {
                "run": run.number, "tenancy": tenancy, "booked_ore": booked_ore,
                "statement_ore": told_ore,
            }  # fmt: skip
            yield Finding("ledger.amount.unexplained", message, data)


def cost_by_tenancy(postings: Sequence[Posting]) -> Mapping[str, int]:
    """Return what each tenancy's home cost, the landlord's own share included. [øre]"""
    return {
        tenancy: -amount_ore
        for (tenancy, account), amount_ore in balances(postings).items()
        if account is Account.COST and amount_ore
    }


def _told(document: Mapping[str, Any]) -> Mapping[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for statement in document["statements"]:
        totals[statement["tenancy"]] += statement["total_ore"]
    return {tenancy: total_ore for tenancy, total_ore in totals.items() if total_ore}
