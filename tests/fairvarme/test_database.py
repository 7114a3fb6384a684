"""The migrations against the tables that the code uses, on a real database file."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Column, inspect, make_url, text

from estate.database.engine import Base, open_database
from estate.errors import StoreUnavailable, UsageError
from operations.database import alembic_config, migrate, newest_revision, table_state
from tests.support.tables import TABLES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.postgresql import Postgresql


def url_in(directory: Path) -> str:
    return f"sqlite:///{directory / 'fairvarme.db'}"


def migrate_and_let_go(url: str) -> None:
    migrate(url).dispose()


def differs_by_default(
    _context: object,
    _found: object,
    column: Column[Any],
    found: str | None,
    _made: object,
    wanted: str | None,
) -> bool | None:
    """Compare defaults of JSON as texts, for which PostgreSQL has no "="; leave the others."""
    if not isinstance(column.type, JSON):
        return None
    return (found or "").partition("::")[0] != (wanted or "")


def test_the_history_ends_in_the_tables_of_the_code(database_url: str) -> None:
    engine = migrate(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": differs_by_default}
        )
        differences = compare_metadata(context, Base.metadata)
        names = set(inspect(connection).get_table_names())
    engine.dispose()
    assert differences == []
    assert names >= TABLES


def test_migrating_again_keeps_what_is_there(database_url: str) -> None:
    engine = migrate(database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO device_word"
                " (building, device, word, meaning, first_ms, last_ms, count)"
                " VALUES ('b', 'd', 'LEAK', 'leak', 1, 2, 1)"
            )
        )
    engine.dispose()
    again = migrate(database_url)
    with again.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM device_word"))
    again.dispose()
    assert count == 1


def test_the_newest_step_is_that_of_the_history(tmp_path: Path) -> None:
    engine = migrate(url_in(tmp_path))
    with engine.connect() as connection:
        history = ScriptDirectory.from_config(alembic_config(connection))
    engine.dispose()
    assert newest_revision() == history.get_current_head()


def test_a_newer_version_is_not_touched(database_url: str) -> None:
    engine = migrate(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(UsageError, match="newer version"):
        migrate(database_url)


@pytest.mark.slow
def test_processes_that_start_together_make_the_tables_once(database_url: str) -> None:
    # What SQLAlchemy opened does not survive a fork.
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        list(pool.map(migrate_and_let_go, [database_url] * 3))
    engine = migrate(database_url)
    assert set(inspect(engine).get_table_names()) >= TABLES
    engine.dispose()


def test_the_history_can_be_taken_back(database_url: str) -> None:
    engine = migrate(database_url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    left = inspect(engine).get_table_names()
    engine.dispose()
    assert left == ["alembic_version"]


def test_the_database_writes_durably(tmp_path: Path) -> None:
    engine = migrate(url_in(tmp_path))
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        modes = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in PRAGMAS]
    engine.dispose()
    assert modes == list(PRAGMAS.values())


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("url", ["", "nonsense", "oddbase:///x"])
def test_a_url_that_is_none_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError, match="sqlite:///"):
        migrate(url)


def test_a_file_that_cannot_be_opened_is_not_available(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="not available"):
        migrate(url_in(tmp_path / "absent"))


SECRETS = ("xyzzy", "xyz/zy", "xyz@zy:q")


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "url",
    [
        "sqlite://somebody:{}@/{}/absent/x.db",
        "postgresql://somebody:{}@127.0.0.1:1/x",
        "postgres://127.0.0.1:1/x?user=somebody&password={}",
        "postgresql://somebody:{}@127.0.0.1:port/x",
        "postgresql:/somebody:{}@127.0.0.1/x",
    ],
)
def test_a_password_never_reaches_the_message(tmp_path: Path, url: str, secret: str) -> None:
    with pytest.raises((StoreUnavailable, UsageError)) as caught:
        migrate(url.format(secret, tmp_path))
    assert not [piece for piece in ("xyz", "zy") if piece in str(caught.value)]


@pytest.mark.integration
def test_a_wrong_password_is_told_without_it(postgresql: Postgresql) -> None:
    url = make_url(postgresql.create_database()).set(password="not the one")  # noqa: S106  a wrong one
    with pytest.raises(StoreUnavailable, match="password authentication failed") as caught:
        migrate(url.render_as_string(hide_password=False))
    assert "not the one" not in str(caught.value)


@pytest.mark.integration
def test_a_server_that_starts_anew_is_asked_again(own_postgresql: Postgresql) -> None:
    engine = migrate(own_postgresql.create_database())
    own_postgresql.kill()
    with pytest.raises(StoreUnavailable, match="not available"):
        table_state(engine)
    own_postgresql.start()
    assert table_state(engine) == "newest"
    engine.dispose()


@pytest.mark.parametrize("name", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_url_of_postgresql_needs_no_driver_in_it(name: str) -> None:
    engine = open_database(f"{name}://somebody@127.0.0.1:1/x")
    assert engine.url.drivername == "postgresql+psycopg"
    engine.dispose()
