"""Keeps a bill in the ledger, and approves it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from billing.ledger.package import package_of
from billing.ledger.store import Ledger
from estate.errors import DataError
from estate.findings import allow, disqualifications
from operations.clock import now_ms
from operations.ledger.documents import ASKED, EVIDENCE
from operations.ledger.unchanged import draft_findings
from operations.wiring import opened_database

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from billing.ledger.model import Package, Run
    from billing.ledger.store import Approval
    from estate.periods import Period
    from operations.bill_files import Billed
    from operations.settings import Settings

FILES = ("bill.csv", "statements.json", "findings.json", "run.json")
"""Files of a bill that the ledger keeps as they were written."""


@dataclass(frozen=True)
class Correction:
    """
    What a bill corrects.

    Attributes
    ----------
    run : Run
        The newest of its period.
    first : Run
        The run whose day decides whether the statements were in time.
    reason : str
        Code of ``reasons.yaml``.
    """

    run: Run
    first: Run
    reason: str


def correction_of(settings: Settings, number: int, reason: str) -> Correction:
    """Look up the run that a correction corrects; raises `UsageError` if there is none."""
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        run = ledger.run(number)
        return Correction(run, ledger.run(run.first), reason)


def check_next(
    settings: Settings, building: str, period: Period, correction: Correction | None
) -> None:
    """Refuse a bill before it is written if the ledger would; raises `UsageError`."""
    with opened_database(settings) as engine:
        corrects = correction.run.number if correction else None
        Ledger(engine).check_next(building, period, corrects)


def is_approved_since(settings: Settings, building: str, period: Period, since: int) -> bool:
    """Return whether a period's newest run came after run ``since`` of the ledger."""
    with opened_database(settings) as engine:
        return any(
            run.number > since
            for run in Ledger(engine).runs(building)
            if (run.facts.period_start, run.facts.period_end) == (period.start, period.end)
        )


def newest_run(settings: Settings) -> int:
    """Return the number of the newest run of the ledger, 0 if there is none."""
    with opened_database(settings) as engine:
        return Ledger(engine).newest()


def package_from(
    billed: Billed,
    directory: Path,
    correction: Correction | None = None,
    allowed: Collection[str] = (),
) -> Package:
    """
    Combine a bill with the files it was written to, in the form that the ledger accepts.

    Parameters
    ----------
    billed : Billed
        Nothing that is kept of it contains a person's name, address or contact.
    directory : Path
        Where the bill was written.
    correction : Correction, optional
    allowed : collection of str, optional
        Names of findings that are not to stop it.

    Raises
    ------
    DataError
        If the bill is no settlement.
    """
    documents = {name: (directory / name).read_bytes() for name in FILES}
    documents |= {EVIDENCE: billed.evidence_bytes, ASKED: billed.asked.as_bytes()}
    corrects = correction.run.number if correction else None
    reason = correction.reason if correction else None
    return package_of(billed.bill, billed.building, documents, corrects, reason, allowed)


def keep_bill(settings: Settings, package: Package, by: str, *, once: bool = False) -> int:
    """Keep a bill as a draft, and return its number; ``once`` as `Ledger.keep` says."""
    with opened_database(settings) as engine:
        return Ledger(engine).keep(package, by, now_ms(), once=once)


def keep_approved(
    settings: Settings,
    package: Package,
    by: str,
    allowed: Collection[str] = (),
    *,
    since: int | None = None,
) -> Approval:
    """Keep a bill as an approved run; ``since`` and errors as for `Ledger.keep_approved`."""
    with opened_database(settings) as engine:
        return Ledger(engine).keep_approved(package, by, now_ms(), allowed, since)


def approve(settings: Settings, draft: int, by: str, allowed: Collection[str] = ()) -> Approval:
    """
    Approve a draft.

    Raises
    ------
    DataError
        If its estate changed since it was made, or as of `Ledger.approve`.
    UsageError
    """
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        found = allow(draft_findings(settings, *ledger.read_draft(draft)), allowed)
        if disqualifications(found):
            raise DataError(found)
        approval = ledger.approve(draft, by, now_ms(), allowed)
    return replace(approval, findings=(*found, *approval.findings))


def discard(settings: Settings, draft: int) -> None:
    """Discard a draft; raises `UsageError` if there is none."""
    with opened_database(settings) as engine:
        Ledger(engine).discard(draft)
