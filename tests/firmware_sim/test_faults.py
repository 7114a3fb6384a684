"""Every fault of a device is to be seen in what it sends, on its days and as it is described."""

from __future__ import annotations

import json
from datetime import date, datetime
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from estate.numbers.arrays import Floats
from firmware_sim.clock import HOUR_MS, day_start_ms
from firmware_sim.folder import read_house
from firmware_sim.life.events import EventKind
from firmware_sim.life.scenario import (
    Fault,
    FaultKind,
    Scenario,
    ScenarioInvalid,
    fault_table,
    read_scenario,
)
from firmware_sim.mqtt.devices import Fleet
from firmware_sim.mqtt.messages import Sent
from firmware_sim.physics.building import Simulation, plan, simulate
from firmware_sim.results.truth import truth_of
from tests.support.simulated import whole

pytestmark = pytest.mark.slow

HOUSE = read_house(Path(str(resources.files("estate").joinpath("sample"))))
BOX, HEAT, WATER = "box-0101", "64000101", "71000101"
FIRST, FROM, TO, END = (date(2026, 1, day) for day in (10, 12, 15, 18))
FROM_MS, TO_MS = (day_start_ms(day, HOUSE.zone) for day in (FROM, TO))


@pytest.fixture(scope="module")
def sound() -> Simulation:
    return simulate(HOUSE, FIRST, END, 1, events=False)


def sent_by(
    simulation: Simulation, device: str, kind: FaultKind | None = None, size: float | None = None
) -> list[Sent]:
    from dataclasses import replace

    if kind is not None:
        own = fault_table()[kind]["size"] if size is None else size
        scenario = Scenario(faults=(Fault(device, kind, FROM, TO, float(own)),))
        simulation = replace(simulation, scenario=scenario)
    # Each device draws from streams of its own: alone it says what it says among the others.
    alone = tuple(each for each in simulation.house.devices if each.device == device)
    simulation = replace(simulation, house=replace(simulation.house, devices=alone))
    return [m for m in Fleet(simulation, 1).messages() if f"/{device}" in m.topic]


def column(sent: list[Sent], quantity: str) -> tuple[npt.NDArray[np.int64], Floats]:
    rows = [s for m in sent for s in m.samples if s.quantity == quantity]
    values = [np.nan if row.value is None else row.value for row in rows]
    return np.array([row.time_ms for row in rows]), np.array(values)


