"""What holds personal data is its owner's alone, whatever the umask; the doctor tells the rest."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from estate.files.private_files import make_private, others_may_read, private_files
from fairvarme.cli import main
from operations.database import migrate
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore
from tests.support.broken_inputs import good_year
from tests.support.shipped_broker import SAMPLE

OTHERS = 0o077
READINGS = "time,device,quantity,value\n2026-01-10T12:00:00Z,box-0101,temperature_c,21.5\n"


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    assert os.umask(before) == 0o022, "a command left its umask behind"


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """Yield a folder that everybody can enter; those of pytest are the user's alone."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory


def exposed(directory: Path) -> list[str]:
    return [
        f"{path.relative_to(directory)} {path.stat().st_mode & 0o777:o}"
        for path in sorted(directory.rglob("*"))
        if path.stat().st_mode & OTHERS
    ]


def settings_file(directory: Path) -> Path:
    path = directory / "fairvarme.toml"
    path.write_text(
        'store = "sqlite:///data/readings.db"\ndatabase = "sqlite:///data/fairvarme.db"\n'
        'estates = ["estate"]\n'
    )
    (directory / "data").mkdir()
    shutil.copytree(SAMPLE, directory / "estate")
    return path


def test_a_bill_and_its_statements(tmp_path: Path) -> None:
    inputs = good_year(tmp_path)
    arguments = [*inputs.arguments(), "--statements", "pdf"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    written = {path.suffix for path in inputs.out.rglob("*")}
    assert {".csv", ".json", ".pdf"} <= written
    assert exposed(inputs.out) == []
    assert inputs.out.stat().st_mode & OTHERS == 0


def test_findings_of_a_bill_that_stops(tmp_path: Path) -> None:
    inputs = good_year(tmp_path)
    inputs.readings.write_text("time,device,quantity,value\n")
    assert CliRunner().invoke(main, inputs.arguments()).exit_code == 1
    assert (inputs.out / "findings.json").is_file()
    assert exposed(inputs.out) == []


def test_what_load_stores(tmp_path: Path) -> None:
    config = settings_file(tmp_path)
    (tmp_path / "r.csv").write_text(READINGS)
    arguments = ["load", str(tmp_path / "r.csv"), "--building", "solgaarden"]
    result = CliRunner().invoke(main, [*arguments, "--config", str(config)])
    assert result.exit_code == 0, result.output
    assert {path.name for path in (tmp_path / "data").iterdir()} >= {"readings.db", "fairvarme.db"}
    assert exposed(tmp_path / "data") == []


def test_databases_and_their_logs_while_they_are_open(tmp_path: Path) -> None:
    """Of a program that never set its umask, too."""
    data = tmp_path / "data"
    data.mkdir()
    store = SqliteStore(data / "readings.db")
    store.write([Reading("b", "d", "co2_ppm", 0, 700.0, 0, 0)])
    engine = migrate(f"sqlite:///{data / 'fairvarme.db'}")
    with engine.connect():
        names = {path.name for path in data.iterdir()}
        assert {"readings.db", "readings.db-wal", "readings.db-shm"} <= names
        assert {"fairvarme.db", "fairvarme.db-wal", "fairvarme.db-shm"} <= names
        assert exposed(data) == []
    engine.dispose()
    store.close()


def test_children_inherit_it(tmp_path: Path) -> None:
    with private_files():
        program = f"open({str(tmp_path / 'log')!r}, 'w').close()"
        subprocess.run([sys.executable, "-c", program], check=True)
    assert (tmp_path / "log").stat().st_mode & OTHERS == 0


def test_a_file_that_is_there_keeps_its_rights_and_its_locks(tmp_path: Path) -> None:
    path = tmp_path / "r.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE t (x)")
    path.chmod(0o640)
    connection.execute("BEGIN EXCLUSIVE")
    make_private(path)
    assert path.stat().st_mode & 0o777 == 0o640
    program = (
        "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('SELECT * FROM t')"
    )
    other = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True
    )
    assert "locked" in other.stderr
    connection.close()


def test_what_others_may_read(open_directory: Path) -> None:
    path = open_directory / "a" / "persons.csv"
    path.parent.mkdir()
    path.write_text("name\n")
    assert others_may_read(path)
    assert others_may_read(path.parent)
    path.parent.chmod(0o750)
    assert not others_may_read(path)
    path.parent.chmod(0o711)
    assert others_may_read(path)
    assert not others_may_read(path.parent)
    path.chmod(0o640)
    assert not others_may_read(path)


@pytest.mark.slow
def test_the_doctor_names_what_others_may_read(open_directory: Path) -> None:
    config = settings_file(open_directory)
    migrate(f"sqlite:///{open_directory / 'data' / 'fairvarme.db'}").dispose()
    for path in (open_directory / "data", open_directory / "estate"):
        path.chmod(0o755)

    def line() -> dict[str, str]:
        result = CliRunner().invoke(main, ["doctor", "--config", str(config), "--json"])
        checks: list[dict[str, str]] = json.loads(result.stdout)["checks"]
        (found,) = [each for each in checks if each["name"] == "privacy"]
        return found

    told = line()
    assert told["state"] == "warning"
    assert "chmod" in told["remedy"]
    assert str(config) in told["detail"]
    for path in (config, open_directory / "data", open_directory / "estate"):
        path.chmod(path.stat().st_mode & ~0o007)
    assert line()["state"] == "ok"
    (open_directory / "data").chmod(0o711)
    (open_directory / "data" / "fairvarme.db").chmod(0o644)
    told = line()
    assert told["state"] == "warning"
    assert "1: " in told["detail"]
    assert "fairvarme.db" in told["detail"]
