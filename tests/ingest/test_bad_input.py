"""Bad input: each fault gets its reason, and costs no good reading beside it its place."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from ingest.intake import Intake
from ingest.limits import limits
from ingest.message import Message
from ingest.reasons import Reason
from ingest.sources import Source
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0, TOPIC, payload

YEAR_MS = 365 * 86_400_000
MINUTE_MS = 60_000
ARRIVAL_MS = T0 + MINUTE_MS
INTAKE = Intake(SOURCES, RULES)


@dataclass(frozen=True)
class Bad:
    """A message of which nothing can be stored."""

    reason: Reason
    payload: bytes
    topic: str = TOPIC


WHOLE_MESSAGES = {
    "not JSON": Bad(Reason.PAYLOAD_NOT_JSON, b"temperature=21.4"),
    "cut off": Bad(Reason.PAYLOAD_NOT_JSON, payload()[:-1]),
    "not text": Bad(Reason.PAYLOAD_NOT_TEXT, b"\x80\x81\x82"),
    "empty": Bad(Reason.PAYLOAD_EMPTY, b""),
    "two megabytes": Bad(Reason.PAYLOAD_TOO_LARGE, b"[" + b"1," * 1_000_000 + b"1]"),
    "nested too deep": Bad(Reason.PAYLOAD_TOO_COMPLEX, b'{"a":' * 20 + b"1" + b"}" * 20),
    "nested without end": Bad(Reason.PAYLOAD_TOO_COMPLEX, b"[" * 50_000),
    "a number": Bad(Reason.PAYLOAD_WRONG_SHAPE, b"21.4"),
    "no time": Bad(Reason.TIME_MISSING, b'{"temperature_c": 21.4}'),
    "no time that can be read": Bad(Reason.TIME_INVALID, b'{"time": "now", "temperature_c": 21.4}'),
    "1970": Bad(Reason.TIME_BEFORE_PLACEMENT, payload(12_345)),
    "next year": Bad(Reason.TIME_AHEAD, payload(T0 + YEAR_MS)),
    "11 minutes ahead": Bad(Reason.TIME_AHEAD, payload(ARRIVAL_MS + 11 * MINUTE_MS)),
    "nothing measured": Bad(Reason.QUANTITY_MISSING, json.dumps({"time": T0}).encode()),
    "unknown device": Bad(
        Reason.DEVICE_UNKNOWN, payload(), f"fairvarme/v1/{BUILDING}/box-9999/readings"
    ),
    "device with a bad id": Bad(
        Reason.DEVICE_ID_INVALID, payload(), f"fairvarme/v1/{BUILDING}/box 1\\/readings"
    ),
    "no source": Bad(Reason.SOURCE_UNKNOWN, payload(), "fairvarme/v1/elsewhere/box-0101/readings"),
    "no meter": Bad(Reason.DEVICE_MISSING, b'{"media": "heat"}', f"{BUILDING}/wmbusmeters/1"),
}
VALUES: dict[str, tuple[str, Any, Reason]] = {
    "NaN": ("temperature_c", float("nan"), Reason.VALUE_NOT_FINITE),
    "infinite": ("temperature_c", float("inf"), Reason.VALUE_NOT_FINITE),
    "true": ("temperature_c", True, Reason.VALUE_NOT_NUMBER),
    "a text": ("temperature_c", "21.4", Reason.VALUE_NOT_NUMBER),
    "nothing": ("temperature_c", None, Reason.VALUE_NOT_NUMBER),
    "a list": ("temperature_c", [21.4], Reason.VALUE_NOT_NUMBER),
    "temperature 127": ("temperature_c", 127, Reason.VALUE_IMPOSSIBLE),
    "humidity 140": ("humidity_pct", 140, Reason.VALUE_IMPOSSIBLE),
    "voltage below 0": ("battery_v", -1, Reason.VALUE_IMPOSSIBLE),
    "unknown quantity": ("radon_bq_m3", 80, Reason.QUANTITY_UNKNOWN),
}


def message(data: bytes, topic: str = TOPIC) -> Message:
    kept = data[: limits().payload_bytes]
    return Message(topic, kept, len(data), ARRIVAL_MS)


@pytest.mark.parametrize("bad", WHOLE_MESSAGES.values(), ids=WHOLE_MESSAGES)
def test_bad_message_costs_no_other(bad: Bad) -> None:
    before, after = message(payload(T0)), message(payload(T0 + MINUTE_MS))
    culprit = message(bad.payload, bad.topic)
    taken = INTAKE.take([before, culprit, after])
    assert [(each.device, each.time_ms, each.value) for each in taken.readings] == [
        ("box-0101", T0, 21.4),
        ("box-0101", T0 + MINUTE_MS, 21.4),
    ]
    assert [(each.reject.reason, each.message) for each in taken.entries] == [(bad.reason, culprit)]


@pytest.mark.parametrize(("quantity", "value", "reason"), VALUES.values(), ids=VALUES)
def test_bad_value_costs_no_other(quantity: str, value: object, reason: Reason) -> None:
    data = json.dumps({"time": T0, "co2_ppm": 812, quantity: value, "rssi_dbm": -60}).encode()
    taken = INTAKE.take([message(data)])
    assert [(each.quantity, each.value) for each in taken.readings] == [
        ("co2_ppm", 812.0),
        ("rssi_dbm", -60.0),
    ]
    assert [each.reject.reason for each in taken.entries] == [reason]
    assert [each.reject[2:] for each in taken.entries] == [("box-0101", quantity, T0)]


def test_device_of_the_building_that_the_gateway_may_not_speak_for() -> None:
    gateway = Source(
        topic_filter="g/wmbusmeters/+",
        decoder="wmbusmeters",
        building=BUILDING,
        devices=frozenset({"box-0102"}),
    )
    telegram = {"id": "box-0101", "media": "room sensor", "temperature_c": 20.5}
    telegram |= {"timestamp": "2026-01-14T07:05:00Z"}
    taken = Intake([gateway], RULES).take(
        [
            message(json.dumps(telegram | {"id": device}).encode(), "g/wmbusmeters/1")
            for device in ("box-0101", "box-0102")
        ]
    )
    assert [each.reject.reason for each in taken.entries] == [Reason.DEVICE_NOT_ALLOWED]
    assert [each.device for each in taken.readings] == ["box-0102"]
