"""What a split gives: rows that add up, statements per tenancy, and the findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from estate.findings import Finding
    from estate.periods import Period


@dataclass(frozen=True)
class BillRow:
    """
    One tenancy's part of one component of one item; a row of bill.csv.

    `weight` and `weight_total` are rounded to 1e-6 of their unit, and the money was split by
    those rounded numbers, so that the rows alone recompute the bill.
    """

    tenancy: str
    flat: str
    item: str
    component: str
    key: str
    fraction: float
    weight: float
    weight_total: float
    amount_ore: int


@dataclass(frozen=True)
class RegisterUse:
    """What a meter counted over a tenancy's days of the period."""

    device: str
    quantity: str
    serial: str | None
    start_register: float
    end_register: float
    use: float
    estimated_hours: int = 0


@dataclass(frozen=True)
class Statement:
    """
    What one tenancy pays for one period, and why.

    Attributes
    ----------
    start, end : date
        The tenancy's days within the period, end exclusive.
    resident : bool
        False for ``landlord:{flat}``, the days without a tenant.
    shadow_ore : int or None
        The same costs under the metered scheme, as information.
    climate_hours, climate_hours_measured : int
        Hours of the tenancy, and those of them with a measured temperature.
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

    @property
    def total_ore(self) -> int:
        """Sum of the rows. [øre]"""
        return sum(row.amount_ore for row in self.rows)


@dataclass(frozen=True)
class Bill:
    """The split of a building's costs over one period."""

    building: str
    period: Period
    scheme: str
    scheme_version: str
    ground: str | None
    """The permit or decision under which the scheme may be charged."""
    trial: bool
    """Printed as no claim: the permit is a trial's, or climate is shown as information only."""
    statements: tuple[Statement, ...]
    total_ore: int
    findings: tuple[Finding, ...] = field(default=())

    @property
    def rows(self) -> tuple[BillRow, ...]:
        """Rows of all statements, in the order of bill.csv."""
        return tuple(row for statement in self.statements for row in statement.rows)
