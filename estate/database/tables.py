"""
The estate's tables: one for each file of the folder, the measuring points, and what was changed.

A field of a record is the column of its name, except for first and last days. Rows that a file may
repeat have no key of their own; every row has a number.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base

Words = Annotated[str, mapped_column(Text)]
Name = Annotated[str, mapped_column(String(64))]
Number = Annotated[float, mapped_column(Double)]
Ore = Annotated[int, mapped_column(BigInteger)]
Json = Annotated[Any, mapped_column(JSON(none_as_null=True))]
# SQLite numbers rows itself only where their type is INTEGER.
RowNumber = Annotated[
    int, mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
]


def _order(first: str, last: str) -> CheckConstraint:
    return CheckConstraint(f"{last} > {first}", name=f"ck_{last}_after_{first}")


def _of(table: str, column: str, other: str, key: str | None = None) -> ForeignKeyConstraint:
    named = f"fk_{table}_{column}"
    return ForeignKeyConstraint(
        ["building", column], [f"{other}.building", f"{other}.{key or other}"], name=named
    )


class StoredBuilding(Base):
    """A building; its schemes have a table of their own."""

    __tablename__ = "building"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[Words]
    address: Mapped[Words]
    timezone: Mapped[Words]
    currency: Mapped[Words]
    language: Mapped[Words]
    tenure: Mapped[Words]
    organisation: Mapped[Words | None]
    department: Mapped[Words | None]
    service_centre: Mapped[Words | None]
    landlord: Mapped[Words | None]
    data_controller: Mapped[Words | None]
    complaint_board: Mapped[Words | None]
    records_open: Mapped[Words | None]
    contacts: Mapped[Json]
    supply: Mapped[Json | None]
    tariffs: Mapped[Json] = mapped_column(server_default=text("'[]'"))
    facts: Mapped[Json]
    revision: Mapped[int] = mapped_column(BigInteger)
    """The import that changed anything of the building last."""


class OfBuilding(Base):
    """Base of rows that belong to a building."""

    __abstract__ = True

    number: Mapped[RowNumber]
    building: Mapped[str] = mapped_column(String(64), ForeignKey("building.id"))


class OfFile(OfBuilding):
    """Base of rows of a file, with the user's own columns."""

    __abstract__ = True

    own_columns: Mapped[Json] = mapped_column(server_default=text("'{}'"))


class StoredSchemeUse(OfBuilding):
    """Which scheme a building uses from a day on; `place` is that in building.yaml."""

    __tablename__ = "scheme_use"
    __table_args__ = (
        UniqueConstraint("building", "place", name="uq_scheme_use_place"),
        _order("permit_from_day", "permit_to_day"),
    )

    place: Mapped[int]
    scheme: Mapped[Words]
    start: Mapped[date] = mapped_column("from_day", Date)
    decision: Mapped[Words | None]
    permit_reference: Mapped[Words | None]
    permit_start: Mapped[date | None] = mapped_column("permit_from_day", Date)
    permit_end: Mapped[date | None] = mapped_column("permit_to_day", Date)


class StoredFlat(OfFile):
    """A home, or another room that takes part in the split."""

    __tablename__ = "flat"
    __table_args__ = (
        UniqueConstraint("building", "flat", name="uq_flat_flat"),
        CheckConstraint("area_m2 > 0", name="ck_flat_area"),
    )

    flat: Mapped[Name]
    address: Mapped[Words]
    area_m2: Mapped[Number]
    volume_m3: Mapped[Number | None]
    stairwell: Mapped[Words | None]
    floor: Mapped[Words | None]
    door: Mapped[Words | None]
    heat_loss_w_per_k: Mapped[Number | None]
    gains_w: Mapped[Number | None]
    position_factor: Mapped[Number | None]
    shares: Mapped[Number | None]
    material: Mapped[Words | None]
    f_rsi: Mapped[Number | None]
    named_shares: Mapped[Json]


class StoredNeighbour(OfFile):
    """The thermal coupling of two flats."""

    __tablename__ = "neighbour"
    __table_args__ = (
        UniqueConstraint("building", "flat_a", "flat_b", name="uq_neighbour_pair"),
        CheckConstraint("flat_a <> flat_b", name="ck_neighbour_two_flats"),
        _of("neighbour", "flat_a", "flat"),
        _of("neighbour", "flat_b", "flat"),
    )

    flat_a: Mapped[Name]
    flat_b: Mapped[Name]
    coupling_w_per_k: Mapped[Number]


class StoredTenancy(OfFile):
    """Who is liable for the rent of a flat, and when."""

    __tablename__ = "tenancy"
    __table_args__ = (
        UniqueConstraint("building", "tenancy", name="uq_tenancy_tenancy"),
        _of("tenancy", "flat", "flat"),
        _order("from_day", "to_day"),
        _order("climate_from", "climate_to"),
    )

    tenancy: Mapped[Name]
    flat: Mapped[Name]
    start: Mapped[date] = mapped_column("from_day", Date)
    end: Mapped[date | None] = mapped_column("to_day", Date)
    delivery: Mapped[Words]
    climate_from: Mapped[date | None]
    climate_to: Mapped[date | None]
    climate_refused: Mapped[bool]


