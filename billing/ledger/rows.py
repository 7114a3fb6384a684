"""Rows of the tables to and from the ledger's own words, and what of them a digest holds."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from billing.ledger.chain import digest
from billing.ledger.model import (
    Account,
    Channel,
    Package,
    Payment,
    PaymentKind,
    Posting,
    Run,
    RunFacts,
    State,
    StateChange,
)
from billing.ledger.tables import (
    BillingRun,
    LedgerEntry,
    LedgerPayment,
    LedgerPosting,
    RunDocument,
    RunState,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from estate.database.engine import Base

FACTS = tuple(each.name for each in fields(RunFacts))
NOT_HELD = frozenset({"content"})
"""Columns that a digest does not hold: a document's own digest stands beside it."""


def facts_of(row: BillingRun) -> RunFacts:
    """Return what a row tells of its run."""
    return RunFacts(**{name: getattr(row, name) for name in FACTS})


def run_of(row: BillingRun, entry: LedgerEntry) -> Run:
    """Return a run with the entry that seals it."""
    return Run(row.run, row.first, facts_of(row), entry.made_by, entry.made_ms, entry.digest)


def run_row(facts: RunFacts, number: int, first: int, entry: int) -> BillingRun:
    """Return the row of a run."""
    return BillingRun(run=number, first=first, entry=entry, **asdict(facts))


def facts_text(facts: RunFacts) -> str:
    """Write what is told of a run as JSON."""
    return json.dumps(asdict(facts), default=str, ensure_ascii=False)


def facts_from(text: str) -> RunFacts:
    """Read `facts_text`."""
    told: dict[str, Any] = json.loads(text)
    for name in ("period_start", "period_end", "issued", "deadline"):
        told[name] = date.fromisoformat(told[name]) if told[name] else None
    return RunFacts(**told)


def postings_text(postings: Iterable[Posting]) -> str:
    """Write postings as JSON."""
    return json.dumps([list(each) for each in postings], ensure_ascii=False)


def postings_from(text: str) -> tuple[Posting, ...]:
    """Read `postings_text`."""
    return tuple(
        Posting(tenancy, Account(debit), Account(credit), item, component, amount_ore)
        for tenancy, debit, credit, item, component, amount_ore in json.loads(text)
    )


def posting_rows(
    postings: Iterable[Posting], entry: int, building: str, run: int | None, start: int = 1
) -> list[LedgerPosting]:
    """Return the rows of some postings under an entry."""
    return [
        LedgerPosting(entry=entry, number=number, building=building, run=run, **each._asdict())
        for number, each in enumerate(postings, start=start)
    ]


def posting_of(row: LedgerPosting) -> Posting:
    """Return the posting of a row."""
    accounts = (Account(row.debit), Account(row.credit))
    return Posting(row.tenancy, *accounts, row.item, row.component, row.amount_ore)


def document_rows(package: Package, entry: int) -> list[RunDocument]:
    """Return the rows of a package's documents under an entry."""
    return [
        RunDocument(entry=entry, name=name, sha256=digest(content), content=content)
        for name, content in sorted(package.documents.items())
    ]


def state_rows(changes: Iterable[StateChange], entry: int) -> list[RunState]:
    """Return the rows of some steps under an entry."""
    return [
        RunState(entry=entry, number=number, **asdict(each))
        for number, each in enumerate(changes, start=1)
    ]


def change_of(row: RunState) -> StateChange:
    """Return the step of a row."""
    channel = cast("Channel | None", row.channel)
    return StateChange(row.run, State(row.state), row.day, row.tenancy, channel, row.note)


def payment_rows(payments: Iterable[Payment], entry: int) -> list[LedgerPayment]:
    """Return the rows of some payments under an entry."""
    return [
        LedgerPayment(entry=entry, number=number, **asdict(each))
        for number, each in enumerate(payments, start=1)
    ]


def payment_of(row: LedgerPayment) -> Payment:
    """Return the payment of a row."""
    kind = cast("PaymentKind", row.kind)
    return Payment(row.building, row.tenancy, row.day, row.amount_ore, kind, row.key)


def held(entry: LedgerEntry, rows: Iterable[Base]) -> Mapping[str, Any]:
    """Return what the digest of an entry holds: the entry, and every row under it by its table."""
    body: dict[str, Any] = {
        "position": entry.position, "kind": entry.kind, "made_ms": entry.made_ms,
        "made_by": entry.made_by, "postings": entry.postings, "posted_ore": entry.posted_ore,
    }  # fmt: skip
    for row in rows:
        body.setdefault(row.__tablename__, []).append(_cells(row))
    for name in body:
        if isinstance(body[name], list):
            body[name].sort(key=json.dumps)
    return body


def _cells(row: Base) -> list[Any]:
    columns = [each.name for each in row.__table__.columns if each.name not in NOT_HELD]
    cells = (getattr(row, name) for name in columns)
    return [str(cell) if isinstance(cell, date | str) else cell for cell in cells]
