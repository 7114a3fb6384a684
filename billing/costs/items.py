"""Adds up the costs of a period to the items that a scheme splits; divides suppliers' bills."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from billing.bill.costs import DerivedItem
from billing.costs.derive import REST, Measured, derived_kwh, divide
from billing.money import split
from billing.schemes import METERS
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.bill.costs import Co2Split, CostLine
    from billing.derivation import Derivation, DerivationMethod
    from billing.measured.weighing import Weighing
    from billing.schemes import Scheme
    from estate.model import DeviceKind

BY_WATER = frozenset({"kwh_per_m3", "water_temperature"})
"""Methods that ask how much hot water was used."""


@dataclass(frozen=True)
class Items:
    """
    The items that a scheme splits.

    Attributes
    ----------
    amounts : dict of str to int
        Sorted by item; they add up to the costs. [øre]
    vat : dict of str to int or None
        VAT included in each; None if a cost does not state it. [øre]
    derived : tuple of DerivedItem
    findings : tuple of Finding
    kinds : frozenset of DeviceKind
        Meters of homes that an item was derived by.
    """

    amounts: dict[str, int]
    vat: dict[str, int | None]
    derived: tuple[DerivedItem, ...] = ()
    findings: tuple[Finding, ...] = ()
    kinds: frozenset[DeviceKind] = frozenset()


@dataclass(frozen=True)
class _Share:
    """Share of a derived item: heat, or a fraction of the amount if the scheme sets one."""

    item: str
    method: DerivationMethod
    kwh: float | None
    fraction: float | None


def items_of(
    weighing: Weighing, lines: Sequence[CostLine], scheme: Scheme, co2: Co2Split | None = None
) -> Items:
    """Add up the tenants' costs by item, and divide those that other items derive from."""
    items = _without_landlord(_added_up(lines, scheme), co2)
    sources = sorted({rule.source for rule in scheme.derive.values()} & items.amounts.keys())
    for source in sources:
        rules = {item: rule for item, rule in scheme.derive.items() if rule.source == source}
        found: list[Finding] = []
        items = _divided(items, source, rules, _measured(weighing, lines, source, rules, found))
        kinds = items.kinds | _kinds_asked(weighing, rules)
        items = replace(items, findings=(*items.findings, *found), kinds=kinds)
    return replace(items, amounts=dict(sorted(items.amounts.items())))


def _added_up(lines: Sequence[CostLine], scheme: Scheme) -> Items:
    amounts: dict[str, int] = defaultdict(int)
    vat: dict[str, int | None] = {}
    for line in lines:
        item = scheme.item_of(line.item, line.kind)
        amounts[item] += line.amount_ore
        before = vat.get(item, 0)
        vat[item] = None if before is None or line.vat_ore is None else before + line.vat_ore
    return Items(dict(amounts), vat)


def _without_landlord(items: Items, co2: Co2Split | None) -> Items:
    """Subtract the landlord's share of the CO2 price, and the VAT included in it."""
    if co2 is None:
        return items
    amounts, vat = dict(items.amounts), dict(items.vat)
    for item, landlord_ore in co2.landlord_ore.items():
        amounts[item] -= landlord_ore
        own_vat = vat[item]
        if own_vat is not None:
            vat[item] = split(own_vat, [abs(amounts[item]), abs(landlord_ore)])[0]
    return replace(items, amounts=amounts, vat=vat)


