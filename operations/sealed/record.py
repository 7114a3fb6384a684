"""The record of what was sealed, in the relational database and so apart from the files."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import String, delete, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from estate.database.engine import Base, answering, looking
from estate.database.upsert import upsert
from operations.database import open_current, opened_as_it_is
from operations.settings import SQLITE
from telemetry.stores.sealed.catalogue import SealedFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine


class RecordedFile(Base):
    """A sealed file of readings, as its catalogue names it."""

    __tablename__ = "sealed_file"

    building: Mapped[str] = mapped_column(String(64), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    facts: Mapped[dict[str, Any]]


class DatabaseRecord:
    """
    A `telemetry.stores.sealed.files.record.SealedRecord`, opened when first used.

    Reading does not migrate the database: if its tables are older, nothing is recorded yet.

    Parameters
    ----------
    url : str
        Of the relational database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._opened = ExitStack()
        self._engine: Engine | None = None

    def files(self, building: str) -> list[SealedFile]:
        """Return the recorded files of a building."""
        query = select(RecordedFile.facts).where(RecordedFile.building == building)
        return [SealedFile.model_validate(facts) for facts in self._asked(query)]

    def buildings(self) -> list[str]:
        """Return the buildings of which files are recorded."""
        return sorted(self._asked(select(RecordedFile.building).distinct()))

    def add(self, building: str, files: Iterable[SealedFile]) -> None:
        """Record files."""
        rows = [
            {"building": building, "sha256": each.sha256, "facts": each.model_dump()}
            for each in files
        ]
        with answering(self._current()) as session:
            upsert(session, RecordedFile, rows, lambda new: {"facts": new.facts})

    def remove(self, building: str, files: Iterable[SealedFile]) -> None:
        """Remove files from the record."""
        digests = [each.sha256 for each in files]
        gone = delete(RecordedFile).where(
            RecordedFile.building == building, RecordedFile.sha256.in_(digests)
        )
        with answering(self._current()) as session:
            session.execute(gone)

    def close(self) -> None:
        """Close connections."""
        self._engine = None
        self._opened.close()

    def _asked(self, query: Any) -> list[Any]:  # noqa: ANN401  a query of one column
        engine = self._as_it_is()
        if engine is None:
            return []
        with looking(engine) as connection:
            return list(connection.scalars(query))

    def _as_it_is(self) -> Engine | None:
        """Return the database if it has the table."""
        if self._engine is not None:
            return self._engine
        path = Path(self._url.removeprefix(SQLITE))
        if self._url.startswith(SQLITE) and not path.exists():
            return None
        with ExitStack() as opening:
            engine = opening.enter_context(opened_as_it_is(self._url))
            with looking(engine) as connection:
                if not inspect(connection).has_table(RecordedFile.__tablename__):
                    return None
            self._opened.push(opening.pop_all())
            self._engine = engine
        return self._engine

    def _current(self) -> Engine:
        engine = self._as_it_is()
        if engine is None:
            engine = self._engine = open_current(self._url)
            self._opened.callback(engine.dispose)
        return engine
