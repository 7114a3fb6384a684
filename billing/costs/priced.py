"""Costs of a month that the supplier has not billed, at the unit prices of an account. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from billing.costs.lines import costs_of
from billing.measured.weighing import Weighing
from billing.schemes import CLIMATE_KEYS, METERS
from estate.findings import Finding
from estate.model import Cost
from estate.periods import Period

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from billing.bill.costs import CostLine
    from billing.measured.evidence import Evidence
    from billing.schemes import Scheme
    from estate.model import CostKind, DeviceKind

BY_USE: frozenset[CostKind] = frozenset({"energy", "rebate"})
"""Kinds of costs that follow what is used; of the others each day costs the same."""
ONCE: frozenset[CostKind] = frozenset({"carried_over"})
"""Kinds of costs that belong to one account alone."""
COMMON: Mapping[DeviceKind, frozenset[str]] = {
    "main_heat": CLIMATE_KEYS | {"heat_units", "heat_units_position"},
    "hot_water": frozenset({"hot_water_m3"}),
}
"""Common meters, and the keys of the items that they count."""
DAYS = "days"


@dataclass(frozen=True)
class Account:
    """
    A settled account whose prices are used.

    Attributes
    ----------
    costs : sequence of Cost
        The costs that it divided.
    evidence : Evidence
        The measured use behind those costs.
    """

    costs: Sequence[Cost]
    evidence: Evidence

    @property
    def period(self) -> Period:
        """Its days."""
        return self.evidence.period


@dataclass(frozen=True)
class Priced:
    """
    The costs of a period: the supplier's, and estimates of those that are missing.

    Attributes
    ----------
    costs : tuple of Cost
        To be divided instead of the estate's; estimates are marked as provisional.
    findings : tuple of Finding
        One for each item that is estimated.
    """

    costs: tuple[Cost, ...]
    findings: tuple[Finding, ...] = ()


def priced_costs(
    evidence: Evidence, costs: Sequence[Cost], scheme: Scheme, account: Account
) -> Priced:
    """
    Replace a period's missing bills with estimates at an account's prices.

    Energy is priced by use, at the account's price per unit; a fixed cost is the same each day.
    An item for which the supplier has billed any part of the period is left as it is.

    Parameters
    ----------
    evidence : Evidence
        Of the period.
    costs : sequence of Cost
        Of the estate.
    scheme : Scheme
        The scheme that divides them; its keys determine how an item's use is measured.
    account : Account
    """
    period = evidence.period
    billed = billed_items(evidence, costs)
    lines = [
        line
        for line in _lines(account.evidence, account.costs)
        if line.item not in billed and line.kind not in ONCE
    ]
    now, then = Weighing(evidence), Weighing(account.evidence)
    measures = {
        item: _measure(now, then, scheme, item) for item in sorted({line.item for line in lines})
    }
    estimated = [_cost(line, period, measures[line.item]) for line in lines]
    return Priced(
        (*(cost for cost in costs if cost.item not in measures), *estimated),
        tuple(
            _finding(
                item,
                measure,
                sum(each.amount_ore for each in estimated if each.item == item),
                period,
                account.period,
            )
            for item, measure in measures.items()
        ),
    )


def without_longer(evidence: Evidence, costs: Sequence[Cost]) -> Priced:
    """
    Leave out costs that cover more than the period and are not estimated, with a finding per item.

    A year's bill cannot be split for a month, and must not keep the month's other items from it.
    """
    period = evidence.period
    longer = [
        line
        for line in _lines(evidence, costs)
        if period.overlap(line.start, line.end) != Period(line.start, line.end)
    ]
    rows = {(line.item, line.kind, line.start, line.end) for line in longer}
    return Priced(
        tuple(
            cost
            for cost in costs
            if (cost.item, cost.kind, cost.period_start, cost.period_end) not in rows
        ),
        tuple(_unpriced(item, period) for item in sorted({line.item for line in longer})),
    )


def _unpriced(item: str, period: Period) -> Finding:
    message = (
        f"costs.csv has a cost of {item} that is of more days than {period}, and neither a tariff "
        f"nor an account prices them: no amount of {item} is told; add its tariff to building.yaml"
    )
    return Finding("reports.costs.unpriced", message, {"item": item, "period": str(period)})


def billed_items(evidence: Evidence, costs: Sequence[Cost]) -> set[str]:
    """Return the items for which the supplier has billed any part of the period."""
    return {
        line.item
        for line in _lines(evidence, costs)
        if evidence.period.overlap(line.start, line.end) == Period(line.start, line.end)
    }


def _lines(evidence: Evidence, costs: Sequence[Cost]) -> Sequence[CostLine]:
    return costs_of(replace(evidence.estate, costs=tuple(costs)), evidence.period).lines


@dataclass(frozen=True)
class _Measure:
    """A measure of an item's use: that of the period, and that of the account."""

    by: str
    of_use: float
    of_days: float


def _measure(now: Weighing, then: Weighing, scheme: Scheme, item: str) -> _Measure:
    of_days = now.period.days / then.period.days
    uses_then = dict(uses_of(then, scheme, item))
    for by, use in uses_of(now, scheme, item):
        before = uses_then.get(by, 0.0)
        if before > 0:
            return _Measure(by, use / before, of_days)
    return _Measure(DAYS, of_days, of_days)


def uses_of(weighing: Weighing, scheme: Scheme, item: str) -> Iterator[tuple[str, float]]:
    """Yield measures of an item's use, the best first: the building's, then its homes'."""
    keys = [component.key for component in scheme.items.get(item, ())]
    for kind, counted in COMMON.items():
        found = weighing.common(kind)
        if counted.intersection(keys) and found.use is not None and not found.silent:
            yield f"common {kind}", found.use
    for key in keys:
        if key in METERS:
            kinds = weighing.groups(key).kinds
            # Units of allocators do not add up to those of meters.
            if len(kinds) == 1 and kinds[0] in weighing.evidence.meters:
                yield from _known(kinds[0], float(weighing.metered_use(key).sum()))
        elif key in CLIMATE_KEYS:
            yield from _known(
                "degree_hours", float(weighing.evidence.climate.degree_hours[0].sum())
            )


def _known(by: str, use: float) -> Iterator[tuple[str, float]]:
    if np.isfinite(use):
        yield by, use


def _cost(line: CostLine, period: Period, measure: _Measure) -> Cost:
    ratio = measure.of_use if line.kind in BY_USE else measure.of_days
    return Cost(
        period_start=period.start,
        period_end=period.end,
        item=line.item,
        kind=line.kind,
        amount_ore=round(line.amount_ore * ratio),
        vat_amount_ore=None if line.vat_ore is None else round(line.vat_ore * ratio),
        energy_kwh=None if line.energy_kwh is None else line.energy_kwh * ratio,
        co2_kg=None if line.co2_kg is None else line.co2_kg * ratio,
        co2_amount_ore=None if line.co2_ore is None else round(line.co2_ore * ratio),
        status="provisional",
    )


def _finding(item: str, measure: _Measure, amount_ore: int, period: Period, of: Period) -> Finding:
    message = (
        f"costs.csv has no cost of {item} within {period}: {amount_ore / 100:.2f} is estimated by "
        f"the prices of the account {of} ({measure.of_use:.1%} of its {measure.by}); "
        "add the supplier's bill when it comes"
    )
    data = {"item": item, "by": measure.by, "account": str(of), "amount_ore": amount_ore}
    return Finding("reports.costs.priced", message, data)
