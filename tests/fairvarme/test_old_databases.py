"""
Databases of every step of the tables since the first, as they were stored, walked to today.

Each is a dump of a database with something in every table, made by the program of its day:
``old_databases/STEP.DIALECT.sql``. `tests.support.old_databases` makes the next one.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from alerts.life.store import AlertStore
from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from correspondence.outbox.store import Outbox
from estate.database.engine import Base, open_database
from estate.sources.database import DatabaseEstates
from ingest.quarantine.store import Quarantine
from ingest.remarks import Remarks
from operations.database import migrate, newest_revision
from tests.support.imports import BUILDING, Site
from tests.support.old_databases import load, stored_steps
from tests.support.tables import TABLES

COMPLAINTS = 12
"""What the first database had in quarantine, counted."""


@pytest.fixture(params=stored_steps())
def step(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old_url(database_url: str, step: str) -> str:
    """Return the URL of a database as it was at a step."""
    load(database_url, step)
    return database_url


def step_of(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def test_there_is_one_of_each_step_before_the_newest() -> None:
    every = [f"{number:04d}" for number in range(1, int(newest_revision()) + 1)]
    assert stored_steps() in (every, every[:-1])


@pytest.mark.slow
def test_it_is_walked_to_today_and_keeps_what_was_in_it(
    old_url: str, step: str, tmp_path: Path
) -> None:
    before = open_database(old_url)
    assert step_of(before) == step
    before.dispose()
    engine = migrate(old_url)
    assert step_of(engine) == newest_revision()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_table_names()) >= TABLES
    assert Quarantine(engine).counts() == {"device_unknown": COMPLAINTS}
    (alert,) = AlertStore(engine).list()
    assert (alert.device, alert.evidence) == ("71000101", {"litres_per_hour": 12.5})
    words = [row.word for row in Remarks(engine).list_rows()]
    assert words == (["LEAK"] if step >= "0003" else [])
    assert verify(engine).findings == ()
    assert len(Ledger(engine).runs()) == (step >= "0004")
    assert DatabaseEstates(engine).revisions() == ({"house": 1} if step >= "0005" else {})
    queued = {"queued": 1} if step >= "0006" else {}
    assert Outbox(engine).counts() == queued
    # And it takes what there is today.
    site = Site.new(engine, tmp_path)
    site.imported()
    assert site.stored().building.id == BUILDING
    engine.dispose()
