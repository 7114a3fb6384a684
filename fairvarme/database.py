"""The relational database at its newest tables. The history stands in ``fairvarme/migrations``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from estate.database import open_database
from estate.errors import StoreUnavailable, UsageError

if TYPE_CHECKING:
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
    try:
        engine = open_database(url)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise UsageError(
            f"the database URL cannot be used ({error}); write it as sqlite:///fairvarme.db"
        ) from error
    try:
        with engine.connect() as connection:
            _upgrade(connection)
    except DBAPIError as error:
        name = engine.url.render_as_string(hide_password=True)
        engine.dispose()
        raise StoreUnavailable(f"database {name}", str(error.orig)) from error
    return engine


def ask_database(engine: Engine) -> None:
    """Raise `StoreUnavailable` unless the database answers."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
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
