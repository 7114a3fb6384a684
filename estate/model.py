"""Data model of a building: its flats, tenancies, persons, devices and costs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from estate.record import NotNegative, Positive, Record, Row, Text

ID_PATTERN = r"^[A-Za-z0-9._:-]{1,64}$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
is_id = re.compile(ID_PATTERN).fullmatch
"""Match a text that is an id; None for others."""
# Folders are named after buildings: none of them leads upwards, or hides.
BuildingId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:-][A-Za-z0-9._:-]{0,63}$")]

DeviceKind = Literal[
    "climate", "heat", "allocator", "hot_water", "cold_water", "cooling", "electricity",
    "outdoor", "main_heat", "unmetered",
]  # fmt: skip
Fuel = Literal["district_heating", "gas", "oil", "heat_pump", "other"]
Tenure = Literal["almen", "privat", "andel", "ejer"]
CostKind = Literal["energy", "fixed", "rebate", "inspection", "information", "carried_over"]


class SupplyPart(Record):
    """A source of the supplier's heat, and its fraction of a year's heat."""

    source: Text
    fraction: Annotated[float, Field(ge=0, le=1)]


class Supply(Record):
    """The supplier's declaration of a year's heat; printed as given, never estimated."""

    year: Annotated[int, Field(ge=1990, le=2100)]
    mix: tuple[SupplyPart, ...] = ()
    co2_kg_per_mwh: NotNegative | None = None
    taxes: Text | None = None


class Tariff(Record):
    """
    The supplier's price of an item from a day on, until the next row of the item.

    Attributes
    ----------
    unit : {'kwh', 'm3'}
        What is counted.
    unit_price : float
        Of one of it, with VAT. [kr]
    yearly_price : float
        What does not follow the use, with VAT. [kr a year]
    """

    item: Text
    start: date = Field(alias="from")
    unit: Literal["kwh", "m3"] = "kwh"
    unit_price: NotNegative
    yearly_price: NotNegative = 0.0


class DegreeDays(Record):
    """
    Degree-days of some days, from the supplier or the weather service.

    Attributes
    ----------
    kelvin_days : float
        [K d]
    """

    start: date = Field(alias="from")
    end: date = Field(alias="to")
    kelvin_days: NotNegative

    @field_validator("end")
    @classmethod
    def _is_after_start(cls, end: date, info: ValidationInfo) -> date:
        start = info.data.get("start")
        if start is not None and end <= start:
            problem = "it is the day after the last one, and comes after from; correct one of them"
            raise PydanticCustomError("days_in_order", problem)
        return end


class Permit(Record):
    """A dispensation to charge by indoor climate, valid for its days only."""

    reference: Text
    start: date = Field(alias="from")
    end: date = Field(alias="to")


class SchemeUse(Record):
    """The scheme that a building uses from a day on, and its legal ground."""

    scheme: Text
    start: date = Field(alias="from")
    decision: Text | None = None
    permit: Permit | None = None


class Facts(Record):
    """
    Facts about a building that the law depends on and no meter reports; blank is unknown.

    Attributes
    ----------
    insulated_1994 : bool or None
        Whether it reaches the level of the German ordinance of 16 August 1994.
    pipes_insulated : bool or None
        Whether the exposed heating pipes are mostly insulated.
    gross_calorific : bool
        The gas is charged by its gross calorific value.
    commercial_supply : bool
        A company sells the heat rather than the fuel.
    hot_water_c : float or None
        Mean temperature of the hot water, measured or estimated. [°C]
    position_priced_in : bool
        The rent or price of a home already pays for its exposed position.
    monthly_information : bool or None
        Whether residents are informed of their consumption every month.
    co2_restrictions : int
        Public-law restrictions on improving the building (CO2KostAufG § 9): 0 none, 1 on
        the building or on its heat supply, 2 on both.
    degree_days : tuple of DegreeDays
        Of years or months, for a building without an outdoor sensor.
    """

    fuel: Fuel | None = None
    insulated_1994: bool | None = None
    pipes_insulated: bool | None = None
    gross_calorific: bool = False
    commercial_supply: bool = False
    hot_water_c: Annotated[float, Field(gt=10, le=95)] | None = None
    position_priced_in: bool = False
    monthly_information: bool | None = None
    co2_restrictions: Literal[0, 1, 2] = 0
    degree_days: tuple[DegreeDays, ...] = ()


class Contact(Record):
    """Whom to ask about a topic."""

    topic: Text
    phone: Text | None = None
    mail: Text | None = None
    hours: Text | None = None
    emergency: bool = False


class Building(Record):
    """A building with one heat bill."""

    id: BuildingId
    name: Text
    address: Text
    timezone: Text
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    tenure: Tenure
    schemes: tuple[SchemeUse, ...]
    organisation: Text | None = None
    department: Text | None = None
    service_centre: Text | None = None
    landlord: Text | None = None
    data_controller: Text | None = None
    complaint_board: Text | None = None
    records_open: Text | None = None
    """Where and when a resident may see the account and its records."""
    contacts: tuple[Contact, ...] = ()
    supply: Supply | None = None
    tariffs: tuple[Tariff, ...] = ()
    facts: Facts = Facts()

    @property
    def zone(self) -> ZoneInfo:
        """The building's time zone."""
        return ZoneInfo(self.timezone)