class StoredPerson(OfFile):
    """A resident of a tenancy."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("building", "tenancy", "person", name="uq_person_person"),
        _of("person", "tenancy", "tenancy"),
        _order("from_day", "to_day"),
    )

    tenancy: Mapped[Name]
    person: Mapped[Name]
    name: Mapped[Words]
    mail: Mapped[Words | None]
    phone: Mapped[Words | None]
    language: Mapped[Words | None]
    channels: Mapped[Words | None]
    post_address: Mapped[Words | None]
    protected: Mapped[bool]
    start: Mapped[date | None] = mapped_column("from_day", Date)
    end: Mapped[date | None] = mapped_column("to_day", Date)


class StoredPoint(OfBuilding):
    """A measuring point: what is measured where. It stays while its devices come and go."""

    __tablename__ = "measuring_point"
    __table_args__ = (
        UniqueConstraint("building", "point", name="uq_measuring_point_point"),
        _of("measuring_point", "flat", "flat"),
    )

    point: Mapped[Words]
    kind: Mapped[Words]
    flat: Mapped[Name | None]
    room: Mapped[Words | None]


class StoredDevice(OfFile):
    """A box or a meter in one place for its days; `point` is what devices.csv names, if it does."""

    __tablename__ = "device"
    __table_args__ = (
        UniqueConstraint("building", "device", "from_day", name="uq_device_first_day"),
        _of("device", "flat", "flat"),
        _of("device", "measuring_point", "measuring_point", "point"),
        _order("from_day", "to_day"),
        Index("ix_device_measuring_point", "building", "measuring_point"),
    )

    measuring_point: Mapped[Words]
    device: Mapped[Name]
    kind: Mapped[Words]
    flat: Mapped[Name | None]
    start: Mapped[date] = mapped_column("from_day", Date)
    end: Mapped[date | None] = mapped_column("to_day", Date)
    factor: Mapped[Number]
    start_register: Mapped[Number | None]
    end_register: Mapped[Number | None]
    serial: Mapped[Words | None]
    room: Mapped[Words | None]
    verified_until: Mapped[date | None]
    remote: Mapped[bool | None]
    point: Mapped[Words | None]


class StoredCost(OfFile):
    """One amount of the supplier's bill for a period."""

    __tablename__ = "cost"
    __table_args__ = (
        UniqueConstraint("building", "id", name="uq_cost_id"),
        Index("ix_cost_building", "building"),
        _order("period_start", "period_end"),
    )

    period_start: Mapped[date]
    period_end: Mapped[date]
    item: Mapped[Words]
    amount_ore: Mapped[Ore]
    kind: Mapped[Words]
    vat_amount_ore: Mapped[Ore | None]
    energy_kwh: Mapped[Number | None]
    co2_kg: Mapped[Number | None]
    co2_amount_ore: Mapped[Ore | None]
    status: Mapped[Words]
    received: Mapped[date | None]
    id: Mapped[Name | None]
    replaces: Mapped[Json]


class StoredAconto(OfFile):
    """What a tenancy was charged on account for a period."""

    __tablename__ = "aconto"
    __table_args__ = (
        _of("aconto", "tenancy", "tenancy"),
        Index("ix_aconto_tenancy", "building", "tenancy"),
        _order("period_start", "period_end"),
    )

    tenancy: Mapped[Name]
    period_start: Mapped[date]
    period_end: Mapped[date]
    amount_ore: Mapped[Ore]


class EstateImport(Base):
    """An import that changed something: when, by whom, from what."""

    __tablename__ = "estate_import"
    __table_args__ = (Index("ix_estate_import_building", "building"),)

    number: Mapped[RowNumber]
    building: Mapped[Name]
    time_ms: Mapped[Ore]
    imported_by: Mapped[Words]
    source: Mapped[Words]


class EstateChange(Base):
    """A row that an import added or changed: the values of its columns before and after."""

    __tablename__ = "estate_change"
    __table_args__ = (Index("ix_estate_change_import", "import_number"),)

    number: Mapped[RowNumber]
    import_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("estate_import.number"))
    file: Mapped[Name]
    key: Mapped[Words]
    before: Mapped[Json | None]
    after: Mapped[Json]


TABLES: dict[str, type[OfFile]] = {
    "flats": StoredFlat,
    "neighbours": StoredNeighbour,
    "tenancies": StoredTenancy,
    "persons": StoredPerson,
    "devices": StoredDevice,
    "costs": StoredCost,
    "aconto": StoredAconto,
}
"""The table of each file's rows; what others name comes first."""
