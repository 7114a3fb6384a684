"""The history of a building's estate: what changed, when, by whom, from what to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from estate.database.engine import answering
from estate.database.tables import EstateChange, EstateImport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine


class Past(NamedTuple):
    """
    One row that an import added or changed.

    Attributes
    ----------
    time_ms : int
        [ms since 1970, UTC]
    imported_by, source : str
    file, key : str
        Which row.
    before, after : mapping
        The columns that changed; without earlier values the row was new.
    """

    time_ms: int
    imported_by: str
    source: str
    file: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


def read_history(engine: Engine, building: str, key: str | None = None) -> list[Past]:
    """
    List the changes to a building, the latest first.

    Parameters
    ----------
    engine : Engine
    building : str
    key : str, optional
        Only rows whose key contains this word, such as a device.
    """
    query = (
        select(
            EstateImport.time_ms,
            EstateImport.imported_by,
            EstateImport.source,
            EstateChange.file,
            EstateChange.key,
            EstateChange.before,
            EstateChange.after,
        )
        .join(EstateImport, EstateChange.import_number == EstateImport.number)
        .where(EstateImport.building == building)
        .order_by(EstateChange.number.desc())
    )
    with answering(engine) as session:
        rows = [Past(*row) for row in session.execute(query)]
    return [each for each in rows if key is None or key in each.key.split()]
