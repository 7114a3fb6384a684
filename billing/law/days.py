"""Days that the law sets: the accounting year, and until when a statement must have come. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.law.table import Law
    from billing.results import CostLine
    from estate.periods import Period

MONTHS_OF_A_YEAR = 12


def add_months(day: date, months: int) -> date:
    """Give the same day some months later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, MONTHS_OF_A_YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_accounting_year(period: Period, law: Law) -> bool:
    """Whether a period is long enough for a settlement; shorter ones inform."""
    months = law.number("accounting_months")
    return months is not None and add_months(period.start, int(months)) <= period.end


def is_interim(period: Period, law: Law) -> bool:
    """Whether the law settles by years and the period is shorter, so that the split informs."""
    return law.number("accounting_months") is not None and not is_accounting_year(period, law)


def statement_deadline(period: Period, lines: Sequence[CostLine], law: Law) -> date | None:
    """
    Give the last day on which a statement may come without losing a back-payment.

    Parameters
    ----------
    period : Period
    lines : sequence of CostLine
        The day on which the last of the supplier's bills came may extend it, and never shortens it.
    law : Law

    Returns
    -------
    date or None
        None where the law sets none, or the period is no accounting year.
    """
    months = law.number("deadline_months")
    if months is None or not is_accounting_year(period, law):
        return None
    # The period's end is the day after its last one.
    days = [add_months(period.end, int(months)) - timedelta(days=1)]
    after = law.number("deadline_months_after_supplier")
    received = max((line.received for line in lines if line.received), default=None)
    if after is not None and received is not None:
        days.append(add_months(received, int(after)))
    return max(days)


def is_late(deadline: date | None, issued: date | None) -> bool:
    """Whether a bill came after its deadline; False where one of the days is not known."""
    return deadline is not None and issued is not None and issued > deadline


def day_findings(
    period: Period, lines: Sequence[CostLine], law: Law, issued: date | None
) -> list[Finding]:
    """Find periods that are no accounting year, bills that come late, and days that are missing."""
    return [
        *_length(period, law),
        *_received(period, lines, law),
        *_late(period, lines, law, issued),
    ]


def _length(period: Period, law: Law) -> Iterator[Finding]:
    months, most = law.number("accounting_months"), law.number("accounting_months_most")
    if months is None or most is None:
        return
    data = {"period": str(period), "months": months, "most": most}
    source = law.source("accounting_months_most")
    if period.end > add_months(period.start, int(most)):
        message = (
            f"{period} is longer than the {most:g} months that the law of {law.country} allows "
            f"({source}); bill it in two periods"
        )
        yield Finding("billing.law.period_long", message, data)
    elif period.end > add_months(period.start, int(months)):
        message = (
            f"{period} is longer than the accounting year of {months:g} months; the law of "
            f"{law.country} allows that where the year is moved ({source}); say so on the bill"
        )
        yield Finding("billing.law.period_transition", message, data)
    elif not is_accounting_year(period, law):
        message = (
            f"{period} is shorter than the accounting year of {months:g} months, so the split is "
            "information; settle by a bill of the whole year"
        )
        yield Finding("billing.law.period_short", message, data)


def _received(period: Period, lines: Sequence[CostLine], law: Law) -> Iterator[Finding]:
    if law.number("deadline_months_after_supplier") is None or not is_accounting_year(period, law):
        return
    for line in lines:
        if line.kind == "energy" and line.received is None:
            message = (
                f"costs.csv: the energy cost of {line.item} from {line.start} does not say when "
                "the supplier's bill came, without which the statement is not valid; add received"
            )
            data = {"file": "costs.csv", "item": line.item, "start": str(line.start)}
            yield Finding("billing.law.received", message, data)


def _late(
    period: Period, lines: Sequence[CostLine], law: Law, issued: date | None
) -> Iterator[Finding]:
    deadline = statement_deadline(period, lines, law)
    if is_late(deadline, issued):
        message = (
            f"the bill of {period} is made on {issued}, after its deadline {deadline} "
            f"({law.source('deadline_months')}); no back-payment may be claimed: repay what was "
            "paid too much, and leave the rest"
        )
        data = {"issued": str(issued), "deadline": str(deadline)}
        yield Finding("billing.law.late", message, data)
