"""Legal dates: the accounting year, and the deadlines of statements. Pure."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import TYPE_CHECKING

from billing.bill.costs import SUPPLIED, final_received
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.bill.bill import Bill
    from billing.bill.costs import CostLine
    from billing.law.table import Law
    from estate.model import Building, Fuel, Tenure
    from estate.periods import Period

MONTHS_OF_A_YEAR = 12
RECEIVED_LATE = "received_if_after_deadline"


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month."""
    years, month = divmod(day.month - 1 + months, MONTHS_OF_A_YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_accounting_year(period: Period, law: Law) -> bool:
    """Whether a period is long enough for a settlement; shorter ones are information."""
    months = law.number("accounting_months")
    return months is not None and add_months(period.start, int(months)) <= period.end


def is_interim(period: Period, law: Law) -> bool:
    """Whether the law settles by the year and the period is shorter: information only."""
    return law.number("accounting_months") is not None and not is_accounting_year(period, law)


def statement_deadline(
    period: Period, lines: Sequence[CostLine], law: Law, fuel: Fuel | None = None
) -> date | None:
    """
    Return the last day on which a statement may be received.

    Some laws require it before the day on which a back-payment lapses, `claims_until`.

    Parameters
    ----------
    period, lines, law, fuel : as of `claims_until`
    """
    months = law.number("account_months")
    if months is None or not is_accounting_year(period, law):
        return claims_until(period, lines, law, fuel)
    return _months_after(period, int(months))


def claims_until(
    period: Period, lines: Sequence[CostLine], law: Law, fuel: Fuel | None = None
) -> date | None:
    """
    Return the last day on which a statement may be received without losing a back-payment.

    Parameters
    ----------
    period : Period
    lines : sequence of CostLine
        The receipt of the supplier's final bill may extend it, but never shortens it.
    law : Law
    fuel : str, optional
        From the building's facts; a supplier's bill counts if the supply is collective, or
        if it is unknown.

    Returns
    -------
    date or None
        None if the law sets none, or the period is not an accounting year.
    """
    months = law.number("deadline_months")
    if months is None or not is_accounting_year(period, law):
        return None
    ordinary = _months_after(period, int(months))
    # The water bill belongs to another account, if there is a heat account.
    heat = [line for line in lines if line.item not in law.not_heat]
    after, received = law.number("deadline_months_after_supplier"), final_received(heat or lines)
    collective = fuel is None or fuel in law.words("deadline_supplies")
    if after is None or received is None or not collective:
        return ordinary
    return max(ordinary, add_months(received, int(after)))


def _months_after(period: Period, months: int) -> date:
    """Return the last day of the months that follow a period's last day."""
    return add_months(period.end, months) - timedelta(days=1)


def is_late(deadline: date | None, issued: date | None) -> bool:
    """Whether a bill was issued after its deadline; False if either day is unknown."""
    return deadline is not None and issued is not None and issued > deadline


def day_findings(
    period: Period,
    lines: Sequence[CostLine],
    law: Law,
    issued: date | None,
    building: Building,
) -> list[Finding]:
    """Return findings on the period, late bills and missing dates."""
    fuel = building.facts.fuel
    return [
        *_not_over(period, law, issued),
        *_length(period, law),
        *_received(period, lines, law, issued, building.tenure),
        *_supply(period, lines, law, issued, fuel),
        *_late(period, lines, law, issued, fuel),
        *_slow(period, law, issued),
    ]


def _not_over(period: Period, law: Law, issued: date | None) -> Iterator[Finding]:
    """Return the finding of a settlement before the end of its period."""
    if issued is not None and issued < period.end and not is_interim(period, law):
        message = (
            f"the bill of {period} is made on {issued}, before the period is over; a settlement "
            "must cover complete days: wait until then, or bill the months that are over"
        )
        data = {"period": str(period), "issued": str(issued)}
        yield Finding("billing.law.period_not_over", message, data)


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
            f"{period} is longer than the accounting year of {months:g} months; the law "
            f"of {law.country} allows that in a transition to another year ({source}); say so on "
            "the bill"
        )
        yield Finding("billing.law.period_transition", message, data)
    elif not is_accounting_year(period, law):
        message = (
            f"{period} is shorter than the accounting year of {months:g} months, so the split is "
            "information; settle by a bill of the whole year"
        )
        yield Finding("billing.law.period_short", message, data)


def received_findings(lines: Sequence[CostLine], issued: date | None) -> list[Finding]:
    """Return findings on suppliers' bills received after the day of the bill, or too early."""
    return [found for line in lines if line.received for found in _received_when(line, issued)]


