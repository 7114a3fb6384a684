"""What devices send: shapes, times, registers, and that it says what the building did."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from firmware_sim.clock import HOUR_MS, day_start_ms, month_days
from firmware_sim.folder import read_house
from firmware_sim.mqtt.devices import Fleet
from firmware_sim.mqtt.messages import Sample, Sent
from firmware_sim.parameters import parameters
from firmware_sim.physics.building import simulate
from tests.support.simulated import whole

HOUSE = read_house(Path(str(resources.files("estate").joinpath("sample"))))
# A month with summer time in it: 743 hours.
START_MS = day_start_ms(date(2026, 3, 1), HOUSE.zone)
END_MS = day_start_ms(date(2026, 4, 1), HOUSE.zone)
HOURS = 743


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return Fleet(simulate(HOUSE, *month_days("2026-03"), 1, events=True), 1)


@pytest.fixture(scope="module")
def sent(fleet: Fleet) -> list[Sent]:
    return list(fleet.messages())


def series(sent: list[Sent]) -> dict[tuple[str, str], list[Sample]]:
    found: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for message in sent:
        for sample in message.samples:
            found[sample.device, sample.quantity].append(sample)
    return found


def numbers(rows: list[Sample]) -> list[float]:
    return [row.value for row in rows if row.value is not None]


def test_payload_says_what_its_samples_say(sent: list[Sent]) -> None:
    for message in sent[:200]:
        if message.topic.endswith("/readings"):
            records = json.loads(message.payload)
            values = [
                value
                for record in records
                for name, value in record.items()
                if name not in ("time", "sequence")
            ]
            assert values == [sample.value for sample in message.samples]
        else:
            telegram = json.loads(message.payload)
            assert telegram["id"] == message.topic.rpartition("/")[2]
            assert telegram["status"] == "OK"
            assert {sample.value for sample in message.samples} <= {
                value for value in telegram.values() if isinstance(value, float)
            }


def test_messages_are_in_the_order_of_sending_and_few_enough(sent: list[Sent]) -> None:
    times = [message.time_ms for message in sent]
    assert times == sorted(times)
    assert len(sent) == 13 * HOURS + 25 * (HOURS + 1) < 40_000


def test_registers_stand_at_both_edges_and_never_fall(sent: list[Sent]) -> None:
    found = series(sent)
    meters = [key for key in found if key[1] in ("heat_kwh", "hot_water_m3")]
    assert len(meters) == 25
    for key in meters:
        times = [sample.time_ms for sample in found[key]]
        assert times == list(range(START_MS, END_MS + 1, HOUR_MS))
        assert np.diff([sample.value or 0.0 for sample in found[key]]).min() >= 0


def test_meters_count_what_the_building_used(fleet: Fleet, sent: list[Sent]) -> None:
    simulation, found = fleet.simulation, series(sent)
    course = whole(simulation).course
    month = slice(simulation.first_step, None)
    for number, flat in enumerate(HOUSE.flats):
        rows = found[f"64{flat:0>6}", "heat_kwh"]
        heat_w = course.heat_w[month, number]
        expected = heat_w.sum() * parameters().step_hours / 1000
        assert numbers(rows)[-1] - numbers(rows)[0] == pytest.approx(expected, abs=0.011)


def test_box_measures_the_home_within_its_noise(fleet: Fleet, sent: list[Sent]) -> None:
    rows = series(sent)["box-0101", "temperature_c"]
    assert len(rows) == 4 * HOURS
    truth = whole(fleet.simulation).course.temperature_c[fleet.simulation.first_step :, 0].mean()
    assert np.mean(numbers(rows)) == pytest.approx(truth, abs=0.05)
    assert {quantity for device, quantity in series(sent) if device == "box-outdoor"} == {
        "temperature_c", "humidity_pct", "battery_v",
    }  # fmt: skip


def test_each_box_and_the_gateway_have_a_connection(fleet: Fleet, sent: list[Sent]) -> None:
    senders = fleet.senders()
    boxes = [sender for sender in senders if sender.status_topic]
    assert len(boxes) == 13
    assert [s.name for s in senders if not s.status_topic] == [f"{HOUSE.building}-gateway"]
    assert {message.sender for message in sent} == {sender.name for sender in senders}
    for box in boxes:
        assert box.status_topic == f"fairvarme/v1/{HOUSE.building}/{box.name}/status"


def test_records_of_a_box_are_counted(sent: list[Sent]) -> None:
    messages = [m for m in sent if m.sender == "box-0101"]
    records = [record for m in messages for record in json.loads(m.payload)]
    assert [record["sequence"] for record in records] == list(range(4 * HOURS))
    assert not any(m.after_reboot for m in messages)


def test_battery_is_told_once_a_day_and_falls_slowly(sent: list[Sent]) -> None:
    rows = series(sent)["box-0101", "battery_v"]
    days = [row.time_ms // (24 * HOUR_MS) for row in rows]
    assert days == sorted(set(days))
    assert len(days) == 31
    volts = numbers(rows)
    assert volts == sorted(volts, reverse=True)
    assert 3.0 <= volts[-1] <= volts[0] <= 3.6
