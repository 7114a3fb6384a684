"""`fairvarme upgrade` from each stored old database: told, tried on a copy, never backwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from operations.database import newest_revision
from telemetry.stores.sealed.catalogue import Catalogue, write_catalogue
from telemetry.stores.sqlite import SqliteStore
from tests.support.old_databases import dump_sqlite, load, stored_steps
from tests.support.small_house import call, call_json

OLD = [step for step in stored_steps() if step < newest_revision()]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "fairvarme.toml"
    path.write_text('store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = []\n')
    return path


@pytest.mark.parametrize("step", OLD)
def test_from_each_old_database_to_today(config: Path, step: str) -> None:
    path = config.with_name("f.db")
    load(f"sqlite:///{path}", step)
    before = dump_sqlite(path)
    due = call_json("upgrade", "--check", "--config", config)
    assert (due["now"], due["newest"]) == (step, newest_revision())
    assert len(due["steps"]) == int(newest_revision()) - int(step)
    assert due["seconds"] is not None
    assert dump_sqlite(path) == before
    said = call("upgrade", "--config", config, code=2)
    assert "there is no backup" in said
    assert dump_sqlite(path) == before
    call("upgrade", "--without-backup", "--config", config)
    assert call_json("upgrade", "--check", "--config", config)["steps"] == []
    assert [each.name for each in config.parent.iterdir() if "upgrade" in each.name] == []


def test_a_newer_database_is_refused_with_the_remedy(config: Path) -> None:
    path = config.with_name("f.db")
    load(f"sqlite:///{path}", OLD[-1])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    for arguments in (("--check",), ("--without-backup",)):
        said = call("upgrade", *arguments, "--config", config, code=2)
        assert "restore the backup" in said


def test_versions_of_readings_are_told_and_newer_ones_refused(config: Path) -> None:
    path = config.with_name("r.db")
    SqliteStore(path).close()
    told = call_json("upgrade", "--check", "--config", config)["stores"]
    assert told == [{"store": "the store of readings", "now": 1, "newest": 1}]
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    said = call("upgrade", "--check", "--config", config, code=2)
    assert "restore the backup" in said


def test_a_newer_catalogue_of_sealed_months_is_refused(config: Path) -> None:
    folder = config.with_name("r-sealed") / "solgaarden"
    write_catalogue(folder, Catalogue())
    told = call_json("upgrade", "--check", "--config", config)["stores"]
    assert told == [{"store": "sealed months of solgaarden", "now": 1, "newest": 1}]
    path = folder / "catalogue.json"
    path.write_text(path.read_text().replace('"version": 1,', '"version": 99,'))
    said = call("upgrade", "--check", "--config", config, code=2)
    assert "sealed months of solgaarden" in said
