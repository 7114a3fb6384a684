"""Checks the metered share of a scheme against the law. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.schemes import METERED_KEYS
from billing.shown import percent
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from billing.bill.costs import CostLine
    from billing.law.table import Law
    from billing.schemes import Component, Scheme
    from estate.model import CostKind, Facts

TOLERANCE = 1e-9
HEAT = "heat"
EXACT_FUELS = ("gas", "oil")
OPERATION: frozenset[CostKind] = frozenset({"fixed", "inspection"})
"""Kinds of costs that are not energy costs."""


def metered_fraction(components: Iterable[Component]) -> float:
    """Return the fraction of an item that is split by meters."""
    return sum(each.fraction for each in components if each.key in METERED_KEYS)


def items_short_of_meters(scheme: Scheme, law: Law) -> list[str]:
    """Return the items whose metered share is below the legal minimum."""
    least = law.number("metered_fraction_least") or 0.0
    return [
        item
        for item, components in sorted(scheme.items.items())
        if _asked_alone(item, scheme, law) and metered_fraction(components) < least - TOLERANCE
    ]


def share_findings(
    scheme: Scheme, amounts: Mapping[str, int], law: Law, facts: Facts
) -> list[Finding]:
    """
    Return findings on metered shares that the law does not allow, per item and in total.

    Parameters
    ----------
    scheme : Scheme
    amounts : mapping of str to int
        Split amounts by item, after dividing the supplier's bill. [øre]
    law : Law
    facts : Facts
        Of the building.
    """
    return [
        *_too_low(scheme, law),
        *_too_high(scheme, law),
        *_not_exact(scheme, law, facts),
        *_unusual(scheme, law),
        *_whole_too_low(scheme, amounts, law),
        *_derived(scheme, amounts, law),
    ]


def _derived(scheme: Scheme, amounts: Mapping[str, int], law: Law) -> Iterator[Finding]:
    """Return findings on fixed fractions of a supplier's bill that the law does not allow."""
    least, most = law.number("derived_fraction_least"), law.number("derived_fraction_most")
    if least is None or most is None:
        return
    for item, rule in sorted(scheme.derive.items()):
        fraction = rule.fraction
        if item in amounts and fraction is not None and not least <= fraction <= most:
            message = (
                f"{scheme.id} takes {percent(fraction)} out of {rule.source} for {item}; the law "
                f"of {law.country} allows {percent(least)} to {percent(most)} "
                f"({law.source('derived_fraction_least')}). Change the fraction of the scheme"
            )
            data = {"scheme": scheme.id, "item": item, "fraction": fraction}
            yield Finding("billing.law.derived_fraction", message, data)


def _asked(item: str, scheme: Scheme, law: Law) -> bool:
    """Whether an item is heat with a legally required metered share."""
    operation = item in scheme.apart and law.wants("share_of_energy_alone")
    return item not in law.not_heat and not operation


def _asked_alone(item: str, scheme: Scheme, law: Law) -> bool:
    return _asked(item, scheme, law) and item not in law.no_share_of_its_own


def operation_findings(scheme: Scheme, lines: Sequence[CostLine], law: Law) -> list[Finding]:
    """Return findings on operating costs split by use where the law allows that for energy only."""
    if not law.wants("share_of_energy_alone"):
        return []
    found = {
        (line.item, line.kind)
        for line in lines
        if line.kind in OPERATION and line.item in scheme.items
        and scheme.item_of(line.item, line.kind) == line.item
        and metered_fraction(scheme.items[line.item]) > 0
    }  # fmt: skip
    return [_operation(scheme, law, item, kind) for item, kind in sorted(found)]


def _operation(scheme: Scheme, law: Law, item: str, kind: CostKind) -> Finding:
    message = (
        f"{scheme.id} splits the {kind} cost of {item} by use; the law of {law.country} allows "
        f"that for energy costs only ({law.source('share_of_energy_alone')}). Add it "
        "to apart in the scheme, as at-heizkg does"
    )
    data = {"scheme": scheme.id, "item": item, "kind": kind}
    return Finding("billing.law.operation_by_use", message, data)


def split_share_findings(
    scheme: Scheme, used: Mapping[tuple[str, str], str], law: Law
) -> list[Finding]:
    """
    Return findings on items of which less was actually split by meters than the law requires.

    A component without usable meters is split by a fixed key instead. If the law itself
    limits estimates, it prescribes that, and there is no finding.

    Parameters
    ----------
    scheme : Scheme
    used : mapping of (item, component) to key
        Key by which each component was split.
    law : Law
    """
    least = law.number("metered_fraction_least")
    if least is None or law.number("estimated_area_most") is not None:
        return []
    found = []
    for item in sorted({item for item, _ in used if _asked_alone(item, scheme, law)}):
        keys = [key for (of_item, _), key in used.items() if of_item == item]
        components = zip(scheme.items[item], keys, strict=True)
        really = sum(each.fraction for each, key in components if key in METERED_KEYS)
        if really < least - TOLERANCE <= metered_fraction(scheme.items[item]):
            found.append(_really(scheme, law, item, really, least))
    return found


