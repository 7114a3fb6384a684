"""Costs of a bill: cost rows, derived items, the CO2 price."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pydantic import Field

from billing.bill.frozen import Frozen
from estate.model import CostKind

SUPPLIED: CostKind = "energy"
"""Kind of costs on the supplier's own bill."""


class PublicCost(Frozen):
    """What run.json tells of one row of costs.csv that the bill is made of."""

    item: str
    """Item as charged by the supplier, before division."""
    kind: CostKind
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    amount_ore: int
    vat_ore: int | None
    """Within `amount_ore`; null where the supplier's bill was not read for it. [øre]"""
    energy_kwh: float | None
    provisional: bool
    received: date | None
    """Day on which the supplier's bill was received."""
    co2_kg: float | None = None
    """Emission of the fuel, as stated on the supplier's bill. [kg]"""
    co2_ore: int | None = None
    """CO2 price, included in `amount_ore`. [øre]"""


class CostLine(PublicCost):
    """One row of costs.csv in the bill."""

    id: str | None = None
    replaces: tuple[str, ...] = ()
    """Ids of the rows that it replaces."""


def final_received(lines: Iterable[CostLine]) -> date | None:
    """
    Return the day on which the supplier's final bill was received.

    Neither an inspection invoice nor a provisional bill counts.
    """
    days = [
        line.received
        for line in lines
        if line.kind == SUPPLIED and not line.provisional and line.received
    ]
    return max(days, default=None)


class DerivedItem(Frozen):
    """A part of a supplier's bill that became a separate item."""

    item: str
    source: str
    """The item of costs.csv that was divided."""
    by: str
    """The scheme's method; ``rest`` for the remainder of the source."""
    energy_kwh: float | None
    """Heat of the amount; None if the scheme sets a fixed fraction. [kWh]"""
    amount_ore: int
    estimated: bool = False
    """Whether some of the metered heat is estimated."""


class Co2Split(Frozen):
    """Sharing of the CO2 price of a period."""

    emission_kg: float
    """Of the suppliers' bills. [kg]"""
    emission_per_m2: float
    """Per living area and year, rounded to one decimal as required by law. [kg/(m² a)]"""
    tenants_fraction: float
    """[1]"""
    amount_ore: int
    """All of it. [øre]"""
    landlord_ore: Mapping[str, int]
    """The landlord's part, by item. [øre]"""

    @property
    def tenants_ore(self) -> int:
        """The tenants' part, which stays in the items. [øre]"""
        return self.amount_ore - sum(self.landlord_ore.values())
