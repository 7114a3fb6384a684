"""Result of a split: rows that add up, statements per tenancy, findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from billing.bill.costs import Co2Split, CostLine, DerivedItem, final_received
from billing.bill.explanations import Comparison, HalfDegree, NeighbourHeat, Withheld, YearBefore
from billing.bill.frozen import Frozen, MaybeKnown
from billing.schemes import Component
from estate.findings import Finding
from estate.periods import Period
from estate.quantities import quantities


class Ground(Frozen):
    """The legal ground of a scheme, printed on the bill."""

    kind: Literal["permit", "decision"]
    reference: str
    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")
    """A permit's days, end exclusive; a decision is valid from the scheme's first day on."""


class Reduction(Frozen):
    """A statutory reduction that the tenant may claim."""

    rule: str
    """Row of ``law.yaml``."""
    fraction: float
    amount_ore: int
    """Not negative, and not deducted from the statement's total. [øre]"""
    source: str


class Share(Frozen):
    """
    One tenancy's part of one component of one item.

    `weight` and `weight_total` are rounded to 1e-6 of their unit, and the money was split by
    those rounded numbers, so that the rows alone recompute the bill.
    """

    item: str
    component: str
    key: str
    fraction: float
    weight: float
    weight_total: float
    amount_ore: int


class BillRow(Share):
    """A row of bill.csv: a share, and whose it is."""

    tenancy: str
    flat: str


UseMethod = Literal["measured", "interpolated", "own_rate", "year_before", "like_homes"]
"""How a use is known, from best to worst: registers at both edges; interpolated at an edge;
the meter's own rate; the same home a year before; comparable homes by m² and degree-day or day."""


class RegisterBreak(Frozen):
    """A step of a register that is not ordinary counting."""

    kind: Literal["rolled_over", "reset", "broken"]
    day: date
    before: float
    after: float
    largest: float | None = None
    """Largest number before zero, if it rolled over. [the register's unit]"""


def _unit(given: dict[str, Any]) -> str:
    """Return the unit of a register by its quantity; none of one that a fault above left out."""
    return quantities()[given["quantity"]].unit if "quantity" in given else ""


class RegisterUse(Frozen):
    """Use of a meter over a tenancy's days of the period."""

    device: str
    quantity: str
    unit: str = Field(default_factory=_unit)
    """Of `use`."""
    serial: str | None
    factor: float = 1.0
    """Units of use in one count of the register."""
    start_register: MaybeKnown
    end_register: MaybeKnown
    use: MaybeKnown
    """Breaks of the register mended, times the factor; NaN where it is not known."""
    method: UseMethod = "measured"
    interpolated_hours: int = 0
    """Hours between an edge and the nearest reading. [h]"""
    estimated_hours: int = 0
    """Hours not covered by readings. [h]"""
    breaks: tuple[RegisterBreak, ...] = ()


class Statement(Frozen):
    """
    Amount of one tenancy for one period, with explanations.

    Attributes
    ----------
    start, end : date
        The tenancy's days within the period, end exclusive.
    resident : bool
        False for ``landlord:{flat}``, the days without a tenant.
    shadow_ore : int or None
        The same costs under the bill's shadow scheme, as information.
    vat_ore : int or None
        VAT included in the total; None if a cost does not state it. [øre]
    reductions : tuple of Reduction
        Reductions that the tenant may claim.
    aconto_ore : int or None
        Charged on account and credited here; None if nothing was. [øre]
    half_degree : HalfDegree or None
        None without a temperature.
    neighbour_heat : NeighbourHeat or None
    comparison : tuple of Comparison, or Withheld
        Comparison with the other homes, or why there is none.
    year_before : tuple of YearBefore
        If the same tenancy's meters have both years.
    climate_hours, climate_hours_measured : int
        Hours of the tenancy, and those with a measured temperature.
    climate_hours_by_house : int
        Hours for which the upper quartile of the house is used, for lack of data from the home.
    """

    tenancy: str
    flat: str
    start: date
    end: date
    resident: bool
    rows: tuple[BillRow, ...]
    registers: tuple[RegisterUse, ...]
    climate_hours: int
    climate_hours_measured: int
    shadow_ore: int | None = None
    vat_ore: int | None = None
    reductions: tuple[Reduction, ...] = ()
    aconto_ore: int | None = None
    half_degree: HalfDegree | None = None
    neighbour_heat: NeighbourHeat | None = None
    comparison: tuple[Comparison, ...] | Withheld = ()
    year_before: tuple[YearBefore, ...] = ()
    climate_hours_by_house: int = 0

    @property
    def total_ore(self) -> int:
        """Sum of the rows. [øre]"""
        return sum(row.amount_ore for row in self.rows)

    @property
    def balance_ore(self) -> int:
        """Amount due after payments on account; negative: to be repaid. [øre]"""
        return self.total_ore - (self.aconto_ore or 0)


