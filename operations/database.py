"""
The relational database at its newest tables. The history stands in ``operations/migrations``.

Alembic is imported where tables are to be made: a command that finds the newest ones asks once.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from sqlalchemy import inspect, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from estate.database.engine import name_of, open_database, unavailable
from estate.errors import StoreUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy import Connection, Engine

# Any number will do, as long as every process asks for the same one.
MIGRATION_LOCK = 7_203_117
# Where Alembic keeps the step that the tables are at.
STEPS_TABLE = "alembic_version"
STEP = text("SELECT version_num FROM alembic_version")


def migrate(url: str) -> Engine:
    """
    Open a database and bring it to the newest tables.

    Running it again changes nothing, and of several processes that start at once one makes the
    tables while the others wait.

    Parameters
    ----------
    url : str
        An SQLAlchemy URL, ``sqlite:///fairvarme.db`` or ``postgresql://user:password@host/database``.

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
        if _steps_are_due(engine):
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
    """Raise `StoreUnavailable` unless the database answers and has the newest tables."""
    if table_state(engine) != "newest":
        raise StoreUnavailable(name_of(engine), "its tables are not those of this version")


def table_state(engine: Engine) -> Literal["newest", "older", "unknown"]:
    """
    Tell how old the tables of a database are.

    Raises
    ------
    StoreUnavailable
        Where the database does not answer.
    """
    with _connected(engine) as connection:
        current = _revision(connection)
    if current == newest_revision():
        return "newest"
    return "older" if current is None or current in _revisions() else "unknown"


def _steps_are_due(engine: Engine) -> bool:
    with _connected(engine) as connection:
        revision = _revision(connection)
    if revision is not None and revision not in _revisions():
        raise UsageError(
            f"{name_of(engine)} was written by a newer version of Fairvarme; update this one"
        )
    return revision != newest_revision()


def newest_revision() -> str:
    """Return the step that the history ends in."""
    return max(_revisions())


@cache
def _revisions() -> frozenset[str]:
    # A step's file begins with its number; a test holds that against Alembic's own reading.
    names = (each.name for each in resources.files("operations.migrations.versions").iterdir())
    return frozenset(name.partition("_")[0] for name in names if name[0].isdigit())


def _revision(connection: Connection) -> str | None:
    """Return the step that the tables are at, by one question where there are any; else None."""
    try:
        revision: str | None = connection.scalar(STEP)
    except (OperationalError, ProgrammingError):
        connection.rollback()
        if inspect(connection).has_table(STEPS_TABLE):
            raise
        return None
    return revision


def _engine_of(url: str) -> Engine:
    try:
        return open_database(url)
    except ImportError as error:
        raise UsageError(
            f"the driver of the database is not installed ({error}); for PostgreSQL install "
            "fairvarme[postgresql], and write the URL as postgresql://user:password@host/database"
        ) from error
    except (ArgumentError, NoSuchModuleError, ValueError):
        # What was found wrong may be a part of the password.
        raise UsageError(
            "the database URL cannot be read; write it as sqlite:///fairvarme.db or "
            "postgresql://user:password@host/database, and characters such as / and @ of the "
            "password as %2F and %40"
        ) from None


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise unavailable(engine, error) from error


def alembic_config(connection: Connection) -> Config:
    """Configure Alembic for one connection; no file on disk is read."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "operations:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    with connection.begin():
        _wait_for_turn(connection)
        command.upgrade(alembic_config(connection), "head")


def _wait_for_turn(connection: Connection) -> None:
    """Let no two processes make tables at once."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