def _really(scheme: Scheme, law: Law, item: str, metered: float, least: float) -> Finding:
    message = (
        f"{percent(metered)} of {item} was actually split by meters, because too little was "
        f"measured; the law of {law.country} requires at least {percent(least)} "
        f"({law.source('metered_fraction_least')}). Add the readings, or estimate them"
    )
    data = {"scheme": scheme.id, "item": item, "metered": metered, "wanted": least}
    return Finding("billing.law.metered_fraction", message, data)


def _too_low(scheme: Scheme, law: Law) -> Iterator[Finding]:
    for item in items_short_of_meters(scheme, law):
        yield _share(scheme, law, item, "metered_fraction_least", "metered_fraction", "at least")


def _too_high(scheme: Scheme, law: Law) -> Iterator[Finding]:
    most = law.number("metered_fraction_most")
    for item, components in sorted(scheme.items.items()):
        metered = metered_fraction(components)
        if most is not None and _asked_alone(item, scheme, law) and metered > most + TOLERANCE:
            yield _share(
                scheme, law, item, "metered_fraction_most", "metered_fraction_high", "at most"
            )


def _not_exact(scheme: Scheme, law: Law, facts: Facts) -> Iterator[Finding]:
    """Check an exact prescribed share, which depends on the building's facts."""
    exact = law.number("metered_fraction_exact")
    if exact is None or HEAT not in scheme.items:
        return
    if abs(metered_fraction(scheme.items[HEAT]) - exact) <= TOLERANCE:
        return
    asked = {
        "fuel": facts.fuel, "insulated_1994": facts.insulated_1994,
        "pipes_insulated": facts.pipes_insulated,
    }  # fmt: skip
    if (facts.fuel is None or facts.fuel in EXACT_FUELS) and None in asked.values():
        blank = [name for name, value in asked.items() if value is None]
        message = (
            f"building.yaml does not say {', '.join(blank)}, so it is unknown whether exactly "
            f"{percent(exact)} of the heat must be split by meters; add them under facts"
        )
        yield Finding("billing.law.facts", message, {"file": "building.yaml", "blank": blank})
    elif facts.fuel in EXACT_FUELS and not facts.insulated_1994 and facts.pipes_insulated:
        yield _share(
            scheme, law, HEAT, "metered_fraction_exact", "metered_fraction_exact", "exactly"
        )


def _unusual(scheme: Scheme, law: Law) -> Iterator[Finding]:
    usual = law.number("metered_fraction_usual")
    for item, components in sorted(scheme.items.items()):
        metered = metered_fraction(components)
        if (
            usual is not None
            and _asked_alone(item, scheme, law)
            and abs(metered - usual) > TOLERANCE
        ):
            yield _share(
                scheme, law, item, "metered_fraction_usual", "metered_fraction_unusual", "usually"
            )


def _share(
    scheme: Scheme, law: Law, item: str, rule: str, name: str, how: str
) -> Finding:  # fmt: skip
    metered, wanted = metered_fraction(scheme.items[item]), law.number(rule)
    message = (
        f"{scheme.id} splits {percent(metered)} of {item} by meters; the law of {law.country} "
        f"wants {how} {percent(wanted or 0.0)} ({law.source(rule)}). Change the fractions of "
        "the scheme"
    )
    data = {"scheme": scheme.id, "item": item, "metered": metered, "wanted": wanted}
    return Finding(f"billing.law.{name}", message, data)


def _whole_too_low(scheme: Scheme, amounts: Mapping[str, int], law: Law) -> Iterator[Finding]:
    """40 % of the 65 % that room heat is of a bill is 26 % of it."""
    least = law.number("metered_fraction_least")
    heat = {
        item: abs(amount_ore)
        for item, amount_ore in amounts.items()
        if item in scheme.items and _asked(item, scheme, law)
    }
    if least is None or not any(heat.values()):
        return
    metered = sum(
        amount_ore * metered_fraction(scheme.items[item]) for item, amount_ore in heat.items()
    ) / sum(heat.values())
    if metered < least - TOLERANCE:
        message = (
            f"{scheme.id} splits {percent(metered)} of all heat by meters "
            f"({', '.join(heat)} together); the law of {law.country} wants at least "
            f"{percent(least)} ({law.source('metered_fraction_least')}). Raise the fraction of a "
            "metered key"
        )
        data = {"scheme": scheme.id, "metered": round(metered, 6), "wanted": least}
        yield Finding("billing.law.metered_whole", message, data)