class Flat(Row):
    """
    A home, or another unit that shares the costs.

    Attributes
    ----------
    named_shares : mapping of str to float
        By column: the ``shares:NAME`` that a file has.
    """

    families: ClassVar[Mapping[str, str]] = {**Row.families, "shares:": "named_shares"}

    flat: Id
    address: Text
    area_m2: Positive
    volume_m3: Positive | None = None
    stairwell: Text | None = None
    floor: Text | None = None
    door: Text | None = None
    heat_loss_w_per_k: Positive | None = None
    gains_w: NotNegative | None = None
    position_factor: Annotated[float, Field(gt=0, le=1)] | None = None
    shares: NotNegative | None = None
    material: Text | None = None
    f_rsi: Annotated[float, Field(gt=0, lt=1)] | None = None
    named_shares: Mapping[str, NotNegative] = {}

    def number(self, column: str) -> float | None:
        """Return a numeric column of the flat, None if it is blank."""
        if column in self.named_shares:
            return self.named_shares[column]
        value: float | None = getattr(self, column, None)
        return value


class Neighbour(Row):
    """The thermal coupling of two flats."""

    flat_a: Id
    flat_b: Id
    coupling_w_per_k: NotNegative


class Tenancy(Row):
    """Liability for the rent of a flat, from a day (inclusive) to another (exclusive)."""

    tenancy: Id
    flat: Id
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    delivery: Literal["digital", "paper"]
    climate_from: date | None = None
    climate_to: date | None = None
    climate_refused: bool = False


class Person(Row):
    """A resident of a tenancy."""

    tenancy: Id
    person: Id
    name: Text
    mail: Text | None = None
    phone: Text | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    channels: Text | None = None
    post_address: Text | None = None
    protected: bool = False
    start: date | None = Field(default=None, alias="from")
    end: date | None = Field(default=None, alias="to")


class Device(Row):
    """A sensor or meter in one place, from a day to another."""

    device: Id
    kind: DeviceKind
    flat: Id | None = None
    start: date = Field(alias="from")
    end: date | None = Field(default=None, alias="to")
    factor: Positive = 1.0
    start_register: NotNegative | None = None
    end_register: NotNegative | None = None
    serial: Text | None = None
    room: Text | None = None
    verified_until: date | None = None
    remote: bool | None = None
    """Whether it can be read remotely; blank: not known."""
    point: Id | None = None
    """The measuring point that it is in; blank: see `estate.points`."""


def _ids(cell: object) -> object:
    return tuple(cell.split()) if isinstance(cell, str) else cell


class Cost(Row):
    """
    One amount of the supplier's bill for a period. Amounts in øre, VAT included.

    Attributes
    ----------
    id : str or None
        Id by which another row may refer to it.
    replaces : tuple of str
        Ids of the rows that it replaces; separated by spaces in the file.
    """

    period_start: date
    period_end: date
    item: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    amount_ore: int
    kind: CostKind = "energy"
    vat_amount_ore: int | None = None
    energy_kwh: NotNegative | None = None
    co2_kg: NotNegative | None = None
    co2_amount_ore: int | None = None
    status: Literal["provisional", "final"] = "final"
    received: date | None = None
    id: Id | None = None
    replaces: Annotated[tuple[Id, ...], BeforeValidator(_ids)] = ()


class Aconto(Row):
    """What a tenancy was charged on account for a period. Amount in øre."""

    tenancy: Id
    period_start: date
    period_end: date
    amount_ore: int


def _in_order(records: Iterable[Any]) -> tuple[Any, ...]:
    """Sort by the records' own fields, the id first, so that no file's order reaches a result."""
    return tuple(sorted(records, key=lambda record: [str(value) for _, value in record]))


@dataclass(frozen=True)
class Estate:
    """
    One building and everything known about it.

    Rows are sorted by their ids, so that the order of a file never affects a result.
    """

    building: Building
    flats: tuple[Flat, ...]
    neighbours: tuple[Neighbour, ...] = ()
    tenancies: tuple[Tenancy, ...] = ()
    persons: tuple[Person, ...] = ()
    devices: tuple[Device, ...] = ()
    costs: tuple[Cost, ...] = ()
    aconto: tuple[Aconto, ...] = ()

    @classmethod
    def of(cls, building: Building, records: Mapping[str, Iterable[Record]]) -> Estate:
        """Make an estate of records by their file, whatever the order in which they come."""
        return cls(building, **{name: _in_order(rows) for name, rows in records.items()})

    @cached_property
    def flat_index(self) -> dict[str, int]:
        """Row number of each flat, in the order of ``flats``."""
        return {flat.flat: number for number, flat in enumerate(self.flats)}

    @cached_property
    def tenancy_by_id(self) -> dict[str, Tenancy]:
        """Each tenancy by its id."""
        return {each.tenancy: each for each in self.tenancies}

    @cached_property
    def tenancies_of(self) -> dict[str, tuple[Tenancy, ...]]:
        """Tenancies of each flat, by their first day."""
        found: dict[str, list[Tenancy]] = defaultdict(list)
        for tenancy in sorted(self.tenancies, key=lambda each: (each.start, each.tenancy)):
            found[tenancy.flat].append(tenancy)
        return {flat: tuple(rows) for flat, rows in found.items()}

    @cached_property
    def placements(self) -> dict[str, tuple[Device, ...]]:
        """Rows of devices.csv of each device id, by their first day: one per location."""
        found: dict[str, list[Device]] = defaultdict(list)
        for device in sorted(self.devices, key=lambda each: each.start):
            found[device.device].append(device)
        return {device: tuple(rows) for device, rows in found.items()}

    def devices_of_kind(self, kind: DeviceKind) -> tuple[Device, ...]:
        """Return the placements of one kind of device."""
        return tuple(device for device in self.devices if device.kind == kind)
