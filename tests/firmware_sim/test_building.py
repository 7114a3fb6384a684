"""A simulated month: balances, plausible homes, events that stand out, the same bytes again."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from firmware_sim.clock import month_days
from firmware_sim.folder import FolderUnreadable, House, read_house
from firmware_sim.life.events import EventKind, draw_events, make_event
from firmware_sim.life.scenario import Scenario
from firmware_sim.mqtt.devices import Fleet
from firmware_sim.parameters import parameters
from firmware_sim.physics.building import Simulation, simulate
from firmware_sim.physics.course import Course, fabric_of
from firmware_sim.results.truth import truth_of
from tests.support.simulated import whole

HOUSE = read_house(Path(str(resources.files("estate").joinpath("sample"))))
STEP_HOURS = parameters().step_hours


@pytest.fixture(scope="module")
def calm() -> Simulation:
    return simulate(HOUSE, *month_days("2026-01"), 1, events=False)


@pytest.fixture(scope="module")
def eventful() -> Simulation:
    return simulate(HOUSE, *month_days("2026-01"), 1, events=True)


@pytest.fixture(scope="module")
def calm_course(calm: Simulation) -> Course:
    return whole(calm).course


@pytest.fixture(scope="module")
def eventful_course(eventful: Simulation) -> Course:
    return whole(eventful).course


def test_heat_is_conserved_in_every_flat(calm_course: Course) -> None:
    course = calm_course
    put_in = (course.heat_w + course.gains_w).sum(axis=0) * STEP_HOURS
    aired = (course.airing_w + course.infiltration_w).sum(axis=0) * STEP_HOURS
    gone = (course.loss_w + course.to_neighbours_w).sum(axis=0) * STEP_HOURS
    stored = fabric_of(HOUSE).network.capacity_wh_per_k * (course.temperature_c[-1] - 20.0)
    assert put_in - aired - gone == pytest.approx(stored, rel=1e-7, abs=1e-3)
    assert np.abs(course.to_neighbours_w.sum(axis=1)).max() < 1e-6


def test_main_meter_counts_flats_hot_water_and_pipes(calm: Simulation, calm_course: Course) -> None:
    values, month = parameters(), slice(calm.first_step, None)
    heat = calm_course.heat_w[month].sum() * STEP_HOURS
    water = calm_course.hot_water_l[month].sum() * values.hot_water_wh_per_l
    pipes = values.circulation_w_per_flat * len(HOUSE.homes) * 31 * 24
    counted = calm.record.main_heat_kwh
    assert counted[0] == 0
    assert counted[-1] == pytest.approx((heat + water + pipes) / 1000)


def test_ordinary_homes_are_plausible(calm: Simulation, calm_course: Course) -> None:
    course, month = calm_course, slice(calm.first_step, None)
    lived_in = [n for n, flat in enumerate(HOUSE.flats) if flat != "0212"]
    temperature = course.temperature_c[month].mean(axis=0)[lived_in]
    humidity = course.humidity_pct[month].mean(axis=0)[lived_in]
    co2 = course.co2_ppm[month].mean(axis=0)[lived_in]
    assert ((temperature > 18.5) & (temperature < 23)).all()
    assert ((humidity > 25) & (humidity < 45)).all()
    assert ((co2 > 450) & (co2 < 1200)).all()
    kwh_per_m2 = (
        course.heat_w[month].sum() * STEP_HOURS / 1000 / sum(h.area_m2 for h in HOUSE.homes)
    )
    assert 8 < kwh_per_m2 < 25


def test_empty_flat_has_nobody_in_it(calm: Simulation, calm_course: Course) -> None:
    empty = HOUSE.flats.index("0212")
    month = slice(calm.first_step, None)
    assert calm_course.hot_water_l[month, empty].sum() == 0
    assert calm_course.co2_ppm[-1, empty] == pytest.approx(420, abs=1)


def test_every_home_has_hours_without_water_each_day(calm_course: Course) -> None:
    hourly = calm_course.hot_water_l.reshape(-1, 12, len(HOUSE.homes)).sum(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(hourly, 24, axis=0)
    assert (windows.min(axis=-1) == 0).all()


def test_leak_flows_through_every_hour_of_its_days(
    eventful: Simulation, eventful_course: Course, calm_course: Course
) -> None:
    (leak,) = [event for event in eventful.events if event.kind == "leak"]
    flat = HOUSE.flats.index(leak.flat)
    more = eventful_course.hot_water_l[:, flat] - calm_course.hot_water_l[:, flat]
    clock = eventful.clock
    inside = np.zeros(clock.steps, dtype=np.bool_)
    inside[clock.step_at(leak.start) : clock.step_at(leak.end)] = True
    assert more[inside] == pytest.approx(leak.size * STEP_HOURS)
    assert (more[~inside] == 0).all()
    assert inside.sum() == 8 * 288


@pytest.mark.slow
def test_damp_home_is_as_damp_as_it_says_and_the_others_do_not_know(
    eventful: Simulation, eventful_course: Course, calm_course: Course
) -> None:
    (damp,) = [event for event in eventful.events if event.kind == "mould_risk"]
    flat, month = HOUSE.flats.index(damp.flat), slice(eventful.first_step, None)
    humidity = eventful_course.humidity_pct[month, flat]
    assert humidity.min() >= damp.size - 1e-9
    assert humidity.mean() < damp.size + 3
    others = [n for n in range(len(HOUSE.flats)) if n != flat]
    assert eventful_course.laundry_g_per_m3[month, flat].sum() > 0
    assert (eventful_course.laundry_g_per_m3[:, others] == 0).all()
    # Walls carry its warmth to them, and with it a little of the draught through their leaks.
    before = calm_course.vapour_g_per_m3[:, others]
    assert eventful_course.vapour_g_per_m3[:, others] == pytest.approx(before, rel=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("month", [f"2026-{number:02}" for number in range(1, 13)])
def test_mould_prone_corner_is_damp_but_no_bathroom_in_any_month(month: str) -> None:
    start, end = month_days(month)
    wanted = Scenario(events=(make_event(HOUSE, EventKind.MOULD_RISK, "0101", start, end),))
    simulation = simulate(HOUSE, start, end, 1, events=False, scenario=wanted)
    humidity = simulation.record.states["humidity_pct"][0]
    assert humidity[1:].min() >= 75
    assert humidity.mean() < 80


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_events_are_in_two_flats_that_are_let_all_month(seed: int) -> None:
    events = simulate(HOUSE, *month_days("2026-01"), seed, events=True).events
    assert sorted(event.kind for event in events) == ["leak", "mould_risk"]
    assert len({event.flat for event in events}) == 2
    (leak,) = [event for event in events if event.kind == "leak"]
    assert date(2026, 1, 4) <= leak.start
    assert leak.end <= date(2026, 2, 1)
    assert not {event.flat for event in events} & {"0111", "0212"}


def test_true_heat_flows_of_each_month_balance_and_add_up() -> None:
    start, end = date(2026, 1, 25), date(2026, 3, 3)
    simulation = simulate(HOUSE, start, end, 1, events=True)
    told = truth_of(simulation)["flats"]
    capacity = fabric_of(HOUSE).network.capacity_wh_per_k / 1000
    states = simulation.record.states["temperature_c"]
    edges = [0, 7 * 96, 35 * 96, 37 * 96]
    for at, flat in enumerate(HOUSE.flats):
        months = told[flat]["months"]
        assert list(months) == ["2026-01", "2026-02", "2026-03"]
        for month, first, last in zip(months.values(), edges, edges[1:], strict=False):
            given = month["heat_kwh"] + month["gains_kwh"]
            taken = month["loss_kwh"] + month["infiltration_kwh"] + month["airing_kwh"]
            stored = capacity[at] * float(states[at, last] - states[at, first])
            assert given - taken - month["to_neighbours_kwh"] == pytest.approx(stored, abs=0.01)
        for name in ("heat_kwh", "loss_kwh", "hot_water_m3"):
            total = sum(month[name] for month in months.values())
            assert told[flat][name] == pytest.approx(total, abs=0.002)
        means = [
            month["temperature_c"] * days
            for month, days in zip(months.values(), (7, 28, 2), strict=True)
        ]
        assert told[flat]["temperature_c"] == pytest.approx(sum(means) / 37, abs=0.001)


def test_leaks_begin_on_days_of_their_own() -> None:
    drawn = [draw_events(HOUSE, *month_days("2026-01"), seed) for seed in range(40)]
    leaks = [event for events in drawn for event in events if event.kind == "leak"]
    assert len({leak.start for leak in leaks}) > 10
    assert {(leak.end - leak.start).days for leak in leaks} == {8}


@pytest.mark.slow
def test_same_seed_same_bytes_and_another_seed_others() -> None:
    def sent(seed: int) -> list[tuple[str, str]]:
        fleet = Fleet(simulate(HOUSE, *month_days("2026-02"), seed, events=True), seed)
        return [(message.topic, message.payload) for message in fleet.messages()]

    third = sent(3)
    assert third == sent(3)
    assert third != sent(4)


def test_truth_adds_up(eventful: Simulation) -> None:
    told = truth_of(eventful)
    assert told["days"] == 31
    assert set(told["flats"]) == set(HOUSE.flats)
    assert sum(flat["to_neighbours_kwh"] for flat in told["flats"].values()) == pytest.approx(
        0, abs=0.01
    )
    assert {(e["flat"], e["kind"]) for e in told["events"]} == {
        (event.flat, event.kind) for event in eventful.events
    }


def test_uncoupled_house_moves_no_heat_between_flats() -> None:
    alone: House = replace(HOUSE, coupling_w_per_k=np.zeros_like(HOUSE.coupling_w_per_k))
    simulation = simulate(alone, *month_days("2026-01"), 1, events=False)
    assert (simulation.months["2026-01"].sums["to_neighbours_kwh"] == 0).all()


def test_danish_spreadsheet_reads_the_same(tmp_path: Path) -> None:
    source = Path(str(resources.files("estate").joinpath("sample")))
    shutil.copytree(source, tmp_path / "estate")
    for path in (tmp_path / "estate").glob("*.csv"):
        rows = csv.reader(path.read_text("utf-8").splitlines())
        danish = [
            ";".join(re.sub(r"^(\d+)\.(\d+)$", r"\1,\2", cell) for cell in row) for row in rows
        ]
        path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([*danish, ";;;"]).encode())
    found = read_house(tmp_path / "estate")
    assert found.homes == HOUSE.homes
    assert found.devices == HOUSE.devices
    assert np.array_equal(found.coupling_w_per_k, HOUSE.coupling_w_per_k)


def test_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderUnreadable, match="estate check"):
        read_house(tmp_path)
