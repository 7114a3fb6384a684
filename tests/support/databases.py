"""Databases for tests that run on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

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
def migrated_url(
    request: pytest.FixtureRequest, tmp_path: Path, migrated: Callable[[str], str]
) -> str:
    """Return the URL of a database with the newest tables, as `database_url` does."""
    template = migrated(request.param)
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(template, tmp_path / 'fairvarme.db')}"
    server: Postgresql = request.getfixturevalue("postgresql")
    return server.create_database(template)


@pytest.fixture(scope="session")
def migrated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """Return what gives the file or the name of a database that is migrated once and copied."""
    made: dict[str, str] = {}

    def template(kind: str) -> str:
        if kind not in made:
            path = tmp_path_factory.mktemp("migrated") / "fairvarme.db"
            url = f"sqlite:///{path}"
            if kind == "postgresql":
                server: Postgresql = request.getfixturevalue("postgresql")
                url = server.create_database()
            # Closed, so that the file is whole and the database may be a template.
            migrate(url).dispose()
            made[kind] = str(path) if kind == "sqlite" else str(make_url(url).database)
        return made[kind]

    return template
