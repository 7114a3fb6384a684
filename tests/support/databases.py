"""Databases for tests that run on SQLite and on PostgreSQL."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import make_url

from operations.database import migrate
from tests.support.postgresql import Postgresql

KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.integration)]


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database: a test that takes it runs on SQLite and PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'fairvarme.db'}"
    server: Postgresql = request.getfixturevalue("postgresql")
    return server.create_database()


@pytest.fixture(params=KINDS)
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database with the newest tables, as `database_url` does."""
    if request.param == "sqlite":
        return place_database(tmp_path / "fairvarme.db")
    server: Postgresql = request.getfixturevalue("postgresql")
    return server.create_database(request.getfixturevalue("postgresql_template"))


@pytest.fixture(scope="session")
def postgresql_template(postgresql: Postgresql) -> str:
    """Return the name of a database that is migrated once, which others are made like."""
    url = postgresql.create_database()
    # Closed, for a database that is in use is not copied.
    migrate(url).dispose()
    return str(make_url(url).database)


def place_database(path: Path) -> str:
    """Write the file of a database with the newest tables and nothing in them; return its URL."""
    path.touch(mode=0o600)
    path.write_bytes(_newest_tables())
    return f"sqlite:///{path}"


@cache
def _newest_tables() -> bytes:
    # Each migration of a new file makes all tables that there ever were.
    with TemporaryDirectory() as name:
        path = Path(name) / "fairvarme.db"
        migrate(f"sqlite:///{path}").dispose()
        return path.read_bytes()
