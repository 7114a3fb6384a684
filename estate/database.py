"""The relational database. Each package keeps its tables beside its code."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from estate.errors import StoreUnavailable
from estate.sqlite import BUSY_SECONDS, make_durable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.dialects import postgresql, sqlite


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
        event.listen(engine, "connect", _set_up_sqlite)
    return engine


def insert_into(
    engine: Engine, table: type[Base], rows: Sequence[dict[str, Any]] | None = None
) -> sqlite.Insert | postgresql.Insert:
    """
    Insert rows, to be completed by what happens where a key is there already.

    Without `rows` they are handed over at the execution, which is faster for thousands of them.
    """
    insert: sqlite.Insert | postgresql.Insert
    # Each in its branch: a dialect takes longer to import than most commands to run.
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        insert = postgresql.insert(table)
    else:
        from sqlalchemy.dialects import sqlite

        insert = sqlite.insert(table)
    return insert if rows is None else insert.values(rows)


@contextmanager
def answering(engine: Engine) -> Iterator[Session]:
    """Work in one transaction; `StoreUnavailable` where the database does not answer."""
    try:
        with Session(engine) as session, session.begin():
            yield session
    except DBAPIError as error:
        name = engine.url.render_as_string(hide_password=True)
        raise StoreUnavailable(f"database {name}", str(error.orig)) from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401  a DBAPI connection
    connection.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
    make_durable(connection)
    connection.execute("PRAGMA foreign_keys = ON")
