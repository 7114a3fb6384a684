"""How a building, its measuring points and its rows get into their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, update

from estate.database.reading import OWN_FIELDS
from estate.database.tables import StoredBuilding, StoredPoint, StoredSchemeUse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from estate.database.changes import Pair
    from estate.database.tables import OfBuilding
    from estate.model import Building, SchemeUse
    from estate.points import Point


def write_building(session: Session, pair: Pair, revision: int) -> None:
    """Write a building with its schemes; `revision` is the import that changes anything of it."""
    building: Building = pair.after
    values = building.model_dump(mode="json", include=set(OWN_FIELDS)) | {"revision": revision}
    own = StoredBuilding.id == building.id
    if pair.before is None:
        session.execute(insert(StoredBuilding).values(values))
    else:
        session.execute(update(StoredBuilding).where(own).values(values))
        session.execute(delete(StoredSchemeUse).where(StoredSchemeUse.building == building.id))
    if building.schemes:
        rows = [_scheme_row(building.id, *each) for each in enumerate(building.schemes)]
        session.execute(insert(StoredSchemeUse), rows)


def _scheme_row(building: str, place: int, use: SchemeUse) -> dict[str, Any]:
    permit = use.permit
    return {
        "building": building,
        "place": place,
        **use.model_dump(exclude={"permit"}),
        "permit_reference": permit.reference if permit else None,
        "permit_start": permit.start if permit else None,
        "permit_end": permit.end if permit else None,
    }


def write_points(session: Session, building: str, points: Sequence[Point]) -> None:
    """Add measuring points."""
    if points:
        rows = [each._asdict() | {"building": building} for each in points]
        session.execute(insert(StoredPoint), rows)


def remove_rows(session: Session, table: type[OfBuilding], numbers: Sequence[int]) -> None:
    """Remove rows by their numbers."""
    for number in numbers:
        session.execute(delete(table).where(table.number == number))


def write_rows(
    session: Session,
    table: type[OfBuilding],
    building: str,
    pairs: Sequence[Pair],
    more: Sequence[Mapping[str, Any]],
) -> None:
    """Write the rows that differ; `more` is what the table holds besides each record."""
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for pair, beside in zip(pairs, more, strict=True):
        own = {"own_columns": dict(pair.after.own_columns)}
        values = pair.after.model_dump() | own | beside
        if pair.before is None:
            added.append(values | {"building": building})
        elif pair.changed:
            changed.append(values | {"number": pair.before.number})
    # Changes first: an added row may take a key that a changed row gives up.
    if changed:
        session.execute(update(table), changed)
    if added:
        session.execute(insert(table), added)
