"""Costs of a month that the supplier has not billed, at the supplier's tariff. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from billing.costs.priced import Priced, billed_items, uses_of
from billing.measured.weighing import Weighing
from estate.findings import Finding
from estate.model import Cost
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from billing.measured.evidence import Evidence
    from billing.schemes import Scheme
    from estate.model import CostKind, Tariff

DAYS_OF_A_YEAR = 365
ORE = 100
UNITS: Mapping[str, str] = {
    "common main_heat": "kwh", "heat": "kwh", "common hot_water": "m3", "hot_water": "m3",
}  # fmt: skip
"""The unit of each measure of an item's use that a tariff may be in."""


@dataclass(frozen=True)
class _Price:
    """The price of an item in a period: the mean over its days if the price changes."""

    start: date
    unit: str
    unit_price: float
    yearly_price: float


def tariff_costs(evidence: Evidence, costs: Sequence[Cost], scheme: Scheme) -> Priced:
    """
    Replace a period's missing bills with estimates by the supplier's tariff.

    An item is left as it is if the supplier has billed any part of the period, if its tariff does
    not cover every day of it or changes its unit, or if its use was not measured in that unit.

    Parameters
    ----------
    evidence : Evidence
        Of the period.
    costs : sequence of Cost
        Of the estate.
    scheme : Scheme
        The scheme that divides them; its keys determine how an item's use is measured.
    """
    period, tariffs = evidence.period, evidence.estate.building.tariffs
    wanted = {each.item for each in tariffs} & scheme.items.keys()
    wanted -= billed_items(evidence, costs)
    weighing = Weighing(evidence)
    estimated: list[Cost] = []
    findings: list[Finding] = []
    for item in sorted(wanted):
        price = _price([each for each in tariffs if each.item == item], period)
        if price is None:
            continue
        uses = uses_of(weighing, scheme, item)
        used = next(((by, use) for by, use in uses if UNITS.get(by) == price.unit), None)
        if used is not None:
            rows = list(_rows(item, price, used[1], period))
            estimated += rows
            findings.append(_finding(item, price, used, sum(each.amount_ore for each in rows)))
    done = {each.data["item"] for each in findings}
    return Priced((*(cost for cost in costs if cost.item not in done), *estimated), tuple(findings))


def _price(tariffs: Sequence[Tariff], period: Period) -> _Price | None:
    """Return the mean price over a period; None unless it is known for every day of it."""
    rows = sorted(tariffs, key=lambda each: each.start)
    ends = [*(later.start for _, later in pairwise(rows)), period.end]
    parts = [
        (row, days.days)
        for row, end in zip(rows, ends, strict=True)
        for days in [period.overlap(row.start, end)]
        if days is not None
    ]
    units = {row.unit for row, _ in parts}
    if sum(days for _, days in parts) < period.days or len(units) != 1:
        return None
    return _Price(
        parts[-1][0].start,
        units.pop(),
        sum(row.unit_price * days for row, days in parts) / period.days,
        sum(row.yearly_price * days for row, days in parts) / period.days,
    )


def _rows(item: str, price: _Price, use: float, period: Period) -> Iterator[Cost]:
    amounts: dict[CostKind, float] = {
        "energy": price.unit_price * use,
        "fixed": price.yearly_price * period.days / DAYS_OF_A_YEAR,
    }
    for kind, amount in amounts.items():
        if amount or kind == "energy":
            yield Cost(
                period_start=period.start,
                period_end=period.end,
                item=item,
                kind=kind,
                amount_ore=round(amount * ORE),
                status="provisional",
            )


def _finding(item: str, price: _Price, used: tuple[str, float], amount_ore: int) -> Finding:
    by, use = used
    unit = {"kwh": "kWh", "m3": "m³"}[price.unit]
    message = (
        f"costs.csv has no cost of {item} within the month: {amount_ore / ORE:.2f} is estimated by "
        f"the tariff from {price.start} ({use:.1f} {unit} by {by}); add the supplier's bill when "
        "it comes"
    )
    data = {
        "item": item, "by": by, "tariff": str(price.start), "use": use, "amount_ore": amount_ore,
    }  # fmt: skip
    return Finding("reports.costs.tariff", message, data)