def during(times: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    return (times >= FROM_MS) & (times < TO_MS)


def compare(
    sound: Simulation, device: str, quantity: str, kind: FaultKind, size: float | None = None
) -> tuple[npt.NDArray[np.bool_], Floats, Floats]:
    """Return the fault's rows, and the values without and with it, on the same times."""
    times, before = column(sent_by(sound, device), quantity)
    faulty_times, after = column(sent_by(sound, device, kind, size), quantity)
    assert np.array_equal(times, faulty_times)
    return during(times), before, after


def test_stuck_sensor_repeats_one_value(sound: Simulation) -> None:
    for quantity in ("temperature_c", "humidity_pct", "co2_ppm"):
        days, before, after = compare(sound, BOX, quantity, FaultKind.STUCK)
        assert set(after[days]) == {before[days][0]}
        assert np.array_equal(after[~days], before[~days])


def test_co2_that_was_never_calibrated_never_comes_near_outdoor_air(sound: Simulation) -> None:
    days, before, after = compare(sound, BOX, "co2_ppm", FaultKind.CO2_OFFSET)
    assert (after[days] - before[days] == 400).all()
    assert after[days].min() > 780


def test_box_in_the_sun_is_warm_and_dry_at_midday(sound: Simulation) -> None:
    days, before, after = compare(sound, BOX, "temperature_c", FaultKind.IN_THE_SUN)
    _, humid, dry = compare(sound, BOX, "humidity_pct", FaultKind.IN_THE_SUN)
    warmer = after - before
    assert warmer[days].max() == pytest.approx(9, abs=0.2)
    times, _ = column(sent_by(sound, BOX), "temperature_c")
    night = days & ((times - FROM_MS) // HOUR_MS % 24 < 9)
    assert (warmer[night] == 0).all()
    midday = days & (warmer > 5)
    assert (dry[midday] < humid[midday] - 5).all()


def test_box_in_a_bag_is_damp_and_slow(sound: Simulation) -> None:
    days, before, after = compare(sound, BOX, "humidity_pct", FaultKind.IN_A_BAG)
    assert after[days][-1] > 90
    assert np.diff(after[days]).min() >= 0
    _, quick, slow = compare(sound, BOX, "co2_ppm", FaultKind.IN_A_BAG)
    assert slow[days].std() < quick[days].std() / 2
    assert np.array_equal(after[~days], before[~days])


def test_box_in_the_stairwell_is_cold_with_outdoor_air(sound: Simulation) -> None:
    days, _, cold = compare(sound, BOX, "temperature_c", FaultKind.IN_THE_STAIRWELL)
    assert set(cold[days]) == {12.0}
    _, _, air = compare(sound, BOX, "co2_ppm", FaultKind.IN_THE_STAIRWELL)
    assert set(air[days]) == {420.0}


def test_unplugged_box_is_silent_at_night(sound: Simulation) -> None:
    times, _ = column(sent_by(sound, BOX, FaultKind.UNPLUGGED_AT_NIGHT), "temperature_c")
    hours = (times - FROM_MS) // HOUR_MS % 24
    assert set(hours[during(times)]) == set(range(6, 22))
    assert set(hours[~during(times)]) == set(range(24))


def test_swapped_meter_begins_anew_and_counts_on(sound: Simulation) -> None:
    _, before, after = compare(sound, HEAT, "heat_kwh", FaultKind.METER_SWAPPED)
    times, _ = column(sent_by(sound, HEAT), "heat_kwh")
    first = int(np.searchsorted(times, FROM_MS))
    assert after[first] == 0
    assert np.diff(after[first:]) == pytest.approx(np.diff(before[first:]))
    assert np.array_equal(after[:first], before[:first])


def test_register_rolls_over_on_the_first_day(sound: Simulation) -> None:
    _, before, after = compare(sound, HEAT, "heat_kwh", FaultKind.ROLLOVER)
    (fall,) = np.flatnonzero(np.diff(after) < 0)
    times, _ = column(sent_by(sound, HEAT), "heat_kwh")
    assert FROM_MS <= times[fall + 1] < FROM_MS + 24 * HOUR_MS
    assert after[fall] > 99_990
    assert after[fall + 1] < 10
    assert (np.diff(after) % 100_000) == pytest.approx(np.diff(before))


def test_negative_step_happens_once(sound: Simulation) -> None:
    _, before, after = compare(sound, HEAT, "heat_kwh", FaultKind.NEGATIVE_STEP)
    assert set(np.round(before - after, 2)) == {0.0, 5.0}
    assert (np.diff(after) < 0).sum() == 1


def test_hour_that_is_sent_again_counts_nothing_and_the_next_counts_two(sound: Simulation) -> None:
    days, before, after = compare(sound, HEAT, "heat_kwh", FaultKind.REPEATED_HOUR)
    again = np.flatnonzero(days & (after != before))
    assert len(again) == 6 * 3
    assert (after[again] == before[again - 1]).all()
    assert after[-1] == before[-1]


def test_energy_in_gj_is_the_same_energy_under_another_name(sound: Simulation) -> None:
    for message in sent_by(sound, HEAT, FaultKind.ENERGY_IN_GJ)[:20]:
        telegram = json.loads(message.payload)
        assert "total_energy_consumption_kwh" not in telegram
        kwh = next(s.value for s in message.samples if s.quantity == "heat_kwh")
        assert telegram["total_energy_consumption_gj"] / 0.0036 == pytest.approx(kwh, abs=0.001)


def test_null_is_sent_as_null(sound: Simulation) -> None:
    sent = sent_by(sound, WATER, FaultKind.NULL_VALUE)
    for message in sent:
        null = json.loads(message.payload)["total_m3"] is None
        assert null == (FROM_MS <= message.time_ms < TO_MS)


def test_fault_code_127(sound: Simulation) -> None:
    days, before, after = compare(sound, BOX, "temperature_c", FaultKind.CODE_127)
    assert set(after[days]) == {127.0}
    assert np.array_equal(after[~days], before[~days])
    _, same, unchanged = compare(sound, BOX, "co2_ppm", FaultKind.CODE_127)
    assert np.array_equal(same, unchanged)


def test_half_of_the_radio_is_lost(sound: Simulation) -> None:
    whole = {m.time_ms for m in sent_by(sound, HEAT)}
    heard = {m.time_ms for m in sent_by(sound, HEAT, FaultKind.HALF_OF_RADIO_LOST)}
    lost = whole - heard
    assert all(FROM_MS <= time_ms < TO_MS for time_ms in lost)
    assert 0.3 < len(lost) / 72 < 0.7


def test_clock_that_was_never_set_counts_from_1970(sound: Simulation) -> None:
    times, _ = column(sent_by(sound, BOX, FaultKind.CLOCK_1970), "temperature_c")
    wrong = times[times < FROM_MS - 30 * 24 * HOUR_MS]
    assert len(wrong) == 3 * 96
    assert wrong.min() == 0


def test_clock_gains(sound: Simulation) -> None:
    right, _ = column(sent_by(sound, BOX), "temperature_c")
    wrong, _ = column(sent_by(sound, BOX, FaultKind.CLOCK_DRIFT), "temperature_c")
    assert (wrong - right).max() == pytest.approx(3 * 20_000, abs=1000)
    assert (wrong == right)[~during(right)].all()


def test_messages_come_twice(sound: Simulation) -> None:
    once = sent_by(sound, BOX)
    twice = sent_by(sound, BOX, FaultKind.DUPLICATE_SENDS)
    assert len(twice) - len(once) == 3 * 24
    assert {m.payload for m in twice} == {m.payload for m in once}


def test_messages_come_late_with_the_time_of_measurement(sound: Simulation) -> None:
    late = [
        m for m in sent_by(sound, BOX, FaultKind.LATE_SENDS) if m.time_ms - m.samples[-1].time_ms
    ]
    assert len(late) == 3 * 24
    assert {m.time_ms - m.samples[-1].time_ms for m in late} == {6 * HOUR_MS}


def test_every_kind_is_described_with_size_and_unit() -> None:
    assert set(fault_table()) == set(FaultKind)
    assert all({"size", "unit", "meaning"} == set(row) for row in fault_table().values())


# Events of homes.


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("leak", 5), ("leak", 10), ("leak", 20), ("leak", 50),
        ("burst", 600), ("spike", 3), ("slow_rise", 10),
    ],
)  # fmt: skip
def test_water_events_are_counted_by_the_meter(
    sound: Simulation, tmp_path: Path, kind: str, size: float
) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        f'events: [{{kind: {kind}, flat: "0101", from: 2026-01-12, to: 2026-01-15, size: {size}}}]'
    )
    wanted = read_scenario(path, HOUSE)
    assert wanted.events[0].device == WATER
    with_event = simulate(HOUSE, FIRST, END, 1, events=False, scenario=wanted)
    steps = slice(sound.clock.step_at(FROM), sound.clock.step_at(TO))
    before, after = (whole(each).course.hot_water_l[:, 0] for each in (sound, with_event))
    more = after - before
    expected = {"leak": size * 72, "burst": size * 72, "slow_rise": size * 36}.get(kind)
    if expected is None:
        expected = (size - 1) * before[steps].sum()
    assert more[steps].sum() == pytest.approx(expected)
    assert more.sum() == pytest.approx(more[steps].sum())


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-01-12T14:00", "2026-01-12T15:30"),
        ("2026-01-12 14:00:00", "2026-01-12 15:30:00"),
        ("2026-01-12T13:00:00Z", "2026-01-12T16:30:00+02:00"),
    ],
)
def test_event_may_begin_and_end_at_an_hour(
    sound: Simulation, tmp_path: Path, start: str, end: str
) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(
        f'events: [{{kind: burst, flat: "0101", from: "{start}", to: {end}, size: 600}}]'
    )
    wanted = read_scenario(path, HOUSE)
    with_event = simulate(HOUSE, FIRST, END, 1, events=False, scenario=wanted)
    before, after = (each.record.registers["hot_water_m3"][0] for each in (sound, with_event))
    more = np.diff(after) - np.diff(before)
    hour = 2 * 24 + 14
    assert more[hour : hour + 2] == pytest.approx([0.6, 0.3])
    assert more.sum() == pytest.approx(0.9)
    (told,) = truth_of(with_event)["events"]
    instants = [datetime.fromisoformat(told[name]) for name in ("from", "to")]
    expected = [datetime(2026, 1, 12, *at, tzinfo=HOUSE.zone) for at in ((14, 0), (15, 30))]
    assert instants == expected
    assert (told["flat"], told["size"], told["unit"]) == ("0101", 600, "l/h")


