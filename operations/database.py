"""
Opens the relational database and migrates it; the migrations are in ``operations/migrations``.

Only ``fairvarme upgrade`` migrates tables that exist; every other command creates them in an empty
database, and refuses older ones. Alembic is imported only to migrate: one query shows whether the
tables are current.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from sqlalchemy import inspect, text
from sqlalchemy.exc import (
    ArgumentError,
    NoSuchModuleError,
    OperationalError,
    ProgrammingError,
)

from estate.database.engine import looking, name_of, open_database
from estate.errors import StoreUnavailable, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy import Connection, Engine

# Any number will do, as long as every process uses the same one.
MIGRATION_LOCK = 7_203_117
# Where Alembic stores the revision of the tables.
STEPS_TABLE = "alembic_version"
STEP = text("SELECT version_num FROM alembic_version")


def migrate(url: str) -> Engine:
    """
    Open a database and migrate it to the newest tables.

    Running it again changes nothing. Of several processes that start at once, one migrates the
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
        If the URL is not of a usable database.
    StoreUnavailable
        If the database is unavailable.
    """
    engine = _engine_of(url)
    try:
        if _steps_are_due(engine):
            with looking(engine) as connection:
                _upgrade(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def open_current(url: str) -> Engine:
    """
    Open a database whose tables are current; an empty one gets them.

    Parameters
    ----------
    url : str
        As in `migrate`.

    Returns
    -------
    Engine
        To be disposed of by the caller.

    Raises
    ------
    UsageError
        If the URL is not of a usable database, or another version wrote its tables.
    StoreUnavailable
        If the database is unavailable.
    """
    with opened_as_it_is(url) as engine:
        require_current(engine)
    return migrate(url)


@contextmanager
def opened_as_it_is(url: str) -> Iterator[Engine]:
    """Open a database without migrating it, until the block ends; raises as `migrate`."""
    engine = _engine_of(url)
    try:
        yield engine
    finally:
        engine.dispose()


def require_current(engine: Engine) -> None:
    """Raise `UsageError` if another version wrote a database's tables; it may have none."""
    revision = revision_of(engine)
    if revision not in (None, newest_revision()):
        raise UsageError(
            f"the tables of {name_of(engine)} are of an older version of Fairvarme (step "
            f"{revision}, this version has {newest_revision()}); make a backup with `fairvarme "
            "backup`, stop the service, then run `fairvarme upgrade`"
        )


def ask_database(engine: Engine) -> None:
    """Raise `StoreUnavailable` unless the database is available and migrated."""
    if table_state(engine) != "newest":
        raise StoreUnavailable(name_of(engine), "its tables are not those of this version")


def table_state(engine: Engine) -> Literal["none", "newest", "older", "unknown"]:
    """
    Return the state of a database's tables, ``none`` if it has none.

    Raises
    ------
    StoreUnavailable
        If the database is unavailable.
    """
    with looking(engine) as connection:
        current = _revision(connection)
    if current is None:
        return "none"
    if current == newest_revision():
        return "newest"
    return "older" if current in _revisions() else "unknown"


def revision_of(engine: Engine) -> str | None:
    """
    Return the step of a database's tables, None if there are none.

    Raises
    ------
    UsageError
        If a newer version wrote it.
    StoreUnavailable
    """
    with looking(engine) as connection:
        revision = _revision(connection)
    if revision is not None and revision not in _revisions():
        raise UsageError(
            f"{name_of(engine)} was written by a newer version of Fairvarme; update this one, or "
            "restore the backup of before that upgrade"
        )
    return revision


def _steps_are_due(engine: Engine) -> bool:
    return revision_of(engine) != newest_revision()


def newest_revision() -> str:
    """Return the newest revision."""
    return max(_revisions())


@cache
def _revisions() -> frozenset[str]:
    # A migration's file name begins with its revision; a test compares that with Alembic.
    names = (each.name for each in resources.files("operations.migrations.versions").iterdir())
    return frozenset(name.partition("_")[0] for name in names if name[0].isdigit())


def _revision(connection: Connection) -> str | None:
    """Return the revision of the tables by one query, None if there are none."""
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
        # The offending part may belong to the password.
        raise UsageError(
            "the database URL cannot be read; write it as sqlite:///fairvarme.db or "
            "postgresql://user:password@host/database, and characters such as / and @ of the "
            "password as %2F and %40"
        ) from None


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
    """Let only one process migrate at a time."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
