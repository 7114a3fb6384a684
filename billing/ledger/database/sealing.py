"""How rows get into the ledger: under an entry that seals them and everything before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from billing.ledger.chain import START, link
from billing.ledger.database.rows import (
    OF_AN_ENTRY,
    cells_by_table,
    document_rows,
    held,
    payment_rows,
    posting_rows,
    run_row,
    state_rows,
)
from billing.ledger.database.tables import LedgerEntry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

    from billing.ledger.model import Package, Payment, Posting, StateChange
    from estate.database.engine import Base


def seal(
    session: Session,
    kind: str,
    by: str,
    now_ms: int,
    building: str,
    postings: Sequence[Posting],
    run: int | None,
    *,
    package: Package | None = None,
    first: int = 0,
    steps: Iterable[StateChange] = (),
    payments: Iterable[Payment] = (),
) -> LedgerEntry:
    """Write rows under a new entry, then the entry that seals them."""
    newest = select(LedgerEntry).order_by(LedgerEntry.position.desc()).limit(1)
    head = session.scalars(newest).first()
    position = 1 if head is None else head.position + 1
    rows: list[Base] = [*posting_rows(postings, position, building, run)]
    if package is not None and run is not None:
        rows += [run_row(package.facts, run, first, position), *document_rows(package, position)]
    rows += [*state_rows(steps, position), *payment_rows(payments, position)]
    session.add_all(rows)
    session.flush()
    entry = LedgerEntry(position=position, kind=kind, made_ms=now_ms, made_by=by)
    entry.postings, entry.posted_ore = len(postings), sum(each.amount_ore for each in postings)
    entry.previous = START if head is None else head.digest
    entry.digest = link(entry.previous, held(_told(entry), cells_by_table(rows)))
    session.add(entry)
    session.flush()
    return entry


def _told(entry: LedgerEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in OF_AN_ENTRY}
