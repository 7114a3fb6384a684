"""
Splits the CO2 price between landlord and tenants, where a law requires it. Pure.

The landlord's part is subtracted from the supplier's bill before the split, and appears on the bill
as a row of its own, so that the amounts still add up to the costs.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from billing.bill.costs import Co2Split
from billing.law.days import MONTHS_OF_A_YEAR, add_months
from billing.money import MICRO, micro, split
from estate.findings import Finding
from estate.numbers.values import load_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from billing.bill.costs import CostLine
    from billing.law.table import Law
    from estate.model import Estate, Facts
    from estate.periods import Period

RULE = "co2_cost_shared"
TENTH = Decimal("0.1")
FUELS_WITHOUT = ("heat_pump",)
"""Items without a shared CO2 price: electricity is not such a fuel."""


def co2_split(
    estate: Estate, period: Period, lines: Sequence[CostLine], law: Law
) -> Co2Split | None:
    """
    Split the CO2 price in some costs between landlord and tenants.

    Parameters
    ----------
    estate : Estate
    period : Period
    lines : sequence of CostLine
    law : Law

    Returns
    -------
    Co2Split or None
        None if no law requires it, or no cost states it.

    References
    ----------
    .. [1] CO2KostAufG §§ 5-7 and 9.
    """
    known = [line for line in lines if line.co2_kg is not None and line.co2_ore is not None]
    if not law.wants(RULE) or not known:
        return None
    emission_kg = sum(line.co2_kg or 0.0 for line in known)
    area_m2 = sum(flat.area_m2 for flat in estate.flats)
    per_m2 = _rounded(emission_kg / area_m2 / years(period))
    table = co2_table(period.start)
    left = table["landlord_left"][estate.building.facts.co2_restrictions]
    tenants = 1 - (1 - tenants_fraction(per_m2, period.start)) * left
    amounts: dict[str, int] = {}
    for line in known:
        amounts[line.item] = amounts.get(line.item, 0) + (line.co2_ore or 0)
    part = micro(tenants)
    landlord = {item: split(ore, [part, MICRO - part])[1] for item, ore in sorted(amounts.items())}
    return Co2Split(
        emission_kg=emission_kg,
        emission_per_m2=per_m2,
        tenants_fraction=tenants,
        amount_ore=sum(amounts.values()),
        landlord_ore=landlord,
    )


def tenants_fraction(emission_per_m2: float, on: date) -> float:
    """
    Return the tenants' fraction of the CO2 price.

    Parameters
    ----------
    emission_per_m2 : float
        [kg/(m² a)]
    on : date
        Day whose steps apply.
    """
    steps = [each for each in co2_table(on)["steps"] if each["emission"] <= emission_per_m2]
    return float(steps[-1]["tenants"])


def years(period: Period) -> float:
    """Return a period's length in years, by months regardless of leap days; 1 for twelve months."""
    year = add_months(period.start, MONTHS_OF_A_YEAR) - period.start
    return period.days / year.days


def co2_findings(lines: Sequence[CostLine], facts: Facts, law: Law) -> list[Finding]:
    """Return findings on energy costs that lack the CO2 price that the law splits."""
    if not law.wants(RULE) or facts.fuel in FUELS_WITHOUT:
        return []
    lacking = [
        line
        for line in lines
        if line.kind == "energy" and (line.co2_kg is None or line.co2_ore is None)
    ]
    return [_untold(line, law) for line in lacking if line.item not in law.not_heat]


def _untold(line: CostLine, law: Law) -> Finding:
    message = (
        f"costs.csv: the energy cost of {line.item} from {line.start} lacks the CO2 and "
        f"its price, which by the law of {law.country} are shared between landlord and tenants "
        f"({law.source(RULE)}); add co2_kg and co2_amount as stated on the supplier's bill"
    )
    data = {"file": "costs.csv", "item": line.item, "start": str(line.start)}
    return Finding("billing.law.co2_untold", message, data)


def _rounded(per_m2: float) -> float:
    return float(Decimal(str(per_m2)).quantize(TENTH, ROUND_HALF_UP))


def co2_table(on: date) -> Mapping[str, Any]:
    """Return the steps valid on a day."""
    return load_table("billing.law.co2", "co2_steps.yaml", on)
