"""The bill of one building from its estate and the store, as a task for any process."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from billing.bill.files import write_bill, write_findings
from billing.ledger.asked import Asked
from billing.ledger.chain import canonical, digest
from billing.measured.gather import gather
from estate.errors import DataError, FairvarmeError, UsageError
from estate.files.folder import read_estate
from operations.bill_files import Billed
from operations.portfolio.folder import replaced
from operations.wiring import opened_estates, opened_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from billing.ledger.model import Package
    from billing.schemes import Scheme
    from estate.findings import Finding
    from estate.model import Estate
    from estate.periods import Period
    from operations.ledger.approval import Correction
    from operations.settings import Settings

log = logging.getLogger(__name__)

State = Literal["billed", "refused", "failed", "left"]


@dataclass(frozen=True)
class Keep:
    """
    How a bill is kept in the ledger.

    Attributes
    ----------
    by : str
        Who keeps it.
    approve : bool
        As an approved run rather than a draft.
    since : int
        Number of the newest run when the batch began.
    """

    by: str
    approve: bool
    correction: Correction | None = None
    since: int = 0


@dataclass(frozen=True)
class BillTask:
    """
    The request for one building's bill.

    It may be run twice, consecutively or concurrently, such as by a cluster that lost a worker:
    the folder and the ledger are then as if it had been done once.

    Attributes
    ----------
    settings : Settings
        Where its readings and the ledger are.
    folder : Path or None
        Of its estate; None: it is in the database.
    scheme : Scheme or None
        None: the building's own.
    issued : date
        Day on which the bill is made.
    directory : Path or None
        Where the bill is written, replacing what was there; None writes nothing.
    statements : bool
        Whether statements are printed too.
    keep : Keep or None
        None: not in the ledger.
    """

    settings: Settings
    building: str
    folder: Path | None
    period: Period
    scheme: Scheme | None
    allowed: tuple[str, ...]
    issued: date
    directory: Path | None
    statements: bool = False
    keep: Keep | None = None


@dataclass(frozen=True)
class Outcome:
    """
    The outcome of a task.

    Attributes
    ----------
    state : {'billed', 'refused', 'failed', 'left'}
        ``refused``: the data does not allow a bill; ``failed``: it could not be completed;
        ``left``: already done by an earlier run.
    total_ore : int or None
    statements : int
    number : int or None
        Of the run or the draft in the ledger.
    message : str
        Why it failed.
    """

    building: str
    state: State
    total_ore: int | None = None
    statements: int = 0
    findings: tuple[Finding, ...] = ()
    number: int | None = None
    message: str = ""


def do_task(task: BillTask) -> Outcome:
    """
    Bill one building; its errors become its outcome, and stop no other.

    Returns
    -------
    Outcome
        ``failed`` also where a store is unavailable, so that the task can be done again.
    """
    try:
        try:
            return _bill(task)
        except DataError as error:
            # Even if the disk is full for them as well, other buildings still get their bills.
            return _refused(task, error.findings)
    except (FairvarmeError, OSError) as error:
        return Outcome(task.building, "failed", message=str(error))
    except Exception as error:  # one bad building must cost no other its bill
        log.exception("building %s", task.building, extra={"event": "bill_failed"})
        message = f"{type(error).__name__}: {error}; report it with the log, and bill the others"
        return Outcome(task.building, "failed", message=message)


def _bill(task: BillTask) -> Outcome:
    again = _is_done_again(task)
    estate = _estate(task)
    first = task.keep.correction.first.facts if task.keep and task.keep.correction else None
    asked = Asked.of(
        estate, task.period, task.scheme, task.allowed, task.issued,
        first.issued if first else None, first.deadline if first else None,
    )  # fmt: skip
    with opened_store(task.settings, create=False) as store:
        evidence = gather(estate, store, task.period, task.scheme)
    billed = Billed(estate.building, asked.bill(evidence), evidence, asked)
    if task.directory is None:
        return _outcome(billed)
    with replaced(task.directory) as part:
        billed = _write(part, estate, billed, printed=task.statements)
        # Read here: once in place, a repetition of the task may replace it at any moment.
        package = None if task.keep is None else _package(task.keep, task.allowed, part, billed)
        kept = _kept(task, package) if again else None
    return _outcome(billed, kept or _kept(task, package))


def _refused(task: BillTask, findings: tuple[Finding, ...]) -> Outcome:
    if task.directory is not None:
        with replaced(task.directory) as part:
            write_findings(part, findings)
    return Outcome(task.building, "refused", findings=findings)


def _estate(task: BillTask) -> Estate:
    if task.folder is not None:
        return read_estate(task.folder)
    with opened_estates(task.settings) as source:
        return source.read(task.building)


def _outcome(billed: Billed, kept: _Kept | None = None) -> Outcome:
    bill = billed.bill
    number, told = kept or _Kept()
    return Outcome(
        bill.building, "billed", bill.total_ore, len(bill.statements), (*bill.findings, *told),
        number,
    )  # fmt: skip


def _write(directory: Path, estate: Estate, billed: Billed, *, printed: bool) -> Billed:
    bill = billed.bill
    if printed:
        # Imported only where needed: printing is slow to import.
        from reports.print_building import write_statements

        told = write_statements(directory / "statements", estate, bill).findings
        bill = bill.replace(findings=(*bill.findings, *told))
    billed = Billed(billed.building, bill, billed.evidence, billed.asked)
    write_bill(directory, bill, inputs_of(estate, billed))
    return billed


def inputs_of(estate: Estate, billed: Billed) -> Mapping[str, str]:
    """Return the SHA-256 of what a bill was made from: all but persons, and the evidence."""
    building = estate.building.model_dump(mode="json", by_alias=True)
    rows = {
        name: [each.model_dump(mode="json", by_alias=True) for each in getattr(estate, name)]
        for name in ("flats", "neighbours", "tenancies", "devices", "costs", "aconto")
    }
    return {
        "estate": digest(canonical({"building": building, **rows})),
        "evidence": digest(billed.evidence_bytes),
    }


def _is_done_again(task: BillTask) -> bool:
    """
    Determine whether the period was approved since the batch began, such as by this very task.

    Raises
    ------
    UsageError
        If it was approved before: the folder of that bill is to stay as it is.
    """
    if task.keep is None:
        return False
    from operations.ledger.approval import check_next, is_approved_since

    try:
        check_next(task.settings, task.building, task.period, task.keep.correction)
    except UsageError:
        if is_approved_since(task.settings, task.building, task.period, task.keep.since):
            return True
        raise
    return False


def _package(keep: Keep, allowed: tuple[str, ...], directory: Path, billed: Billed) -> Package:
    from operations.ledger.approval import package_from

    return package_from(billed, directory, keep.correction, allowed)


class _Kept(NamedTuple):
    """Number of a draft or run, and what the ledger found about it."""

    number: int | None = None
    findings: tuple[Finding, ...] = ()


def _kept(task: BillTask, package: Package | None) -> _Kept:
    if task.keep is None or package is None:
        return _Kept()
    from operations.ledger.approval import keep_approved, keep_bill

    keep = task.keep
    if not keep.approve:
        return _Kept(keep_bill(task.settings, package, keep.by, once=True))
    kept = keep_approved(task.settings, package, keep.by, task.allowed, since=keep.since)
    return _Kept(kept.run.number, kept.findings)
