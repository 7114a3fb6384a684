"""The estate: a table for each file of the folder, measuring points, and what was changed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Column = sa.Column[Any]
ID_LENGTH = 64
FIRST, LAST = "from_day", "to_day"


def upgrade() -> None:
    """Bring the database to this step."""
    _create_building()
    _create_homes()
    _create_people()
    _create_devices()
    _create_money()
    _create_history()


def downgrade() -> None:
    """Take the step back; what was imported is not taken along."""
    for table in (
        "estate_change", "estate_import", "aconto", "cost", "device", "measuring_point", "person",
        "tenancy", "neighbour", "flat", "scheme_use", "building",
    ):  # fmt: skip
        op.drop_table(table)


def _of(kind: Any, *names: str, nullable: bool = False) -> list[Column]:  # noqa: ANN401  a type
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _ids(*names: str, nullable: bool = False) -> list[Column]:
    return _of(sa.String(ID_LENGTH), *names, nullable=nullable)


def _json(*names: str, nullable: bool = False) -> list[Column]:
    return _of(sa.JSON(none_as_null=True), *names, nullable=nullable)


def _number() -> Column:
    # SQLite numbers rows itself only where their type is INTEGER.
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("number", kind, primary_key=True)


def _row() -> list[Any]:
    return [_number(), *_ids("building"), sa.ForeignKeyConstraint(["building"], ["building.id"])]


def _names(table: str, column: str, other: str, key: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["building", column],
        [f"{other}.building", f"{other}.{key or other}"],
        name=f"fk_{table}_{column}",
    )


def _order(first: str, last: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{last} > {first}", name=f"ck_{last}_after_{first}")


def _once(name: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint("building", *columns, name=name)


def _create_building() -> None:
    op.create_table(
        "building",
        sa.Column("id", sa.String(ID_LENGTH), primary_key=True),
        *_of(sa.Text, "name", "address", "timezone", "currency", "language", "tenure"),
        *_of(
            sa.Text, "organisation", "department", "service_centre", "landlord", "data_controller",
            "complaint_board", "records_open", nullable=True,
        ),
        *_json("contacts", "facts"),
        *_json("supply", nullable=True),
        *_of(sa.BigInteger, "revision"),
    )  # fmt: skip
    op.create_table(
        "scheme_use",
        *_row(),
        *_of(sa.Integer, "place"),
        *_of(sa.Text, "scheme"),
        *_of(sa.Date, FIRST),
        *_of(sa.Text, "decision", "permit_reference", nullable=True),
        *_of(sa.Date, "permit_from_day", "permit_to_day", nullable=True),
        _once("uq_scheme_use_place", "place"),
        _order("permit_from_day", "permit_to_day"),
    )


def _create_homes() -> None:
    op.create_table(
        "flat",
        *_row(),
        *_ids("flat"),
        *_of(sa.Text, "address"),
        *_of(sa.Double, "area_m2"),
        *_of(
            sa.Double, "volume_m3", "heat_loss_w_per_k", "gains_w", "position_factor", "shares",
            "f_rsi", nullable=True,
        ),
        *_of(sa.Text, "stairwell", "floor", "door", "material", nullable=True),
        *_json("named_shares"),
        _once("uq_flat_flat", "flat"),
        sa.CheckConstraint("area_m2 > 0", name="ck_flat_area"),
    )  # fmt: skip
    op.create_table(
        "neighbour",
        *_row(),
        *_ids("flat_a", "flat_b"),
        *_of(sa.Double, "coupling_w_per_k"),
        _once("uq_neighbour_pair", "flat_a", "flat_b"),
        sa.CheckConstraint("flat_a <> flat_b", name="ck_neighbour_two_flats"),
        _names("neighbour", "flat_a", "flat"),
        _names("neighbour", "flat_b", "flat"),
    )


def _create_people() -> None:
    op.create_table(
        "tenancy",
        *_row(),
        *_ids("tenancy", "flat"),
        *_of(sa.Date, FIRST),
        *_of(sa.Date, LAST, "climate_from", "climate_to", nullable=True),
        *_of(sa.Text, "delivery"),
        *_of(sa.Boolean, "climate_refused"),
        _once("uq_tenancy_tenancy", "tenancy"),
        _names("tenancy", "flat", "flat"),
        _order(FIRST, LAST),
        _order("climate_from", "climate_to"),
    )
    op.create_table(
        "person",
        *_row(),
        *_ids("tenancy", "person"),
        *_of(sa.Text, "name"),
        *_of(sa.Text, "mail", "phone", "language", "channels", "post_address", nullable=True),
        *_of(sa.Boolean, "protected"),
        *_of(sa.Date, FIRST, LAST, nullable=True),
        _once("uq_person_person", "tenancy", "person"),
        _names("person", "tenancy", "tenancy"),
        _order(FIRST, LAST),
    )


def _create_devices() -> None:
    op.create_table(
        "measuring_point",
        *_row(),
        *_of(sa.Text, "point", "kind"),
        *_ids("flat", nullable=True),
        *_of(sa.Text, "room", nullable=True),
        _once("uq_measuring_point_point", "point"),
        _names("measuring_point", "flat", "flat"),
    )
    op.create_table(
        "device",
        *_row(),
        *_of(sa.Text, "measuring_point", "kind"),
        *_ids("device"),
        *_ids("flat", nullable=True),
        *_of(sa.Date, FIRST),
        *_of(sa.Date, LAST, "verified_until", nullable=True),
        *_of(sa.Double, "factor"),
        *_of(sa.Double, "start_register", "end_register", nullable=True),
        *_of(sa.Text, "serial", "room", "point", nullable=True),
        *_of(sa.Boolean, "remote", nullable=True),
        _once("uq_device_first_day", "device", FIRST),
        _names("device", "flat", "flat"),
        _names("device", "measuring_point", "measuring_point", "point"),
        _order(FIRST, LAST),
    )
    op.create_index("ix_device_measuring_point", "device", ["building", "measuring_point"])


def _create_money() -> None:
    op.create_table(
        "cost",
        *_row(),
        *_of(sa.Date, "period_start", "period_end"),
        *_of(sa.Text, "item", "kind", "status"),
        *_of(sa.BigInteger, "amount_ore"),
        *_of(sa.BigInteger, "vat_amount_ore", "co2_amount_ore", nullable=True),
        *_of(sa.Double, "energy_kwh", "co2_kg", nullable=True),
        *_of(sa.Date, "received", nullable=True),
        *_ids("id", nullable=True),
        *_json("replaces"),
        _once("uq_cost_id", "id"),
        _order("period_start", "period_end"),
    )
    op.create_index("ix_cost_building", "cost", ["building"])
    op.create_table(
        "aconto",
        *_row(),
        *_ids("tenancy"),
        *_of(sa.Date, "period_start", "period_end"),
        *_of(sa.BigInteger, "amount_ore"),
        _names("aconto", "tenancy", "tenancy"),
        _order("period_start", "period_end"),
    )
    op.create_index("ix_aconto_tenancy", "aconto", ["building", "tenancy"])


def _create_history() -> None:
    op.create_table(
        "estate_import",
        _number(),
        *_ids("building"),
        *_of(sa.BigInteger, "time_ms"),
        *_of(sa.Text, "imported_by", "source"),
    )
    op.create_index("ix_estate_import_building", "estate_import", ["building"])
    op.create_table(
        "estate_change",
        _number(),
        sa.Column(
            "import_number", sa.BigInteger, sa.ForeignKey("estate_import.number"), nullable=False
        ),
        *_ids("file"),
        *_of(sa.Text, "key"),
        *_json("before", nullable=True),
        *_json("after"),
    )
    op.create_index("ix_estate_change_import", "estate_change", ["import_number"])
