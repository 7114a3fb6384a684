"""The estates of a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from estate.database.engine import answering
from estate.database.reading import read_stored
from estate.database.tables import StoredBuilding
from estate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Engine

    from estate.model import Estate


@dataclass(frozen=True)
class DatabaseEstates:
    """
    The estates that were imported into a database; an `EstateSource`.

    Attributes
    ----------
    engine : Engine
        A database with the tables of `estate.database.tables`.
    """

    engine: Engine

    def revisions(self) -> Mapping[str, int]:
        """Return every building with the number of the import that changed it last."""
        query = select(StoredBuilding.id, StoredBuilding.revision).order_by(StoredBuilding.id)
        with answering(self.engine) as session:
            return dict(session.execute(query).all())

    def read(self, building: str) -> Estate:
        """Return the estate of a building, all of it as of one moment."""
        with answering(self.engine, snapshot=True) as session:
            stored = read_stored(session, building)
        if stored is None:
            raise UsageError(f"no building {building} in the database; import its estate folder")
        return stored.estate