def _divided(
    items: Items, source: str, rules: Mapping[str, Derivation], measured: Measured
) -> Items:
    shares, findings = _shares(source, rules, measured)
    if shares is None:
        return replace(items, findings=(*items.findings, *findings))
    whole, parts = _parts(shares, measured)
    if sum(parts.values()) > whole or min(parts.values()) < 0:
        findings.append(_exceeds(source, whole, parts))
        return replace(items, findings=(*items.findings, *findings))
    own_vat = items.vat[source]
    amounts = divide(items.amounts[source], source, whole, parts)
    taxes = None if own_vat is None else divide(own_vat, source, whole, parts)
    rest_kwh = None if measured.supplied_kwh is None else whole - sum(parts.values())
    rest = DerivedItem(
        item=source, source=source, by=REST, energy_kwh=rest_kwh, amount_ore=amounts[source]
    )
    derived = (_derived(each, source, amounts[each.item], measured) for each in shares)
    return Items(
        items.amounts | {item: _beside(items, source, item) + ore for item, ore in amounts.items()},
        items.vat | {item: _taxes(items, source, item, taxes) for item in amounts},
        (*items.derived, *derived, rest),
        (*items.findings, *findings),
        items.kinds,
    )


def _derived(share: _Share, source: str, amount_ore: int, measured: Measured) -> DerivedItem:
    return DerivedItem(
        item=share.item,
        source=source,
        by=share.method,
        energy_kwh=share.kwh,
        amount_ore=amount_ore,
        estimated=share.method == "metered_energy" and measured.hot_water_estimated,
    )


def _beside(items: Items, source: str, item: str) -> int:
    """Return the costs of the derived item itself in costs.csv, such as the water."""
    return 0 if item == source else items.amounts.get(item, 0)


def _taxes(items: Items, source: str, item: str, taxes: dict[str, int] | None) -> int | None:
    beside = 0 if item == source else items.vat.get(item, 0)
    return None if taxes is None or beside is None else taxes[item] + beside


def _shares(
    source: str, rules: Mapping[str, Derivation], measured: Measured
) -> tuple[list[_Share] | None, list[Finding]]:
    """Apply the first feasible method of each item; ``unmetered_energy`` last."""
    findings: list[Finding] = []
    shares: list[_Share] = []
    for item, rule in sorted(rules.items(), key=lambda each: "unmetered_energy" in each[1].by):
        taken = sum(share.kwh or 0.0 for share in shares)
        share = _first(item, rule, measured, taken)
        if share is None:
            findings.append(_unmeasured(item, source, rule))
            continue
        if share.method != rule.by[0]:
            findings.append(_computed(item, source, rule, share.method))
        shares.append(share)
    if measured.supplied_kwh is None and any(share.method != "fixed" for share in shares):
        findings.append(_no_energy(source))
        return None, findings
    return (shares if len(shares) == len(rules) else None), findings


def _first(item: str, rule: Derivation, measured: Measured, taken_kwh: float) -> _Share | None:
    for method in rule.by:
        kwh = derived_kwh(method, rule, measured, taken_kwh)
        if method == "fixed":
            return _Share(item, method, kwh, rule.fraction)
        if kwh is not None:
            return _Share(item, method, kwh, None)
    return None


def _parts(shares: Sequence[_Share], measured: Measured) -> tuple[float, dict[str, float]]:
    if measured.supplied_kwh is None:
        return 1.0, {share.item: share.fraction or 0.0 for share in shares}
    return measured.supplied_kwh, {share.item: share.kwh or 0.0 for share in shares}


def _measured(
    weighing: Weighing,
    lines: Sequence[CostLine],
    source: str,
    rules: Mapping[str, Derivation],
    findings: list[Finding],
) -> Measured:
    methods = {method for rule in rules.values() for method in rule.by}
    water = methods & BY_WATER
    facts = weighing.estate.building.facts
    period, by_tank = weighing.period, "metered_energy" in methods
    year = period.start.replace(day=1)
    return Measured(
        supplied_kwh=_supplied_kwh(weighing, lines, source, findings),
        hot_water_kwh=_common_use(weighing, "heat", findings) if by_tank else None,
        hot_water_estimated=by_tank and weighing.common("heat").estimated,
        room_heat_kwh=_homes_use(weighing, "heat_units") if "unmetered_energy" in methods else None,
        hot_water_m3=_hot_water_m3(weighing, findings) if water else None,
        area_m2=float(weighing.of_flats("area_m2").sum()),
        years=period.days / (year.replace(year=year.year + 1) - year).days,
        hot_water_c=facts.hot_water_c,
        gross_calorific=facts.gross_calorific,
        commercial_supply=facts.commercial_supply,
        heat_pump=facts.fuel == "heat_pump",
        on=period.start,
    )


