"""The relational database. Each package defines its own tables."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, URL, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import DeclarativeBase, Session

from estate.database.sqlite import BUSY_SECONDS, make_durable
from estate.errors import StoreUnavailable
from estate.files.file_place import MOVED, Place, existing, let_go
from estate.files.private_files import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy.dialects import postgresql, sqlite

log = logging.getLogger(__name__)

PLACE = "place"
"""Key under which a SQLite connection remembers its file."""
POSTGRESQL = "postgresql+psycopg"
POSTGRESQL_NAMES = frozenset({"postgresql", "postgres"})
"""What a URL of PostgreSQL may begin with beside `POSTGRESQL`."""
CONNECT_SECONDS = "10"
HIDDEN = "***"
TURNS = 7_203_118
"""Sets the locks of `take_turn` apart from others on a PostgreSQL."""


class Base(DeclarativeBase):
    """Base of every table, so that there is one history of migrations."""

    type_annotation_map = {dict[str, Any]: JSON}  # noqa: RUF012  SQLAlchemy reads it from the class


def open_database(url: str) -> Engine:
    """
    Open the database at a URL of SQLite or PostgreSQL.

    SQLite is set to write-ahead logging with full synchronisation, so that several processes may
    use the file and what was committed survives a power cut. A file that is replaced or removed
    meanwhile is closed and the file now at that path is opened; a missing file is not created.
    """
    address = _with_driver(make_url(url))
    # A server may have restarted since a connection was last used. An error's text may go into a
    # log, which no name or mail address shall reach.
    pre_ping = address.drivername == POSTGRESQL
    engine = create_engine(address, pool_pre_ping=pre_ping, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        if engine.url.database:
            _keep_in_place(engine, Path(engine.url.database))
    return engine


def _with_driver(url: URL) -> URL:
    """Select our PostgreSQL driver, and keep it from waiting minutes for an unavailable server."""
    if url.drivername in POSTGRESQL_NAMES:
        url = url.set(drivername=POSTGRESQL)
    if url.drivername == POSTGRESQL and "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": CONNECT_SECONDS})
    return url


def name_of(engine: Engine) -> str:
    """Return the name of a database for messages, without a password."""
    # Options are left out, since they may include a password.
    return f"database {engine.url.set(query={}).render_as_string(hide_password=True)}"


def unavailable(engine: Engine, error: DBAPIError) -> StoreUnavailable:
    """Return the error for a database's answer, without a password."""
    reason = str(error.orig)
    for secret in (engine.url.password, engine.url.query.get("password")):
        if isinstance(secret, str) and secret:
            reason = reason.replace(secret, HIDDEN)
    return StoreUnavailable(name_of(engine), reason)


def insert_into(engine: Engine, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Build an upsert; the caller adds what happens where a key exists."""
    # Imported in its branch: importing a dialect takes longer than most commands take to run.
    if engine.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


@contextmanager
def answering(engine: Engine, *, snapshot: bool = False) -> Iterator[Session]:
    """
    Work in one transaction; raises `StoreUnavailable` if the database does not answer.

    With `snapshot`, everything that it reads is as of one moment.
    """
    with _told(engine), Session(engine) as session, session.begin():
        if snapshot:
            _look_at_one_moment(session)
        place: Place | None = session.connection().connection.info.get(PLACE)
        yield session
    # Otherwise committed data would be in a file that nobody reads.
    if place is not None and not place.holds:
        raise StoreUnavailable(name_of(engine), MOVED)


@contextmanager
def looking(engine: Engine) -> Iterator[Connection]:
    """Read by plain queries, without the objects of a session; raises as `answering`."""
    with _told(engine), engine.connect() as connection:
        yield connection


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Raise `StoreUnavailable` for what a database answers, or where its texts are damaged."""
    try:
        yield
    except DBAPIError as error:
        raise unavailable(engine, error) from error
    except UnicodeDecodeError as error:
        # A flipped bit corrupted a text, or a name that SQLite quotes.
        raise StoreUnavailable(name_of(engine), f"it is damaged: {error}") from error


def take_turn(session: Session, name: str) -> None:
    """Keep other transactions that take the same named turn waiting until this one ends."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(TURNS, func.hashtext(name))))
    else:
        # Otherwise SQLite reads before it locks.
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _look_at_one_moment(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    else:
        session.connection().exec_driver_sql("BEGIN")


def _set_up_sqlite(connection: Any, _record: Any) -> None:  # noqa: ANN401  a DBAPI connection
    connection.execute(f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}")
    make_durable(connection)
    connection.execute("PRAGMA foreign_keys = ON")
    # Otherwise the deleted bytes stay in the file until their pages are reused.
    connection.execute("PRAGMA secure_delete = ON")


def _keep_in_place(engine: Engine, path: Path) -> None:
    """Drop connections whose file was moved or removed; only the first one may create it."""
    made = False

    def connect(_dialect: Any, _record: Any, arguments: list[Any], more: dict[str, Any]) -> None:  # noqa: ANN401
        if made:
            arguments[:] = [existing(path)]
            more["uri"] = True
        else:
            make_private(path)

    def remember(connection: Any, record: Any) -> None:  # noqa: ANN401
        nonlocal made
        record.info[PLACE] = Place.opened(path, connection)
        made = True

    def check(connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401
        if not record.info[PLACE].holds:
            log.warning(
                "database %s: %s; opened anew",
                path,
                MOVED,
                extra={"event": "database_replaced", "store": str(path)},
            )
            let_go(connection)
            raise InvalidatePoolError(MOVED)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", remember)
    event.listen(engine, "checkout", check)
