"""What devices.csv and a message say of one device, where they say different things."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from ingest.intake import Intake, Taken
from ingest.message import Message
from ingest.reasons import Reason
from ingest.sources import Source
from ingest.validation.devices import DeviceSpan
from ingest.validation.validation import VERDICTS, ReadingRules
from telemetry.readings import Quality
from tests.support.ingest_parts import BUILDING, RULES, T0

HOT_WATER, HEAT, BOX = "71000102", "64000102", "box-0102"
BOTH = "cold_water_m3 from a device of kind hot_water"


def take(fields: dict[str, Any], device: str = HOT_WATER, **settings: Any) -> Taken:  # noqa: ANN401  settings of a source
    """Take in a telegram of a device."""
    source = Source(topic_filter="home/+", decoder="wmbusmeters", building=BUILDING, **settings)
    telegram = {"id": device, "status": "OK", "timestamp": "2026-01-14T07:05:00Z"} | fields
    data = json.dumps(telegram).encode()
    return Intake([source], RULES).take([Message("home/x", data, len(data), T0)])


def values(taken: Taken) -> list[tuple[str, float, int]]:
    return [(each.quantity, each.value, each.quality) for each in taken.readings]


COLD = {"media": "cold water", "meter": "hydrus", "total_m3": 12.5}


def test_plain_water_from_a_hot_water_meter_is_hot() -> None:
    taken = take({"media": "water", "meter": "hydrus", "total_m3": 12.5})
    assert (values(taken), taken.entries) == ([("hot_water_m3", 12.5, 0)], [])


def test_cold_water_from_a_hot_water_meter_is_told_with_both() -> None:
    taken = take(COLD)
    assert taken.readings == []
    (entry,) = taken.entries
    assert entry.reject.reason is Reason.KIND_CONTRADICTED
    assert (entry.reject.detail, entry.reject.device) == (BOTH, HOT_WATER)
    assert [tuple(each.said)[:3] for each in taken.remarks] == [(HOT_WATER, BOTH, "contradicts")]


@pytest.mark.parametrize(
    ("kind_from", "quantity"),
    [
        ("devices", "hot_water_m3"),
        ({HOT_WATER: "devices"}, "hot_water_m3"),
        ("message", "cold_water_m3"),
    ],
)
def test_installation_says_which_counts(kind_from: object, quantity: str) -> None:
    taken = take(COLD, kind_from=kind_from)
    assert (values(taken), taken.entries) == ([(quantity, 12.5, Quality.NOTICE)], [])
    assert [(each.said.word, each.said.meaning) for each in taken.remarks] == [
        (BOTH, "contradicts")
    ]


def test_setting_of_another_device_decides_nothing() -> None:
    assert take(COLD, kind_from={HEAT: "devices"}).readings == []


@pytest.mark.parametrize(
    ("device", "fields"),
    [
        (HOT_WATER, {"media": "heat", "meter": "kamheat", "total_kwh": 5}),
        (HEAT, COLD),
        (BOX, {"media": "heat", "meter": "kamheat", "total_kwh": 5}),
    ],
)
def test_register_in_another_unit_is_never_relabelled(device: str, fields: dict[str, Any]) -> None:
    taken = take(fields, device, kind_from="devices")
    assert taken.readings == []
    assert {each.reject.reason for each in taken.entries} == {Reason.KIND_CONTRADICTED}


def test_register_beside_the_devices_own_contradicts_nothing() -> None:
    fields = {"media": "heat", "meter": "kamheat", "total_kwh": 5, "pulse_m3": 7}
    taken = take(fields, HEAT, keys={"pulse_m3": "cold_water_m3"})
    assert values(taken) == [("cold_water_m3", 7.0, 0), ("heat_kwh", 5.0, 0)]
    assert taken.remarks == []


def test_unknown_word_is_remarked_of_known_devices_only() -> None:
    telegram = {"media": "warm water", "meter": "iwmtx5", "total_m3": 29.5, "status": "UNKNOWN_40"}
    taken = take(telegram)
    assert values(taken) == [("hot_water_m3", 29.5, Quality.NOTICE)]
    assert [(each.building, *each.said) for each in taken.remarks] == [
        (BUILDING, HOT_WATER, "UNKNOWN_40", "unknown", "iwmtx5")
    ]
    assert take(telegram, "10000014").remarks == []
    assert take(telegram, devices=frozenset({HEAT})).remarks == []


def test_columns_are_judged_as_single_readings_are() -> None:
    devices = {
        ("home", "moved"): (DeviceSpan(0, 100, "hot_water"), DeviceSpan(200, 300, "cold_water")),
        ("home", "box"): (DeviceSpan(0, 300, "climate"),),
        ("home", "any"): (DeviceSpan(0, 300),),
    }
    rules = ReadingRules(devices, ahead_ms=0)
    rows = [
        (device, quantity, time_ms)
        for device in ("moved", "box", "any")
        for quantity in ("hot_water_m3", "cold_water_m3", "heat_volume_m3", "temperature_c")
        for time_ms in (50, 150, 250)
    ]
    single = [rules.verdict("home", *row, 20.0, 1000) for row in rows]
    device, quantity, time_ms = zip(*rows, strict=True)
    columns = rules.verdicts(
        "home", device, quantity, np.array(time_ms), np.full(len(rows), 20.0), 1000
    )
    assert [VERDICTS[code] for code in columns] == single
    assert single.count(Reason.KIND_CONTRADICTED) == 2 + 6


@pytest.mark.parametrize(
    ("device", "names", "quantities"),
    [
        (HOT_WATER, {"volume_m3": 12.5}, ["hot_water_m3"]),
        (HOT_WATER, {"latestVolume": 12.5}, ["hot_water_m3"]),
        (HOT_WATER, {"cold_water_m3": 12.5}, []),
        (HOT_WATER, {"hot_water_m3": 12.5}, ["hot_water_m3"]),
        (HEAT, {"heat_energy_kwh": 900, "volume_m3": 12.5}, ["heat_kwh", "heat_volume_m3"]),
    ],
)
def test_volume_whose_name_leaves_open_what_flows_is_what_devices_csv_says(
    device: str, names: dict[str, float], quantities: list[str]
) -> None:
    source = Source(topic_filter="v3/+/devices/+/up", decoder="ttn", building=BUILDING)
    uplink = {"received_at": "2026-01-14T07:05:00Z", "uplink_message": {"decoded_payload": names}}
    data = json.dumps(uplink).encode()
    message = Message(f"v3/homes/devices/{device}/up", data, len(data), T0)
    taken = Intake([source], RULES).take([message])
    assert [each.quantity for each in taken.readings] == quantities
    assert [each.reject.reason for each in taken.entries] == (
        [] if quantities else [Reason.KIND_CONTRADICTED]
    )
