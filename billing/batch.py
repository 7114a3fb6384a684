"""
The bill of one building: item, component, flat, tenancy, each step in whole øre.

A neighbour's move changes nobody's bill: flats are split first, and each flat's tenancies after.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from billing.checks import scheme_findings
from billing.costs import cost_findings, cost_lines
from billing.explain import explained
from billing.items import items_of
from billing.law import choose_scheme
from billing.legality import law_findings, with_law
from billing.money import MICRO, micro, split
from billing.results import Bill, BillRow, RegisterUse, Statement
from billing.rules import billing_rules
from billing.schemes import FIXED_KEYS, Component
from billing.tenancies import spans_of
from billing.vat import vat_of_rows
from billing.weights import COLUMNS, METERS, BuildingMonth
from estate.errors import DataError
from estate.findings import Finding, allow, disqualifications

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from billing.items import Items
    from billing.law import Choice
    from billing.results import CostLine
    from billing.schemes import Scheme
    from estate.model import Estate
    from estate.periods import Period
    from telemetry.store import SampleSource

AREA = "area"


def compute_bill(
    estate: Estate,
    source: SampleSource,
    period: Period,
    scheme: Scheme | None = None,
    allowed: Collection[str] = (),
    issued: date | None = None,
) -> Bill:
    """
    Split a building's costs of a period.

    Parameters
    ----------
    estate : Estate
    source : SampleSource
        Readings of the building.
    period : Period
    scheme : Scheme, optional
        Instead of the building's own.
    allowed : collection of str, optional
        Names of disqualifications that shall not stop the bill.
    issued : date, optional
        Day on which the bill is made; without it nobody asks whether it is late.

    Raises
    ------
    DataError
        With every finding, where the data does not allow a bill.
    """
    choice = choose_scheme(estate.building, period, scheme)
    month = BuildingMonth(estate, source, period, spans_of(estate, period))
    lines = cost_lines(estate, period)
    items = items_of(month, lines, choice.charged)
    findings = allow(_findings(month, choice, lines, items, issued), allowed)
    if disqualifications(findings):
        raise DataError(findings)
    rows = Split(month, findings, choice.charged.estimated_area_ceiling).costs(
        items.amounts, choice.charged
    )
    beside = _totals_beside(month, lines, choice.beside)
    statements = _statements(month, rows, beside, vat_of_rows(rows, items.vat))
    bill = Bill(
        building=estate.building.id,
        period=period,
        scheme=choice.charged.id,
        scheme_version=choice.charged.version,
        ground=choice.ground,
        trial=choice.trial,
        statements=explained(month, choice.charged, rows, statements),
        total_ore=sum(items.amounts.values()),
        findings=tuple(findings),
        costs=lines,
        derived=items.derived,
        allowed=tuple(sorted({each.name for each in findings if each.allowed})),
        country=choice.charged.country,
    )
    return with_law(bill, estate, choice.law, issued)


def _findings(
    month: BuildingMonth,
    choice: Choice,
    lines: Sequence[CostLine],
    items: Items,
    issued: date | None,
) -> list[Finding]:
    return [
        *cost_findings(lines, month.period, choice.charged),
        *items.findings,
        *_items_without_rule(choice.charged, items.amounts),
        *choice.findings,
        *law_findings(month.estate, month.period, choice, lines, items.amounts, issued),
        *scheme_findings(month, choice.charged, set(items.amounts)),
    ]


def _items_without_rule(scheme: Scheme, costs: Mapping[str, int]) -> list[Finding]:
    return [
        Finding(
            "billing.item.no_rule",
            f"scheme {scheme.id} has no rule for the item {item} of costs.csv; "
            "add it to the scheme, or correct the item",
            {"scheme": scheme.id, "item": item},
        )
        for item in costs
        if item not in scheme.items
    ]


def _totals_beside(
    month: BuildingMonth, lines: Sequence[CostLine], scheme: Scheme | None
) -> list[int] | None:
    """Split the same costs by another scheme, where the data allows it; totals by span."""
    if scheme is None:
        return None
    items = items_of(month, lines, scheme)
    without_rule = _items_without_rule(scheme, items.amounts)
    needs = scheme_findings(month, scheme, set(items.amounts))
    if disqualifications([*items.findings, *without_rule, *needs]):
        return None
    rows = Split(month, [], scheme.estimated_area_ceiling).costs(items.amounts, scheme)
    return [sum(row.amount_ore for row in of_span) for of_span in rows]


def _statements(
    month: BuildingMonth,
    rows: list[list[BillRow]],
    beside: list[int] | None,
    vat_ore: list[int | None],
) -> tuple[Statement, ...]:
    hours = month.counted.sum(axis=1)
    return tuple(
        Statement(
            tenancy=span.tenancy,
            flat=span.flat,
            start=span.period.start,
            end=span.period.end,
            resident=span.resident,
            rows=tuple(rows[number]),
            registers=_registers(month, number),
            climate_hours=int(hours[number]),
            climate_hours_measured=int(month.measured_hours[number]),
            shadow_ore=None if beside is None else beside[number],
            vat_ore=vat_ore[number],
        )
        for number, span in enumerate(month.spans)
    )


def _registers(month: BuildingMonth, span: int) -> tuple[RegisterUse, ...]:
    return tuple(
        register for kind in month.read_kinds() for register in month.meters(kind).registers[span]
    )


@dataclass(frozen=True)
class Split:
    """
    Splits costs among the spans of a building.

    Attributes
    ----------
    month : BuildingMonth
    findings : list of Finding
        What had to be done otherwise than the scheme says is added here.
    estimated_area_ceiling : float or None
        Of the scheme; None: that of ``rules.yaml``. [1]
    """

    month: BuildingMonth
    findings: list[Finding] = field(default_factory=list)
    estimated_area_ceiling: float | None = None

    def costs(self, costs: Mapping[str, int], scheme: Scheme) -> list[list[BillRow]]:
        """Give the rows of each span, in the order of items and components."""
        rows: list[list[BillRow]] = [[] for _ in self.month.spans]
        for item, amount_ore in costs.items():
            components = scheme.items[item]
            parts = split(amount_ore, [micro(each.fraction) for each in components])
            for number, (component, part_ore) in enumerate(
                zip(components, parts, strict=True), start=1
            ):
                self._component(rows, item, f"{item}-{number}", component, part_ore)
        return rows

    def _component(
        self,
        rows: list[list[BillRow]],
        item: str,
        name: str,
        component: Component,
        amount_ore: int,
    ) -> None:
        used, weights = self._weights(item, name, component)
        amounts = self._amounts(amount_ore, weights)
        for number, span in enumerate(self.month.spans):
            rows[number].append(
                BillRow(
                    tenancy=span.tenancy,
                    flat=span.flat,
                    item=item,
                    component=name,
                    key=used.key,
                    fraction=component.fraction,
                    weight=weights[number] / MICRO,
                    weight_total=sum(weights) / MICRO,
                    amount_ore=amounts[number],
                )
            )

    def _weights(self, item: str, name: str, component: Component) -> tuple[Component, list[int]]:
        """Weigh each span in whole millionths; by area where the key cannot."""
        area = Component(key=AREA, fraction=component.fraction)
        if component.key in FIXED_KEYS:
            used, weights = component, self._fixed(item, component)
        elif self._too_much_estimated(name, component):
            used, weights = area, self._fixed(item, area)
        else:
            used = component
            weights = [micro(weight) for weight in self.month.measured_weights(component)]
        if not any(weights):
            self._add("billing.component.no_weight", name, "nothing weighs anything under it")
            return area, self._fixed(item, area)
        return used, weights

    def _fixed(self, item: str, component: Component) -> list[int]:
        """Divide each flat's fixed weight among its spans, without a remainder."""
        flats = self.month.estate.flats
        column = COLUMNS.get(component.key)
        values = self.month.of_flats(column) if column else np.ones(len(flats))
        shares = self.month.fixed_share(item)
        weights = [0] * len(self.month.spans)
        for row, members in self._members().items():
            parts = split(micro(values[row]), [shares[number] for number in members])
            for number, part in zip(members, parts, strict=True):
                weights[number] = part
        return weights

    def _amounts(self, amount_ore: int, weights: list[int]) -> list[int]:
        """Split an amount among flats, then each flat's part among its spans."""
        members = self._members()
        of_flats = [sum(weights[number] for number in numbers) for numbers in members.values()]
        amounts = [0] * len(weights)
        for numbers, flat_weight, flat_ore in zip(
            members.values(), of_flats, split(amount_ore, of_flats), strict=True
        ):
            if flat_weight:
                parts = split(flat_ore, [weights[number] for number in numbers])
                for number, part in zip(numbers, parts, strict=True):
                    amounts[number] = part
        return amounts

    def _members(self) -> dict[int, list[int]]:
        """Numbers of the spans of each flat: flats by id, and a flat's spans by tenancy."""
        members: dict[int, list[int]] = defaultdict(list)
        order = sorted(range(len(self.month.spans)), key=lambda number: self._place(number))
        for number in order:
            members[int(self.month.flat_rows[number])].append(number)
        return members

    def _place(self, number: int) -> tuple[int, str, int]:
        return int(self.month.flat_rows[number]), self.month.spans[number].tenancy, number

    def _too_much_estimated(self, name: str, component: Component) -> bool:
        if component.key not in METERS:
            return False
        meters = self.month.meters(self.month.meter_kind(component.key))
        hours = self.month.counted.sum(axis=1)
        area = self.month.of_flats("area_m2")[self.month.flat_rows]
        part = float((area * meters.estimated_hours).sum() / (area * hours).sum())
        ceiling = self.estimated_area_ceiling
        if part <= (billing_rules().estimated_area_ceiling if ceiling is None else ceiling):
            return False
        self._add("billing.estimate.ceiling", name, f"{part:.0%} of the area would be estimated")
        return True

    def _add(self, finding: str, component: str, why: str) -> None:
        message = f"{component} is split by area: {why}; look at the meters and the boxes"
        self.findings.append(Finding(finding, message, {"component": component, "why": why}))
