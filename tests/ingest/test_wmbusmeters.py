"""The decoder of wmbusmeters, on what the gateway's own tests publish for real telegrams."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ingest.decoders import Decoded, DecodeOptions, decoders
from ingest.reasons import Reason
from telemetry.readings import Quality
from tests.support.real_month import SHARED_DATA, require_shared_data

ARRIVAL_MS = 1_768_374_300_000
HEALTH_FIELDS = ("status", "current_status", "error_flags", "error", "current_alarms")
# Said of the home or of the battery: the register is right.
HARMLESS = {"ALARM", "LEAK_FLOW_HIGH", "LEAK_FLOW_LOW", "POWER_LOW"}
OPTIONS = DecodeOptions()
# What a person reads in each telegram: our quantity, and the telegram's field that holds it.
GOLDEN = {
    ("heat", "67552079", "compact5"): {"heat_kwh": "total_kwh"},
    ("heat", "23170428", "elf2"): {
        "heat_kwh": "total_energy_kwh",
        "heat_volume_m3": "total_volume_m3",
        "power_kw": "current_power_kw",
        "flow_temperature_c": "t1_temperature_c",
        "return_temperature_c": "t2_temperature_c",
    },
    ("heat", "71727374", "hydrocalm3"): {
        "heat_kwh": "total_heating_kwh",
        "heat_volume_m3": "total_heating_m3",
        "flow_temperature_c": "supply_temperature_c",
        "return_temperature_c": "return_temperature_c",
    },
    ("heat", "46464646", "kamheat"): {
        "heat_kwh": "total_energy_consumption_kwh",
        "heat_volume_m3": "total_volume_m3",
        "power_kw": "power_kw",
    },
    ("heat", "70444600", "ultraheat"): {
        "heat_kwh": "heat_kwh",
        "heat_volume_m3": "volume_m3",
        "power_kw": "power_kw",
        "flow_temperature_c": "flow_c",
        "return_temperature_c": "return_c",
    },
    ("heat", "58234965", "vario451"): {"heat_kwh": "total_kwh"},
    ("hca", "60200770", "eurisii"): {"allocator_units": "current_consumption_hca"},
    ("hca", "11111234", "fhkvdataiii"): {"allocator_units": "current_hca"},
    ("hca", "93000952", "hydroclimav2"): {"allocator_units": "total_consumption_hca"},
    ("hca", "90919293", "qcaloric"): {"allocator_units": "current_consumption_hca"},
    ("water", "60904720", "hydrus"): {"hot_water_m3": "total_m3"},
    ("water", "64641820", "hydrus"): {
        "cold_water_m3": "total_m3",
        "flow_temperature_c": "flow_temperature_c",
    },
    # The flow temperature of this one says 127: a dry pipe.
    ("water", "76348799", "kamwater"): {"cold_water_m3": "total_m3"},
    ("electricity", "10101010", "amiplus"): {"electricity_kwh": "total_energy_consumption_kwh"},
    ("electricity", "12345678", "ime"): {"electricity_kwh": "positive_total_active_energy_kwh"},
    ("room_sensor", "80008958", "elvsense"): {
        "temperature_c": "temperature_c",
        "humidity_pct": "humidity_rh",
        "co2_ppm": "co2_ppm",
        "battery_v": "battery_v",
    },
    ("room_sensor", "00013482", "munia"): {
        "temperature_c": "current_temperature_c",
        "humidity_pct": "current_relative_humidity_rh",
    },
}


def decode(telegram: Any) -> Decoded:  # noqa: ANN401  any JSON
    payload = telegram if isinstance(telegram, bytes) else json.dumps(telegram).encode()
    return decoders()["wmbusmeters"]("solgaarden/wmbusmeters/x", payload, ARRIVAL_MS, OPTIONS)


def telegrams(kind: str) -> list[dict[str, Any]]:
    require_shared_data()
    lines = (SHARED_DATA / "wmbusmeters" / f"expected_{kind}.jsonl").read_text("utf-8")
    return [json.loads(line) for line in lines.splitlines()]


def a_telegram(**fields: object) -> dict[str, object]:
    return {
        "media": "heat",
        "meter": "kamheat",
        "id": "67676767",
        "total_energy_consumption_kwh": 44,
        "status": "OK",
        "timestamp": "2026-01-14T07:05:00Z",
    } | fields


@pytest.mark.parametrize(("kind", "meter", "driver"), GOLDEN, ids="-".join)
def test_published_telegram(kind: str, meter: str, driver: str) -> None:
    telegram = next(
        each for each in telegrams(kind) if (each["id"], each["meter"]) == (meter, driver)
    )
    fields = GOLDEN[kind, meter, driver]
    found = decode(telegram)
    assert found.rejects == []
    assert {each.quantity: each.value for each in found.measurements} == {
        quantity: telegram[field] for quantity, field in fields.items()
    }
    assert {each.device for each in found.measurements} == {meter}


@pytest.mark.parametrize("kind", ["heat", "hca", "water", "electricity", "room_sensor"])
def test_every_published_telegram_gives_values_or_says_why_not(kind: str) -> None:
    for telegram in telegrams(kind):
        found = decode(telegram)
        assert bool(found.measurements) != bool(found.rejects)
        assert {each.reason for each in found.rejects} <= {Reason.QUANTITY_MISSING}
        # The recorded telegrams mask their time.
        assert all(each.time_ms == ARRIVAL_MS for each in found.measurements)
        assert all(each.quality & Quality.ARRIVAL_TIME for each in found.measurements)


@pytest.mark.parametrize("kind", ["heat", "hca", "water", "electricity", "room_sensor"])
def test_what_a_published_telegram_says_of_its_meter_is_kept(kind: str) -> None:
    for telegram in telegrams(kind):
        words = " ".join(str(telegram.get(name) or "") for name in HEALTH_FIELDS)
        said = set(words.replace(",", " ").split()) - {"OK", "no_alarm"}
        for each in decode(telegram).measurements:
            assert bool(each.quality & Quality.SUSPECT) == bool(said - HARMLESS), telegram
            assert bool(each.quality & (Quality.SUSPECT | Quality.NOTICE)) == bool(said), telegram


def test_time_is_when_the_gateway_heard_it() -> None:
    found = decode(a_telegram(device_datetime="2021-01-17 17:30"))
    assert [(each.time_ms, each.quality) for each in found.measurements] == [(ARRIVAL_MS, 0)]


@pytest.mark.parametrize(
    ("field", "value", "kwh"),
    [
        ("total_energy_consumption_wh", 44_000, 44.0),
        ("total_energy_consumption_mwh", 0.044, 44.0),
        ("total_energy_consumption_mj", 158.4, 44.0),
        ("total_energy_consumption_gj", 59, 16388.888888888889),
    ],
)
def test_other_units_are_converted(field: str, value: float, kwh: float) -> None:
    telegram = a_telegram(**{field: value})
    del telegram["total_energy_consumption_kwh"]
    assert decode(telegram).measurements[0].value == pytest.approx(kwh, rel=1e-12)


@pytest.mark.parametrize("nothing", [None, "", -2147483648])
def test_no_value_is_not_zero(nothing: object) -> None:
    found = decode(a_telegram(total_energy_consumption_kwh=nothing, power_kw=1.9))
    assert [(each.quantity, each.value) for each in found.measurements] == [("power_kw", 1.9)]


def test_zero_is_a_value() -> None:
    assert decode(a_telegram(total_energy_consumption_kwh=0)).measurements[0].value == 0.0


@pytest.mark.parametrize(
    "fault",
    [
        {"status": "ERROR_FLAGS_800"},
        {"status": "ALARM"},
        {"status": "LEAK DRY"},
        {"status": 16},
        {"error_flags": "HF"},
        {"status": ["OK"]},
    ],
)
def test_meter_that_is_not_well_gives_suspect_values(fault: dict[str, object]) -> None:
    assert decode(a_telegram(**fault)).measurements[0].quality == Quality.SUSPECT


@pytest.mark.parametrize(
    "status", ["LEAK", "BURST", "LOW_BATTERY", "OK LEAK", "ALARM leakage", "V1_V2_BURST_WATER_LOSS"]
)
def test_leak_is_noted_and_counts(status: str) -> None:
    assert decode(a_telegram(status=status)).measurements[0].quality == Quality.NOTICE


def test_driver_may_be_called_so() -> None:
    allocator = {
        "media": "heat cost allocation",
        "consumption_hca": 33,
        "total_consumption_hca": 2435,
    }
    for name in ("meter", "driver"):
        telegram = a_telegram(**allocator)
        del telegram["meter"], telegram["total_energy_consumption_kwh"]
        found = decode(telegram | {name: "hydroclimav2"})
        assert [each.value for each in found.measurements] == [2435.0]


def test_heat_register_of_zero_beside_much_water_is_suspect() -> None:
    stuck = {"total_energy_consumption_kwh": 0, "total_volume_m3": 895.04}
    found = decode(a_telegram(**stuck))
    assert [(each.quantity, each.quality) for each in found.measurements] == [
        ("heat_kwh", Quality.SUSPECT),
        ("heat_volume_m3", 0),
    ]
    for fields in ({"total_volume_m3": 0.04}, {"media": "heat/cooling load"}):
        assert not any(each.quality for each in decode(a_telegram(**stuck | fields)).measurements)


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        ({"total_warmth_kwh": 44}, ["total_warmth_kwh"]),
        ({"total_warmth_gj": 44, "target_energy_kwh": 40}, ["total_warmth_gj"]),
        ({"target_energy_kwh": 40, "total_energy_production_kwh": 1, "prev_01_kwh": 2}, []),
        ({"meter_no": 7, "on_time_h": 90}, []),
    ],
)
def test_register_that_a_driver_renamed_is_named(
    fields: dict[str, object], unknown: list[str]
) -> None:
    telegram = a_telegram(**fields, power_kw=1.9)
    del telegram["total_energy_consumption_kwh"]
    found = decode(telegram)
    assert [each.quantity for each in found.measurements] == ["power_kw"]
    assert [(each.reason, each.detail) for each in found.rejects] == [
        (Reason.QUANTITY_UNKNOWN, name) for name in unknown
    ]


@pytest.mark.parametrize("media", ["gas", "", None, 7, ["heat"]])
def test_medium_that_is_not_used(media: object) -> None:
    found = decode(a_telegram(media=media))
    assert [each.reason for each in found.rejects] == [Reason.QUANTITY_MISSING]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, Reason.DEVICE_MISSING),
        ({"id": ""}, Reason.DEVICE_MISSING),
        ({"id": 67676767}, Reason.DEVICE_MISSING),
        ({"timestamp": None}, Reason.TIME_MISSING),
        ({"timestamp": "2026-01-14 07:05"}, Reason.TIME_INVALID),
        ({"total_energy_consumption_kwh": True}, Reason.VALUE_NOT_NUMBER),
        ({"total_energy_consumption_kwh": "44"}, Reason.VALUE_NOT_NUMBER),
        ({"total_energy_consumption_kwh": float("nan")}, Reason.VALUE_NOT_FINITE),
    ],
)
def test_telegram_that_is_refused(fields: dict[str, object], reason: Reason) -> None:
    found = decode(a_telegram(**fields))
    assert found.measurements == []
    assert [each.reason for each in found.rejects] == [reason]


@pytest.mark.parametrize("payload", [b"[]", b"1", b'"x"', b"null"])
def test_json_that_is_no_telegram(payload: bytes) -> None:
    assert [each.reason for each in decode(payload).rejects] == [Reason.PAYLOAD_WRONG_SHAPE]
