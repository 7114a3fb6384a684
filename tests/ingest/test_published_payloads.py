"""Payloads that others published: codecs of LoRaWAN devices, and messages with their traps."""

from __future__ import annotations

import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ingest.decoders import Decoded, DecodeOptions, decoders
from ingest.reasons import Reason
from tests.support.real_month import SHARED_DATA, require_shared_data

ARRIVAL_MS = 1_768_374_300_000
HEARD = "2026-01-14T07:05:00Z"
OPTIONS = DecodeOptions(zone=ZoneInfo("Europe/Berlin"))
EUI = "0011223344556677"
# What a person reads in each codec's output: the field that is our quantity. A percentage of a
# battery, air pressure, light and organic gases are none of ours.
READ = {
    "temperature": "temperature_c",
    "air_temperature": "temperature_c",
    "humidity": "humidity_pct",
    "air_humidity": "humidity_pct",
    "co2": "co2_ppm",
    "co2_concentration": "co2_ppm",
    "battery_voltage": "battery_v",
    "Volume_m3": "cold_water_m3",
    "flow_temperature": "flow_temperature_c",
    "return_temperature": "return_temperature_c",
}
DECODER_OF = {"Tasmota": "tasmota", "zigbee2mqtt": "zigbee2mqtt", "TTN v3": "ttn"}
NAMED = {"temperature_c": "temperature_c", "rh": "humidity_pct", "co2_ppm": "co2_ppm"}


def cases(file: str) -> list[dict[str, Any]]:
    require_shared_data()
    text = (SHARED_DATA / "device_payloads" / file).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def decode(decoder: str, topic: str, payload: str) -> Decoded:
    return decoders()[decoder](topic, payload.encode(), ARRIVAL_MS, OPTIONS)


def values(found: Decoded) -> dict[str, float]:
    return {each.quantity: each.value for each in found.measurements}


@pytest.mark.parametrize("server", ["ttn", "chirpstack"])
def test_output_of_published_codecs(server: str) -> None:
    for case in cases("lorawan_ttn_cases.jsonl"):
        output = case["expected"]
        if server == "ttn":
            topic = "v3/homes@housing/devices/dev-1/up"
            message = {"received_at": HEARD, "uplink_message": {"decoded_payload": output}}
        else:
            topic = f"application/1/device/{EUI}/event/up"
            message = {"time": HEARD, "deviceInfo": {"devEui": EUI}, "object": output}
        found = decode(server, topic, json.dumps(message))
        if "latestVolume" in output:
            readings = [value for _, value in output["values"]]
            assert [each.value for each in found.measurements] == readings
            assert {each.quantity for each in found.measurements} == {"cold_water_m3"}
        else:
            read = {READ[name]: value for name, value in output.items() if name in READ}
            assert values(found) == read, case["device"]
        # Elvaco's energy and volume have no unit: the source must say it.
        assert {each.detail for each in found.rejects} == {"energy", "volume"} & set(output)


def test_messages_with_traps() -> None:
    for case in cases("mqtt_samples.jsonl"):
        found = decode(DECODER_OF[case["system"]], case["topic"], case["payload"])
        if "no timestamp" in case["expect"].get("trap", ""):
            assert [each.reason for each in found.rejects] == [Reason.TIME_MISSING]
            continue
        expected = {NAMED[name]: case["expect"][name] for name in NAMED if name in case["expect"]}
        assert values(found) == expected
        assert bool(found.rejects) != bool(expected)


def test_pairs_of_a_bridge() -> None:
    fields = {
        "Temperature": "temperature_c",
        "Humidity": "humidity_pct",
        "TempCSht": "temperature_c",
        "HumSHT": "humidity_pct",
        "Air\\ Temperature": "temperature_c",
        "Vcc": "battery_v",
        "rssi": "rssi_dbm",
    }
    number = re.compile(r"field=((?:\\ |[^,\s])+)\S*(?: \S+)*? floatValue=(\S+)")
    for case in cases("mqtt_topic_payload_expected.jsonl"):
        decoder = "ttn" if "/ttn" in case["file"] else "tasmota"
        found = decode(decoder, case["topic"], case["payload"])
        lines = case["expected_lines"] if "iotdevice" not in case["file"] else []
        expected = {
            fields[name]: float(value)
            for line in lines
            for name, value in number.findall(line)
            if name in fields
        }
        strengths = [re.search(r"^lora\S* .*\brssi=(-?\d+)i", line) for line in lines]
        expected |= {"rssi_dbm": float(each[1]) for each in strengths if each}  # noqa: B035
        assert values(found) == expected, case["topic"]
        assert bool(expected) != bool(found.rejects)
