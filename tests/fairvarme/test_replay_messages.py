"""What replay publishes is what the decoders of ingest read back."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest

from estate.errors import UsageError
from estate.files.folder import read_estate
from ingest.decoders import DecodeOptions, decoders
from operations.readings.publish_file import Row, messages

ESTATE = read_estate(Path(str(resources.files("estate").joinpath("sample"))))
TIME_MS = 1_768_374_300_250
ROWS: list[Row] = [
    (TIME_MS, "box-0101", "temperature_c", 21.4),
    (TIME_MS, "box-0101", "humidity_pct", 38.25),
    (TIME_MS, "64000101", "heat_kwh", 12345.67),
    (TIME_MS + 1000, "71000101", "hot_water_m3", 99.123),
    (TIME_MS - 1000, "box-0101", "co2_ppm", 846.0),
]


def test_everything_comes_back_exactly() -> None:
    found = set()
    for message in messages(ESTATE, ROWS):
        decoder = "wmbusmeters" if "/wmbusmeters/" in message.topic else "fairvarme"
        decoded = decoders()[decoder](message.topic, message.payload.encode(), 0, DecodeOptions())
        assert decoded.rejects == []
        assert len(decoded.measurements) == message.readings
        found |= {(m.time_ms, m.device, m.quantity, m.value) for m in decoded.measurements}
    assert found == set(ROWS)


def test_one_message_for_a_device_and_instant_in_order_of_time() -> None:
    topics = [message.topic for message in messages(ESTATE, ROWS)]
    assert topics == [
        "fairvarme/v1/solgaarden/box-0101/readings",
        "solgaarden/wmbusmeters/64000101",
        "fairvarme/v1/solgaarden/box-0101/readings",
        "solgaarden/wmbusmeters/71000101",
    ]


def test_meters_look_like_a_gateway() -> None:
    (message,) = messages(ESTATE, ROWS[3:4])
    telegram = json.loads(message.payload)
    assert telegram["media"] == "warm water"
    assert telegram["id"] == "71000101"
    assert telegram["timestamp"] == "2026-01-14T07:05:01.250000Z"


def test_unknown_device_is_refused() -> None:
    with pytest.raises(UsageError, match=r"devices\.csv"):
        list(messages(ESTATE, [(TIME_MS, "nobody", "temperature_c", 20.0)]))
