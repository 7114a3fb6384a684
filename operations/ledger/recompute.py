"""Recomputes an approved run from what the ledger keeps of it, without store, folder or clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.ledger.asked import Asked
from billing.ledger.store import Ledger
from billing.measured.evidence_file import read_evidence
from estate.errors import DataError
from estate.findings import Finding
from operations.ledger.documents import ASKED, EVIDENCE, read_documents
from operations.wiring import opened_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.bill.bill import Bill
    from billing.bill.documents import StatementsDocument
    from billing.ledger.model import Run
    from billing.measured.evidence import Evidence
    from estate.model import Building
    from operations.settings import Settings


@dataclass(frozen=True)
class Recomputed:
    """
    A recomputed run.

    Attributes
    ----------
    building : Building
        The bill as approved.
    findings : tuple of Finding
        Amounts that differ from the run's; empty if all agree to the øre.
    """

    run: Run
    building: Building
    bill: Bill
    findings: tuple[Finding, ...]


def recompute(settings: Settings, number: int) -> Recomputed:
    """
    Compute an approved run again.

    Raises
    ------
    UsageError
        If there is no such run.
    DataError
        If what is kept of it is unusable.
    """
    with opened_database(settings) as engine:
        return recomputed(Ledger(engine), number)


def recomputed(ledger: Ledger, number: int) -> Recomputed:
    """Compute a run of a ledger again; raises as `recompute`."""
    run = ledger.run(number)
    asked, evidence = kept_inputs(ledger, run)
    bill = asked.bill(evidence)
    told = read_documents(ledger, run).statements
    return Recomputed(run, evidence.estate.building, bill, tuple(_differences(number, bill, told)))


def recomputed_equal(ledger: Ledger, number: int) -> Recomputed:
    """
    Recompute a run for a letter about it.

    Raises
    ------
    DataError
        If an amount differs from what was approved.
    """
    again = recomputed(ledger, number)
    if again.findings:
        raise DataError(again.findings)
    return again


def kept_inputs(ledger: Ledger, run: Run) -> tuple[Asked, Evidence]:
    """
    Read the inputs of a run.

    Raises
    ------
    DataError
        If the ledger does not have them.
    """
    contents = ledger.documents(run, ASKED, EVIDENCE)
    if len(contents) < len((ASKED, EVIDENCE)):
        message = f"run {run.number} keeps no evidence; restore the ledger from a backup"
        raise DataError([Finding("ledger.evidence.missing", message, {"run": run.number})])
    return Asked.from_bytes(contents[ASKED]), read_evidence(contents[EVIDENCE])


def _differences(number: int, bill: Bill, told: StatementsDocument) -> Iterator[Finding]:
    there = {
        (each.tenancy, each.start, row.item, row.component): row.amount_ore
        for each in told.statements
        for row in each.components
    }
    again = {
        (each.tenancy, each.start, row.item, row.component): row.amount_ore
        for each in bill.statements
        for row in each.rows
    }
    for key in sorted(there.keys() | again.keys()):
        if there.get(key) != again.get(key):
            tenancy, _, item, component = key
            message = (
                f"run {number}, tenancy {tenancy}, {component}: {there.get(key)} øre are approved "
                f"and {again.get(key)} come out again; recompute it with the version of Fairvarme "
                "that made it, which `fairvarme runs show` names"
            )
            data = {
                "run": number, "tenancy": tenancy, "item": item,
                "approved_ore": there.get(key), "again_ore": again.get(key),
            }  # fmt: skip
            yield Finding("ledger.recompute.differs", message, data)
