"""
The public documents of a bill: statements.json, findings.json and run.json.

docs/statement.md describes the fields; docs/schemas holds a JSON Schema of each document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from billing.bill.bill import Bill, BillRow, Ground, Reduction, RegisterUse, Share, Statement
from billing.bill.costs import Co2Split, DerivedItem, PublicCost
from billing.bill.explanations import Comparison, HalfDegree, NeighbourHeat, Withheld, YearBefore
from billing.bill.frozen import Frozen
from billing.bill.prices import price_ore, unit_of
from billing.schemes import CLIMATE_KEYS, MonthDay
from estate.findings import Finding, Severity
from estate.periods import Period

Schema = Literal["fairvarme.statements/1"]
"""Name and version of statements.json: changing or removing a field makes a new version."""
(SCHEMA,) = get_args(Schema)


def _alike(model: type[Frozen], source: BaseModel) -> dict[str, Any]:
    """Copy the fields of the same name from another model."""
    return {name: getattr(source, name) for name in _shared(model, type(source))}


@cache
def _shared(model: type[Frozen], source: type[BaseModel]) -> tuple[str, ...]:
    has = source.model_fields.keys() | {*dir(source)}
    return tuple(name for name in model.model_fields if name in has)


class StatementShare(Share):
    """A tenancy's share of a component, the amount split, and the price per unit."""

    unit: str | None
    """Unit of the weight; null if the key is unknown."""
    component_ore: int
    """Total amount of the component. [øre]"""
    price_ore_per_unit: float | None
    """Null if all weights are 0."""

    @classmethod
    def of(cls, bill: Bill, row: BillRow) -> StatementShare:
        """Create the document of a bill's row; with parameters for a climate key."""
        values = _alike(cls, row) | {
            "unit": unit_of(bill, row),
            "component_ore": bill.component_ore(row),
            "price_ore_per_unit": price_ore(bill, row),
        }
        component = bill.component_of(row)
        if component is None or component.key not in CLIMATE_KEYS:
            return StatementShare.model_validate(values)
        return ClimateShare.model_validate(_alike(ClimateShare, component) | values)


class ClimateShare(StatementShare):
    """A tenancy's share by a climate key, with its parameters."""

    position: bool
    season: tuple[MonthDay, MonthDay] | None
    """First day and the day after the last, as 10-01; null: all year."""
    floor_c: float | None
    base_c: float | None


class StatementDocument(Frozen):
    """One statement: what a tenancy pays for a period, with all evidence."""

    building: str
    tenancy: str
    flat: str
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    """Exclusive."""
    resident: bool
    """False for ``landlord:{flat}``."""
    scheme: str
    scheme_version: str
    ground: Ground | None
    trial: bool
    provisional: bool
    allowed: tuple[str, ...]
    """Findings that would have stopped the bill."""
    total_ore: int
    vat_ore: int | None
    shadow_ore: int | None
    """The total under the other scheme, as information. [øre]"""
    shadow_scheme: str | None
    climate_hours: int
    climate_hours_measured: int
    climate_hours_by_house: int
    components: tuple[ClimateShare | StatementShare, ...]
    registers: tuple[RegisterUse, ...]
    aconto_ore: int | None
    balance_ore: int
    """The total less charges on account; negative: to be repaid. [øre]"""
    claimable_ore: int
    """Claimable part of the balance: a late bill only repays. [øre]"""
    supplier_bill_received: date | None
    deadline: date | None
    late: bool
    corrects: date | None
    """Day of the statements that this one corrects."""
    co2: Co2Split | None
    interim: bool
    half_degree: HalfDegree | None
    neighbour_heat: NeighbourHeat | None
    comparison: tuple[Comparison, ...]
    comparison_withheld: Withheld | None
    year_before: tuple[YearBefore, ...]
    derived: tuple[DerivedItem, ...]
    reductions: tuple[Reduction, ...]

    @classmethod
    def of(cls, bill: Bill, statement: Statement) -> Self:
        """Create the document of a statement."""
        compared = statement.comparison
        withheld = compared if isinstance(compared, Withheld) else None
        return cls.model_validate(
            _alike(cls, bill)
            | _alike(cls, statement)
            | {
                "components": tuple(StatementShare.of(bill, row) for row in statement.rows),
                "claimable_ore": bill.claimable_ore(statement),
                "supplier_bill_received": bill.received,
                "corrects": bill.first_issued,
                "comparison": () if withheld else compared,
                "comparison_withheld": withheld,
            }
        )

    def statement(self) -> Statement:
        """Return the statement as in the bill."""
        whose = {"tenancy": self.tenancy, "flat": self.flat}
        rows = (BillRow.model_validate(_alike(BillRow, each) | whose) for each in self.components)
        compared = self.comparison_withheld or self.comparison
        return Statement.model_validate(
            _alike(Statement, self) | {"rows": tuple(rows), "comparison": compared}
        )


class StatementsDocument(Frozen):
    """statements.json: all statements of a bill."""

    name: Schema = Field(default=SCHEMA, alias="schema")
    statements: tuple[StatementDocument, ...]

    @classmethod
    def of(cls, bill: Bill) -> Self:
        """Create the document of all statements, in the bill's order."""
        statements = (StatementDocument.of(bill, each) for each in bill.statements)
        return cls(statements=tuple(statements))


def statement_json(bill: Bill, statement: Statement) -> str:
    """Return one statement as statements.json has it, alone in a document of that schema."""
    document = StatementsDocument(statements=(StatementDocument.of(bill, statement),))
    content = document.model_dump(mode="json", by_alias=True)
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


class FindingDocument(Frozen):
    """One thing found in the data."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    severity: Severity
    allowed: bool
    message: str
    data: Mapping[str, Any]
    """Evidence."""


class FindingsDocument(Frozen):
    """findings.json: all findings of a bill."""

    findings: tuple[FindingDocument, ...]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Self:
        """Create the document of findings, in their order."""
        return cls(findings=tuple(FindingDocument.model_validate(each) for each in findings))


class SchemeName(Frozen):
    """A scheme, and the day from which it is valid."""

    id: str
    version: str


class Program(Frozen):
    """The program that made a bill."""

    name: str = "fairvarme"
    version: str = Field(default_factory=lambda: version("fairvarme"))


def _period(value: object) -> object:
    return Period.parse(value) if isinstance(value, str) else value


PeriodText = Annotated[Period, BeforeValidator(_period), PlainSerializer(str)]
"""A period written as 2026-01-01/2026-02-01."""


class RunDocument(Frozen):
    """run.json: provenance of a bill."""

    building: str
    period: PeriodText
    scheme: SchemeName
    ground: Ground | None
    program: Program
    total_ore: int
    issued: date | None
    first_issued: date | None
    co2: Co2Split | None
    provisional: bool
    allowed: tuple[str, ...]
    costs: tuple[PublicCost, ...]
    derived: tuple[DerivedItem, ...]
    inputs_sha256: Mapping[str, str]
    """SHA-256 of every input file, by name."""

    @classmethod
    def of(cls, bill: Bill, inputs: Mapping[str, str]) -> Self:
        """Create the document of a run and its input files."""
        costs = (PublicCost.model_validate(_alike(PublicCost, each)) for each in bill.costs)
        return cls.model_validate(
            _alike(cls, bill)
            | {
                "scheme": SchemeName(id=bill.scheme, version=bill.scheme_version),
                "program": Program(),
                "costs": tuple(costs),
                "inputs_sha256": dict(sorted(inputs.items())),
            }
        )
