"""Converts table rows to and from the ledger's models, and selects what a digest covers."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict, fields
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from billing.ledger.chain import digest
from billing.ledger.database.tables import (
    BillingRun,
    LedgerEntry,
    LedgerPayment,
    LedgerPosting,
    RunDocument,
    RunState,
)
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from estate.database.engine import Base

FACTS = tuple(each.name for each in fields(RunFacts))
NOT_HELD = frozenset({"content"})
"""Columns that a digest does not hold: a document's own digest stands beside it."""
OF_AN_ENTRY = ("position", "kind", "made_ms", "made_by", "postings", "posted_ore")
Cells = list[int | str | None]
"""The columns of a row as a digest holds them."""


def facts_of(row: BillingRun) -> RunFacts:
    """Return the facts about a run that its row holds."""
    return RunFacts(**{name: getattr(row, name) for name in FACTS})


def run_of(row: BillingRun, entry: LedgerEntry) -> Run:
    """Return a run with the entry that seals it."""
    return Run(row.run, row.first, facts_of(row), entry.made_by, entry.made_ms, entry.digest)


def run_row(facts: RunFacts, number: int, first: int, entry: int) -> BillingRun:
    """Return the row of a run."""
    return BillingRun(run=number, first=first, entry=entry, **asdict(facts))


def facts_text(facts: RunFacts) -> str:
    """Write the facts about a run as JSON."""
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


def held(entry: Mapping[str, object], cells: Mapping[str, list[Cells]]) -> Mapping[str, Any]:
    """
    Return what the digest of an entry covers: the entry, and every row under it by its table.

    Parameters
    ----------
    entry : mapping of str to object
        Its columns; those not in `OF_AN_ENTRY` are left out.
    cells : mapping of str to list of Cells
        Of each row, by the name of its table.
    """
    body: dict[str, Any] = {name: _cell(entry[name]) for name in OF_AN_ENTRY}
    return body | {name: sorted(rows, key=json.dumps) for name, rows in cells.items()}


def columns_held(table: type[Base]) -> tuple[str, ...]:
    """Return the columns of a table that a digest covers, in order."""
    return tuple(each.name for each in table.__table__.columns if each.name not in NOT_HELD)


def cells_of(values: Iterable[object]) -> Cells:
    """Return a row's columns as a digest covers them, whatever they contain."""
    return [_cell(value) for value in values]


def _cell(value: object) -> int | str | None:
    if value is None or isinstance(value, int):
        return value
    return str(value) if isinstance(value, date | str) else repr(value)


def cells_by_table(rows: Iterable[Base]) -> Mapping[str, list[Cells]]:
    """Return the part of newly written rows that a digest covers."""
    cells: dict[str, list[Cells]] = defaultdict(list)
    for row in rows:
        values = (getattr(row, name) for name in columns_held(type(row)))
        cells[row.__tablename__].append(cells_of(values))
    return cells
