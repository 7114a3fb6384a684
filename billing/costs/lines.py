"""Selects the rows of costs.csv that count in a period, and checks them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.bill.costs import CostLine
from estate.findings import Finding
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from billing.schemes import Scheme
    from estate.model import Cost, Estate


@dataclass(frozen=True)
class Costs:
    """
    The rows of costs.csv that share a day with a period.

    Attributes
    ----------
    lines : tuple of CostLine
        Rows that count, in the order of items, days and kinds.
    set_aside : tuple of (CostLine, str)
        Rows that do not count, and why.
    """

    lines: tuple[CostLine, ...]
    set_aside: tuple[tuple[CostLine, str], ...] = ()


def costs_of(estate: Estate, period: Period) -> Costs:
    """
    Select the rows that count in a period, each day of an item and kind once if possible.

    A row that extends beyond the period is replaced by rows within it that cover its days there, so
    that months can be billed as well as their year. A row is replaced by one that names it in
    `replaces`, and a provisional one by final ones that cover its days.
    """
    lines = [_line(cost) for cost in estate.costs]
    here = [line for line in lines if period.overlap(line.start, line.end)]
    longer = _longer_than_needed(here, period)
    replaced = _replaced(line for line in lines if line not in longer)
    left = [line for line in here if line not in longer and line.id not in replaced]
    estimates = [line for line in left if line.provisional and _covered(line, _finals(left))]
    reasons = [
        *((line, f"extends beyond {period}, whose days have rows of their own") for line in longer),
        *(
            (line, _by_which(replaced[line.id], period))
            for line in here
            if line not in longer and line.id in replaced
        ),
        *((line, "is provisional, and final rows cover its days") for line in estimates),
    ]
    kept = (line for line in left if line not in estimates)
    return Costs(tuple(sorted(kept, key=_place)), tuple(sorted(reasons, key=_place_of_reason)))


def _line(cost: Cost) -> CostLine:
    return CostLine(
        item=cost.item,
        kind=cost.kind,
        start=cost.period_start,
        end=cost.period_end,
        amount_ore=cost.amount_ore,
        vat_ore=cost.vat_amount_ore,
        energy_kwh=cost.energy_kwh,
        provisional=cost.status == "provisional",
        received=cost.received,
        id=cost.id,
        replaces=cost.replaces,
        co2_kg=cost.co2_kg,
        co2_ore=cost.co2_amount_ore,
    )


def _place(line: CostLine) -> tuple[str, date, str]:
    return line.item, line.start, line.kind


def _place_of_reason(reason: tuple[CostLine, str]) -> tuple[str, date, str]:
    return _place(reason[0])


def _longer_than_needed(lines: Sequence[CostLine], period: Period) -> list[CostLine]:
    """Return the rows that extend beyond a period whose days in it other rows cover."""
    within = [line for line in lines if _is_within(line, period)]
    replaced = _replaced(within)
    current = [line for line in within if line.id not in replaced]
    return [line for line in lines if line not in within and _covered(line, current, period)]


def _replaced(lines: Iterable[CostLine]) -> dict[str | None, CostLine]:
    """Return the replaced ids, each with the replacing row."""
    return {old: line for line in lines for old in line.replaces}


def _by_which(line: CostLine, period: Period) -> str:
    elsewhere = "" if period.overlap(line.start, line.end) else ", which counts in another period"
    return f"is replaced by row {line.id or f'of {line.start}'}{elsewhere}"


def _finals(lines: Sequence[CostLine]) -> list[CostLine]:
    return [line for line in lines if not line.provisional]


def _covered(line: CostLine, others: Sequence[CostLine], period: Period | None = None) -> bool:
    """Whether others of the item and kind have every day of a row, or its days in a period."""
    days = _days(line) if period is None else period.overlap(line.start, line.end)
    alike = [other for other in others if _alike(line) == _alike(other)]
    return days is not None and not _uncovered(days, alike)


def _alike(line: CostLine) -> tuple[str, str]:
    return line.item, line.kind


def _uncovered(days: Period, lines: Iterable[CostLine]) -> list[date]:
    covered = {day for line in lines for day in _days(line).each()}
    return [day for day in days.each() if day not in covered]


def cost_findings(costs: Costs, period: Period, scheme: Scheme) -> list[Finding]:
    """
    Return findings on costs that cannot be split or need attention.

    Costs that extend beyond the period, are provisional, of a kind that the scheme does not
    include, of the wrong sign, with impossible VAT, overlapping another cost, or missing where
    there must be one.
    """
    lines = costs.lines
    aside = [
        _finding("set_aside", line, f"{why}, so it does not count; nothing needs to be done")
        for line, why in costs.set_aside
    ]
    if not lines:
        message = f"costs.csv has no cost within {period}; add the supplier's bill"
        return [*aside, Finding("billing.costs.missing", message, {"period": str(period)})]
    findings = [each for line in lines for each in _line_findings(line, period, scheme)]
    return [*aside, *findings, *_overlaps(lines), *_gaps(lines, period)]


def _line_findings(line: CostLine, period: Period, scheme: Scheme) -> Iterator[Finding]:
    if not _is_within(line, period):
        remedy = f"extends beyond {period}; bill its whole period, or divide the row"
        yield _finding("beyond", line, remedy, period=str(period))
    elif line.provisional:
        yield _finding("provisional", line, "is provisional; bill again when the final one arrives")
    taken_up = scheme.kinds.get(line.item)
    if taken_up is not None and line.kind not in taken_up:
        kinds = ", ".join(taken_up)
        remedy = f"is of a kind that {scheme.id} does not include; leave it out, or use {kinds}"
        yield _finding("kind", line, remedy, kinds=list(taken_up))
    if line.kind == "rebate" and line.amount_ore > 0:
        yield _finding("sign", line, "is above 0; write a rebate with a minus")
    vat_ore = line.vat_ore or 0
    if abs(vat_ore) > abs(line.amount_ore) or vat_ore * line.amount_ore < 0:
        remedy = f"has {vat_ore / 100:.2f} of VAT; correct vat_amount, which is part of amount"
        yield _finding("vat", line, remedy, vat_ore=vat_ore)
    co2_ore = line.co2_ore or 0
    if abs(co2_ore) > abs(line.amount_ore) or co2_ore * line.amount_ore < 0:
        remedy = (
            f"has {co2_ore / 100:.2f} for CO2; correct co2_amount, which is part of amount, as "
            "stated on the supplier's bill"
        )
        yield _finding("co2", line, remedy, co2_ore=co2_ore)


def _overlaps(lines: Sequence[CostLine]) -> Iterator[Finding]:
    """Find rows of one item and kind that share days with another."""
    groups: dict[tuple[str, str], list[CostLine]] = defaultdict(list)
    for line in lines:
        groups[_alike(line)].append(line)
    for rows in groups.values():
        latest = rows[0]
        for line in rows[1:]:
            if line.start < latest.end:
                yield _overlap(line, latest)
            latest = max(latest, line, key=lambda each: each.end)


def _overlap(line: CostLine, other: CostLine) -> Finding:
    problem = (
        f"shares days with the one from {other.start} to {other.end} over "
        f"{other.amount_ore / 100:.2f}; give them an id and set replaces on one, remove one, "
        "or allow it if both are due"
    )
    more = {"other_start": str(other.start), "other_amount_ore": other.amount_ore}
    return _finding("overlap", line, problem, **more)


def _gaps(lines: Sequence[CostLine], period: Period) -> Iterator[Finding]:
    """Return findings on days of an item without an energy cost, if it has one on other days."""
    energy = [line for line in lines if line.kind == "energy"]
    for item in sorted({line.item for line in energy}):
        missing = _uncovered(period, [line for line in energy if line.item == item])
        if missing:
            message = (
                f"costs.csv: {item} has no energy cost on {len(missing)} days of {period}, "
                f"{missing[0]} the first; add the supplier's bill for them"
            )
            data = {"item": item, "days": len(missing), "first": str(missing[0])}
            yield Finding("billing.costs.gap", message, data)


def _days(line: CostLine) -> Period:
    return Period(line.start, line.end)


def _is_within(line: CostLine, period: Period) -> bool:
    return period.overlap(line.start, line.end) == _days(line)


def _finding(fault: str, line: CostLine, problem: str, **more: object) -> Finding:
    row = f" (row {line.id})" if line.id else ""
    message = (
        f"costs.csv: the {line.kind} cost of {line.item} from {line.start} to {line.end} over "
        f"{line.amount_ore / 100:.2f}{row} {problem}"
    )
    data = {"file": "costs.csv", "item": line.item, "kind": line.kind, "start": str(line.start)}
    if line.id:
        data["id"] = line.id
    return Finding(
        f"billing.costs.{fault}", message, {**data, "amount_ore": line.amount_ore, **more}
    )
