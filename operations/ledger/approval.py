"""Keeps a bill in the ledger, and approves it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.ledger.chain import canonical
from billing.ledger.package import package_of
from billing.ledger.store import Ledger
from operations.wiring import opened_database

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from billing.bill.bill import Bill
    from billing.ledger.model import Run
    from billing.ledger.store import Approval
    from estate.model import Estate
    from operations.settings import Settings

FILES = ("bill.csv", "statements.json", "findings.json", "run.json")
"""Files of a bill that the ledger keeps as they were written."""
ESTATE = "estate.json"
NOT_KEPT = {"contacts"}
"""Of the building: whom to call is nothing that an amount hangs on."""


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


def keep_bill(
    settings: Settings,
    bill: Bill,
    estate: Estate,
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
    bill : Bill
    estate : Estate
        What the bill was made from; of it everything is kept but persons.
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
    documents = {name: (directory / name).read_bytes() for name in FILES}
    documents |= {ESTATE: estate_bytes(estate)}
    corrects = correction.run.number if correction else None
    reason = correction.reason if correction else None
    package = package_of(bill, estate.building, documents, corrects, reason, allowed)
    with opened_database(settings) as engine:
        return Ledger(engine).keep(package, by, now_ms())


def approve(settings: Settings, draft: int, by: str, allowed: Collection[str] = ()) -> Approval:
    """Approve a draft; raises as `Ledger.approve`."""
    with opened_database(settings) as engine:
        return Ledger(engine).approve(draft, by, now_ms(), allowed)


def discard(settings: Settings, draft: int) -> None:
    """Throw a draft away; raises `UsageError` where there is none."""
    with opened_database(settings) as engine:
        Ledger(engine).discard(draft)


def estate_bytes(estate: Estate) -> bytes:
    """Write what an amount hangs on of an estate: all but persons and contacts."""
    building = estate.building.model_dump(mode="json", by_alias=True, exclude=NOT_KEPT)
    rows = {
        name: [each.model_dump(mode="json", by_alias=True) for each in getattr(estate, name)]
        for name in ("flats", "neighbours", "tenancies", "devices", "costs", "aconto")
    }
    return canonical({"building": building, **rows})


def now_ms() -> int:
    """Return the time. [ms since 1970, UTC]"""
    return time.time_ns() // 1_000_000
