"""The decoder of our own JSON: the documented message, its variants, and what it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from ingest.decoders import Decoded, DecodeOptions, Measurement, Reject, decoders
from ingest.limits import limits
from ingest.reasons import Reason

TOPIC = "fairvarme/v1/solgaarden/box-0101/readings"
# The 1st of January 2026, 00:00 UTC: 56 years and 14 leap days after 1970.
NEW_YEAR_MS = (56 * 365 + 14) * 86_400_000
DOCUMENTED = (
    b'{"time": "2026-01-01T00:00:00Z", "temperature_c": 21.4, "humidity_pct": 43, "co2_ppm": 812}'
)


def decode(payload: bytes, topic: str = TOPIC, zone: str | None = None) -> Decoded:
    options = DecodeOptions(zone=ZoneInfo(zone) if zone else None)
    return decoders()["fairvarme"](topic, payload, 0, options)


def time_of(time: object, zone: str | None = None) -> int | Reason:
    found = decode(json.dumps({"time": time, "temperature_c": 20.5}).encode(), zone=zone)
    if found.rejects:
        assert not found.measurements
        return found.rejects[0].reason
    return found.measurements[0].time_ms


def test_documented_message() -> None:
    assert decode(DOCUMENTED) == Decoded(
        [
            Measurement("box-0101", "temperature_c", NEW_YEAR_MS, 21.4, 0),
            Measurement("box-0101", "humidity_pct", NEW_YEAR_MS, 43.0, 0),
            Measurement("box-0101", "co2_ppm", NEW_YEAR_MS, 812.0, 0),
        ],
        [],
    )


@pytest.mark.parametrize("payload", [b"\xef\xbb\xbf" + DOCUMENTED, DOCUMENTED + b"\n\0\0"])
def test_a_byte_order_mark_and_the_end_of_a_text_in_c_say_nothing(payload: bytes) -> None:
    assert decode(payload) == decode(DOCUMENTED)
    assert decode(payload.replace(b"}", b"]")).rejects[0].reason == Reason.PAYLOAD_NOT_JSON


def test_array_is_its_objects_one_after_the_other() -> None:
    single = decode(DOCUMENTED).measurements
    assert decode(b"[" + DOCUMENTED + b"," + DOCUMENTED + b"]").measurements == 2 * single


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00+01:00",
        "2025-12-31T19:00:00.000-05:00",
        NEW_YEAR_MS,
        NEW_YEAR_MS / 1000,
        NEW_YEAR_MS // 1000,
        float(NEW_YEAR_MS),
    ],
)
def test_one_instant_in_every_notation(time: object) -> None:
    assert time_of(time) == NEW_YEAR_MS


def test_time_without_offset_needs_a_zone() -> None:
    assert time_of("2026-01-01T01:00:00") is Reason.TIME_INVALID
    assert time_of("2026-01-01T01:00:00", zone="Europe/Copenhagen") == NEW_YEAR_MS
    assert time_of("2026-07-01T02:00:00", zone="Europe/Copenhagen") == time_of("2026-07-01T00:00Z")


@pytest.mark.parametrize(
    ("time", "reason"),
    [
        (None, Reason.TIME_MISSING),
        ("", Reason.TIME_INVALID),
        ("yesterday", Reason.TIME_INVALID),
        ("2026-02-30T00:00:00Z", Reason.TIME_INVALID),
        ("2026-01-01T00:00:00Z" + " " * 100, Reason.TIME_INVALID),
        (True, Reason.TIME_INVALID),
        ([], Reason.TIME_INVALID),
        (float("nan"), Reason.TIME_INVALID),
        (float("inf"), Reason.TIME_INVALID),
        (1e300, Reason.TIME_INVALID),
        (10**400, Reason.TIME_INVALID),
    ],
)
def test_time_that_cannot_be_read(time: object, reason: Reason) -> None:
    assert time_of(time) is reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("NaN", Reason.VALUE_NOT_FINITE),
        ("Infinity", Reason.VALUE_NOT_FINITE),
        ("-1e999", Reason.VALUE_NOT_FINITE),
        ("1" + 400 * "0", Reason.VALUE_NOT_FINITE),
        ("true", Reason.VALUE_NOT_NUMBER),
        ("false", Reason.VALUE_NOT_NUMBER),
        ("null", Reason.VALUE_NOT_NUMBER),
        ('"21.4"', Reason.VALUE_NOT_NUMBER),
        ("[21.4]", Reason.VALUE_NOT_NUMBER),
        ("{}", Reason.VALUE_NOT_NUMBER),
    ],
)
def test_bad_value_costs_only_itself(value: str, reason: Reason) -> None:
    payload = f'{{"time": {NEW_YEAR_MS}, "temperature_c": {value}, "co2_ppm": 800}}'.encode()
    found = decode(payload)
    assert found.measurements == [Measurement("box-0101", "co2_ppm", NEW_YEAR_MS, 800.0, 0)]
    assert [(each.reason, *each[2:]) for each in found.rejects] == [
        (reason, "box-0101", "temperature_c", NEW_YEAR_MS)
    ]


def test_unknown_quantity_costs_only_itself() -> None:
    found = decode(f'{{"time": {NEW_YEAR_MS}, "tvoc_ppb": 12, "co2_ppm": 800}}'.encode())
    assert [each.quantity for each in found.measurements] == ["co2_ppm"]
    reject = Reject(Reason.QUANTITY_UNKNOWN, "tvoc_ppb", "box-0101", "tvoc_ppb", NEW_YEAR_MS)
    assert found.rejects == [reject]


def test_what_a_box_says_of_itself_is_no_quantity() -> None:
    record = json.loads(DOCUMENTED) | {"sequence": 17, "boot": 2, "uptime_s": 86_400.5}
    assert decode(json.dumps(record).encode()) == decode(DOCUMENTED)
    found = decode(json.dumps({"time": NEW_YEAR_MS, "sequence": 17}).encode())
    assert [each.reason for each in found.rejects] == [Reason.QUANTITY_MISSING]


def test_bad_record_of_an_array_costs_only_itself() -> None:
    found = decode(b"[1, " + DOCUMENTED + b', {"temperature_c": 20.5}]')
    assert len(found.measurements) == 3
    assert [each.reason for each in found.rejects] == [
        Reason.PAYLOAD_WRONG_SHAPE,
        Reason.TIME_MISSING,
    ]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.PAYLOAD_EMPTY),
        (b"[]", Reason.PAYLOAD_EMPTY),
        (b"not json", Reason.PAYLOAD_NOT_JSON),
        (DOCUMENTED[:-1], Reason.PAYLOAD_NOT_JSON),
        (DOCUMENTED + b"}", Reason.PAYLOAD_NOT_JSON),
        (b"\xff\xfe{}", Reason.PAYLOAD_NOT_TEXT),
        (b"21.4", Reason.PAYLOAD_WRONG_SHAPE),
        (b"null", Reason.PAYLOAD_WRONG_SHAPE),
        (b'{"time": 1767225600}', Reason.QUANTITY_MISSING),
        (b"[" * 100_000, Reason.PAYLOAD_TOO_LARGE),
        (b"[" * 60_000, Reason.PAYLOAD_TOO_COMPLEX),
        (b"[" * 10 + b"]" * 10, Reason.PAYLOAD_TOO_COMPLEX),
        (b'{"time": 1, "x": "' + b"a" * 3000 + b'"}', Reason.PAYLOAD_TOO_COMPLEX),
        (b'{"' + b"a" * 3000 + b'": 1}', Reason.PAYLOAD_TOO_COMPLEX),
        (b"[" + b"1," * 5000 + b"1]", Reason.PAYLOAD_TOO_COMPLEX),
    ],
    ids=lambda each: each[:24] if isinstance(each, bytes) else None,
)
def test_message_that_is_refused_whole(payload: bytes, reason: Reason) -> None:
    found = decode(payload)
    assert found.measurements == []
    assert [each.reason for each in found.rejects] == [reason]


@pytest.mark.parametrize(
    "topic", ["", "readings", "/readings", "fairvarme/v1/solgaarden/box-0101/status", "a//readings"]
)
def test_topic_that_names_no_device(topic: str) -> None:
    found = decode(DOCUMENTED, topic)
    assert [each.reason for each in found.rejects] == [Reason.TOPIC_UNEXPECTED]


def test_of_too_many_readings_the_first_are_kept() -> None:
    narrow = DecodeOptions(limits=replace(limits(), readings=4))
    found = decoders()["fairvarme"](TOPIC, b"[" + DOCUMENTED + b"," + DOCUMENTED + b"]", 0, narrow)
    assert (
        found.measurements == decode(b"[" + DOCUMENTED + b"," + DOCUMENTED + b"]").measurements[:4]
    )
    assert [each.reason for each in found.rejects] == [Reason.TOO_MANY_READINGS]
