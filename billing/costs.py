"""The costs of a period, from the rows of costs.csv, and what is odd about them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from billing.results import CostLine
from estate.findings import Finding
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from billing.schemes import Scheme
    from estate.model import Estate


def cost_lines(estate: Estate, period: Period) -> tuple[CostLine, ...]:
    """Give the costs that share a day with a period, in the order of items, days and kinds."""
    lines = [
        CostLine(
            item=cost.item,
            kind=cost.kind,
            start=cost.period_start,
            end=cost.period_end,
            amount_ore=cost.amount_ore,
            vat_ore=cost.vat_amount_ore,
            energy_kwh=cost.energy_kwh,
            provisional=cost.status == "provisional",
            received=cost.received,
        )
        for cost in estate.costs
        if period.overlap(cost.period_start, cost.period_end)
    ]
    return tuple(sorted(lines, key=lambda line: (line.item, line.start, line.kind)))


def cost_findings(lines: Sequence[CostLine], period: Period, scheme: Scheme) -> list[Finding]:
    """
    Find costs that cannot be split, or that somebody must look at.

    Those that reach beyond the period, are provisional, of a kind that the scheme does not take up,
    of the wrong sign, with a VAT that cannot be, written twice, or none where there must be one.
    """
    if not lines:
        message = f"costs.csv has no cost within {period}; add the supplier's bill"
        return [Finding("billing.costs.missing", message, {"period": str(period)})]
    findings = [each for line in lines for each in _line_findings(line, period, scheme)]
    return [*findings, *_twice(lines), *_gaps(lines, period)]


def _line_findings(line: CostLine, period: Period, scheme: Scheme) -> Iterator[Finding]:
    if period.overlap(line.start, line.end) != _days(line):
        remedy = f"reaches beyond {period}; bill its whole period, or divide the row"
        yield _finding("beyond", line, remedy, period=str(period))
    elif line.provisional:
        yield _finding("provisional", line, "is provisional; bill again when the final one comes")
    taken_up = scheme.kinds.get(line.item)
    if taken_up is not None and line.kind not in taken_up:
        kinds = ", ".join(taken_up)
        remedy = f"is of a kind that {scheme.id} does not take up; leave it out, or use {kinds}"
        yield _finding("kind", line, remedy, kinds=list(taken_up))
    if line.kind == "rebate" and line.amount_ore > 0:
        yield _finding("sign", line, "is above 0; write a rebate with a minus")
    vat_ore = line.vat_ore or 0
    if abs(vat_ore) > abs(line.amount_ore) or vat_ore * line.amount_ore < 0:
        remedy = f"holds {vat_ore / 100:.2f} of VAT; correct vat_amount, which is part of amount"
        yield _finding("vat", line, remedy, vat_ore=vat_ore)


def _twice(lines: Sequence[CostLine]) -> Iterator[Finding]:
    for line, count in Counter(lines).items():
        if count > 1:
            yield _finding("twice", line, f"stands there {count} times; leave one if it is one")


def _gaps(lines: Sequence[CostLine], period: Period) -> Iterator[Finding]:
    """Days of an item without a cost of energy, where it has one on other days."""
    for item in sorted({line.item for line in lines if line.kind == "energy"}):
        days: set[date] = set()
        for line in lines:
            if line.item == item and line.kind == "energy":
                days.update(_days(line).each())
        missing = [day for day in period.each() if day not in days]
        if missing:
            message = (
                f"costs.csv: {item} has no cost of energy on {len(missing)} days of {period}, "
                f"{missing[0]} the first; add the supplier's bill for them"
            )
            data = {"item": item, "days": len(missing), "first": str(missing[0])}
            yield Finding("billing.costs.gap", message, data)


def _days(line: CostLine) -> Period:
    return Period(line.start, line.end)


def _finding(fault: str, line: CostLine, problem: str, **more: object) -> Finding:
    message = (
        f"costs.csv: the {line.kind} cost of {line.item} from {line.start} to {line.end} over "
        f"{line.amount_ore / 100:.2f} {problem}"
    )
    data = {"file": "costs.csv", "item": line.item, "kind": line.kind, "start": str(line.start)}
    return Finding(
        f"billing.costs.{fault}", message, {**data, "amount_ore": line.amount_ore, **more}
    )