def _supplied_kwh(
    weighing: Weighing, lines: Sequence[CostLine], source: str, findings: list[Finding]
) -> float | None:
    """Return the heat of the supplier's bill; if not stated, that of the main meter."""
    energies = [line.energy_kwh for line in lines if line.item == source and line.kind == "energy"]
    known = [energy for energy in energies if energy is not None]
    if known and len(known) == len(energies):
        return sum(known)
    return _common_use(weighing, "main_heat", findings)


def _hot_water_m3(weighing: Weighing, findings: list[Finding]) -> float | None:
    """Return the use of the plant's own meter; without one, the total of the homes' meters."""
    common = _common_use(weighing, "hot_water", findings)
    return _homes_use(weighing, "hot_water_m3") if common is None else common


def _common_use(weighing: Weighing, kind: DeviceKind, findings: list[Finding]) -> float | None:
    """Return the use of the common meters of a kind over the period, and add findings."""
    found = weighing.common(kind)
    findings += found.findings
    return found.use


def _kinds_asked(weighing: Weighing, rules: Mapping[str, Derivation]) -> frozenset[DeviceKind]:
    """Name the meters of homes that tell what is derived."""
    methods = {method for rule in rules.values() for method in rule.by}
    keys = ["heat_units"] if "unmetered_energy" in methods else []
    if methods & BY_WATER and weighing.common("hot_water").use is None:
        keys.append("hot_water_m3")
    counted = (weighing.groups(key).kinds for key in keys if _counts_alone(weighing, key))
    return frozenset(kind for kinds in counted for kind in kinds)


def _counts_alone(weighing: Weighing, key: str) -> bool:
    """Whether meters of the first kind count all homes; allocators count no heat."""
    return weighing.groups(key).kinds == METERS[key][:1]


def _homes_use(weighing: Weighing, key: str) -> float | None:
    """Return what the homes' meters counted together."""
    if not _counts_alone(weighing, key):
        return None
    use = float(weighing.metered_use(key).sum())
    return use if np.isfinite(use) else None


def _no_energy(source: str) -> Finding:
    message = (
        f"the heat of the supplier's bill for {source} is unknown, so it cannot be divided; "
        "add energy_kwh to its rows in costs.csv, or the main meter and its readings"
    )
    return Finding("billing.derive.no_energy", message, {"item": source})


def _unmeasured(item: str, source: str, rule: Derivation) -> Finding:
    ways = ", ".join(rule.by)
    message = (
        f"{item} cannot be taken out of {source}: no meter measures what {ways} needs; add the "
        "meter to devices.csv and its readings, or another method to the scheme"
    )
    return Finding("billing.derive.unmeasured", message, {"item": item, "by": list(rule.by)})


def _computed(item: str, source: str, rule: Derivation, method: DerivationMethod) -> Finding:
    message = (
        f"{item} is taken out of {source} by {method}, because no meter measured what "
        f"{rule.by[0]} needs; fit a meter and add it to devices.csv"
    )
    return Finding("billing.derive.computed", message, {"item": item, "by": method})


def _exceeds(source: str, whole: float, parts: Mapping[str, float]) -> Finding:
    taken = " and ".join(f"{part:g} for {item}" for item, part in parts.items())
    message = (
        f"the bill for {source} cannot be divided: {taken} of {whole:g}; correct energy_kwh in "
        "costs.csv, or check the meters"
    )
    data = {"item": source, "whole": whole, "parts": dict(parts)}
    return Finding("billing.derive.exceeds", message, data)
