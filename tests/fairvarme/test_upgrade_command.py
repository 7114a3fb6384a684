"""`fairvarme upgrade` from each stored old database: told, tried on a copy, never backwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from estate.files.file_place import in_use
from operations.database import newest_revision
from operations.settings import read_settings
from telemetry.stores.sealed.catalogue import Catalogue, write_catalogue
from telemetry.stores.sqlite import SqliteStore
from tests.support.old_databases import dump_sqlite, load, stored_steps
from tests.support.small_house import call, call_json, make_house

OLD = [step for step in stored_steps() if step < newest_revision()]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "fairvarme.toml"
    path.write_text('store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = []\n')
    return path


@pytest.mark.slow
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
    assert "there is no undamaged backup" in said
    assert dump_sqlite(path) == before
    call("upgrade", "--without-backup", "--config", config)
    assert call_json("upgrade", "--check", "--config", config)["steps"] == []
    assert [each.name for each in config.parent.iterdir() if "upgrade" in each.name] == []


NEEDS_TABLES = (
    ("quarantine", "list"),
    ("alerts", "list"),
    ("outbox", "list"),
    ("residents", "code", "solgaarden", "0101-1"),
    ("retention",),
    ("serve",),
    ("run",),
)


@pytest.mark.parametrize("step", [OLD[0], OLD[-1]])
@pytest.mark.parametrize("command", NEEDS_TABLES, ids=" ".join)
def test_only_an_upgrade_changes_old_tables(
    tmp_path: Path, command: tuple[str, ...], step: str
) -> None:
    config = make_house(tmp_path / "house")
    database = place_old(config, step)
    before = dump_sqlite(database)
    said = call(*command, "--config", config, code=2)
    assert "fairvarme backup" in said
    assert "fairvarme upgrade" in said
    assert dump_sqlite(database) == before


def test_the_new_program_backs_old_tables_up_and_then_upgrades(tmp_path: Path) -> None:
    config = make_house(tmp_path / "house")
    database = place_old(config, OLD[0])
    before = dump_sqlite(database)
    key = call("backup", "--new-key", tmp_path / "house.key").strip()
    with config.open("a") as file:
        file.write(f'\n[backup]\ndirectory = "{tmp_path / "backups"}"\nrecipients = ["{key}"]\n')
    call("backup", "--config", config)
    assert dump_sqlite(database) == before
    call("upgrade", "--config", config)
    call("alerts", "list", "--config", config)
    key_file, again = tmp_path / "house.key", tmp_path / "again"
    call("restore", tmp_path / "backups", "--key", key_file, "--into", again)
    assert dump_sqlite(again / database.relative_to(config.parent)) == before


def test_an_upgrade_waits_until_the_worker_has_stopped(config: Path) -> None:
    path = config.with_name("f.db")
    load(f"sqlite:///{path}", OLD[-1])
    before = dump_sqlite(path)
    with in_use(path):
        said = call("upgrade", "--without-backup", "--config", config, code=2)
    assert "stop it first" in said
    assert dump_sqlite(path) == before


def place_old(config: Path, step: str) -> Path:
    """Put the database of an old step in place of an installation's own."""
    path = Path(read_settings(config).database.removeprefix("sqlite:///"))
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    load(f"sqlite:///{path}", step)
    return path


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
