"""Commands where a SQLite file is damaged: they say so, and it is backed up as it is."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from operations.backup.repository import Repository
from tests.support.small_house import BUILDING, PERIOD, call, make_house

FILES = ("fairvarme.db", "readings.db")
COMMANDS = (
    ("readings", "show"),
    ("readings", "seal"),
    ("readings", "check"),
    ("runs", "list"),
    ("quarantine", "list"),
    ("alerts", "run"),
    ("alerts", "list"),
    ("figures",),
    ("outbox", "list"),
    ("retention",),
    ("staff", "list"),
    ("residents", "code", BUILDING, "0101-1"),
    ("upgrade", "--check"),
    ("doctor",),
)


def no_database(path: Path) -> None:
    path.write_text("something else\n" * 1000)


def cut_in_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def names_garbled(path: Path) -> None:
    """Change what SQLite quotes in its message to what is no UTF-8."""
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE T\xb5BLE"))


DAMAGES: tuple[Callable[[Path], None], ...] = (no_database, cut_in_half, names_garbled)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an installation whose files have no logs beside them."""
    directory = tmp_path_factory.mktemp("whole")
    config = make_house(directory / "house")
    keep = ("--out", directory / "bills", "--draft", "--by", "anna", "--config", config)
    call("bill", BUILDING, "--period", PERIOD, *keep)
    for name in FILES:
        with closing(sqlite3.connect(config.parent / "data" / name)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    return config.parent


@pytest.fixture(
    params=[(name, damage) for name in FILES for damage in DAMAGES],
    ids=lambda each: f"{each[0]}-{each[1].__name__}",
)
def damaged(whole: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a damaged file of a copy of the installation."""
    name, damage = request.param
    path: Path = shutil.copytree(whole, tmp_path / "house") / "data" / name
    damage(path)
    return path


def settings_of(damaged: Path) -> Path:
    return damaged.parents[1] / "fairvarme.toml"


def test_every_command_ends_in_a_message(damaged: Path) -> None:
    told = []
    for command in COMMANDS:
        done = CliRunner().invoke(main, [*command, "--config", str(settings_of(damaged))])
        assert done.exception is None or isinstance(done.exception, SystemExit), command
        told += [command] if done.exit_code else []
    assert told[-1] == ("doctor",)
    assert len(told) > 2


def test_it_is_backed_up_as_it_is_and_so_is_the_rest(damaged: Path, tmp_path: Path) -> None:
    key, backups = tmp_path / "house.key", tmp_path / "backups"
    recipient = call("backup", "--new-key", key).strip()
    config = settings_of(damaged)
    said = call("backup", backups, "--recipient", recipient, "--config", config, code=1)
    assert f"{damaged}: " in said
    assert not Repository(backups).listing().whole
    again, content = tmp_path / "again", damaged.read_bytes()
    said = call("restore", backups, "--key", key, "--rehearse", code=1)
    assert "damaged before it was backed up" in said
    call("restore", backups, "--key", key, "--into", again)
    assert (again / "data" / damaged.name).read_bytes() == content
    assert (again / "estates" / BUILDING / "flats.csv").exists()
