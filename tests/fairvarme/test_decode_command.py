"""``fairvarme decode``: what the worker would make of a payload, line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from fairvarme.commands.intake.decode import DECODERS
from ingest.decoders import decoders
from operations.readings.decode_file import decode_source

TOPIC = "fairvarme/v1/solgaarden/box-0112/readings"
PAYLOAD = b'{"time": "2026-01-14T07:00:00.250Z", "temperature_c": 20.6, "co2_ppm": 65535, "x": 1}'

Decode = Callable[..., tuple[int, list[dict[str, Any]], str]]


@pytest.fixture
def decode(tmp_path: Path) -> Decode:
    def run(*arguments: str, payload: bytes = b"") -> tuple[int, list[dict[str, Any]], str]:
        file = tmp_path / "payload"
        file.write_bytes(payload)
        done = CliRunner().invoke(main, ["decode", *arguments, str(file)])
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    return run


def of(decoder: str, topic: str, *more: str) -> list[str]:
    return ["--decoder", decoder, "--topic", topic, *more]


def test_command_knows_every_decoder() -> None:
    assert sorted(DECODERS) == sorted(decoders())


def test_readings_and_rejects_are_a_line_each(decode: Decode) -> None:
    code, lines, _ = decode(*of("fairvarme", TOPIC), payload=PAYLOAD)
    assert code == 0
    time = "2026-01-14T07:00:00.250Z"
    assert lines == [
        {
            "device": "box-0112",
            "time": time,
            "quantity": "temperature_c",
            "value": 20.6,
            "quality": 0,
        },
        {
            "reason": "value_impossible",
            "detail": "65535.0",
            "device": "box-0112",
            "quantity": "co2_ppm",
            "time": time,
        },
        {
            "reason": "quantity_unknown",
            "detail": "x",
            "device": "box-0112",
            "quantity": "x",
            "time": time,
        },
    ]


def test_unlikely_value_is_shown_as_suspect(decode: Decode) -> None:
    _, lines, _ = decode(*of("fairvarme", TOPIC), payload=b'{"time": 1768374300, "co2_ppm": 73}')
    assert [(each["value"], each["quality"]) for each in lines] == [(73.0, 1)]


def test_time_without_offset_takes_the_zone(decode: Decode) -> None:
    payload = b'{"Time": "2026-01-14T08:05:00", "AM2301": {"Temperature": 68}, "TempUnit": "F"}'
    arguments = of("tasmota", "tele/box-1/SENSOR")
    code, lines, _ = decode(*arguments, payload=payload)
    assert code == 1
    assert [each["reason"] for each in lines] == ["time_invalid"]
    code, lines, _ = decode(*arguments, "--timezone", "Europe/Copenhagen", payload=payload)
    assert code == 0
    assert [(each["time"], each["value"]) for each in lines] == [("2026-01-14T07:05:00Z", 20.0)]


def test_key_map_and_topic_pattern_and_arrival(decode: Decode) -> None:
    code, lines, _ = decode(
        *of("value", "home/box-1/attic/probe", "--key-map", "probe=temperature_c:f"),
        *("--topic-pattern", "{device}/+/{quantity}", "--arrival", "2026-01-14T07:00:00Z"),
        payload=b"68",
    )
    assert code == 0
    assert lines == [
        {
            "device": "box-1",
            "time": "2026-01-14T07:00:00Z",
            "quantity": "temperature_c",
            "value": 20.0,
            "quality": 2,
        }
    ]


def test_key_map_as_one_json_object() -> None:
    source = decode_source("json", None, ['{"t": "temperature_c", "w": "heat_kwh:gj"}'], None)
    assert source.keys == {"t": "temperature_c", "w": "heat_kwh:gj"}
    assert source == decode_source("json", None, ["t=temperature_c, w=heat_kwh:gj"], None)


@pytest.mark.parametrize(
    "payload",
    [b"", b"\0", b"\xff\xfe", b'"\\ud800"', b"[" * 60_000, b"9" * 5000, b"NaN", b" " * 10_000_000],
    ids=lambda payload: repr(payload[:12]),
)
def test_any_bytes_give_a_reason(decode: Decode, payload: bytes) -> None:
    code, lines, errors = decode(*of("json", "a/b/temperature"), payload=payload)
    assert code == 1
    assert ["reason" in each for each in lines] == [True]
    assert errors == ""


def test_device_that_cannot_be_printed(decode: Decode) -> None:
    payload = json.dumps([{"n": "\ud800:temperature", "u": "Cel", "v": 20, "t": 1768374300}])
    code, lines, _ = decode(*of("senml", "a/b"), payload=payload.encode())
    assert code == 0
    assert [each["device"] for each in lines] == ["\\ud800"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (of("nonsense", TOPIC), "nonsense"),
        (["--decoder", "fairvarme"], "--topic"),
        (of("fairvarme", TOPIC, "--timezone", "Copenhagen"), "Europe/Copenhagen"),
        (of("json", TOPIC, "--key-map", "temp"), "NAME=QUANTITY"),
        (of("json", TOPIC, "--key-map", '{"temp": '), "not a JSON object"),
        (of("json", TOPIC, "--key-map", '{"temp": 1}'), "write a quantity"),
        (of("json", TOPIC, "--key-map", "temp=warmth"), "'warmth' is not a quantity"),
        (of("json", TOPIC, "--key-map", "temp=temperature_c:gj"), "not measured in 'gj'"),
        (of("json", TOPIC, "--topic-pattern", "a/b"), "{device}"),
        (of("fairvarme", TOPIC, "--key-map", "t=temperature_c"), "has no keys"),
        (of("value", TOPIC, "--arrival", "now"), "ISO 8601"),
    ],
)
def test_wrong_usage(decode: Decode, arguments: list[str], words: str) -> None:
    code, lines, errors = decode(*arguments, payload=PAYLOAD)
    assert (code, lines) == (2, [])
    assert words in errors
    assert "Traceback" not in errors


def test_missing_file_is_wrong_usage(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["decode", *of("value", "a/b"), str(tmp_path / "none.json")])
    assert done.exit_code == 2
    assert "none.json" in done.stderr


@pytest.mark.slow
def test_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fairvarme", "decode", *of("fairvarme", TOPIC), "-"],
        input=PAYLOAD,
        capture_output=True,
        check=True,
    )
    values = [json.loads(line).get("value") for line in done.stdout.splitlines()]
    assert values == [20.6, None, None]