def test_blocked_vents_and_failed_heating(sound: Simulation) -> None:
    from firmware_sim.life.events import make_event

    events = (
        make_event(HOUSE, EventKind.VENTILATION_BLOCKED, "0101", FROM, TO),
        make_event(HOUSE, EventKind.HEATING_FAILED, "0222", FROM, TO),
    )
    wanted = Scenario(events=events)
    found = whole(plan(HOUSE, FIRST, END, 1, events=False, scenario=wanted)).course
    ordinary = whole(sound).course
    steps = slice(sound.clock.step_at(FROM), sound.clock.step_at(TO))
    assert found.co2_ppm[steps, 0].max() > 2 * ordinary.co2_ppm[steps, 0].max()
    assert found.humidity_pct[steps, 0].mean() > ordinary.humidity_pct[steps, 0].mean() + 10
    assert found.heat_w[steps, 11].max() == 0
    assert found.temperature_c[steps, 11].min() < ordinary.temperature_c[steps, 11].min() - 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("events: [{kind: flood, flat: '0101', from: 2026-01-01, to: 2026-01-02}]", "flood"),
        ("events: [{kind: leak, flat: '9999', from: 2026-01-01, to: 2026-01-02}]", "9999"),
        ("events: [{kind: leak, flat: '0101', from: 2026-01-02, to: 2026-01-02}]", "order"),
        ("events: [{kind: leak, flat: '0101', from: 2026-01-02T09:00, to: 2026-01-02}]", "order"),
        ("events: [{kind: leak, flat: '0101', from: 7, to: 2026-01-02}]", "neither"),
        ("events: [{kind: leak, flat: '0101', from: noon, to: 2026-01-02}]", "noon"),
        ("faults: [{kind: stuck, device: nobody, from: 2026-01-01, to: 2026-01-02}]", "nobody"),
        ("faults: [{kind: stuck, device: box-0101}]", "from"),
        ("households: {'0101': saint}", "saint"),
        ("households: [", "YAML|parsing"),
        ("[]", "docs/simulator"),
    ],
)  # fmt: skip
def test_scenario_that_cannot_be_played_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    with pytest.raises(ScenarioInvalid, match=told) as caught:
        read_scenario(path, HOUSE)
    assert str(path) in str(caught.value)


