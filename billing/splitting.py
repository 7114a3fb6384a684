"""Splits costs: item, component, flat, tenancy, each step in whole øre."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from billing.bill.bill import BillRow
from billing.money import MICRO, micro, split
from billing.schemes import AREA, METERS, Component, column_of, fixed_key
from billing.shown import percent
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.law.table import Law
    from billing.measured.weighing import Weighing
    from billing.schemes import Scheme

FINE = 10**9
"""Resolution of fractions and of weights within a flat, finer than the rounding of weights."""


@dataclass(frozen=True)
class Split:
    """
    Splits costs among the spans of a building.

    Attributes
    ----------
    weighing : Weighing
    scheme : Scheme
    law : Law
        May limit estimates, and define how a fixed cost is divided at a move.
    findings : list of Finding
        Deviations from the scheme are appended here.
    """

    weighing: Weighing
    scheme: Scheme
    law: Law
    findings: list[Finding] = field(default_factory=list)

    def costs(self, costs: Mapping[str, int]) -> list[list[BillRow]]:
        """Return the rows per span, in the order of items and components."""
        rows: list[list[BillRow]] = [[] for _ in self.weighing.spans]
        for item, amount_ore in costs.items():
            components = self._enough_measured(item)
            parts = split(amount_ore, [round(each.fraction * FINE) for each in components])
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
        for number, span in enumerate(self.weighing.spans):
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

    def _enough_measured(self, item: str) -> list[Component]:
        """
        Replace keys that would rest too much on estimates with a fixed key.

        For a metered key, the whole item is split by fixed keys (HeizkostenV § 9a (2)).
        """
        components = [self._with_meters(each) for each in self.scheme.items[item]]
        parts = [self.weighing.estimated_part(each) for each in components]
        meters = self._ceiling(self.law.number("estimated_area_most"))
        climate = self._ceiling(self.weighing.rules.estimated_climate_ceiling)
        whole = max(
            (part for each, part in zip(components, parts, strict=True) if each.key in METERS),
            default=0.0,
        )
        fixed = fixed_key(components)
        allowed = []
        for number, (component, own) in enumerate(zip(components, parts, strict=True), start=1):
            ceiling = meters if component.key in METERS else climate
            part = whole if whole > meters else own
            if component.is_fixed or (whole <= meters and own <= ceiling):
                allowed.append(component)
                continue
            allowed.append(Component(key=fixed, fraction=component.fraction))
            why = f"{percent(part)} of the area would be estimated"
            facts = {"item": item, "part": round(part, 6)}
            self._add("billing.estimate.ceiling", f"{item}-{number}", fixed, why, **facts)
        return allowed

    def _with_meters(self, component: Component) -> Component:
        """Replace a component's key by its `without_meters` key if there are no meters."""
        if component.without_meters is None or self.weighing.is_metered(component.key):
            return component
        return Component(key=component.without_meters, fraction=component.fraction)

    def _ceiling(self, otherwise: float | None) -> float:
        """Return the fraction of the area that may be estimated; 1 without a limit."""
        own = self.scheme.estimated_area_ceiling
        return next((each for each in (own, otherwise) if each is not None), 1.0)

    def _weights(self, item: str, name: str, component: Component) -> tuple[Component, list[int]]:
        """Return each span's weight in whole millionths; by area if the key has none."""
        weights = self._fixed(item, component) if component.is_fixed else self._measured(component)
        if any(weights):
            return component, weights
        area = Component(key=AREA, fraction=component.fraction)
        self._add("billing.component.no_weight", name, AREA, "all its weights are 0")
        return area, self._fixed(item, area)

    def _measured(self, component: Component) -> list[int]:
        """Round each flat's weight once, so that a move within it does not affect other flats."""
        of_spans = self.weighing.measured_weights(component, self.scheme.position_condition)
        weights = [0] * len(of_spans)
        for members in self._members().values():
            fine = [round(float(of_spans[number]) * FINE) for number in members]
            whole = micro(float(sum(of_spans[number] for number in members)))
            parts = split(whole, fine) if any(fine) else [0] * len(members)
            for number, part in zip(members, parts, strict=True):
                weights[number] = part
        return weights

    def _fixed(self, item: str, component: Component) -> list[int]:
        """Split each flat's fixed weight among its spans, without a remainder."""
        flats = self.weighing.estate.flats
        column = column_of(component.key)
        values = self.weighing.of_flats(column) if column else np.ones(len(flats))
        shares = self.weighing.fixed_share(item, by_months=self.law.wants("fixed_by_months"))
        weights = [0] * len(self.weighing.spans)
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
        """Return span indices per flat: flats by id, and a flat's spans by tenancy."""
        members: dict[int, list[int]] = defaultdict(list)
        order = sorted(range(len(self.weighing.spans)), key=lambda number: self._place(number))
        for number in order:
            members[int(self.weighing.flat_rows[number])].append(number)
        return members

    def _place(self, number: int) -> tuple[int, str, int]:
        return int(self.weighing.flat_rows[number]), self.weighing.spans[number].tenancy, number

    def _add(self, finding: str, component: str, key: str, why: str, **facts: object) -> None:
        message = f"{component} is split by {key}: {why}; check the meters and the sensors"
        data = {"component": component, "key": key, "why": why} | facts
        self.findings.append(Finding(finding, message, data))
