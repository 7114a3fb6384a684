"""Homes that get cold because their heating does not work, and those that are cold otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.detectors.intervals import Register
from alerts.heating.home_hours import HomeHours
from alerts.heating.homes import counted_in_hours
from alerts.heating.limits import heating_limits
from alerts.heating.no_heat import no_heat
from estate.numbers.arrays import Floats
from estate.periods import HOUR_MS

LIMITS = heating_limits()
DAYS = 40
HOURS = DAYS * 24
FAILS = 30 * 24 + 9
"""In the morning, when people go to work."""
TIME_CONSTANT_H = 40.0
KWH_PER_K_HOUR = 0.08
START_MS = 1_767_225_600_000


def ordinary(homes: int = 1, outdoor_c: float = -2.0, warm_c: float = 21.0) -> HomeHours:
    """Return homes that are lived in from 16 to 8 and heated by the weather."""
    hour = np.arange(HOURS) % 24
    home = (hour < 8) | (hour >= 16)
    shape = homes, HOURS
    weather = np.full(HOURS, outdoor_c)
    return HomeHours(
        starts_ms=START_MS + np.arange(HOURS, dtype=np.int64) * HOUR_MS,
        temperature_c=np.full(shape, warm_c),
        co2_ppm=np.broadcast_to(np.where(home, 800.0, 600.0), shape).copy(),
        excess_g_per_m3=np.full(shape, 2.5),
        heat_kwh=np.broadcast_to(KWH_PER_K_HOUR * (17 - weather), shape).copy(),
        water_l=np.broadcast_to(np.where(home & (hour > 5), 6.0, 0.0), shape).copy(),
        outdoor_c=weather,
        let=np.ones(shape, dtype=np.bool_),
    )


def cooled(homes: HomeHours, row: int, first: int, last: int, ends_c: float = 8.0) -> HomeHours:
    """Let a home cool towards a temperature, without heat."""
    temperature_c, heat = homes.temperature_c.copy(), homes.heat_kwh.copy()
    hours = np.arange(last - first)
    began_c = temperature_c[row, first]
    temperature_c[row, first:last] = ends_c + (began_c - ends_c) * np.exp(-hours / TIME_CONSTANT_H)
    heat[row, first:last] = 0.0
    return replace(homes, temperature_c=temperature_c, heat_kwh=heat)


def left(homes: HomeHours, row: int, first: int, last: int) -> HomeHours:
    """Let nobody be in a home."""
    water, co2, excess = (
        each.copy() for each in (homes.water_l, homes.co2_ppm, homes.excess_g_per_m3)
    )
    water[row, first:last], co2[row, first:last], excess[row, first:last] = 0.0, 430.0, 0.3
    return replace(homes, water_l=water, co2_ppm=co2, excess_g_per_m3=excess)


def nothing(values: Floats) -> Floats:
    return np.full_like(values, np.nan)


def without(homes: HomeHours, *names: str) -> HomeHours:
    """Let nothing be known of some quantities."""
    known: dict[str, Any] = vars(homes)
    return HomeHours(**{**known, **{name: nothing(known[name]) for name in names}})


def raised_after(homes: HomeHours) -> list[float]:
    """Return the hours from the failure to each alert."""
    return [(each.raised_ms - START_MS) / HOUR_MS - FAILS for each in no_heat(homes, LIMITS)]


def test_a_heated_home_raises_nothing() -> None:
    assert no_heat(ordinary(3), LIMITS) == []


def test_no_heat_in_frost_is_told_within_the_day() -> None:
    homes = cooled(ordinary(2), 1, FAILS, HOURS)
    (found,) = no_heat(homes, LIMITS)
    assert found.row == 1
    assert 0 < (found.raised_ms - START_MS) / HOUR_MS - FAILS <= 24
    assert found.end_ms == START_MS + HOURS * HOUR_MS
    assert found.evidence["used_kwh"] == 0
    assert found.evidence["usual_lowest_c"] == 21
    assert found.evidence["outdoor_temperature_c"] == -2
    assert found.evidence["homes_temperature_c"] > found.evidence["room_temperature_c"]


@pytest.mark.parametrize(
    "unknown",
    [("water_l",), ("co2_ppm",), ("outdoor_c", "excess_g_per_m3"), ("heat_kwh",)],
    ids="-".join,
)
def test_what_is_not_measured_is_done_without(unknown: tuple[str, ...]) -> None:
    homes = cooled(ordinary(), 0, FAILS, HOURS)
    homes = without(homes, *unknown)
    (hours,) = raised_after(homes)
    assert 0 < hours <= 24


def test_a_thermometer_alone_tells_of_a_cold_home() -> None:
    homes = cooled(ordinary(), 0, FAILS, HOURS)
    names = ("water_l", "co2_ppm", "outdoor_c", "excess_g_per_m3", "heat_kwh")
    homes = without(homes, *names)
    (hours,) = raised_after(homes)
    under = int(np.flatnonzero(homes.temperature_c[0] < LIMITS.cold_limit_c)[0]) - FAILS
    assert under < hours <= under + 12


def test_nothing_known_raises_nothing() -> None:
    homes = ordinary()
    floats = [name for name, each in vars(homes).items() if each.dtype == np.float64]
    assert no_heat(without(homes, *floats), LIMITS) == []


def test_a_home_at_ten_degrees_from_the_first_day_is_told_within_hours() -> None:
    homes = ordinary(warm_c=10.0)
    homes = replace(homes, heat_kwh=np.zeros_like(homes.heat_kwh))
    (found,) = no_heat(homes, LIMITS)
    assert (found.raised_ms - START_MS) / HOUR_MS <= 12
    assert "usual_lowest_c" not in found.evidence


def test_below_sixteen_in_mild_weather_is_told_within_hours() -> None:
    homes = cooled(ordinary(outdoor_c=11.0), 0, FAILS, HOURS)
    (hours,) = raised_after(homes)
    under = int(np.flatnonzero(homes.temperature_c[0] < 16)[0]) - FAILS
    assert under < hours <= under + 8


def test_who_lives_at_sixteen_degrees_is_left_alone() -> None:
    assert no_heat(ordinary(warm_c=15.8), LIMITS) == []


def test_a_setback_at_night_is_usual() -> None:
    homes = ordinary()
    night = np.arange(HOURS) % 24 < 6
    temperature_c, heat = homes.temperature_c - 3.0 * night, homes.heat_kwh * ~night
    assert no_heat(replace(homes, temperature_c=temperature_c, heat_kwh=heat), LIMITS) == []


def test_a_home_that_is_away_with_its_heating_turned_down_is_left_alone() -> None:
    homes = cooled(ordinary(), 0, FAILS, FAILS + 5 * 24, ends_c=12.0)
    assert len(no_heat(homes, LIMITS)) == 1
    assert no_heat(left(homes, 0, FAILS, FAILS + 6 * 24), LIMITS) == []


def test_people_who_come_home_to_a_cold_home_turn_the_heat_on() -> None:
    """Their tap is told an hour before the heat."""
    homes, gone, back = ordinary(), FAILS - 4, FAILS + 40
    homes = left(cooled(homes, 0, gone, back + 24, ends_c=12.0), 0, gone, back)
    homes.water_l[0, back] = 8.0
    homes.heat_kwh[0, back + 1 : back + 24] = 4.0
    assert raised_after(homes) == []


def test_who_lives_at_sixteen_degrees_may_go_away() -> None:
    """The past is not known of a home below 16 °C: when it got cold nobody was in."""
    homes = ordinary(warm_c=15.8)
    homes = left(cooled(homes, 0, FAILS, HOURS, ends_c=9.0), 0, FAILS - 3, HOURS)
    assert raised_after(without(homes, "co2_ppm", "excess_g_per_m3")) == []


def test_near_frost_a_let_home_is_told_of_though_nobody_is_in() -> None:
    homes = left(cooled(ordinary(), 0, FAILS, HOURS, ends_c=2.0), 0, FAILS, HOURS)
    assert homes.temperature_c[0].min() < LIMITS.frost_c
    # Air without people is that of outdoors; only what is shut for hours is told of.
    homes = replace(homes, excess_g_per_m3=np.full_like(homes.excess_g_per_m3, 1.5))
    (hours,) = raised_after(replace(homes, co2_ppm=nothing(homes.co2_ppm)))
    assert homes.temperature_c[0, FAILS + int(hours) - 1] < LIMITS.frost_c


def test_a_vacant_home_is_left_alone() -> None:
    homes = cooled(ordinary(), 0, FAILS, HOURS)
    assert no_heat(replace(homes, let=np.zeros_like(homes.let)), LIMITS) == []


def test_an_open_window_with_the_radiators_on_is_none() -> None:
    homes = cooled(ordinary(), 0, FAILS, HOURS)
    heat = np.full_like(homes.heat_kwh, 2.5)
    assert no_heat(replace(homes, heat_kwh=heat), LIMITS) == []


def test_a_home_that_is_aired_with_its_radiators_off_is_none() -> None:
    homes = cooled(ordinary(), 0, FAILS, FAILS + 8)
    co2, excess = homes.co2_ppm.copy(), homes.excess_g_per_m3.copy()
    co2[0, FAILS : FAILS + 8], excess[0, FAILS : FAILS + 8] = 450.0, 0.2
    assert no_heat(replace(homes, co2_ppm=co2, excess_g_per_m3=excess), LIMITS) == []


def test_heating_turned_off_in_summer_is_none() -> None:
    homes = cooled(ordinary(outdoor_c=15.0), 0, FAILS, HOURS, ends_c=17.0)
    assert no_heat(homes, LIMITS) == []


def test_a_boiler_that_fails_is_found_in_every_home() -> None:
    homes = ordinary(6)
    for row in range(6):
        homes = cooled(homes, row, FAILS, HOURS)
    assert {each.row for each in no_heat(homes, LIMITS)} == set(range(6))


def test_it_is_over_once_the_home_is_warm() -> None:
    homes = cooled(ordinary(), 0, FAILS, FAILS + 48)
    (found,) = no_heat(homes, LIMITS)
    assert found.end_ms <= START_MS + (FAILS + 48 + LIMITS.smooth_hours) * HOUR_MS


def unruly(seed: int) -> HomeHours:
    """Return homes that fail, are left and lose messages, drawn at random."""
    rng = np.random.default_rng(seed)
    homes = ordinary(4, float(rng.uniform(-5, 8)))
    homes = replace(
        homes, temperature_c=homes.temperature_c + rng.normal(0, 0.2, homes.temperature_c.shape)
    )
    for row in range(3):
        first = int(rng.integers(6 * 24, 35 * 24))
        homes = cooled(homes, row, first, first + int(rng.integers(12, 96)))
    homes = left(homes, 1, 20 * 24, 28 * 24)
    lost = rng.random(homes.temperature_c.shape) < rng.uniform(0, 0.5)
    for values in (homes.temperature_c, homes.co2_ppm, homes.excess_g_per_m3):
        values[lost] = np.nan
    return homes


def of_hours(homes: HomeHours, hours: slice) -> HomeHours:
    return HomeHours(**{name: each[..., hours] for name, each in vars(homes).items()})


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(2, HOURS - 1))
def test_what_was_raised_before_a_cut_stays(seed: int, cut: int) -> None:
    homes = unruly(seed)
    end_ms = START_MS + cut * HOUR_MS
    whole = [each for each in no_heat(homes, LIMITS) if each.raised_ms <= end_ms]
    part = no_heat(of_hours(homes, slice(0, cut)), LIMITS)
    assert [(e.row, e.start_ms, e.raised_ms, e.evidence) for e in part] == [
        (e.row, e.start_ms, e.raised_ms, e.evidence) for e in whole
    ]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.permutations(range(4)))
def test_homes_are_judged_each_by_itself(seed: int, rows: list[int]) -> None:
    homes = unruly(seed)
    some = rows[:3]
    chosen = HomeHours(
        **{name: each[some] if each.ndim == 2 else each for name, each in vars(homes).items()}
    )
    whole = {(e.row, e.start_ms, e.end_ms, e.raised_ms) for e in no_heat(homes, LIMITS)}
    assert {(some[e.row], e.start_ms, e.end_ms, e.raised_ms) for e in no_heat(chosen, LIMITS)} == {
        each for each in whole if each[0] in some
    }


def test_what_lost_telegrams_counted_comes_with_the_next() -> None:
    edges_ms = START_MS + np.arange(9, dtype=np.int64) * HOUR_MS
    times_ms = edges_ms[[0, 1, 2, 6, 7, 8]]
    value = np.array([5.0, 6.0, 8.0, 20.0, 0.0, 2.0])
    anew = np.array([True, False, False, False, True, False])
    used = counted_in_hours(Register(times_ms, value, anew), edges_ms, 2)
    np.testing.assert_array_equal(used, [1, 2, 0, 0, np.nan, 12, np.nan, 2])


def test_a_meter_without_readings_counts_nothing() -> None:
    empty = np.empty(0, dtype=np.int64)
    register = Register(empty, empty.astype(np.float64), empty > 0)
    assert np.isnan(counted_in_hours(register, START_MS + np.arange(3) * HOUR_MS, 3)).all()