def test_reboot_loses_what_was_not_sent_and_counts_anew(sound: Simulation) -> None:
    noon_ms = FROM_MS + 12 * HOUR_MS
    messages = sent_by(sound, BOX, FaultKind.REBOOT)
    records = [record for message in messages for record in json.loads(message.payload)]
    numbers = [record["sequence"] for record in records]
    before = 4 * ((noon_ms - day_start_ms(FIRST, HOUSE.zone)) // HOUR_MS - 3)
    assert numbers[:before] == list(range(before))
    assert numbers[before:] == list(range(len(numbers) - before))
    assert len(column(sent_by(sound, BOX), "co2_ppm")[0]) - len(records) == 4 * 3
    assert [m.time_ms // HOUR_MS for m in messages if m.after_reboot] == [noon_ms // HOUR_MS]
    unset = [record["time"] for record in records if record["time"].startswith("1970")]
    assert unset == ["1970-01-01T00:00:00Z", "1970-01-01T00:15:00Z"]


def test_empty_battery_falls_until_the_box_is_silent(sound: Simulation) -> None:
    times, volts = column(sent_by(sound, BOX, FaultKind.BATTERY_EMPTY), "battery_v")
    assert (np.diff(volts[during(times)]) < 0).all()
    times, _ = column(sent_by(sound, BOX, FaultKind.BATTERY_EMPTY), "temperature_c")
    all_times, _ = column(sent_by(sound, BOX), "temperature_c")
    silent = np.setdiff1d(all_times, times)
    # It falls evenly from its voltage to 2.0 V and is silent below 2.4 V, with a new cell after.
    before_v = volts[0]
    until = FROM_MS + (TO_MS - FROM_MS) * (before_v - 2.4) / (before_v - 2.0)
    assert silent.min() == pytest.approx(until, abs=3 * HOUR_MS / 4)
    assert silent.max() == TO_MS - HOUR_MS // 4
