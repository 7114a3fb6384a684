"""Verifies that the ledger is as it was written: every row, every document, every sum."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, type_coerce
from sqlalchemy.types import NullType

from billing.ledger.chain import START, digest, link
from billing.ledger.database.rows import OF_AN_ENTRY, cells_of, columns_held, held
from billing.ledger.database.tables import (
    SEALED,
    BillingRun,
    LedgerEntry,
    LedgerPosting,
    RunDocument,
)
from billing.ledger.model import STATEMENTS, Account
from estate.database.engine import answering
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from billing.ledger.database.rows import Cells
    from estate.database.engine import Base

    Raw = Mapping[str, Any]

ENTRIES_AT_ONCE = 200
ROWS_AT_ONCE = 20
IS_STATEMENTS = RunDocument.name == STATEMENTS
NOTHING_CHANGED = "look who changed the database, and restore it from a backup"


@dataclass(frozen=True)
class Verified:
    """
    The result of verifying the whole ledger.

    Attributes
    ----------
    entries : int
    head : str
        Digest of the newest entry; kept elsewhere, it later reveals whether the end was cut off.
    findings : tuple of Finding
        Empty if nothing was changed.
    """

    entries: int
    head: str
    findings: tuple[Finding, ...]


def verify(
    engine: Engine, kept: Sequence[str] = (), on_progress: Callable[[int, int], None] | None = None
) -> Verified:
    """
    Recompute every digest and every sum of the ledger.

    Parameters
    ----------
    engine : Engine
    kept : sequence of str
        Digests of entries that were recorded elsewhere; one that is no longer found shows that
        entries were removed from the end.
    on_progress : callable, optional
        Called with the number of runs verified so far, and the total.

    Raises
    ------
    StoreUnavailable
    """
    findings: list[Finding] = []
    digests: list[str] = []
    with answering(engine) as session:
        previous = START
        for entry, under in _entries(session):
            cells = {name: [*map(_cells, rows)] for name, rows in under.items()}
            found = link(previous, held(entry, cells))
            findings += _entry_findings(entry, under, len(digests) + 1, previous, found)
            digests.append(found)
            previous = found
        findings += _unsealed(session, len(digests))
        findings += _documents(session)
        runs = list(_raw(session, BillingRun, ("run", "first")))
        for number, run in enumerate(runs, start=1):
            findings += _unexplained(session, run["run"], run["first"])
            if on_progress is not None:
                on_progress(number, len(runs))
    findings += _missing(kept, digests)
    return Verified(len(digests), previous, tuple(findings))


def _missing(kept: Sequence[str], digests: Sequence[str]) -> Iterator[Finding]:
    for each in kept:
        if each not in digests:
            message = (
                f"no ledger entry has the digest {each}; see that it was copied whole, and if "
                f"it was, {NOTHING_CHANGED}"
            )
            yield Finding("ledger.chain.broken", message, {"digest": each})


def _entries(session: Session) -> Iterator[tuple[Raw, Mapping[str, list[Raw]]]]:
    # By the positions that exist: one that was tampered with may be any number.
    positions = list(session.scalars(select(LedgerEntry.position).order_by(LedgerEntry.position)))
    for first in range(0, len(positions), ENTRIES_AT_ONCE):
        some = positions[first : first + ENTRIES_AT_ONCE]
        under: dict[object, dict[str, list[Raw]]] = defaultdict(lambda: defaultdict(list))
        for table in SEALED:
            within = (table.entry >= some[0], table.entry <= some[-1])
            for row in _raw(session, table, columns_held(table), *within):
                under[row["entry"]][table.__tablename__].append(row)
        names = (*OF_AN_ENTRY, "previous", "digest")
        within = (LedgerEntry.position >= some[0], LedgerEntry.position <= some[-1])
        for entry in _raw(session, LedgerEntry, names, *within):
            yield entry, under[entry["position"]]


def _raw(session: Session, table: type[Base], names: Sequence[str], *where: Any) -> Iterator[Raw]:  # noqa: ANN401  conditions
    """Read columns raw: after tampering, a value may not be valid for its column."""
    columns = table.__table__.columns
    query = select(*(type_coerce(columns[name], NullType()) for name in names))
    query = query.where(*where).order_by(*table.__table__.primary_key)
    for row in session.execute(query.execution_options(yield_per=ROWS_AT_ONCE)):
        yield dict(zip(names, row, strict=True))


def _entry_findings(
    entry: Raw, under: Mapping[str, list[Raw]], expected: int, previous: str, found: str
) -> Iterator[Finding]:
    position, data = entry["position"], {"entry": entry["position"]}
    if position != expected:
        message = f"ledger entry {expected} is missing before {position}; {NOTHING_CHANGED}"
        yield Finding("ledger.chain.broken", message, data)
    if entry["previous"] != previous or entry["digest"] != found:
        message = (
            f"ledger entry {position} ({entry['kind']}) is not what was written; {NOTHING_CHANGED}"
        )
        yield Finding("ledger.chain.broken", message, data)
    amounts = [row["amount_ore"] for row in under.get(LedgerPosting.__tablename__, ())]
    if sum(each for each in amounts if isinstance(each, int)) != entry["posted_ore"]:
        message = f"the postings of ledger entry {position} do not add up to it; {NOTHING_CHANGED}"
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
    for row in _raw(session, RunDocument, ("entry", "name", "sha256", "content")):
        content = row["content"]
        if not isinstance(content, bytes) or digest(content) != row["sha256"]:
            yield _changed(row["entry"], row["name"])


def _changed(entry: object, name: object) -> Finding:
    message = f"document {name} of ledger entry {entry} is not what was written; {NOTHING_CHANGED}"
    return Finding("ledger.document.changed", message, {"entry": str(entry), "name": str(name)})


def _unexplained(session: Session, run: int, first: int) -> Iterator[Finding]:
    """Compare what is booked up to and including a run with its statements, by tenancy."""
    there = _cost_by_tenancy(session, run, first)
    of_run = RunDocument.entry.in_(select(BillingRun.entry).where(BillingRun.run == run))
    documents = [*_raw(session, RunDocument, ("entry", "content"), of_run, IS_STATEMENTS)]
    if not documents:
        return
    try:
        told = _told(json.loads(documents[0]["content"]))
    except (ValueError, TypeError, LookupError):
        yield _changed(documents[0]["entry"], STATEMENTS)
        return
    for tenancy in sorted(there.keys() | told.keys()):
        booked_ore, told_ore = there.get(tenancy, 0), told.get(tenancy, 0)
        if booked_ore != told_ore:
            message = (
                f"run {run}: {booked_ore / 100:.2f} are booked for {tenancy}, and its statement "
                f"says {told_ore / 100:.2f}; {NOTHING_CHANGED}"
            )
            data = {
                "run": run, "tenancy": tenancy, "booked_ore": booked_ore,
                "statement_ore": told_ore,
            }  # fmt: skip
            yield Finding("ledger.amount.unexplained", message, data)


def _cost_by_tenancy(session: Session, run: int, first: int) -> Mapping[str, int]:
    """Return what each tenancy's home cost, the landlord's own share included. [øre]"""
    chain = select(BillingRun.run).where(BillingRun.first == first, BillingRun.run <= run)
    costs: dict[str, int] = defaultdict(int)
    for column, sign in ((LedgerPosting.credit, 1), (LedgerPosting.debit, -1)):
        where = (LedgerPosting.run.in_(chain), column == Account.COST.value)
        for row in _raw(session, LedgerPosting, ("tenancy", "amount_ore"), *where):
            if isinstance(row["amount_ore"], int):
                costs[str(row["tenancy"])] += sign * row["amount_ore"]
    return {tenancy: amount_ore for tenancy, amount_ore in costs.items() if amount_ore}


def _told(document: Mapping[str, Any]) -> Mapping[str, int]:
    totals: dict[str, int] = defaultdict(int)
    for statement in document["statements"]:
        totals[str(statement["tenancy"])] += statement["total_ore"]
    return {tenancy: total_ore for tenancy, total_ore in totals.items() if total_ore}


def _cells(row: Raw) -> Cells:
    return cells_of(row.values())