def _by_item(components: Mapping[tuple[str, str], Component]) -> dict[str, dict[str, Component]]:
    nested: dict[str, dict[str, Component]] = defaultdict(dict)
    for (item, name), component in components.items():
        nested[item][name] = component
    return dict(nested)


def _flat(components: Mapping[Any, Any]) -> dict[tuple[str, str], Any]:
    """Read what `_by_item` wrote; what is flat already stays so."""
    pairs: dict[tuple[str, str], Any] = {}
    for item, value in components.items():
        if isinstance(item, tuple):
            pairs[item] = value
        else:
            pairs |= {(item, name): component for name, component in value.items()}
    return pairs


Components = Annotated[
    Mapping[tuple[str, str], Component],
    BeforeValidator(_flat),
    PlainSerializer(_by_item, return_type=dict[str, dict[str, Component]]),
]
"""By item and name of the component, such as ``heat-1``; in JSON a table in a table."""


class Bill(Frozen):
    """
    The split of a building's costs over one period.

    Attributes
    ----------
    ground : Ground or None
        The permit or decision under which the scheme may be charged.
    trial : bool
        Not a claim: the permit is for a trial, or climate is shown as information only.
    costs : tuple of CostLine
        The costs that were split, in the order of items, days and kinds.
    derived : tuple of DerivedItem
        How one supplier bill became several items.
    issued : date or None
        Day on which the bill was made.
    first_issued : date or None
        Day of the statements that this bill corrects; None if it corrects none.
    deadline : date or None
        Last day on which tenants may receive the statements; None without a law.
    late : bool
        Issued after the deadline, so no back-payment may be claimed.
    interim : bool
        The period is shorter than the accounting year: information, not a settlement.
    allowed : tuple of str
        Names of findings that would have stopped the bill and were allowed at the call.
    components : mapping of (str, str) to Component
        The scheme's components, by item and name.
    """

    building: str
    period: Period
    scheme: str
    scheme_version: str
    ground: Ground | None
    trial: bool
    statements: tuple[Statement, ...]
    total_ore: int
    findings: tuple[Finding, ...] = ()
    country: str | None = None
    """Country whose law applies; None: no law."""
    shadow_scheme: str | None = None
    """Scheme of `Statement.shadow_ore`."""
    shadow_by_climate: bool = False
    costs: tuple[CostLine, ...] = ()
    derived: tuple[DerivedItem, ...] = ()
    issued: date | None = None
    first_issued: date | None = None
    deadline: date | None = None
    late: bool = False
    interim: bool = False
    allowed: tuple[str, ...] = ()
    components: Components = Field(default_factory=dict)
    co2: Co2Split | None = None
    """How the CO2 price is shared; None if no law requires it, or no cost states it."""

    @property
    def provisional(self) -> bool:
        """Whether a cost, and so the bill, is provisional."""
        return any(cost.provisional for cost in self.costs)

    @property
    def received(self) -> date | None:
        """Day on which the supplier's final bill was received."""
        return final_received(self.costs)

    @property
    def judged(self) -> date | None:
        """Day that decides whether the statements are in time: of the first, if corrected."""
        return self.first_issued or self.issued

    def claimable_ore(self, statement: Statement) -> int:
        """Return the claimable part of a balance: a late bill only repays. [øre]"""
        return min(statement.balance_ore, 0) if self.late else statement.balance_ore

    def component_of(self, row: BillRow) -> Component | None:
        """Return the scheme's component of a row; None if another key was used."""
        component = self.components.get((row.item, row.component))
        return component if component and component.key == row.key else None

    def component_ore(self, row: BillRow) -> int:
        """Return the total amount of a row's component. [øre]"""
        return self._components_ore[row.item, row.component]

    @cached_property
    def quantities(self) -> frozenset[str]:
        """Quantities of the bill's registers."""
        registers = (each for statement in self.statements for each in statement.registers)
        return frozenset(register.quantity for register in registers)

    @cached_property
    def _components_ore(self) -> dict[tuple[str, str], int]:
        amounts: dict[tuple[str, str], int] = defaultdict(int)
        for row in self.rows:
            amounts[row.item, row.component] += row.amount_ore
        return dict(amounts)

    @property
    def rows(self) -> tuple[BillRow, ...]:
        """Rows of all statements, in the order of bill.csv."""
        return tuple(row for statement in self.statements for row in statement.rows)