def _received_when(line: CostLine, issued: date | None) -> Iterator[Finding]:
    came = (
        f"costs.csv: the {line.kind} cost of {line.item} from {line.start} came on {line.received}"
    )
    data = {"file": "costs.csv", "item": line.item, "received": str(line.received)}
    if line.received and issued and line.received > issued:
        remedy = f"after {issued}, on which the bill is made; correct received, or the day of it"
        yield Finding("billing.costs.received", f"{came}, {remedy}", data)
    read = line.kind == SUPPLIED and not line.provisional
    if read and line.received and line.received < line.end:
        remedy = (
            "before its last day was over; it is printed on each statement, so correct received "
            "or the days, or mark a bill in advance as provisional"
        )
        yield Finding("billing.costs.received_early", f"{came}, {remedy}", data)


def needs_received(law: Law, tenure: Tenure, issued: date | None, ordinary: date | None) -> bool:
    """
    Whether a statement without the receipt date of the supplier's bill is invalid.

    Parameters
    ----------
    law : Law
    tenure : str
        Tenure, whose law applies.
    issued, ordinary : date or None
        Day of the statement, and the last one by the ordinary deadline.
    """
    if tenure in law.words("received_always"):
        return True
    after = issued is not None and ordinary is not None and issued > ordinary
    return after and tenure in law.words("received_if_after_deadline")


def _received(
    period: Period, lines: Sequence[CostLine], law: Law, issued: date | None, tenure: Tenure
) -> Iterator[Finding]:
    months = law.number("deadline_months")
    if months is None or not is_accounting_year(period, law):
        return
    if not needs_received(law, tenure, issued, _months_after(period, int(months))):
        return
    rule = "received_always" if tenure in law.words("received_always") else RECEIVED_LATE
    for line in lines:
        if line.kind == SUPPLIED and line.received is None:
            message = (
                f"costs.csv: the energy cost of {line.item} from {line.start} does not say "
                f"when the supplier's bill was received, which makes the statement invalid "
                f"({law.source(rule)}); add received"
            )
            data = {"file": "costs.csv", "item": line.item, "start": str(line.start)}
            yield Finding("billing.law.received", message, data)


def _supply(
    period: Period, lines: Sequence[CostLine], law: Law, issued: date | None, fuel: Fuel | None
) -> Iterator[Finding]:
    """Return a finding if lateness depends on the kind of supply, which is unknown."""
    other = claims_until(period, lines, law, "other")
    collective = claims_until(period, lines, law)
    if fuel is None and is_late(other, issued) and not is_late(collective, issued):
        message = (
            "building.yaml does not say fuel under facts; the deadline is taken from the "
            f"supplier's bill as for a collective supply, and would be {other} for another "
            f"({law.source('deadline_supplies')}): add it"
        )
        yield Finding("billing.law.facts", message, {"file": "building.yaml", "blank": ["fuel"]})


def _late(
    period: Period,
    lines: Sequence[CostLine],
    law: Law,
    issued: date | None,
    fuel: Fuel | None,
) -> Iterator[Finding]:
    deadline = claims_until(period, lines, law, fuel)
    if is_late(deadline, issued):
        message = (
            f"the bill of {period} is made on {issued}, after its deadline {deadline} "
            f"({law.source('deadline_months')}); no back-payment may be claimed: repay what was "
            "paid too much, and leave the rest"
        )
        data = {"issued": str(issued), "deadline": str(deadline)}
        yield Finding("billing.law.late", message, data)


def _slow(period: Period, law: Law, issued: date | None) -> Iterator[Finding]:
    """Return a finding on an account that is overdue though no back-payment is lost yet."""
    due = statement_deadline(period, [], law)
    if law.number("account_months") is None:
        return
    if is_late(due, issued):
        message = (
            f"the account of {period} is made on {issued}; it was due on {due} "
            f"({law.source('account_months')}). Whoever is owed more than "
            f"{law.number('interest_surplus_above') or 0:.0%} may want interest from {period.end} "
            f"on, {law.number('interest_above_base_rate') or 0:.0%} above the base rate "
            f"({law.source('interest_above_base_rate')}): add it to what you repay"
        )
        data = {"issued": str(issued), "due": str(due), "interest_from": str(period.end)}
        yield Finding("billing.law.account_due", message, data)


def correction_findings(bill: Bill, deadline: date | None) -> list[Finding]:
    """Return a finding on a correction after the deadline: it may repay, not claim."""
    if bill.first_issued is None or not is_late(deadline, bill.issued):
        return []
    late = "and were late" if is_late(deadline, bill.first_issued) else "and are not late"
    message = (
        f"the statements of {bill.period} were made on {bill.first_issued} {late}; they are "
        f"corrected on {bill.issued}, after the deadline {deadline}. A wrong split "
        "is corrected; a forgotten cost goes into the next period (almenlejeloven § 59): leave "
        "it out of costs.csv"
    )
    data = {"first_issued": str(bill.first_issued), "issued": str(bill.issued)}
    return [Finding("billing.law.correction", message, data)]
