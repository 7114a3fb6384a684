"""``fairvarme decode --estate`` and ``--config``: what the worker would make of a payload."""

from __future__ import annotations

import json
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from estate.files.folder import read_estate
from fairvarme.cli import main
from ingest.intake import Intake
from ingest.message import Message
from ingest.sources import Source
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules

ESTATE = str(resources.files("estate").joinpath("sample"))
ARRIVAL = "2026-01-14T07:05:09Z"
OWN_TOPIC = "fairvarme/v1/solgaarden/box-0101/readings"
SETTINGS = f"""\
store = "sqlite:///readings.db"
database = "sqlite:///fairvarme.db"
estates = [{json.dumps(ESTATE)}]

[[sources]]
topic_filter = "z2m/solgaarden/#"
decoder = "zigbee2mqtt"
building = "solgaarden"
devices = ["box-0101", "box-0102"]
aliases = {{ "0101/stue" = "box-0101", "0201/stue" = "box-0201" }}

[[sources]]
topic_filter = "fairvarme/v1/solgaarden/+/readings"
decoder = "fairvarme"
building = "solgaarden"

[[sources]]
topic_filter = "homes/#"
decoder = "json"
building = "solgaarden"
device_field = "sensor.name"
keys = {{ "rum" = "temperature_c" }}
"""


def decode(directory: Path, payload: str, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    file = directory / "payload.json"
    file.write_text(payload)
    done = CliRunner().invoke(main, ["decode", "--arrival", ARRIVAL, *arguments, str(file)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize(
    ("topic", "time", "reason"),
    [
        (OWN_TOPIC, "2026-01-14T07:05:00Z", None),
        (OWN_TOPIC, "1970-01-01T00:00:03Z", "time_before_placement"),
        (OWN_TOPIC, "2026-01-14T07:36:00Z", "time_ahead"),
        (OWN_TOPIC.replace("0101", "9999"), "2026-01-14T07:05:00Z", "device_unknown"),
        (OWN_TOPIC.replace("0101", "01 01"), "2026-01-14T07:05:00Z", "device_id_invalid"),
    ],
)
def test_device_and_clock_are_asked(
    tmp_path: Path, topic: str, time: str, reason: str | None
) -> None:
    payload = json.dumps({"time": time, "temperature_c": 21.5})
    source = ["--decoder", "fairvarme", "--topic", topic, "--estate", ESTATE]
    code, lines, _ = decode(tmp_path, payload, *source)
    assert code == (0 if reason is None else 1)
    assert [each.get("reason") for each in lines] == [reason]


@pytest.fixture
def settings(tmp_path: Path) -> str:
    path = tmp_path / "fairvarme.toml"
    path.write_text(SETTINGS)
    return str(path)


SEEN = {"temperature": 21.5, "last_seen": "2026-01-14T07:05:00Z"}


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        ("z2m/solgaarden/0101/stue", SEEN, ("box-0101", None)),
        ("z2m/solgaarden/0102/stue", SEEN, ("0102/stue", "device_id_invalid")),
        ("z2m/solgaarden/0201/stue", SEEN, ("box-0201", "device_not_allowed")),
        ("z2m/elsewhere/0101/stue", SEEN, (None, "source_unknown")),
        ("homes/hub", {"sensor": {"name": "box-0102"}, "rum": "21,5 °C"}, ("box-0102", None)),
        ("homes/hub", {"sensor": {}, "rum": 21.5}, (None, "device_missing")),
    ],
)
def test_settings_say_what_the_source_is(
    settings: str, tmp_path: Path, topic: str, payload: dict[str, Any], expected: tuple[str, str]
) -> None:
    _, lines, _ = decode(tmp_path, json.dumps(payload), "--topic", topic, "--config", settings)
    assert [(each.get("device"), each.get("reason")) for each in lines] == [expected]
    assert [each["value"] for each in lines if "value" in each] in ([], [21.5])


def test_word_of_a_box_about_its_connection(settings: str, tmp_path: Path) -> None:
    topic = OWN_TOPIC.replace("/readings", "/status")
    code, lines, _ = decode(tmp_path, "offline", "--topic", topic, "--config", settings)
    assert (code, lines) == (1, [{"device": "box-0101", "online": False}])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "--decoder"),
        (
            ["--config", "{settings}", "--decoder", "json"],
            "--config and --decoder exclude each other",
        ),
        (["--config", "{settings}", "--alias", "a=b"], "--config and --alias exclude each other"),
        (
            ["--config", "{settings}", "--estate", ESTATE],
            "--config and --estate exclude each other",
        ),
        (["--config", "no.toml"], "no settings file no.toml"),
        (["--decoder", "json", "--estate", "nowhere"], "nowhere"),
        (["--decoder", "json", "--alias", "Stue"], "NAME=DEVICE"),
        (["--decoder", "json", "--alias", "Stue=box 1"], "aliases.Stue"),
    ],
)
def test_wrong_usage(settings: str, tmp_path: Path, arguments: list[str], words: str) -> None:
    given = [each.format(settings=settings) for each in arguments]
    code, lines, errors = decode(tmp_path, "{}", "--topic", "homes/hub", *given)
    assert code in {1, 2}
    assert lines == []
    assert words in errors


def test_decode_and_ingest_agree(settings: str, tmp_path: Path) -> None:
    """What is shown as a reading is what the worker's intake would store, and the rest it tells."""
    source = Source(topic_filter="fairvarme/v1/solgaarden/+/readings", decoder="fairvarme",
                    building="solgaarden")  # fmt: skip
    intake = Intake([source], ReadingRules(device_table([read_estate(Path(ESTATE))])))
    arrival_ms = round(datetime.fromisoformat(ARRIVAL).timestamp() * 1000)
    for payload in (
        '{"time": 1768374300, "temperature_c": 21.5, "co2_ppm": 73, "rum": 4, "humidity_pct": ""}',
        '[{"time": 1768374300, "temperature_c": 58.6}, {"time": 3, "temperature_c": 21.5}, 7]',
        '{"time": 1768374300, "temperature_c": 21.5, "temperature_c": 22.5}',
        '{"time": 1768374300350000, "temperature_c": 21.5}',
        "{",
    ):
        data = payload.encode()
        taken = intake.take([Message(OWN_TOPIC, data, len(data), arrival_ms)])
        _, lines, _ = decode(tmp_path, payload, "--topic", OWN_TOPIC, "--config", settings)
        shown = [
            (each["quantity"], each["value"], each["quality"]) for each in lines if "value" in each
        ]
        assert shown == [(each.quantity, each.value, each.quality) for each in taken.readings]
        reasons = [each["reason"] for each in lines if "reason" in each]
        assert reasons == [str(each.reject.reason) for each in taken.entries]
