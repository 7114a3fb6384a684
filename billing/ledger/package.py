"""Turns a bill into the package that the ledger accepts."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from billing.law.days import claims_until
from billing.law.table import law_of
from billing.ledger.correction import checked_reason
from billing.ledger.model import Package, RunFacts
from billing.ledger.posting import postings_of
from estate.errors import DataError, UsageError
from estate.findings import Finding, allow, disqualifications

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from billing.bill.bill import Bill
    from estate.model import Building


def package_of(
    bill: Bill,
    building: Building,
    documents: Mapping[str, bytes],
    corrects: int | None = None,
    reason: str | None = None,
    allowed: Collection[str] = (),
) -> Package:
    """
    Combine a bill with the documents that are kept alongside it.

    Raises
    ------
    UsageError
        If a correction gives no reason, or one that does not allow a correction.
    DataError
        If the bill is not a settlement.
    """
    if (corrects is None) != (reason is None):
        raise UsageError(
            "a correction names both the run and the reason: --corrects N --reason CODE"
        )
    if reason is not None:
        checked_reason(reason)
    findings = allow(_no_settlement(bill), allowed)
    if disqualifications(findings):
        raise DataError(findings)
    if bill.issued is None:
        raise ValueError("a bill that is approved has a day on which it was made")
    days = bill.period, bill.costs, law_of(bill.country, bill.period.start), building.facts.fuel
    facts = RunFacts(
        building=bill.building,
        period_start=bill.period.start,
        period_end=bill.period.end,
        scheme=bill.scheme,
        scheme_version=str(bill.scheme_version),
        total_ore=bill.total_ore,
        issued=bill.issued,
        deadline=claims_until(*days),
        program=version("fairvarme"),
        country=bill.country,
        tenure=building.tenure,
        corrects=corrects,
        reason=reason,
    )
    return Package(facts, postings_of(bill), documents)


def _no_settlement(bill: Bill) -> Iterator[Finding]:
    period = str(bill.period)
    if bill.trial:
        message = (
            f"the bill of {period} is a trial's and claims nothing; use it as information, and "
            "approve the bill by meters"
        )
        yield Finding("ledger.bill.trial", message, {"period": period})
    if bill.interim:
        message = (
            f"the bill of {period} is shorter than the accounting year and settles nothing; bill "
            "the whole year"
        )
        yield Finding("ledger.bill.interim", message, {"period": period})
    if bill.provisional:
        lines = [each for each in bill.costs if each.provisional]
        message = (
            f"{len(lines)} costs of {period} are provisional; wait for the final ones and correct "
            "costs.csv"
        )
        yield Finding("ledger.bill.provisional", message, {"period": period, "costs": len(lines)})
