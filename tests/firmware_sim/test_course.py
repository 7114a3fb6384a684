"""The running building: the same by any parts, each flat for itself, and its balances."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from datetime import date, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from firmware_sim.clock import month_days
from firmware_sim.folder import Home, House, Stay, read_house
from firmware_sim.life.events import EventKind, make_event
from firmware_sim.life.people import NOBODY
from firmware_sim.life.scenario import Fault, FaultKind, Scenario
from firmware_sim.mqtt import devices
from firmware_sim.mqtt.devices import Fleet
from firmware_sim.parameters import parameters
from firmware_sim.physics import building
from firmware_sim.physics.building import Plan, parts, plan, simulate
from firmware_sim.physics.course import Course, fabric_of, run
from firmware_sim.results.truth import truth_of
from tests.support.plain_building import run_plainly
from tests.support.simulated import whole

HOUSE = read_house(Path(str(resources.files("estate").joinpath("sample"))))
HOURS = parameters().step_hours
ZONE = ZoneInfo("Europe/Copenhagen")
# A month with summer time in it and a tenant who moves.
MARCH = month_days("2026-03")


def empty_house(
    losses: list[float], coupling: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> House:
    homes = tuple(Home(f"f{at}", 70.0, 175.0, loss, None) for at, loss in enumerate(losses))
    return House("empty", ZONE, homes, coupling, (), ())


@pytest.mark.slow
@pytest.mark.parametrize("days_at_once", [1, 3, 1000])
def test_parts_of_any_length_give_the_same_numbers(days_at_once: int) -> None:
    planned = plan(HOUSE, *MARCH, 1, events=True)
    usual, other = whole(planned, 5), whole(planned, days_at_once)
    for columns, others in zip(vars(usual).values(), vars(other).values(), strict=True):
        for each in fields(columns):
            assert np.array_equal(getattr(columns, each.name), getattr(others, each.name)), each


@pytest.mark.slow
def test_truth_and_messages_do_not_hang_on_the_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    first, end = date(2026, 3, 27), date(2026, 4, 2)
    faulty = Scenario(
        faults=tuple(
            Fault("box-0101", kind, date(2026, 3, 28), date(2026, 4, 1), size)
            for kind, size in (
                (FaultKind.LATE_SENDS, 30.0),
                (FaultKind.HALF_OF_RADIO_LOST, 0.5),
                (FaultKind.IN_A_BAG, 24.0),
            )
        )
    )

    def told(cells: int, device_days: int) -> tuple[object, object]:
        monkeypatch.setattr(building, "CELLS", cells)
        monkeypatch.setattr(devices, "DEVICE_DAYS", device_days)
        simulation = simulate(HOUSE, first, end, 1, events=True, scenario=faulty)
        return truth_of(simulation), list(Fleet(simulation, 1).messages())

    assert told(1, 1) == told(288 * 12 * 4, 100) == told(10**9, 10**9)


def test_a_flat_more_changes_nothing_in_a_house_beside_it() -> None:
    more = replace(
        HOUSE,
        homes=(Home("0000", 80.0, 200.0, 90.0, None), *HOUSE.homes),
        coupling_w_per_k=np.pad(HOUSE.coupling_w_per_k, ((1, 0), (1, 0))),
        stays=(*HOUSE.stays, Stay("0000", date(2020, 1, 1), None)),
    )
    start = date(2026, 1, 1)
    alone, beside = (
        whole(plan(house, start, start + timedelta(7), 1, events=False)).course
        for house in (HOUSE, more)
    )
    for each in fields(alone):
        assert np.array_equal(getattr(alone, each.name), getattr(beside, each.name)[:, 1:]), each


@pytest.mark.slow
def test_plain_loop_over_steps_and_flats_gives_the_same() -> None:
    planned = plan(HOUSE, date(2026, 1, 1), date(2026, 1, 4), 1, events=True)
    course, steps = whole(planned).course, 2 * 288
    found = run_plainly(planned, steps)
    for name, rows in found.items():
        expected = getattr(course, name)[:steps]
        assert np.array(rows) == pytest.approx(expected, rel=1e-9, abs=1e-9), name


def test_uncoupled_flats_follow_their_own_analytic_step_response() -> None:
    """An empty flat with its radiators off falls from 20 °C as one zone does in steady weather."""
    start, losses = date(2026, 1, 10), [60.0, 90.0, 130.0]
    house = empty_house(losses, np.zeros((3, 3)))
    begin = start - timedelta(parameters().spin_up_days)
    quiet = [
        make_event(house, kind, flat, begin, start, size)
        for flat in house.flats
        for kind, size in ((EventKind.HEATING_FAILED, 0.0), (EventKind.VENTILATION_BLOCKED, 0.5))
    ]
    planned = plan(
        house, start, start + timedelta(1), 1, events=False, scenario=Scenario(events=tuple(quiet))
    )
    outdoor_c = np.full(planned.clock.steps, 2.0)
    steady = replace(planned.weather, temperature_c=outdoor_c, sun_w_per_m2=0 * outdoor_c)
    course = whole(replace(planned, weather=steady)).course
    for flat, loss in enumerate(losses):
        # Appliances of 2 W/m² warm it, 60 Wh/(m² K) hold it.
        rest_c, rate = 2.0 + 2.0 * 70 / loss, loss / (60 * 70)
        hours = np.arange(1, 6 * 288 + 1) * HOURS
        expected = rest_c + (20.0 - rest_c) * np.exp(-rate * hours)
        # Implicit Euler is of the first order: off by at most a step's part of the fall.
        assert course.temperature_c[: 6 * 288, flat] == pytest.approx(expected, abs=0.02)


def test_flat_two_kelvin_colder_takes_the_published_heat_from_its_neighbours() -> None:
    """584 W through its walls, 42 % of its outdoor loss; its radiator falls by 60 %."""
    coupling = np.zeros((6, 6))
    pairs = {(0, 1): 40, (2, 3): 40, (4, 5): 40, (0, 2): 126, (2, 4): 126, (1, 3): 126, (3, 5): 126}
    for (a, b), value in pairs.items():
        coupling[a, b] = coupling[b, a] = value
    house = empty_house([115.0, 115.0, 95.0, 95.0, 125.0, 125.0], coupling)
    vents = [
        make_event(
            house, EventKind.VENTILATION_BLOCKED, flat, date(2026, 1, 1), date(2026, 2, 1), 0.5
        )
        for flat in house.flats
    ]
    planned = plan(
        house,
        date(2026, 1, 20),
        date(2026, 1, 21),
        1,
        events=False,
        scenario=Scenario(events=tuple(vents)),
    )
    outdoor_c = np.full(planned.clock.steps, 4.5)
    # 280 W of gains each, appliances among them.
    sun = np.full(planned.clock.steps, 280 / 70 - parameters().appliances_w_per_m2)
    steady = replace(planned.weather, temperature_c=outdoor_c, sun_w_per_m2=sun)
    warm, cold = [21.0] * 6, [21.0, 21.0, 19.0, 21.0, 21.0, 21.0]
    radiators = []
    for wanted_c in (warm, cold):
        course = end_of(replace(planned, weather=steady), np.array(wanted_c))
        radiators.append(course.heat_w[-1, 2])
        assert course.temperature_c[-1] == pytest.approx(wanted_c, abs=1e-3)
    taken_w = -course.to_neighbours_w[-1, 2]
    assert taken_w == pytest.approx(584.0, rel=1e-3)
    assert taken_w / course.loss_w[-1, 2] == pytest.approx(0.42, abs=0.005)
    assert radiators == pytest.approx([1287.5, 513.5], rel=1e-3)
    # They all give, those behind the large floors the most.
    given = course.to_neighbours_w[-1]
    assert given[[0, 4]] == pytest.approx(2 * 126, rel=1e-3)
    assert given[3] == pytest.approx(2 * 40, rel=1e-3)
    assert given[[1, 5]] == pytest.approx(0, abs=0.2)


def end_of(planned: Plan, wanted_c: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Course:
    """Run with setpoints that lie above the wanted temperatures by what the valves need."""
    valve = 70 * parameters().thermostat_w_per_m2_k
    fabric = fabric_of(planned.house)
    need_w = (
        fabric.network.heat_loss_w_per_k * (wanted_c - 4.5)
        + fabric.network.to_neighbours_w(wanted_c)
        - 280
    )
    state = fabric.state(5.0)
    for part in parts(planned):
        living = replace(
            part.living, setpoint_c=np.tile(wanted_c + need_w / valve, (part.clock.steps, 1))
        )
        course, state = run(fabric, state, part.weather, living, part.conditions)
    return course


def test_decay_in_a_closed_home_gives_back_the_air_change_that_was_set() -> None:
    """People leave at 8; ln of what is above outdoor air falls by the air change an hour."""
    start, end = date(2026, 1, 12), date(2026, 1, 14)
    for rate in (0.1, 0.35):
        vents = make_event(HOUSE, EventKind.VENTILATION_BLOCKED, "0101", start, end, rate)
        wanted = Scenario(households={"0101": "ordinary"}, events=(vents,))
        simulation = simulate(HOUSE, start, end, 1, events=False, scenario=wanted)
        co2_ppm = simulation.record.states["co2_ppm"][0].astype(np.float64)
        leave, back = 8 * 4, 16 * 4
        fallen = math.log((co2_ppm[leave] - 420) / (co2_ppm[back] - 420))
        assert fallen / 8 == pytest.approx(rate, rel=1e-3)


def test_somebody_is_in_on_the_days_of_a_tenancy_only() -> None:
    first, end = date(2026, 3, 28), date(2026, 3, 31)
    house = replace(empty_house([80.0, 80.0], np.zeros((2, 2))), stays=(Stay("f1", first, end),))
    wanted = Scenario(households=dict.fromkeys(house.flats, "frugal"))
    planned = plan(house, date(2026, 3, 26), date(2026, 4, 2), 1, events=False, scenario=wanted)
    persons = whole(planned, 2).living.persons
    steps = [planned.clock.step_at(day) for day in (first, end)]
    # The last Sunday of March has 23 hours.
    assert np.diff(steps) == 288 * 3 - 12
    inside = np.zeros(planned.clock.steps, dtype=np.bool_)
    inside[slice(*steps)] = True
    assert (persons[:, 0] == 0).all()
    assert (persons[~inside, 1] == 0).all()
    assert persons[inside, 1].mean() > 0.5


def test_nobody_needs_no_random_numbers() -> None:
    house = empty_house([80.0, 80.0], np.zeros((2, 2)))
    wanted = Scenario(households=dict.fromkeys(house.flats, NOBODY))
    course = whole(plan(house, *MARCH, 1, events=False, scenario=wanted)).course
    assert course.hot_water_l.sum() == 0
    assert np.array_equal(course.temperature_c[:, 0], course.temperature_c[:, 1])
