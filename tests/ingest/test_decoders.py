"""What every decoder keeps to, whatever the bytes are."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estate.model import ID_PATTERN
from estate.numbers.units import spellings
from estate.quantities import quantities
from ingest.decoders import Decoded, DecodeOptions, Measurement, decoders
from ingest.decoders.payload.names import key_table
from ingest.decoders.wmbus.wmbusmeters_fields import field_map, plan_of
from ingest.intake import decode_message
from ingest.limits import limits
from ingest.message import Message
from ingest.reasons import Reason, reason_texts
from tests.support.fuzz import GATEWAYS, VICTIM, run_block
from tests.support.real_month import SHARED_DATA, require_shared_data

ARRIVAL_MS = 1_768_374_300_000
TOPIC = "fairvarme/v1/solgaarden/box-0101/readings"
NAMES = sorted(decoders())
# Names that decoders look for, so that made-up objects go deep into them.
KNOWN_FIELDS = [
    *quantities(),
    *("time", "timestamp", "id", "media", "meter", "status", "error_flags", "current_alarms"),
    *(name for counts in field_map().maps for name in plan_of(counts, "")),
]  # fmt: skip
NAMED = key_table()
KNOWN_FIELDS += [
    *(name for by_unit in NAMED["quantities"].values() for names in by_unit.values()
      for name in names),
    *NAMED["faults"], *NAMED["records"], *NAMED["series"], *NAMED["device_times"]["names"],
    *("TempC_SHT", "air", "temperature_1", "temperature_2", "value", "unit", "measurementValue"),
    *("bn", "bt", "bu", "bv", "bver", "n", "u", "v", "vs", "t", "Temperature", "Humidity", "Time"),
]  # fmt: skip
KNOWN_TEXTS = [
    *field_map().media,
    *spellings(),
    "OK",
    "2026-01-14T07:05:00Z",
    "1111-11-11T11:11:11Z",
    "67676767",
]

numbers = st.integers() | st.floats(allow_nan=True, allow_infinity=True)
scalars = st.none() | st.booleans() | numbers | st.text() | st.sampled_from(KNOWN_TEXTS)
fields = st.sampled_from(KNOWN_FIELDS) | st.text()
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(fields, inner, max_size=8),
    max_leaves=30,
)
HEARD = {"received_at": "2026-01-14T07:05:00Z", "time": "2026-01-14T07:05:00Z"}
TOPICS = {
    "ttn": "v3/homes@housing/devices/box-0101/up",
    "chirpstack": "application/1/device/a81758fffe040001/event/up",
    "tasmota": "tele/box-0101/SENSOR",
    "value": "homes/box-0101/temperature",
    "zigbee2mqtt": "zigbee2mqtt/box-0101",
}
# Around a document, so that made-up ones get past the envelope.
ENVELOPES: dict[str, Callable[[Any], Any]] = {
    "ttn": lambda document: HEARD | {"uplink_message": {"decoded_payload": document}},
    "chirpstack": lambda document: HEARD | {"object": document, "rxInfo": document},
    "tasmota": lambda document: {"Time": HEARD["time"], "AM2301": document, "TempUnit": "F"},
    "zigbee2mqtt": lambda document: {"temperature": document, "last_seen": HEARD["time"]},
    "senml": lambda document: document if isinstance(document, list) else [document],
}

records = st.dictionaries(st.sampled_from(KNOWN_FIELDS), scalars, max_size=12)


def decode(name: str, payload: bytes, topic: str = TOPIC) -> Decoded:
    return decoders()[name](topic, payload, ARRIVAL_MS, DecodeOptions())


def check_promises(found: Decoded) -> None:
    assert found.measurements or found.rejects
    for each in found.measurements:
        assert each.device
        assert each.quantity in quantities()
        assert type(each.time_ms) is int
        assert abs(each.time_ms) <= 8_640_000_000_000_000
        assert type(each.value) is float
        assert isfinite(each.value)
        assert 0 <= each.quality <= 7
    for reject in found.rejects:
        assert isinstance(reject.reason, Reason)
        assert len(reject.detail) < 1000
        # It can be kept in any database.
        reject.detail.encode()
        assert "\0" not in reject.detail


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@given(payload=st.binary(max_size=300), topic=st.text(max_size=60))
def test_any_bytes_on_any_topic(name: str, payload: bytes, topic: str) -> None:
    check_promises(decode(name, payload, topic))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@given(document=documents | records | st.lists(records, max_size=4))
def test_any_json(name: str, document: object) -> None:
    check_promises(decode(name, json.dumps(document).encode()))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ENVELOPES))
@given(document=documents | records | st.lists(records, max_size=4))
def test_any_json_in_its_envelope(name: str, document: object) -> None:
    payload = json.dumps(ENVELOPES[name](document)).encode()
    found = decode(name, payload, TOPICS.get(name, TOPIC))
    check_promises(found)
    if name != "senml":
        named = {each.device for each in found.measurements}
        assert named <= set(TOPICS.get(name, TOPIC).split("/"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@given(document=records, cut=st.integers(min_value=0, max_value=400))
def test_any_beginning_of_a_message(name: str, document: object, cut: int) -> None:
    check_promises(decode(name, json.dumps(document).encode()[:cut]))


OTHERS = [
    ("tele/cellar/SENSOR", '{"Time":"2026-01-14T07:05:00","AM2301":{"Temperature":21.4}}'),
    ("zigbee2mqtt/living-room", '{"temperature":21.4,"humidity":44,"linkquality":90}'),
    ("home/outside/temperature", "4.5"),
    ("zwave/node/7", '{"value":21.4,"label":"Air temperature","lastUpdate":1768374300250}'),
    ("homie/box/air/temperature", "21.4 °C"),
]
"""Messages that other systems send, made up."""


@pytest.mark.parametrize("name", ["fairvarme", "wmbusmeters", "chirpstack", "senml"])
@pytest.mark.parametrize(("topic", "payload"), OTHERS)
def test_messages_of_other_systems_are_refused(name: str, topic: str, payload: str) -> None:
    """A source that names the wrong decoder must show in the quarantine, not as readings."""
    found = decode(name, payload.encode(), topic)
    check_promises(found)
    assert found.measurements == []


@pytest.mark.parametrize("name", ["fairvarme", "wmbusmeters", "chirpstack", "senml"])
@pytest.mark.parametrize("file", ["mqtt_samples", "mqtt_topic_payload_expected"])
def test_published_messages_of_other_systems_are_refused(name: str, file: str) -> None:
    require_shared_data()
    lines = (SHARED_DATA / "device_payloads" / f"{file}.jsonl").read_text("utf-8").splitlines()
    for line in lines:
        sample = json.loads(line)
        found = decode(name, sample["payload"].encode(), sample["topic"])
        check_promises(found)
        assert found.measurements == []


@pytest.mark.slow
@pytest.mark.parametrize("number", range(4))
def test_broken_golden_payloads(number: int) -> None:
    """`make fuzz` runs a million of them."""
    block = run_block(20_260_114, number, 5000)
    assert block.payloads == 5000
    assert block.readings > 500
    assert block.faults == []


def test_fuzzing_notices_a_decoder_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> Decoded:
        raise KeyError("temperature")

    monkeypatch.setattr("ingest.intake.decoders", lambda: dict.fromkeys(NAMES, failing))
    assert "decoder failed" in run_block(1, 0, 10).faults[0]


@pytest.mark.parametrize("name", NAMES)
def test_fuzzing_notices_a_value_in_another_series(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def straying(*_: object) -> Decoded:
        return Decoded([Measurement(VICTIM, "temperature_c", ARRIVAL_MS, 21.5, 0)], [])

    monkeypatch.setattr("ingest.intake.decoders", lambda: dict.fromkeys(NAMES, straying))
    faults = [each for each in run_block(1, 0, 200).faults if f"own: {name} " in each]
    # Those for which the source's list decides can not stray at all.
    assert bool(faults) == (name not in GATEWAYS)


HOSTILE = {
    "nested without end": b"[" * 60_000,
    "nested objects": b'{"a":' * 9_000 + b"1" + b"}" * 9_000,
    "nested in its envelope": b'{"received_at":1768374300,"uplink_message":{"decoded_payload":'
    + b'{"a":' * 30 + b"1" + b"}" * 32,
    "ten megabytes": b"[" + b"1," * 5_000_000 + b"1]",
    "many fields": b"{" + b",".join(b'"k%d":1' % n for n in range(6000)) + b"}",
    "long name": b'{"' + b"k" * 60_000 + b'":1}',
    "many digits": b'[{"n":"temperature","u":"Cel","v":' + b"9" * 60_000 + b"}]",
    "digits and a letter": b'{"time":1768374300,"' + b"1" * 2000 + b'x":1}',
    "separators": b'[{"bn":"' + b":/" * 1000 + b'","u":"Cel","v":1}]',
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_hostile_payload_becomes_no_reading(name: str, payload: bytes) -> None:
    topic = TOPICS.get(name, TOPIC)
    kept = payload[: limits().payload_bytes]
    message = Message(topic, kept, len(payload), ARRIVAL_MS)
    found = decode_message(message, decoders()[name], DecodeOptions())
    check_promises(found)
    # A device of any name is for the rules to refuse.
    assert not [each for each in found.measurements if re.fullmatch(ID_PATTERN, each.device)]
    assert len(found.rejects) <= limits().readings + 1
    assert Reason.DECODER_FAILED not in {each.reason for each in found.rejects}
    assert len(found.measurements) <= limits().readings


def test_every_reason_has_its_text() -> None:
    assert set(reason_texts()) == set(Reason)


def test_integer_too_long_for_python_costs_no_other_value() -> None:
    payload = b'{"time":1768374300,"co2_ppm":' + b"9" * 5000 + b',"temperature_c":21.5}'
    found = decode("fairvarme", payload, "fairvarme/v1/home/box-0101/readings")
    assert [(each.quantity, each.value) for each in found.measurements] == [("temperature_c", 21.5)]
    assert [each.reason for each in found.rejects] == [Reason.VALUE_NOT_FINITE]


@pytest.mark.parametrize(
    ("name", "topic", "payload", "reason"),
    [
        ("fairvarme", TOPIC, b'{"temperature_c": 21.4}', Reason.TIME_MISSING),
        ("json", "homes/box-0101", b"[7]", Reason.PAYLOAD_WRONG_SHAPE),
        ("value", "homes/box-0101/temperature", b"warm", Reason.VALUE_NOT_NUMBER),
        ("zigbee2mqtt", "zigbee2mqtt/box-0101", b'{"temperature": 21}', Reason.TIME_MISSING),
        ("tasmota", "tele/box-0101/SENSOR", b'{"AM2301": {"Humidity": 43}}', Reason.TIME_MISSING),
        (
            "ttn",
            "v3/homes@housing/devices/box-0101/up",
            b'{"received_at": "2026-01-14T07:05:00Z", "uplink_message": {"f_port": 5}}',
            Reason.QUANTITY_MISSING,
        ),
        (
            "chirpstack",
            "application/1/device/box-0101/event/up",
            b'{"time": "2026-01-14T07:05:00Z"}',
            Reason.QUANTITY_MISSING,
        ),
    ],
)
def test_refusal_of_a_whole_message_names_its_device(
    name: str, topic: str, payload: bytes, reason: Reason
) -> None:
    (reject,) = decode(name, payload, topic).rejects
    assert (reject.reason, reject.device) == (reason, "box-0101")
