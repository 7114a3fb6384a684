"""Keeps a bill in the ledger, and approves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.ledger.package import package_of
from billing.ledger.store import Ledger
from operations.clock import now_ms
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
EVIDENCE, ASKED = "evidence.zip", "asked.json"
"""What a run is computed again from."""


@dataclass(frozen=True)
class Correction:
    """
    What a bill corrects.

    Attributes
    ----------
    run : Run
        The newest of its period.
    first : Run
        The one whose day decides whether the statements came in time.
    reason : str
        Code of ``reasons.yaml``.
    """

    run: Run
    first: Run
    reason: str


def correction_of(settings: Settings, number: int, reason: str) -> Correction:
    """Look up what a correction corrects; raises `UsageError` where there is no such run."""
    with opened_database(settings) as engine:
        ledger = Ledger(engine)
        run = ledger.run(number)
        return Correction(run, ledger.run(run.first), reason)


def check_next(
    settings: Settings, building: str, period: Period, correction: Correction | None
) -> None:
    """Refuse a bill before it is written where the ledger would; raises `UsageError`."""
    with opened_database(settings) as engine:
        corrects = correction.run.number if correction else None
        Ledger(engine).check_next(building, period, corrects)


def keep_bill(
    settings: Settings,
    billed: Billed,
    directory: Path,
    by: str,
    correction: Correction | None = None,
    allowed: Collection[str] = (),
) -> int:
    """
    Keep a bill as a draft, with the files that it was written to.

    Parameters
    ----------
    settings : Settings
    billed : Billed
        No name, address or contact of a person is in what is kept of it.
    directory : Path
        Where the bill was written.
    by : str
        Who keeps it.
    correction : Correction, optional
    allowed : collection of str, optional
        Names of findings that shall not stop it.

    Returns
    -------
    int
        Number of the draft.

    Raises
    ------
    DataError
        Where the bill is no settlement.
    """
    package = _package(billed, directory, correction, allowed)
    with opened_database(settings) as engine:
        return Ledger(engine).keep(package, by, now_ms())


def keep_approved(
    settings: Settings,
    billed: Billed,
    directory: Path,
    by: str,
    correction: Correction | None = None,
    allowed: Collection[str] = (),
) -> Approval:
    """Keep a bill for good, as `keep_bill` does a draft; raises as that and `Ledger.approve`."""
    package = _package(billed, directory, correction, allowed)
    with opened_database(settings) as engine:
        return Ledger(engine).keep_approved(package, by, now_ms(), allowed)


def _package(
    billed: Billed, directory: Path, correction: Correction | None, allowed: Collection[str]
) -> Package:
    documents = {name: (directory / name).read_bytes() for name in FILES}
    documents |= {EVIDENCE: billed.evidence_bytes, ASKED: billed.asked.as_bytes()}
    corrects = correction.run.number if correction else None
    reason = correction.reason if correction else None
    return package_of(billed.bill, billed.building, documents, corrects, reason, allowed)


def approve(settings: Settings, draft: int, by: str, allowed: Collection[str] = ()) -> Approval:
    """Approve a draft; raises as `Ledger.approve`."""
    with opened_database(settings) as engine:
        return Ledger(engine).approve(draft, by, now_ms(), allowed)


def discard(settings: Settings, draft: int) -> None:
    """Throw a draft away; raises `UsageError` where there is none."""
    with opened_database(settings) as engine:
        Ledger(engine).discard(draft)
