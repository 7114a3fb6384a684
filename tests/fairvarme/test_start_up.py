"""A command is up soon: what it does not need is not imported, and tables that are new not made."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from operations.database import migrate
from operations.settings import CONFIG_VARIABLE
from tests.support.ingest_parts import BUILDING, TOPIC, payload, publish, wait_until
from tests.support.ingest_process import write_settings
from tests.support.mosquitto import Mosquitto
from tests.support.shipped_broker import SAMPLE
from tests.support.start_up import telling_command, told

HEAVY = {
    "alembic",
    "babel",
    "fastapi",
    "influxdb_client",
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pyarrow",
    "rich",
    "scipy",
    "sqlalchemy.dialects.postgresql",
    "typst",
}
SETTINGS = 'store = "sqlite:///readings.db"\ndatabase = "sqlite:///new.db"\nestates = []\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return the settings of an installation whose tables are the newest."""
    path = tmp_path / "fairvarme.toml"
    path.write_text(SETTINGS)
    migrate(f"sqlite:///{tmp_path / 'new.db'}").dispose()
    return path


@pytest.mark.slow
def test_what_only_lists_loads_nothing_heavy(config: Path) -> None:
    command = telling_command(["alerts", "list", "--config", str(config)])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    text, modules, _ = told(done.stdout)
    assert text == "no alerts\n"
    assert modules & HEAVY == set()
    assert "sqlalchemy" in modules


@pytest.mark.slow
def test_old_tables_bring_in_what_makes_them(config: Path) -> None:
    config.with_name("new.db").unlink()
    command = telling_command(["alerts", "list", "--config", str(config)])
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "alembic" in told(done.stdout).modules


@pytest.mark.integration
def test_the_worker_loads_nothing_heavy(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """Not even for readings that it stores and messages that it puts in quarantine."""
    name = "worker"
    config = write_settings(tmp_path, name, "sqlite:///readings.db", SAMPLE, BUILDING, mosquitto)
    migrate(f"sqlite:///{tmp_path / name}.db").dispose()
    output = tmp_path / "output"
    with output.open("wb") as opened:
        process = subprocess.Popen(
            telling_command(["ingest", "--json"]),
            stdout=opened,
            stderr=subprocess.STDOUT,
            env=os.environ | {CONFIG_VARIABLE: str(config), "PYTHONUNBUFFERED": "1"},
        )
    try:
        wait_until(lambda: '"ready"' in output.read_text() or process.poll() is not None)
        publish(mosquitto, [(TOPIC, payload()), (TOPIC, b"not json")])
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, output.read_text()
    finally:
        process.kill()
    text, modules, _ = told(output.read_text())
    assert '"stored": 1, "quarantined": 1' in text
    assert modules & HEAVY == set()
