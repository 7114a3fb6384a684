"""From messages to readings: sources, arrival, and a decoder that fails."""

from __future__ import annotations

import json

import pytest

from ingest.decoders import Decoded, DecodeOptions, Reject, decoders
from ingest.intake import Intake
from ingest.message import Message
from ingest.reasons import Reason
from ingest.sources import Source
from ingest.validation.validation import ReadingRules
from telemetry.readings import Quality, Reading
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0, TOPIC, payload


def a_message(topic: str = TOPIC, data: bytes | None = None) -> Message:
    data = payload() if data is None else data
    return Message(topic, data, len(data), T0 + 512)


def test_reading_has_the_building_of_its_source_and_its_arrival() -> None:
    taken = Intake(SOURCES, RULES).take([a_message()])
    assert taken.readings == [
        Reading(BUILDING, "box-0101", "temperature_c", T0, 21.4, Quality.GOOD, T0 + 512)
    ]
    assert taken.entries == []


def test_building_never_comes_from_the_topic_or_the_payload() -> None:
    """A box of one building that publishes under another's prefix is not let in there."""
    wide = Source(topic_filter="fairvarme/v1/+/+/readings", decoder="fairvarme", building="other")
    taken = Intake([wide], RULES).take([a_message()])
    assert taken.readings == []
    assert [each.reject.reason for each in taken.entries] == [Reason.DEVICE_UNKNOWN]


@pytest.mark.parametrize("key", ["building", "device", "id", "topic", "source", "device_id"])
def test_payload_that_names_another_series_changes_nothing(key: str) -> None:
    """The device of a box is the one of its topic, to which the broker holds it."""
    data = json.dumps({"time": T0, "temperature_c": 21.4, key: "box-0102"}).encode()
    taken = Intake(SOURCES, RULES).take([a_message(data=data)])
    assert {(each.building, each.device) for each in taken.readings} == {(BUILDING, "box-0101")}
    assert all(each.reject.device == "box-0101" for each in taken.entries)


def test_first_source_that_takes_the_topic_counts() -> None:
    wide = Source(topic_filter="#", decoder="wmbusmeters", building=BUILDING)
    assert Intake([SOURCES[0], wide], RULES).take([a_message()]).readings
    assert not Intake([wide, SOURCES[0]], RULES).take([a_message()]).readings


def test_entry_names_its_source() -> None:
    entries = Intake(SOURCES, RULES).take([a_message(data=b""), a_message("else/where")]).entries
    assert [each.source for each in entries] == [SOURCES[0].topic_filter, ""]


def test_time_without_offset_is_of_the_zone_of_the_source() -> None:
    data = b'{"time": "2026-01-14T08:05:00", "temperature_c": 21.4}'
    zoned = SOURCES[0].model_copy(update={"timezone": "Europe/Copenhagen"})
    assert Intake([zoned], RULES).take([a_message(data=data)]).readings[0].time_ms == T0
    refused = Intake(SOURCES, RULES).take([a_message(data=data)])
    assert [each.reject.reason for each in refused.entries] == [Reason.TIME_INVALID]


def test_arrival_stands_in_for_a_masked_time_and_is_marked() -> None:
    data = (
        b'{"id": "box-0101", "media": "room sensor", "temperature_c": 20.5,'
        b' "timestamp": "1111-11-11T11:11:11Z"}'
    )
    taken = Intake(SOURCES, RULES).take([a_message(f"{BUILDING}/wmbusmeters/1", data)])
    assert [(each.time_ms, each.quality) for each in taken.readings] == [
        (T0 + 512, Quality.ARRIVAL_TIME)
    ]


def test_decoder_that_fails_costs_only_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
        raise ZeroDivisionError("what nobody thought of")

    mixed = {**decoders(), "wmbusmeters": failing}
    monkeypatch.setattr("ingest.intake.decoders", lambda: mixed)
    taken = Intake(SOURCES, RULES).take([a_message(f"{BUILDING}/wmbusmeters/1"), a_message()])
    assert len(taken.readings) == 1
    (entry,) = taken.entries
    assert entry.reject.reason is Reason.DECODER_FAILED
    assert "what nobody thought of" in entry.reject.detail


def test_flood_of_topics_is_taken_without_keeping_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.intake.MOST_TOPICS", 3)
    intake = Intake(SOURCES, RULES)
    taken = intake.take([*(a_message(f"flood/{n}") for n in range(20)), a_message()])
    assert len(taken.entries) == 20
    assert len(taken.readings) == 1


def test_no_messages() -> None:
    taken = Intake([], ReadingRules({})).take([])
    assert taken.readings == []
    assert taken.entries == []


def test_a_retained_message_tells_of_its_own_time_only() -> None:
    source = Source(topic_filter="homes/+", decoder="json", building=BUILDING)
    rows = [{"temperature": 21.4}, {"time": T0, "humidity": 43}]
    message = a_message("homes/box-0101", json.dumps(rows).encode())._replace(retained=True)
    taken = Intake([source], RULES).take([message])
    assert [(each.quantity, each.time_ms) for each in taken.readings] == [("humidity_pct", T0)]
    (entry,) = taken.entries
    assert entry.reject == Reject(Reason.TIME_RETAINED, "21.4", "box-0101", "temperature_c")
    assert (entry.message.payload, entry.message.payload_bytes) == (b"", message.payload_bytes)
    assert len(Intake([source], RULES).take([message._replace(retained=False)]).readings) == 2
