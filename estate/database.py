"""The relational database. Each package keeps its tables beside its code."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Base of every table of the house, so that there is one history of migrations."""

    type_annotation_map = {dict[str, Any]: JSON}  # noqa: RUF012  SQLAlchemy reads it from the class


def open_database(url: str) -> Engine:
    """
    Open the database at an SQLAlchemy URL.

    SQLite is set to write-ahead logging with full synchronisation, so that several processes may
    use the file and what was committed survives a power cut.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_sqlite_durable)
    return engine


def _set_sqlite_durable(connection: Any, _record: Any) -> None:  # noqa: ANN401  a DBAPI connection
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
