"""What the costs of a bill are made of: cost rows, items derived of them, the price of CO2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import Field

from billing.bill.frozen import Frozen
from estate.model import CostKind

SUPPLIED: CostKind = "energy"
"""The kind of a cost that the supplier's own bill holds."""


class PublicCost(Frozen):
    """What run.json tells of one row of costs.csv that the bill is made of."""

    item: str
    """As the supplier charged it, before it was divided."""
    kind: CostKind
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    amount_ore: int
    vat_ore: int | None
    """Within `amount_ore`; null where the supplier's bill was not read for it. [øre]"""
    energy_kwh: float | None
    provisional: bool
    received: date | None
    """Day on which the supplier's bill came."""
    co2_kg: float | None = None
    """Emission of the fuel, as the supplier's bill tells it. [kg]"""
    co2_ore: int | None = None
    """Its price, within `amount_ore`. [øre]"""


class CostLine(PublicCost):
    """One row of costs.csv that the bill is made of."""

    id: str | None = None
    replaces: tuple[str, ...] = ()
    """Ids of the rows in whose place it stands."""


def final_received(lines: Iterable[CostLine]) -> date | None:
    """
    Return the day on which the supplier's final bill came.

    An invoice of the inspection is none, and neither is a provisional bill.
    """
    days = [
        line.received
        for line in lines
        if line.kind == SUPPLIED and not line.provisional and line.received
    ]
    return max(days, default=None)


class DerivedItem(Frozen):
    """A part of a supplier's bill that became an item of its own."""

    item: str
    source: str
    """The item of costs.csv that was divided."""
    by: str
    """How, as in the scheme; ``rest`` for what the others leave of the source."""
    energy_kwh: float | None
    """The heat that the amount stands for; None where the scheme says a fixed part. [kWh]"""
    amount_ore: int
    estimated: bool = False
    """Whether the meter that tells it was not read over some of the hours."""


class Co2Split(Frozen):
    """How the price of CO2 of a period is borne."""

    emission_kg: float
    """Of the suppliers' bills. [kg]"""
    emission_per_m2: float
    """Of the living area and a year, rounded to one decimal as the law says. [kg/(m² a)]"""
    tenants_fraction: float
    """[1]"""
    amount_ore: int
    """All of it. [øre]"""
    landlord_ore: Mapping[str, int]
    """The landlord's part, by the item that held it. [øre]"""

    @property
    def tenants_ore(self) -> int:
        """What is left in the items that the tenants split. [øre]"""
        return self.amount_ore - sum(self.landlord_ore.values())
