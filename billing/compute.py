"""
Computes the bill of one building: item, component, flat, tenancy, each step in whole øre.

A neighbour's move changes nobody else's bill: flats are split first, then each flat's tenancies.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from billing.bill.bill import Bill, BillRow, RegisterUse, Statement
from billing.checks.scheme import scheme_findings
from billing.costs.items import items_of
from billing.costs.lines import cost_findings, costs_of
from billing.costs.vat import vat_of_rows
from billing.law.choice import choose_scheme
from billing.law.co2.split import co2_split
from billing.law.days import is_interim, received_findings
from billing.law.legality import law_findings, with_law
from billing.law.shares import split_share_findings
from billing.law.unmetered import by_fixed_keys
from billing.measured.weighing import Weighing
from billing.schemes import CLIMATE_KEYS, METERS
from billing.splitting import Split
from billing.statement.aconto import aconto_findings
from billing.statement.comparison import comparisons
from billing.statement.explain import explained
from billing.statement.vacancies import one_vacancy_each
from estate.devices import REGISTER_OF
from estate.errors import DataError
from estate.findings import Finding, allow, disqualifications

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date

    from billing.bill.costs import Co2Split
    from billing.costs.items import Items
    from billing.costs.lines import Costs
    from billing.law.choice import Choice
    from billing.measured.evidence import Evidence
    from billing.schemes import Component, Scheme
    from estate.model import Aconto, Cost, DeviceKind, Estate
    from estate.periods import Period


def compute_bill(
    evidence: Evidence,
    costs: Sequence[Cost],
    scheme: Scheme | None = None,
    *,
    aconto: Sequence[Aconto] = (),
    allowed: Collection[str] = (),
    issued: date | None = None,
    first_issued: date | None = None,
) -> Bill:
    """
    Split a building's costs of a period. Pure: uses no store, file or clock.

    Parameters
    ----------
    evidence : Evidence
        Measured data (`billing.measured.gather`).
    costs : sequence of Cost
        Rows of costs.csv; those outside the period do not count.
    scheme : Scheme, optional
        Instead of the building's own; its climate sums must have been gathered.
    aconto : sequence of Aconto, optional
        Charges on account.
    allowed : collection of str, optional
        Names of disqualifications that are allowed.
    issued : date, optional
        Day on which the bill is made; None: lateness is not checked.
    first_issued : date, optional
        Day of the statements that the bill corrects, which decides whether they are in time.

    Raises
    ------
    DataError
        With all findings, if the data does not allow a bill.
    """
    basis = _Basis.of(evidence, costs, aconto, scheme)
    charged, findings = _checked(basis, allowed, issued, first_issued)
    choice = basis.choice
    rows = Split(basis.weighing, charged, choice.law, findings).costs(basis.items.amounts)
    findings += _allowed(_really_split(basis.weighing, choice, rows), allowed)
    bill = _bill(basis, charged, rows, findings)
    dated = bill.replace(issued=issued, first_issued=first_issued)
    return with_law(dated, basis.estate, choice.law)


@dataclass(frozen=True)
class _Basis:
    """
    What is split, and by which scheme.

    Attributes
    ----------
    estate : Estate
        With the costs and charges of the bill.
    choice : Choice
        The scheme, and the law on it.
    costs : Costs
        The rows of costs.csv that count.
    co2 : Co2Split or None
        The landlord's share of them.
    items : Items
        The tenants' share, by item.
    """

    weighing: Weighing
    estate: Estate
    choice: Choice
    costs: Costs
    co2: Co2Split | None
    items: Items

    @classmethod
    def of(
        cls,
        evidence: Evidence,
        costs: Sequence[Cost],
        aconto: Sequence[Aconto],
        scheme: Scheme | None,
    ) -> Self:
        period = evidence.period
        estate = replace(evidence.estate, costs=tuple(costs), aconto=tuple(aconto))
        choice, weighing = choose_scheme(estate.building, period, scheme), Weighing(evidence)
        counting = costs_of(estate, period)
        co2 = co2_split(estate, period, counting.lines, choice.law)
        items = items_of(weighing, counting.lines, choice.charged, co2)
        return cls(weighing, estate, choice, counting, co2, items)


def _checked(
    basis: _Basis, allowed: Collection[str], issued: date | None, first_issued: date | None
) -> tuple[Scheme, list[Finding]]:
    """Return the scheme that can be charged, and the findings; raise those that stop the bill."""
    period, choice, items = basis.weighing.period, basis.choice, basis.items
    charged, unmetered = by_fixed_keys(
        choice.charged, basis.estate, period, items.amounts, choice.law
    )
    judged = first_issued or issued
    findings = [
        *cost_findings(basis.costs, period, choice.charged),
        *aconto_findings(basis.estate, period),
        *items.findings,
        *_items_without_rule(choice.charged, items.amounts),
        *choice.findings,
        *law_findings(basis.estate, period, choice, basis.costs.lines, items.amounts, judged),
        *scheme_findings(basis.weighing, charged, set(items.amounts)),
        *received_findings(basis.costs.lines, issued),
        *unmetered,
    ]
    return charged, _allowed(findings, allowed)


def _allowed(findings: Sequence[Finding], allowed: Collection[str]) -> list[Finding]:
    found = allow(findings, allowed)
    if disqualifications(found):
        raise DataError(found)
    return found


def _bill(
    basis: _Basis, charged: Scheme, rows: list[list[BillRow]], findings: Sequence[Finding]
) -> Bill:
    weighing, choice, co2 = basis.weighing, basis.choice, basis.co2
    beside = _beside(basis)
    kinds = _kinds(weighing, charged, basis.items) | beside.kinds
    vat_ore = vat_of_rows(rows, basis.items.vat)
    plain = _statements(weighing, rows, beside.totals_ore, vat_ore, kinds)
    heat: set[DeviceKind] = {"heat"} if weighing.evidence.outdoor_known else set()
    order = _in_order(kinds | heat)
    told = explained(weighing, charged, rows, plain, basis.estate.aconto, order)
    return Bill(
        building=basis.estate.building.id,
        period=weighing.period,
        scheme=choice.charged.id,
        scheme_version=choice.charged.version,
        ground=choice.ground,
        trial=choice.trial,
        statements=(*one_vacancy_each(told), *_landlord(basis.estate, weighing.period, co2)),
        total_ore=sum(basis.items.amounts.values()) + sum(co2.landlord_ore.values() if co2 else ()),
        findings=tuple(findings),
        costs=basis.costs.lines,
        derived=basis.items.derived,
        allowed=tuple(sorted({each.name for each in findings if each.allowed})),
        country=choice.charged.country,
        shadow_scheme=choice.beside.id if choice.beside and beside.totals_ore else None,
        shadow_by_climate=bool(choice.beside and choice.beside.uses(CLIMATE_KEYS)),
        components=choice.charged.components,
        co2=co2,
    )


def without_costs(evidence: Evidence, findings: Sequence[Finding] = ()) -> Bill:
    """
    Return the bill of a period whose costs are unknown: what was measured, and no amount.

    Parameters
    ----------
    evidence : Evidence
    findings : sequence of Finding, optional
        Why there are no amounts.
    """
    period = evidence.period
    choice = choose_scheme(evidence.estate.building, period, None)
    weighing, scheme = Weighing(evidence), choice.charged
    kinds = weighing.counted_kinds(scheme.components.values())
    count = len(weighing.spans)
    rows: list[list[BillRow]] = [[] for _ in range(count)]
    statements = _statements(weighing, rows, None, [None] * count, kinds)
    # The reason why a home is not compared holds even without amounts.
    why = comparisons(weighing, rows)
    bill = Bill(
        building=evidence.estate.building.id,
        period=period,
        scheme=scheme.id,
        scheme_version=scheme.version,
        ground=choice.ground,
        trial=choice.trial,
        statements=tuple(
            each.replace(comparison=comparison)
            for each, comparison in zip(statements, why, strict=True)
        ),
        total_ore=0,
        findings=tuple(findings),
        country=scheme.country,
    )
    return with_law(bill, evidence.estate, choice.law)


def _kinds(weighing: Weighing, scheme: Scheme, items: Items) -> set[DeviceKind]:
    """Return the kinds of home meters that a split uses."""
    components = (each for item in items.amounts for each in scheme.items.get(item, ()))
    return weighing.counted_kinds(components) | items.kinds


def _in_order(kinds: Collection[DeviceKind]) -> list[DeviceKind]:
    return [kind for kind in REGISTER_OF if kind in kinds]


def _really_split(weighing: Weighing, choice: Choice, rows: list[list[BillRow]]) -> list[Finding]:
    if choice.exempt:
        return []
    components = choice.charged.components
    used = {
        (row.item, row.component): _went_by(
            weighing, components[row.item, row.component], row, choice
        )
        for of_span in rows[:1]
        for row in of_span
    }
    return split_share_findings(choice.charged, used, choice.law)


def _went_by(weighing: Weighing, component: Component, row: BillRow, choice: Choice) -> str:
    """Return the key used for a component; its own if meters show that nobody heated."""
    own = component.key
    if own in METERS and is_interim(weighing.period, choice.law) and weighing.is_metered(own):
        return own if not np.nansum(weighing.metered_use(own)) else row.key
    return row.key


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


@dataclass(frozen=True)
class _Beside:
    """
    The same costs split by another scheme.

    Attributes
    ----------
    totals_ore : list of int or None
        Per span; None if there is no such scheme, or the data does not allow it. [øre]
    kinds : set of DeviceKind
        Kinds of meters used for it.
    """

    totals_ore: list[int] | None
    kinds: set[DeviceKind]


def _beside(basis: _Basis) -> _Beside:
    weighing, scheme = basis.weighing, basis.choice.beside
    if scheme is None:
        return _Beside(None, set())
    # A scheme without derivations uses the items as derived for the charged scheme.
    derived = scheme.derive
    items = items_of(weighing, basis.costs.lines, scheme, basis.co2) if derived else basis.items
    kinds = _kinds(weighing, scheme, items)
    without_rule = _items_without_rule(scheme, items.amounts)
    needs = scheme_findings(weighing, scheme, set(items.amounts))
    if disqualifications([*items.findings, *without_rule, *needs]):
        return _Beside(None, kinds)
    rows = Split(weighing, scheme, basis.choice.law).costs(items.amounts)
    return _Beside([sum(row.amount_ore for row in of_span) for of_span in rows], kinds)


def _statements(
    weighing: Weighing,
    rows: list[list[BillRow]],
    beside: list[int] | None,
    vat_ore: list[int | None],
    kinds: Collection[DeviceKind],
) -> tuple[Statement, ...]:
    evidence = weighing.evidence
    hours, measured, by_house = (
        evidence.hours_of_spans(of_flats).tolist()
        for of_flats in (
            None,
            evidence.climate.hours.measured,
            evidence.climate.hours.by_house,
        )
    )
    return tuple(
        Statement(
            tenancy=span.tenancy,
            flat=span.flat,
            start=span.period.start,
            end=span.period.end,
            resident=span.resident,
            rows=tuple(rows[number]),
            registers=_registers(weighing, number, kinds),
            climate_hours=hours[number],
            climate_hours_measured=measured[number],
            climate_hours_by_house=by_house[number],
            shadow_ore=None if beside is None else beside[number],
            vat_ore=vat_ore[number],
        )
        for number, span in enumerate(weighing.spans)
    )


def _landlord(estate: Estate, period: Period, co2: Co2Split | None) -> tuple[Statement, ...]:
    """Return the landlord's statement of costs not borne by tenants."""
    if co2 is None or not any(co2.landlord_ore.values()):
        return ()
    name = f"landlord:{estate.building.id}"
    rows = tuple(
        BillRow(
            tenancy=name,
            flat="",
            item=f"{item}_co2",
            component=f"{item}_co2-1",
            key="landlord",
            fraction=1.0,
            weight=1.0,
            weight_total=1.0,
            amount_ore=landlord_ore,
        )
        for item, landlord_ore in co2.landlord_ore.items()
    )
    return (
        Statement(
            tenancy=name,
            flat="",
            start=period.start,
            end=period.end,
            resident=False,
            rows=rows,
            registers=(),
            climate_hours=0,
            climate_hours_measured=0,
        ),
    )


def _registers(
    weighing: Weighing, span: int, kinds: Collection[DeviceKind]
) -> tuple[RegisterUse, ...]:
    return tuple(
        register for kind in _in_order(kinds) for register in weighing.meters(kind).registers[span]
    )
