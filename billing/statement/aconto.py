"""Credits charges on account, each in one bill, and checks them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from estate.findings import Finding
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from estate.model import Aconto, Estate, Tenancy


def credited_days(tenancy: Tenancy, period: Period) -> Period:
    """
    Return the days whose charges a period's bill credits to a tenancy.

    Its first bill includes charges for days before it, its last one charges for
    days after it, which the tenant paid but never had.
    """
    starts = period.start <= tenancy.start
    ends = tenancy.end is not None and tenancy.end <= period.end
    return Period(date.min if starts else period.start, date.max if ends else period.end)


def charged_ore(charges: Iterable[Aconto], days: Period) -> int | None:
    """
    Return the total charged for some days.

    A charge that extends beyond them counts in proportion to days: the parts of adjacent periods
    add up to the charge, to the øre.

    Parameters
    ----------
    charges : iterable of Aconto
        Of one tenancy.
    days : Period

    Returns
    -------
    int or None
        None if nothing was charged for any of the days. [øre]
    """
    parts = [
        _until(charge, own.end) - _until(charge, own.start)
        for charge in charges
        if (own := days.overlap(charge.period_start, charge.period_end)) is not None
    ]
    return sum(parts) if parts else None


def _until(charge: Aconto, day: date) -> int:
    """Return the part of a charge before a day, in whole øre."""
    whole_days = (charge.period_end - charge.period_start).days
    return charge.amount_ore * (day - charge.period_start).days // whole_days


def credited_ore(estate: Estate, period: Period) -> dict[str, int | None]:
    """Return the credit to each tenancy with a day in the period; None: nothing. [øre]"""
    charges = _charges(estate)
    return {
        tenancy.tenancy: charged_ore(charges[tenancy.tenancy], credited_days(tenancy, period))
        for tenancy in estate.tenancies
        if period.overlap(tenancy.start, tenancy.end)
    }


def _charges(estate: Estate) -> dict[str, list[Aconto]]:
    charges: dict[str, list[Aconto]] = defaultdict(list)
    for charge in sorted(estate.aconto, key=lambda each: (each.period_start, each.period_end)):
        charges[charge.tenancy].append(charge)
    return charges


def aconto_findings(estate: Estate, period: Period) -> list[Finding]:
    """Return findings on duplicate charges, and on those that no bill of the period credits."""
    charges, findings = _charges(estate), list[Finding]()
    for tenancy in estate.tenancies:
        if tenancy.end is not None and tenancy.end <= period.start:
            findings += _not_counted(charges[tenancy.tenancy], tenancy.end, period)
        elif period.overlap(tenancy.start, tenancy.end):
            days = credited_days(tenancy, period)
            findings += _twice(charges[tenancy.tenancy], days)
    return findings


def _twice(charges: Iterable[Aconto], days: Period) -> Iterator[Finding]:
    latest: Aconto | None = None
    for charge in charges:
        if not days.overlap(charge.period_start, charge.period_end):
            continue
        if latest is not None and charge.period_start < latest.period_end:
            problem = (
                f"shares days with the one from {latest.period_start} to {latest.period_end} over "
                f"{latest.amount_ore / 100:.2f}; both are credited. Remove one if it is a duplicate"
            )
            yield _finding("twice", charge, problem)
        if latest is None or charge.period_end > latest.period_end:
            latest = charge


def _not_counted(charges: Iterable[Aconto], end: date, period: Period) -> Iterator[Finding]:
    for charge in charges:
        if period.overlap(charge.period_start, charge.period_end) and charge.period_end > end:
            problem = (
                f"is dated after the tenancy's end on {end}, and belongs to its last bill; if that "
                "was made without it, bill that period again or pay it back"
            )
            yield _finding("not_counted", charge, problem)


def _finding(fault: str, charge: Aconto, problem: str) -> Finding:
    message = (
        f"aconto.csv: the charge of {charge.tenancy} from {charge.period_start} to "
        f"{charge.period_end} over {charge.amount_ore / 100:.2f} {problem}"
    )
    data = {
        "file": "aconto.csv", "tenancy": charge.tenancy, "start": str(charge.period_start),
        "amount_ore": charge.amount_ore,
    }  # fmt: skip
    return Finding(f"billing.aconto.{fault}", message, data)
