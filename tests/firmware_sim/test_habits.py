"""Days of simulated households differ as those of real ones do."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from firmware_sim.arrays import Floats
from firmware_sim.clock import Clock
from firmware_sim.life.habits import habits_of
from firmware_sim.life.living import Households, Living
from firmware_sim.life.people import personas
from firmware_sim.parameters import parameters
from firmware_sim.physics.building import plan
from firmware_sim.results.comparison import ring
from tests.support.simulated import whole

DAYS = 365
SEEDS = (1, 2, 3)
LIVES = (
    *("ordinary", "frugal", "warm", "large_family", "ordinary"),
    *("never_airs", "ordinary", "warm", "frugal"),
)
LONGEST_DAYS = 56
PERSON_G_PER_H = 45
"""A sitting person's."""


def live(seed: int, start: date, end: date, *, even: bool = False) -> Living:
    house = ring()
    clock = Clock(start, end, house.zone, parameters().step_minutes)
    lives = [personas()[name] for name in LIVES]
    return Households(house, lives, seed, even=even).live(clock)


def days_of(flow: Floats) -> Floats:
    """Return sums of days, (flats, days); the two days of a clock change are nearly whole."""
    steps = 24 * 60 // parameters().step_minutes
    days: Floats = flow[: DAYS * steps].reshape(DAYS, steps, -1).sum(axis=1)
    return days.T


@pytest.fixture(scope="module")
def years() -> dict[str, Floats]:
    """A year of 27 homes: litres of days, and kWh."""
    lived = [live(seed, date(2025, 1, 1), date(2026, 1, 2)) for seed in SEEDS]
    always_w = np.array([home.area_m2 for home in ring().homes]) * parameters().appliances_w_per_m2
    return {
        "hot_water": np.vstack([days_of(each.hot_water_l) for each in lived]),
        "cold_water": np.vstack([days_of(each.cold_water_l) for each in lived]),
        "electricity": np.vstack([days_of(each.electricity_w + always_w) for each in lived]),
    }


@pytest.mark.parametrize(
    ("flow", "low", "high"),
    [("hot_water", 0.3, 0.95), ("cold_water", 0.3, 0.95), ("electricity", 0.15, 0.6)],
)
def test_days_vary_as_measured_ones(
    years: dict[str, Floats], flow: str, low: float, high: float
) -> None:
    days = years[flow]
    median = np.median(days, axis=1)
    spread = 1.4826 * np.median(np.abs(days - median[:, None]), axis=1)
    parts = spread / median
    assert low <= np.quantile(parts, 0.1)
    assert np.quantile(parts, 0.9) <= high


@pytest.mark.parametrize("flow", ["hot_water", "cold_water", "electricity"])
def test_a_useless_rule_fails_as_on_real_homes(years: dict[str, Floats], flow: str) -> None:
    """Above one's own 56-day maximum: about five false messages a home-year on real homes."""
    days = years[flow]
    before = np.lib.stride_tricks.sliding_window_view(days, LONGEST_DAYS, axis=1).max(axis=-1)
    told = days[:, LONGEST_DAYS:] > before[:, :-1]
    home_years = len(days) * (DAYS - LONGEST_DAYS) / 365
    assert 3 <= told.sum() / home_years <= 9


def test_nobody_uses_water_away_from_home(years: dict[str, Floats]) -> None:
    away = (years["cold_water"] == 0).mean()
    assert 0.03 <= away <= 0.25


def test_days_alike_are_alike() -> None:
    even = live(1, date(2025, 1, 6), date(2025, 1, 20), even=True)
    cold = even.cold_water_l - even.hot_water_l * parameters().cold_per_hot_water
    # What trickles in the mean is the same on every day.
    daily = cold.reshape(14, -1, cold.shape[1]).sum(axis=1)
    working = daily[[0, 1, 2, 3, 4, 7, 8]]
    assert working == pytest.approx(np.broadcast_to(working[0], working.shape))


def test_a_day_is_the_same_wherever_the_clock_starts() -> None:
    first = live(1, date(2025, 3, 3), date(2025, 3, 5))
    clock = Clock(date(2025, 3, 1), date(2025, 3, 5), ring().zone, parameters().step_minutes)
    whole = habits_of(ring().flats, 1, clock)
    part = habits_of(ring().flats, 1, clock.days_from(date(2025, 3, 3), date(2025, 3, 5)))
    assert np.array_equal(whole.times[2:], part.times)
    assert np.array_equal(whole.away[2:], part.away)
    assert first.hot_water_l.shape[0] == 2 * 288


def test_whole_flushes_are_as_much_as_what_trickles() -> None:
    uneven, even = (
        live(1, date(2025, 3, 3), date(2025, 3, 31), even=even) for even in (False, True)
    )
    assert uneven.cold_water_l.sum() == pytest.approx(even.cold_water_l.sum(), rel=0.25)


def test_who_draws_water_breathes_and_steams() -> None:
    start, end = date(2025, 1, 1), date(2026, 1, 1)
    uneven, even = (live(1, start, end, even=each) for each in (False, True))
    clock = Clock(start, end, ring().zone, parameters().step_minutes)
    habits, day = habits_of(ring().flats, 1, clock), clock.day_index
    guests = (habits.present > 1.8) & ~habits.away
    assert guests.sum() > 20
    breathing = (
        guests[day] & (even.moisture_g_per_h == even.persons * PERSON_G_PER_H) & (even.persons > 0)
    )
    for name in ("persons", "co2_l_per_h", "moisture_g_per_h"):
        times = getattr(uneven, name)[breathing] / getattr(even, name)[breathing]
        assert times == pytest.approx(habits.present[day][breathing])
    # A bath steams as much more as it takes more water, and so does a meal.
    both = [each.moisture_g_per_h - each.persons * PERSON_G_PER_H for each in (uneven, even)]
    steaming = ~habits.away[day] & (both[1] > 1)
    assert both[0][steaming] / both[1][steaming] == pytest.approx(habits.times[day][steaming])
    assert (uneven.co2_l_per_h[habits.away[day]] == 0).all()


def test_air_differs_from_day_to_day_as_in_measured_homes() -> None:
    """In seven Finnish houses the excess of water differed by 0.16 to 0.25 from day to day."""
    planned = plan(ring(), date(2025, 11, 1), date(2026, 3, 1), 1, events=False)
    excess = whole(planned).course.vapour_g_per_m3 - planned.weather.vapour_g_per_m3[:, None]
    days = excess[: len(excess) // 288 * 288].reshape(-1, 288, excess.shape[1]).mean(axis=1)
    steps = np.median(np.abs(np.diff(days, axis=0)), axis=0) * 1.4826 / np.sqrt(2)
    assert 0.16 <= np.median(steps / np.median(days, axis=0)) <= 0.25
