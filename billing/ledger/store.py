"""
The ledger in the relational database.

Writers take turns: of two that approve the same bill, one waits and then finds it approved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, text

from billing.law.table import law_of
from billing.ledger.correction import correction_findings, overlap_findings
from billing.ledger.database.reading import (
    booked,
    changes_of,
    changes_of_chain,
    document_names,
    documents_of,
    draft_documents_of,
    find_run,
    newest_number,
    payments_of,
    residents_of,
    run_before,
    runs_of,
    same_draft_of,
    same_run_of,
)
from billing.ledger.database.rows import (
    facts_from,
    facts_text,
    postings_from,
    postings_text,
)
from billing.ledger.database.sealing import seal
from billing.ledger.database.tables import (
    BillDraft,
    DraftDocument,
)
from billing.ledger.model import (
    Package,
    Payment,
    Posting,
    Run,
    RunFacts,
    State,
    StateChange,
)
from billing.ledger.payments.booking import new_payments, payment_posting
from billing.ledger.posting import difference, given_up
from billing.ledger.states import (
    Standing,
    checked,
    closing_refusal,
    first_served,
    late_tenancies,
    standing,
)
from estate.database.engine import answering
from estate.errors import DataError, UsageError
from estate.findings import allow, disqualifications
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from estate.findings import Finding

# Any number will do, as long as every process asks for the same one.
WRITING_LOCK = 7_203_118


@dataclass(frozen=True)
class Draft:
    """A bill awaiting approval."""

    number: int
    facts: RunFacts
    made_by: str
    made_ms: int


@dataclass(frozen=True)
class Approval:
    """An approved run, and the findings about it."""

    run: Run
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Ledger:
    """
    Approved bills, their states, and payments.

    Every method raises `StoreUnavailable` if the database does not answer; nothing of what was
    requested is then kept.

    Attributes
    ----------
    engine : Engine
        A database with the tables of ``database/tables.py``.
    """

    engine: Engine

    def keep(self, package: Package, by: str, now_ms: int, *, once: bool = False) -> int:
        """Keep a bill as a draft and return its number; with ``once``, reuse an identical draft."""
        facts = package.facts
        draft = BillDraft(
            building=facts.building,
            made_ms=now_ms,
            made_by=by,
            facts=facts_text(facts),
            postings=postings_text(package.postings),
        )
        with self._writing() as session:
            same = same_draft_of(session, package, by) if once else None
            if same is not None:
                return same
            session.add(draft)
            session.flush()
            session.add_all(
                DraftDocument(draft=draft.draft, name=name, content=content)
                for name, content in package.documents.items()
            )
            return draft.draft

    def check_next(self, building: str, period: Period, corrects: int | None) -> None:
        """Refuse a bill for an approved period; raises `UsageError` as `approve` does."""
        with answering(self.engine) as session:
            run_before(session, building, period, corrects)

    def newest(self) -> int:
        """Return the number of the newest run of all, 0 if there is none."""
        with answering(self.engine) as session:
            return newest_number(session)

    def drafts(self) -> list[Draft]:
        """List the drafts, the oldest first."""
        with answering(self.engine) as session:
            rows = session.scalars(select(BillDraft).order_by(BillDraft.draft))
            return [
                Draft(row.draft, facts_from(row.facts), row.made_by, row.made_ms) for row in rows
            ]

    def read_draft(self, draft: int) -> tuple[Draft, Mapping[str, bytes]]:
        """Return a draft and its documents by name; raises `UsageError` if there is none."""
        with answering(self.engine, snapshot=True) as session:
            row = _draft(session, draft)
            return Draft(row.draft, facts_from(row.facts), row.made_by, row.made_ms), (
                draft_documents_of(session, draft)
            )

    def discard(self, draft: int) -> None:
        """Discard a draft; raises `UsageError` if there is none."""
        with self._writing() as session:
            _take_draft(session, draft)

    def approve(self, draft: int, by: str, now_ms: int, allowed: Collection[str] = ()) -> Approval:
        """
        Approve a draft: it becomes a run, which can never be changed.

        A correction posts only its differences from the runs that it corrects.

        Parameters
        ----------
        draft : int
        by : str
            Who approves.
        now_ms : int
            [ms since 1970, UTC]
        allowed : collection of str, optional
            Names of findings that are not to stop it.

        Raises
        ------
        UsageError
            If there is no such draft, or its period is already approved.
        DataError
            If a correction is not permitted, or days of the period are already approved.
        """
        with self._writing() as session:
            package = _take_draft(session, draft)
            return _approve(session, package, by, now_ms, allowed)

    def keep_approved(
        self,
        package: Package,
        by: str,
        now_ms: int,
        allowed: Collection[str] = (),
        since: int | None = None,
    ) -> Approval:
        """
        Approve a bill in one step, so that no draft stays behind; raises as `approve`.

        A caller that may be repeating an approval of unknown outcome passes ``since``, the number
        of the newest run when it began: a later run of the very same bill is then returned.
        """
        with self._writing() as session:
            same = None if since is None else same_run_of(session, package, by, since)
            return Approval(same, ()) if same else _approve(session, package, by, now_ms, allowed)

    def change(self, wanted: Sequence[StateChange], by: str, now_ms: int) -> Standing:
        """
        Take steps of one run, and return its resulting state.

        Raises
        ------
        UsageError
            If one of them may not be taken; then none is.
        """
        with self._writing() as session:
            run = find_run(session, wanted[0].run)
            history = changes_of(session, run.number)
            residents = residents_of(session, run)
            now = standing(residents, history)
            steps = checked(run, now, wanted, history)
            _may_close(run, now, steps)
            late = late_tenancies(
                run.facts.deadline, [*changes_of_chain(session, run.first), *steps]
            )
            given = given_up(booked(session, run.first), late)
            seal(session, "state", by, now_ms, run.facts.building, given, run.number, steps=steps)
            return standing(residents, [*history, *steps])

    def pay(self, payments: Sequence[Payment], by: str, now_ms: int) -> int:
        """
        Book the payments that are not booked yet, and return how many there were.

        A payment is recognised by its building and key, so that a file may be imported twice.

        Raises
        ------
        DataError
            If a different payment has that key; then none is booked.
        """
        with self._writing() as session:
            count = 0
            for building in sorted({each.building for each in payments}):
                own = [each for each in payments if each.building == building]
                new = new_payments(own, payments_of(session, building))
                posted = tuple(map(payment_posting, new))
                if new:
                    seal(session, "payment", by, now_ms, building, posted, None, payments=new)
                count += len(new)
            return count

    def runs(self, building: str | None = None) -> list[Run]:
        """List the runs of one building or of all, in the order of their approval."""
        with answering(self.engine) as session:
            return runs_of(session, building)

    def run(self, number: int) -> Run:
        """Return a run; raises `UsageError` if there is none."""
        with answering(self.engine) as session:
            return find_run(session, number)

    def standing(self, run: Run) -> Standing:
        """Return the state of a run."""
        with answering(self.engine) as session:
            return standing(residents_of(session, run), changes_of(session, run.number))

    def changes(self, run: Run) -> list[StateChange]:
        """Return the steps of a run and of its statements, in their order."""
        with answering(self.engine) as session:
            return changes_of(session, run.number)

    def first_served(self, run: Run) -> Mapping[str, date]:
        """Return when each tenancy was first served by one of the runs that this one corrects."""
        with answering(self.engine) as session:
            steps = changes_of_chain(session, run.first)
            return first_served(step for step in steps if step.run < run.number)

    def postings(self, run: Run) -> list[Posting]:
        """Return what is booked by a run and by those that it corrects, directly or indirectly."""
        with answering(self.engine) as session:
            return booked(session, run.first, run.number)

    def documents(self, run: Run, *names: str) -> Mapping[str, bytes]:
        """Return documents of a run by name; all of them if none is named."""
        with answering(self.engine) as session:
            return documents_of(session, run.number, names)

    def document_names(self, run: Run) -> Mapping[str, str]:
        """Return the SHA-256 of each document of a run, by name."""
        with answering(self.engine) as session:
            return document_names(session, run.number)

    def payments(self, building: str) -> list[Payment]:
        """Return the payments of a building, in the order of their booking."""
        with answering(self.engine) as session:
            return payments_of(session, building)

    def booked(self, building: str) -> list[Posting]:
        """Return every posting of a building, of runs and of payments."""
        with answering(self.engine) as session:
            return booked(session, building=building)

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        """Work in one transaction, once nobody else is writing to the ledger."""
        with answering(self.engine) as session:
            connection = session.connection()
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITING_LOCK})"))
            else:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield session


def _draft(session: Session, number: int) -> BillDraft:
    row = session.get(BillDraft, number)
    if row is None:
        raise UsageError(
            f"there is no draft {number}: it was approved or discarded; `fairvarme runs list` "
            "shows what there is"
        )
    return row


def _take_draft(session: Session, number: int) -> Package:
    row, contents = _draft(session, number), draft_documents_of(session, number)
    package = Package(facts_from(row.facts), postings_from(row.postings), contents)
    session.execute(delete(DraftDocument).where(DraftDocument.draft == number))
    session.execute(delete(BillDraft).where(BillDraft.draft == number))
    return package


def _approve(
    session: Session, package: Package, by: str, now_ms: int, allowed: Collection[str]
) -> Approval:
    facts = package.facts
    period = Period(facts.period_start, facts.period_end)
    before = run_before(session, facts.building, period, facts.corrects)
    new = 1 + newest_number(session)
    postings, first, steps = package.postings, new, list[StateChange]()
    if before is None:
        findings = _allowed(overlap_findings(facts, runs_of(session, facts.building)), allowed)
    else:
        first = before.first
        there = booked(session, first)
        facts = replace(facts, deadline=find_run(session, first).facts.deadline)
        late = late_tenancies(facts.deadline, changes_of_chain(session, first))
        wanted = [*postings, *given_up(postings, late)]
        findings = _allowed(correction_findings(facts, wanted, there), allowed)
        postings = difference(wanted, there)
        steps = [StateChange(before.number, State.CORRECTED, facts.issued)]
    whole = replace(package, facts=facts)
    entry = seal(
        session, "approval", by, now_ms, facts.building, postings, new,
        package=whole, first=first, steps=steps,
    )  # fmt: skip
    return Approval(Run(new, first, facts, by, now_ms, entry.digest), tuple(findings))


def _allowed(findings: Iterable[Finding], allowed: Collection[str]) -> list[Finding]:
    judged = allow(findings, allowed)
    if disqualifications(judged):
        raise DataError(judged)
    return judged


def _may_close(run: Run, now: Standing, steps: Sequence[StateChange]) -> None:
    for step in steps:
        if step.state is State.CLOSED:
            until = now.objections_until(law_of(run.facts.country, run.facts.period_start))
            refusal = closing_refusal(now, until, step.day)
            if refusal:
                raise UsageError(f"run {run.number} cannot be closed yet: {refusal}")
