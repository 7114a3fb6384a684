"""A whole year: heat, water and carbon dioxide conserved; personas differ as expected."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from firmware_sim.building import Simulation, network_of
from firmware_sim.comparison import figures, ring, simulate_personas
from firmware_sim.parameters import parameters

HOURS = parameters().step_hours
LIVED_IN = list(ring().flats)


@pytest.fixture(scope="module")
def year() -> Simulation:
    """Give one equal flat for each persona in a ring of neighbours, over a year."""
    return simulate_personas(date(2025, 7, 1), date(2026, 7, 1), 1)


def test_heat_is_conserved(year: Simulation) -> None:
    course = year.course
    put_in = (course.heat_w + course.gains_w - course.airing_w).sum(axis=0) * HOURS
    gone = (course.loss_w + course.to_neighbours_w).sum(axis=0) * HOURS
    stored = network_of(year.house).capacity_wh_per_k * (course.temperature_c[-1] - 20.0)
    assert put_in - gone == pytest.approx(stored, rel=1e-6, abs=1.0)
    assert np.abs(course.to_neighbours_w.sum(axis=1)).max() < 1e-6


@pytest.mark.parametrize("what", ["water", "co2"])
def test_what_is_given_off_is_stored_or_aired_out(year: Simulation, what: str) -> None:
    """With the mean of a step from its exact solution, by another formula than the step's."""
    volume = np.array([home.volume_m3 for home in year.house.homes])
    rate = year.conditions.air_changes_per_h
    if what == "water":
        inside = year.course.vapour_g_per_m3
        outside = year.weather.vapour_g_per_m3[:, None]
        source = year.living.moisture_g_per_h / volume
        first = np.full(len(volume), year.weather.vapour_g_per_m3[0])
    else:
        inside = year.course.co2_ppm
        outside = np.full((len(inside), 1), parameters().outdoor_co2_ppm)
        source = year.living.co2_l_per_h / volume * 1000
        first = np.full(len(volume), parameters().outdoor_co2_ppm)
    before = np.vstack([first, inside[:-1]])
    # Integral of an exponential that starts at `before` and tends to `steady`.
    steady = outside + source / rate
    mean = steady + (before - steady) * -np.expm1(-rate * HOURS) / (rate * HOURS)
    aired = (rate * (mean - outside) * HOURS).sum(axis=0)
    given = (source * HOURS).sum(axis=0)
    assert given - aired == pytest.approx(inside[-1] - first, rel=1e-6, abs=1e-3)
    assert (given > 0).all()


def test_personas_differ_as_people_expect(year: Simulation) -> None:
    course, rows = year.course, slice(year.first_step, None)
    heat = dict(zip(LIVED_IN, course.heat_w[rows].sum(axis=0), strict=True))
    taken = dict(zip(LIVED_IN, -course.to_neighbours_w[rows].sum(axis=0), strict=True))
    winter = slice(year.clock.step_at(date(2025, 12, 1)), year.clock.step_at(date(2026, 3, 1)))
    co2 = dict(zip(LIVED_IN, course.co2_ppm[winter].mean(axis=0), strict=True))
    humidity = dict(zip(LIVED_IN, course.humidity_pct[winter].mean(axis=0), strict=True))
    water = dict(zip(LIVED_IN, course.hot_water_l[rows].sum(axis=0), strict=True))
    assert heat["cold_saver"] == min(heat.values())
    assert taken["cold_saver"] == max(taken.values())
    assert taken["cold_saver"] > 0.5 * heat["ordinary"] * 0.5
    assert heat["warm"] > heat["ordinary"] > heat["frugal"]
    assert heat["window_open"] > heat["ordinary"]
    assert co2["window_open"] < co2["ordinary"] < co2["never_airs"]
    assert humidity["never_airs"] > humidity["ordinary"] > humidity["window_open"]
    assert co2["large_family"] == max(co2.values())
    assert water["large_family"] == max(water.values())
    assert water["away_weeks"] == pytest.approx(water["ordinary"] / 2, rel=0.15)


def test_figures_say_what_the_course_says(year: Simulation) -> None:
    rows = {row.persona: row for row in figures(year)}
    place = LIVED_IN.index("warm")
    heat_w = year.course.heat_w[year.first_step :, place]
    assert rows["warm"].heat_kwh == pytest.approx(heat_w.sum() * HOURS / 1000)
    assert sum(row.from_neighbours_kwh for row in rows.values()) == pytest.approx(0, abs=1e-6)


def test_night_worker_sleeps_by_day(year: Simulation) -> None:
    place = LIVED_IN.index("night_worker")
    hour, persons = year.clock.hour_of_day, year.living.persons[:, place]
    assert persons[(hour >= 9) & (hour < 15)].mean() > 0.99
    assert persons[(hour >= 1) & (hour < 6)].mean() < 0.35  # weekends
