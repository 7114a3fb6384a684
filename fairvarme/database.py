"""The relational database at its newest tables. The history stands in ``fairvarme/migrations``."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from estate.database import open_database
from estate.errors import StoreUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

# Any number will do, as long as every process asks for the same one.
MIGRATION_LOCK = 7_203_117


def migrate(url: str) -> Engine:
    """
    Open a database and bring it to the newest tables.

    Running it again changes nothing, and of several processes that start at once one makes the
    tables while the others wait.

    Parameters
    ----------
    url : str
        An SQLAlchemy URL, ``sqlite:///fairvarme.db`` or ``postgresql+psycopg://...``.

    Returns
    -------
    Engine
        To be disposed of by the caller.

    Raises
    ------
    UsageError
        Where the URL names no database that can be used.
    StoreUnavailable
        Where the database does not answer.
    """
    engine = _engine_of(url)
    try:
        with _connected(engine) as connection:
            _upgrade(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def opened_as_it_is(url: str) -> Iterator[Engine]:
    """Open a database until the block ends, without a change to its tables; raises as `migrate`."""
    engine = _engine_of(url)
    try:
        yield engine
    finally:
        engine.dispose()


def ask_database(engine: Engine) -> None:
    """Raise `StoreUnavailable` unless the database answers."""
    with _connected(engine) as connection:
        connection.execute(text("SELECT 1"))


def table_state(engine: Engine) -> Literal["newest", "older", "unknown"]:
    """
    Tell how old the tables of a database are.

    Raises
    ------
    StoreUnavailable
        Where the database does not answer.
    """
    with _connected(engine) as connection:
        history = ScriptDirectory.from_config(alembic_config(connection))
        current = MigrationContext.configure(connection).get_current_revision()
    if current == history.get_current_head():
        return "newest"
    known = {each.revision for each in history.walk_revisions()}
    return "older" if current is None or current in known else "unknown"


def _engine_of(url: str) -> Engine:
    try:
        return open_database(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise UsageError(
            f"the database URL cannot be used ({error}); write it as sqlite:///fairvarme.db"
        ) from error


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        name = engine.url.render_as_string(hide_password=True)
        raise StoreUnavailable(f"database {name}", str(error.orig)) from error


def alembic_config(connection: Connection) -> Config:
    """Configure Alembic for one connection; no file on disk is read."""
    config = Config()
    config.set_main_option("script_location", "fairvarme:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    with connection.begin():
        _wait_for_turn(connection)
        command.upgrade(alembic_config(connection), "head")


def _wait_for_turn(connection: Connection) -> None:
    """Let no two processes make tables at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
