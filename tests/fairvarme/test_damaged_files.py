"""A damaged file is told by doctor, backup and replay, and what is not damaged stays usable."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estate.database.sqlite import look_through
from fairvarme.cli import main
from ingest.intake import Intake
from ingest.quarantine.requeue import requeue
from ingest.quarantine.store import Selection
from operations.backup.make import make_backup
from operations.backup.repository import Repository
from operations.settings import read_settings
from telemetry.stores.sqlite import SqliteStore
from tests.faults.matrix.writing import complaint
from tests.support.ingest_parts import RULES, SOURCES, open_quarantine
from tests.support.small_house import call, make_house

PAGE = 4096


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def spoil(path: Path) -> None:
    """Write over the last page of a file that nobody has open."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(-PAGE, 2)
        file.write(b"\xff" * 64)


def files_of(config: Path) -> dict[str, Path]:
    database, store = read_settings(config).files()
    return {"store": store, "database": database}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return make_house(tmp_path / "house")


@pytest.mark.parametrize("name", ["store", "database"])
def test_the_doctor_names_a_damaged_file_with_the_remedy(config: Path, name: str) -> None:
    run("doctor", "--config", config)
    path = files_of(config)[name]
    assert look_through(path) == ("", True, "")
    spoil(path)
    checks = json.loads(run("doctor", "--config", config, "--json").stdout)["checks"]
    told = [each for each in checks if each["name"] == name and "is damaged" in each["detail"]]
    assert [each["state"] for each in told] == ["fault"]
    assert str(path) in told[0]["detail"]
    assert "restore it from the last backup" in told[0]["remedy"]


WITHOUT_ROOM = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from fairvarme.cli import main
main()
"""


@pytest.mark.slow
def test_a_full_disk_is_not_taken_for_damage(config: Path) -> None:
    command = [sys.executable, "-c", WITHOUT_ROOM, "doctor", "--config", str(config), "--json"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    checks = [each for each in json.loads(done.stdout)["checks"] if each["state"] == "fault"]
    assert {"store", "database"} <= {each["name"] for each in checks}
    told = " ".join(each["detail"] + each["remedy"] for each in checks)
    assert "damaged" not in told
    assert "restore it from the last backup" not in told
    assert "free space on its disk" in told
    path = files_of(config)["database"]
    assert look_through(path) == ("", True, "")
    assert look_through(path.parent).hindrance


def test_a_look_ends_in_time(config: Path) -> None:
    looked = look_through(files_of(config)["store"], longest_seconds=-1)
    assert looked.damage == ""


def test_a_backup_of_a_damaged_file_says_so_and_removes_no_earlier_one(
    config: Path, tmp_path: Path
) -> None:
    kept, settings = tmp_path / "kept", read_settings(config)
    recipient = call("backup", "--new-key", tmp_path / "key").strip()
    whole = make_backup(settings, config, kept, [recipient], keep_days=0)
    assert whole.damaged == []
    spoil(files_of(config)["store"])
    made = make_backup(settings, config, kept, [recipient], keep_days=0)
    assert made.forgotten == []
    assert [str(files_of(config)["store"]) in each for each in made.damaged] == [True]
    assert Repository(kept).names() == [whole.name, made.name]
    done = run("backup", kept, "--recipient", recipient, "--config", config)
    assert done.exit_code == 1
    assert "restore it from one of before the damage" in " ".join(done.stderr.split())


def test_a_damaged_message_is_not_replayed(tmp_path: Path) -> None:
    quarantine, intake = open_quarantine(tmp_path / "q.db"), Intake(SOURCES, RULES)
    quarantine.put(intake.take([complaint(n) for n in range(3)]).entries)
    assert quarantine.count_damaged() == 0
    with closing(sqlite3.connect(tmp_path / "q.db")) as connection, connection:
        changed = connection.execute(
            "UPDATE quarantined_message SET payload = ? WHERE payload = ?",
            (b"not json 9", complaint(1).payload),
        )
        assert changed.rowcount == 1
    assert quarantine.count_damaged() == 1
    store = SqliteStore(tmp_path / "r.db")
    done = requeue(quarantine, intake, store, Selection())
    assert (done.messages, done.damaged) == (2, 1)
    assert quarantine.count_messages(Selection()) == 3
    store.close()
    quarantine.engine.dispose()
