"""The decoder of wmbusmeters, on what the gateway's own tests publish for real telegrams."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from ingest.decoders import Decoded, DecodeOptions, decoders
from ingest.decoders.key_map import read_key_map
from ingest.reasons import Reason
from telemetry.readings import Quality
from tests.support.real_month import SHARED_DATA, require_shared_data

if TYPE_CHECKING:
    from estate.model import DeviceKind

ARRIVAL_MS = 1_768_374_300_000
HEALTH_FIELDS = ("status", "current_status", "error_flags", "error", "current_alarms")
# What an engineer reads as: the meter may have counted wrong. Of the others the register is right,
# or nobody knows what they mean.
WRONG_COUNT = {
    ("em24", "I_3_OVERFLOW"),
    ("em24", "V_2_OVERFLOW"),
    ("eurisii", "MEASUREMENT"),
    ("aventieswm", "MEASUREMENT"),
    ("hcae2", "PERMANENT_ERROR"),
    ("hcae2", "SENSOR_BREAK"),
    ("lansenth", "PERMANENT_ERROR"),
    ("iwmtx5", "PERMANENT_ERROR"),
    ("izar", "meter_blocked"),
    ("izarv2", "METER_BLOCKED"),
    ("kamwater", "DRY"),
}
LOST_COUNT = {("iem3000", "CODE_101_EEPROM_ERROR")}
OPTIONS = DecodeOptions()
MISSING = [(Reason.QUANTITY_MISSING, "medium heat, driver kamheat")]
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


def decode(telegram: Any, options: DecodeOptions = OPTIONS) -> Decoded:  # noqa: ANN401  any JSON
    payload = telegram if isinstance(telegram, bytes) else json.dumps(telegram).encode()
    return decoders()["wmbusmeters"]("solgaarden/wmbusmeters/x", payload, ARRIVAL_MS, options)


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


MAIN = {"heat_kwh", "hot_water_m3", "cold_water_m3", "electricity_kwh", "allocator_units"}
BOX = {"temperature_c", "humidity_pct", "co2_ppm"}


@pytest.mark.parametrize("kind", ["heat", "hca", "water", "electricity", "room_sensor"])
def test_every_published_telegram_gives_its_register_or_says_why_not(kind: str) -> None:
    for telegram in telegrams(kind):
        found = decode(telegram)
        registers = {each.quantity for each in found.measurements} & (MAIN | BOX)
        assert bool(registers) != bool(found.rejects), telegram
        assert {each.reason for each in found.rejects} <= {
            Reason.QUANTITY_MISSING,
            Reason.STATUS_UNUSABLE,
        }
        # The recorded telegrams mask their time.
        assert all(each.time_ms == ARRIVAL_MS for each in found.measurements)
        assert all(each.quality & Quality.ARRIVAL_TIME for each in found.measurements)


@pytest.mark.parametrize("kind", ["heat", "hca", "water", "electricity", "room_sensor"])
def test_what_a_published_telegram_says_of_its_meter_is_kept_and_told(kind: str) -> None:
    for telegram in telegrams(kind):
        fields = " ".join(str(telegram.get(name) or "") for name in HEALTH_FIELDS)
        words = set(fields.replace(",", " ").split()) - {"OK", "no_alarm"}
        said = {(telegram["meter"], word) for word in words}
        found = decode(telegram)
        assert {each.word for each in found.said} == words
        unusable = [each for each in found.rejects if each.reason is Reason.STATUS_UNUSABLE]
        assert bool(unusable) == bool(said & LOST_COUNT)
        for each in found.measurements:
            assert bool(each.quality & Quality.SUSPECT) == bool(said & WRONG_COUNT), telegram
            assert bool(each.quality & (Quality.SUSPECT | Quality.NOTICE)) == bool(words), telegram


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
        {"status": "PERMANENT_ERROR"},
        {"status": "LEAK DRY"},
        {"status": "OK", "error_flags": "SENSOR_T1_BELOW_MEASURING_RANGE"},
        {"status": ["TEMPORARY_ERROR"]},
    ],
)
def test_meter_that_may_count_wrong_gives_suspect_values(fault: dict[str, object]) -> None:
    assert decode(a_telegram(**fault)).measurements[0].quality == Quality.SUSPECT


@pytest.mark.parametrize(
    "status",
    ["LEAK", "BURST", "LOW_BATTERY", "OK LEAK", "ALARM leakage", "V1_V2_BURST_WATER_LOSS", "ALARM",
     "MODULE_REMOVED", "TAMPER"],
)  # fmt: skip
def test_word_that_is_not_about_the_register_is_noted_and_the_value_counts(status: str) -> None:
    found = decode(a_telegram(status=status))
    assert found.measurements[0].quality == Quality.NOTICE
    assert {each.meaning for each in found.said} == {"harmless"}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": "UNKNOWN_40"}, ["UNKNOWN_40"]),
        ({"status": "ERROR_FLAGS_800"}, ["ERROR_FLAGS_800"]),
        ({"status": "OK", "current_status": "RAINBOW"}, ["RAINBOW"]),
        ({"status": 16}, ["16"]),
        ({"status": "UNKNOWN_40", "error_flags": "UNKNOWN_40 NEW"}, ["UNKNOWN_40", "NEW"]),
    ],
)
def test_word_that_nobody_knows_is_told_and_the_value_counts(
    fields: dict[str, object], words: list[str]
) -> None:
    found = decode(a_telegram(**fields))
    assert [(each.value, each.quality) for each in found.measurements] == [(44.0, Quality.NOTICE)]
    assert [(each.device, each.word, each.meaning) for each in found.said] == [
        ("67676767", word, "unknown") for word in words
    ]


@pytest.mark.parametrize("status", ["OK", "", None, "no_alarm", 0, False, [], "OK OK"])
def test_meter_that_is_well_says_nothing(status: object) -> None:
    found = decode(a_telegram(status=status))
    assert (found.measurements[0].quality, found.said) == (0, [])


def test_value_that_is_not_to_be_trusted_is_refused_with_the_word() -> None:
    found = decode(a_telegram(status="LEAK MEMORY_ERROR"))
    assert found.measurements == []
    assert [(each.reason, each.detail, each.device) for each in found.rejects] == [
        (Reason.STATUS_UNUSABLE, "MEMORY_ERROR", "67676767")
    ]


def test_word_means_what_its_driver_means_by_it() -> None:
    for driver, quality in [("rfmamb", Quality.NOTICE), ("lansenth", Quality.SUSPECT)]:
        room = {"media": "room sensor", "meter": driver, "current_temperature_c": 21.4}
        (measurement,) = decode(a_telegram(**room, status="PERMANENT_ERROR")).measurements
        assert measurement.quality == quality


@pytest.mark.parametrize(
    ("statuses", "quality"),
    [
        ({"UNKNOWN_40": "suspect"}, Quality.SUSPECT),
        ({"UNKNOWN_*": "suspect"}, Quality.SUSPECT),
        ({"67676767": {"UNKNOWN_40": "suspect"}}, Quality.SUSPECT),
        ({"UNKNOWN_40": "suspect", "67676767": {"UNKNOWN_40": "harmless"}}, Quality.NOTICE),
        ({"1": {"UNKNOWN_40": "suspect"}}, Quality.NOTICE),
        ({"PERMANENT_ERROR": "harmless"}, Quality.NOTICE),
    ],
)
def test_installation_overrules_the_table(statuses: dict[str, Any], quality: Quality) -> None:
    options = replace(OPTIONS, statuses=statuses)
    word = "PERMANENT_ERROR" if "PERMANENT_ERROR" in statuses else "UNKNOWN_40"
    assert decode(a_telegram(status=word), options).measurements[0].quality == quality


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
    ("fields", "told"),
    [
        ({"total_warmth_kwh": 44}, [*MISSING, (Reason.QUANTITY_UNKNOWN, "total_warmth_kwh")]),
        ({"total_warmth_therm": 44}, [*MISSING, (Reason.QUANTITY_UNKNOWN, "total_warmth_therm")]),
        ({"total": {"warmth_kwh": 44}}, [*MISSING, (Reason.QUANTITY_UNKNOWN, "total.warmth_kwh")]),
        (
            {"target_energy_kwh": 40, "total_energy_production_kwh": 1, "prev_01_kwh": 2},
            [
                (
                    Reason.QUANTITY_MISSING,
                    "medium heat, driver kamheat, only at a set date: target_energy_kwh",
                )
            ],
        ),
        (
            {"meter_no": 7, "on_time_h": 90, "rssi_dbm": -71, "total_volume_m3": 9.5},
            MISSING,
        ),
    ],
)
def test_register_that_is_not_there_is_told_beside_what_is(
    fields: dict[str, object], told: list[tuple[Reason, str]]
) -> None:
    telegram = a_telegram(**fields, power_kw=1.9)
    del telegram["total_energy_consumption_kwh"]
    found = decode(telegram)
    assert "power_kw" in {each.quantity for each in found.measurements}
    assert sorted((each.reason, each.detail) for each in found.rejects) == told


def test_number_in_a_unit_that_nobody_knows_is_named_beside_the_register() -> None:
    found = decode(a_telegram(heat_therm=18.1, enthalpy=3))
    assert [each.quantity for each in found.measurements] == ["heat_kwh"]
    assert [each.detail for each in found.rejects] == ["heat_therm", "enthalpy"]


def test_many_numbers_in_levels_are_counted_where_they_are_not_named() -> None:
    found = decode(a_telegram(raw_data={"part": [[1.5, "x"], {"b": 2}, *range(20)]}))
    told = [each.detail for each in found.rejects]
    assert told[:2] == ["raw_data.part.0.0", "raw_data.part.1.b"]
    assert (len(told), told[-1]) == (17, "and 6 more names")


@pytest.mark.parametrize("media", ["gas", "smoke detector"])
def test_medium_that_is_not_used(media: object) -> None:
    found = decode(a_telegram(media=media))
    assert [each.reason for each in found.rejects] == [Reason.QUANTITY_MISSING]


OPEN = ["other", "Unknown", "radio converter (meter side)", "radio converter (system side)",
        "bus/system component", "", None, 7, ["heat"]]  # fmt: skip


@pytest.mark.parametrize("media", OPEN)
@pytest.mark.parametrize(
    ("fields", "quantity"),
    [
        ({"meter": "qheatv2", "total_kwh": 932}, "heat_kwh"),
        ({"meter": "qheat_55_us", "total_energy_consumption_kwh": 932}, "heat_kwh"),
        ({"meter": "relhca", "consumption_hca": 932}, "allocator_units"),
        ({"meter": "gwfwater", "total_m3": 932}, "cold_water_m3"),
        ({"meter": "emerlin868", "total_m3": 932}, "cold_water_m3"),
        ({"meter": "apator99", "total_m3": 932}, "cold_water_m3"),
        ({"meter": "Engelmann-FAW", "total_m3": 932}, "cold_water_m3"),
        ({"meter": "multical21", "total_m3": 932}, "cold_water_m3"),
        ({"meter": "multical603", "total_energy_consumption_kwh": 932}, "heat_kwh"),
        ({"meter": "c5isf_t1a1", "total_energy_consumption_kwh": 932}, "heat_kwh"),
        ({"meter": "izar_ehz", "total_energy_consumption_kwh": 932}, "heat_kwh"),
        ({"meter": "apatoreitn40", "current_hca": 932}, "allocator_units"),
        ({"meter": "fhkvdataiii", "current_hca": 932}, "allocator_units"),
        ({"meter": "amiplus", "total_energy_consumption_kwh": 932}, "electricity_kwh"),
        ({"meter": None, "driver": "sharky", "total_kwh": 932}, "heat_kwh"),
    ],
)
def test_driver_tells_what_the_medium_does_not(
    media: object, fields: dict[str, object], quantity: str
) -> None:
    telegram = a_telegram(**fields, media=media)
    if fields["meter"] is None:
        del telegram["meter"]
    if "total_energy_consumption_kwh" not in fields:
        del telegram["total_energy_consumption_kwh"]
    found = decode(telegram)
    assert [(each.quantity, each.value) for each in found.measurements] == [(quantity, 932.0)]


@pytest.mark.parametrize(
    ("kind", "fields", "quantity"),
    [
        ("heat", {"total_kwh": 5}, "heat_kwh"),
        ("main_heat", {"total_kwh": 5}, "heat_kwh"),
        ("electricity", {"total_kwh": 5}, "electricity_kwh"),
        ("hot_water", {"total_m3": 5}, "hot_water_m3"),
        ("cold_water", {"total_m3": 5}, "cold_water_m3"),
        ("allocator", {"consumption_hca": 5}, "allocator_units"),
        ("climate", {"temperature_c": 5}, "temperature_c"),
    ],
)
def test_estate_tells_what_neither_medium_nor_driver_does(
    kind: DeviceKind, fields: dict[str, object], quantity: str
) -> None:
    telegram = a_telegram(media="other", meter="new2027", **fields)
    del telegram["total_energy_consumption_kwh"]
    known = decode(telegram, replace(OPTIONS, kinds={"67676767": kind}))
    assert [(each.quantity, each.value) for each in known.measurements] == [(quantity, 5.0)]
    # Without it nothing is guessed, and the number is told by its name.
    (name,) = fields
    found = decode(telegram)
    assert found.measurements == []
    assert [(each.reason, each.detail) for each in found.rejects] == [
        (Reason.QUANTITY_UNKNOWN, name),
        (Reason.QUANTITY_MISSING, "medium other, driver new2027"),
    ]


def test_water_of_any_temperature_is_what_the_estate_says() -> None:
    telegram = a_telegram(media="water", meter="hydrus", total_m3=5)
    told: list[tuple[dict[str, DeviceKind], str]] = [
        ({}, "cold_water_m3"),
        ({"67676767": "hot_water"}, "hot_water_m3"),
        ({"67676767": "cold_water"}, "cold_water_m3"),
    ]
    for kinds, quantity in told:
        found = decode(telegram, replace(OPTIONS, kinds=kinds))
        assert [each.quantity for each in found.measurements] == [quantity]


def test_cooling_is_never_heat() -> None:
    telegram = a_telegram(media="cooling load volume at inlet")
    assert [each.quantity for each in decode(telegram).measurements] == ["cooling_kwh"]
    both = a_telegram(media="heat/cooling load", total_cooling_kwh=9)
    told: list[tuple[dict[str, DeviceKind], tuple[str, float]]] = [
        ({}, ("heat_kwh", 44.0)),
        ({"67676767": "heat"}, ("heat_kwh", 44.0)),
        ({"67676767": "cooling"}, ("cooling_kwh", 9.0)),
    ]
    for kinds, counted in told:
        found = decode(both, replace(OPTIONS, kinds=kinds))
        assert [(each.quantity, each.value) for each in found.measurements] == [counted]


def test_medium_and_driver_that_contradict_each_other_decide_nothing() -> None:
    telegram = a_telegram(media="heat cost allocation", meter="compact5", total_kwh=17_694_720)
    found = decode(telegram)
    assert found.measurements == []
    assert [(each.reason, each.detail) for each in found.rejects] == [
        (Reason.KIND_CONTRADICTED, "medium heat cost allocation, driver compact5")
    ]
    settled = decode(telegram, replace(OPTIONS, kinds={"67676767": "heat"}))
    assert settled.measurements[0].quantity == "heat_kwh"
    assert [(each.word, each.meaning) for each in settled.said] == [
        ("medium heat cost allocation, driver compact5", "contradicts")
    ]


def test_source_says_what_a_field_means() -> None:
    telegram = a_telegram(media="other", meter="new2027", energy_100wh=9320, spare_kwh=4)
    del telegram["total_energy_consumption_kwh"]
    keys = read_key_map({"energy_100wh": "heat_kwh:wh", "spare_kwh": "ignore"})
    found = decode(telegram, replace(OPTIONS, keys=keys))
    assert [(each.quantity, each.value) for each in found.measurements] == [("heat_kwh", 9.32)]
    assert found.rejects == []
    # A key map of a side value does not make up for the register.
    side = replace(OPTIONS, keys=read_key_map({"energy_100wh": "ignore", "u_v": "battery_v"}))
    reasons = [each.reason for each in decode(telegram | {"u_v": 3.6}, side).rejects]
    assert Reason.QUANTITY_MISSING in reasons
    # It goes before the field map.
    keys = read_key_map({"total_volume_m3": "hot_water_m3", "energy_kwh": "heat_kwh"})
    known = a_telegram(total_volume_m3=7, energy_kwh=9)
    found = decode(known, replace(OPTIONS, keys=keys))
    assert {each.quantity: each.value for each in found.measurements} == {
        "heat_kwh": 9.0,
        "hot_water_m3": 7.0,
    }


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": ""}, Reason.DEVICE_MISSING),
        ({"id": 167676767}, Reason.DEVICE_MISSING),
        ({"id": True}, Reason.DEVICE_MISSING),
        ({"timestamp": None}, Reason.TIME_MISSING),
        ({"timestamp": "2026-01-14 07:05"}, Reason.TIME_INVALID),
        ({"total_energy_consumption_kwh": True}, Reason.VALUE_NOT_NUMBER),
        ({"total_energy_consumption_kwh": "44,123"}, Reason.VALUE_NOT_NUMBER),
        ({"total_energy_consumption_kwh": "0.044 MWh"}, Reason.VALUE_NOT_NUMBER),
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
