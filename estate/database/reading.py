"""The estate of a building as it is stored: records of its rows, and its measuring points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import select

from estate.database.changes import Kept
from estate.database.tables import (
    TABLES,
    StoredBuilding,
    StoredDevice,
    StoredPoint,
    StoredSchemeUse,
)
from estate.files.folder import FILES
from estate.model import Building, Estate, Permit, SchemeUse
from estate.points import Point

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from estate.model import DeviceKind
    from estate.record import Record

MODELS: Mapping[str, type[Record]] = {kind.name: kind.model for kind in FILES}
"""The record of each file's rows."""
OWN_FIELDS = [name for name in Building.model_fields if name != "schemes"]
"""What the table of buildings holds of one; its schemes have a table of their own."""


class Stored(NamedTuple):
    """
    A building as it is stored.

    Attributes
    ----------
    building : Building
    rows : mapping of str to list of Kept
        The rows of each file.
    points : mapping of str to Point
    point_of : mapping of int to str
        The measuring point of each device, by the number of its row.
    """

    building: Building
    rows: Mapping[str, list[Kept]]
    points: Mapping[str, Point]
    point_of: Mapping[int, str]

    @property
    def estate(self) -> Estate:
        """The estate, as it is read from a folder."""
        records = {name: [each.record for each in rows] for name, rows in self.rows.items()}
        return Estate.of(self.building, records)


def read_stored(session: Session, building: str) -> Stored | None:
    """Read a building; None if there is none of this id."""
    found = session.execute(
        select(*(getattr(StoredBuilding, name) for name in OWN_FIELDS)).where(
            StoredBuilding.id == building
        )
    ).one_or_none()
    if found is None:
        return None
    schemes = _schemes(session, building)
    rows = {name: _rows(session, name, building) for name in TABLES}
    return Stored(
        Building.model_validate(found._asdict() | {"schemes": schemes}),
        rows,
        _points(session, building),
        _held(session, building),
    )


def _rows(session: Session, file: str, building: str) -> list[Kept]:
    table, model = TABLES[file], MODELS[file]
    columns = [getattr(table, name) for name in model.model_fields]
    query = select(table.number, *columns).where(table.building == building)
    names = list(model.model_fields)
    return [
        Kept(number, model.model_validate(dict(zip(names, values, strict=True))))
        for number, *values in session.execute(query.order_by(table.number))
    ]


def _held(session: Session, building: str) -> dict[int, str]:
    query = select(StoredDevice.number, StoredDevice.measuring_point)
    return dict(session.execute(query.where(StoredDevice.building == building)).all())


def _schemes(session: Session, building: str) -> tuple[SchemeUse, ...]:
    query = select(StoredSchemeUse).where(StoredSchemeUse.building == building)
    return tuple(
        SchemeUse(
            scheme=each.scheme, start=each.start, decision=each.decision, permit=_permit(each)
        )
        for each in session.scalars(query.order_by(StoredSchemeUse.place))
    )


def _permit(use: StoredSchemeUse) -> Permit | None:
    if use.permit_reference is None:
        return None
    values: dict[str, Any] = {"start": use.permit_start, "end": use.permit_end}
    return Permit(reference=use.permit_reference, **values)


def _points(session: Session, building: str) -> dict[str, Point]:
    query = select(StoredPoint).where(StoredPoint.building == building)
    return {
        each.point: Point(each.point, cast("DeviceKind", each.kind), each.flat, each.room)
        for each in session.scalars(query.order_by(StoredPoint.number))
    }
