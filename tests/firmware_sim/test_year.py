"""A whole year: heat, water and carbon dioxide conserved; personas differ as expected."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from firmware_sim.parameters import parameters
from firmware_sim.physics.building import Simulation
from firmware_sim.physics.course import fabric_of
from firmware_sim.results.comparison import figures, ring, simulate_personas
from tests.support.simulated import Whole, whole

pytestmark = pytest.mark.slow

HOURS = parameters().step_hours
LIVED_IN = list(ring().flats)


@pytest.fixture(scope="module")
def year() -> Simulation:
    """Return one equal flat for each persona in a ring of neighbours, over a year."""
    return simulate_personas(date(2025, 7, 1), date(2026, 7, 1), 1)


@pytest.fixture(scope="module")
def steps(year: Simulation) -> Whole:
    return whole(year)


def test_heat_is_conserved(year: Simulation, steps: Whole) -> None:
    course = steps.course
    put_in = (course.heat_w + course.gains_w).sum(axis=0) * HOURS
    aired = (course.airing_w + course.infiltration_w).sum(axis=0) * HOURS
    gone = (course.loss_w + course.to_neighbours_w).sum(axis=0) * HOURS
    capacity = fabric_of(year.house).network.capacity_wh_per_k
    stored = capacity * (course.temperature_c[-1] - 20.0)
    assert put_in - aired - gone == pytest.approx(stored, abs=1e-9 * put_in.max())
    assert np.abs(course.to_neighbours_w.sum(axis=1)).max() < 1e-6


def test_air_takes_the_heat_of_the_air_that_it_changes(year: Simulation, steps: Whole) -> None:
    """0.34 Wh/(m³ K) times all air beyond 0.5 changes an hour, which the flat's heat loss holds."""
    course = steps.course
    volume = np.array([home.volume_m3 for home in year.house.homes])
    start_c = np.vstack([np.full(len(volume), 20.0), course.temperature_c[:-1]])
    warmer_k = start_c - year.weather.temperature_c[:, None]
    beyond = 0.34 * volume * (course.air_changes_per_h - 0.5) * warmer_k
    carried_w = course.airing_w + course.infiltration_w
    np.testing.assert_allclose(carried_w, beyond, rtol=1e-9, atol=1e-6)


def test_vents_and_leaks_make_the_base_air_change_over_a_heating_season(
    year: Simulation, steps: Whole
) -> None:
    season = np.isin(year.clock.month_index, [9, 10, 11, 0, 1, 2, 3])
    window = steps.conditions.window[season]
    shut = (steps.course.air_changes_per_h[season] - 4.0 * window).mean(axis=0)
    ordinary = [at for at, persona in enumerate(year.households) if persona.vents == 1]
    assert len(ordinary) == len(shut) - 1
    assert shut[ordinary] == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("what", ["water", "co2"])
def test_what_is_given_off_is_stored_or_aired_out(
    year: Simulation, steps: Whole, what: str
) -> None:
    """With the mean of a step from its exact solution, by another formula than the step's."""
    volume = np.array([home.volume_m3 for home in year.house.homes])
    rate = steps.course.air_changes_per_h
    if what == "water":
        inside = steps.course.vapour_g_per_m3
        outside = year.weather.vapour_g_per_m3[:, None]
        source = steps.living.moisture_g_per_h / volume
        first = np.full(len(volume), year.weather.vapour_g_per_m3[0])
    else:
        inside = steps.course.co2_ppm
        outside = np.full((len(inside), 1), parameters().outdoor_co2_ppm)
        source = steps.living.co2_l_per_h / volume * 1000
        first = np.full(len(volume), parameters().outdoor_co2_ppm)
    before = np.vstack([first, inside[:-1]])
    # Integral of an exponential that starts at `before` and tends to `steady`.
    steady = outside + source / rate
    mean = steady + (before - steady) * -np.expm1(-rate * HOURS) / (rate * HOURS)
    aired = (rate * (mean - outside) * HOURS).sum(axis=0)
    given = (source * HOURS).sum(axis=0)
    assert given - aired == pytest.approx(inside[-1] - first, abs=1e-9 * given.max())
    assert (given > 0).all()


def test_personas_differ_as_people_expect(year: Simulation, steps: Whole) -> None:
    course, rows = steps.course, slice(year.first_step, None)
    heat = dict(zip(LIVED_IN, course.heat_w[rows].sum(axis=0), strict=True))
    taken = dict(zip(LIVED_IN, -course.to_neighbours_w[rows].sum(axis=0), strict=True))
    winter = slice(year.clock.step_at(date(2025, 12, 1)), year.clock.step_at(date(2026, 3, 1)))
    co2 = dict(zip(LIVED_IN, course.co2_ppm[winter].mean(axis=0), strict=True))
    humidity = dict(zip(LIVED_IN, course.humidity_pct[winter].mean(axis=0), strict=True))
    water = dict(zip(LIVED_IN, course.hot_water_l[rows].sum(axis=0), strict=True))
    assert heat["cold_saver"] == min(heat.values())
    assert taken["cold_saver"] == max(taken.values())
    assert taken["cold_saver"] > 0.25 * heat["ordinary"]
    assert heat["warm"] > heat["ordinary"] > heat["frugal"]
    assert heat["window_open"] > heat["ordinary"]
    assert co2["window_open"] < co2["ordinary"] < co2["never_airs"]
    assert humidity["never_airs"] > humidity["ordinary"] > humidity["window_open"]
    assert min(co2["large_family"], co2["never_airs"]) > 1.2 * co2["ordinary"]
    assert water["large_family"] == max(water.values())
    assert water["away_weeks"] == pytest.approx(water["ordinary"] / 2, rel=0.15)


def test_figures_say_what_the_course_says(year: Simulation, steps: Whole) -> None:
    rows = {row.persona: row for row in figures(year)}
    place = LIVED_IN.index("warm")
    heat_w = steps.course.heat_w[year.first_step :, place]
    assert rows["warm"].heat_kwh == pytest.approx(heat_w.sum() * HOURS / 1000)
    assert sum(row.from_neighbours_kwh for row in rows.values()) == pytest.approx(0, abs=1e-6)


def test_night_worker_sleeps_by_day(year: Simulation, steps: Whole) -> None:
    place = LIVED_IN.index("night_worker")
    hour, persons = year.clock.hour_of_day, steps.living.persons[:, place]
    # On trips and holidays nobody is in.
    assert persons[(hour >= 9) & (hour < 15)].mean() > 0.85
    assert persons[(hour >= 1) & (hour < 6)].mean() < 0.35  # weekends
