"""``fairvarme quarantine replay``: a device that is registered late gets its history."""

from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from estate.files.folder import read_estate
from fairvarme.cli import main
from ingest.intake import Intake
from ingest.message import Message
from ingest.quarantine.store import Quarantine
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules
from operations.database import migrate
from telemetry.stores.sqlite import SqliteStore
from tests.support.ingest_parts import BUILDING, SOURCES, T0, TOPIC, payload

LATE = "box-0101"
SETTINGS = f"""\
store = "sqlite:///readings.db"
database = "sqlite:///fairvarme.db"
estates = ["estate"]

[[sources]]
topic_filter = "{SOURCES[0].topic_filter}"
decoder = "fairvarme"
building = "{BUILDING}"
"""


@pytest.fixture
def registered(tmp_path: Path) -> str:
    """Make an installation that did not know a box when it sent; give the devices.csv with it."""
    estate = tmp_path / "estate"
    shutil.copytree(str(resources.files("estate").joinpath("sample")), estate)
    (tmp_path / "fairvarme.toml").write_text(SETTINGS)
    devices = (estate / "devices.csv").read_text()
    without = "".join(line for line in devices.splitlines(True) if LATE not in line)
    (estate / "devices.csv").write_text(without)
    intake = Intake(SOURCES, ReadingRules(device_table([read_estate(estate)])))
    data = payload(T0, temperature_c=21.4, co2_ppm=700.0)
    engine = migrate(f"sqlite:///{tmp_path / 'fairvarme.db'}")
    Quarantine(engine).put(intake.take([Message(TOPIC, data, len(data), T0 + 500)]).entries)
    engine.dispose()
    return devices


def replayed(directory: Path, *options: str) -> dict[str, object]:
    config = ["--config", str(directory / "fairvarme.toml")]
    done = CliRunner().invoke(main, ["quarantine", "replay", "--json", *config, *options])
    assert done.exit_code == 0, done.output
    answer: dict[str, object] = json.loads(done.output)
    return answer


def test_device_registered_late(registered: str, tmp_path: Path) -> None:
    unmended = {"dry_run": False, "messages": 1, "stored": 0, "mended": 0, "cut": 0, "damaged": 0}
    assert replayed(tmp_path) == unmended
    (tmp_path / "estate" / "devices.csv").write_text(registered)
    assert replayed(tmp_path, "--device", "box-0102")["messages"] == 0
    mended = {"messages": 1, "stored": 2, "mended": 1, "cut": 0, "damaged": 0}
    assert replayed(tmp_path, "--dry-run") == {"dry_run": True, **mended}
    assert replayed(tmp_path, "--reason", "device_unknown") == {"dry_run": False, **mended}
    assert replayed(tmp_path)["messages"] == 0
    store = SqliteStore(tmp_path / "readings.db")
    assert store.count(BUILDING) == 2
    assert store.samples(BUILDING, [LATE], "co2_ppm", T0, T0 + 1).value.tolist() == [700.0]
    store.close()


def test_for_people_it_says_what_it_did(registered: str, tmp_path: Path) -> None:
    (tmp_path / "estate" / "devices.csv").write_text(registered)
    config = ["--config", str(tmp_path / "fairvarme.toml")]
    done = CliRunner().invoke(main, ["quarantine", "replay", *config])
    assert "of 1 messages 2 readings are stored; 1 messages left the quarantine" in done.stdout


def test_reason_that_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["quarantine", "replay", "--reason", "bad_luck"])
    assert done.exit_code == 2
