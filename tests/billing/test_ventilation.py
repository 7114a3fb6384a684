"""Air change from decays and open windows: published values, hand-made hours, simulated homes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import keys
from billing.measured.climate.ventilation import (
    Gate,
    air_change_per_h,
    charged_w_per_k,
    decays,
    home_air_change,
    open_windows,
    usual_where_unknown,
    ventilation_limits,
)
from estate.numbers.arrays import Floats
from estate.periods import Period
from firmware_sim.physics.building import parts
from telemetry.series.home_climate import home_climate
from telemetry.series.humidity import water_g_per_m3
from tests.support.simulated_homes import Homes

LIMITS = ventilation_limits()
GATE = Gate(points=3, start=200, end=60, r2=0.95, part=0.5)


def test_published_decay() -> None:
    """1400 to 800 ppm at 420 ppm outdoors in two hours: 0.4737 /h."""
    change, r2 = air_change_per_h(np.array([1400.0, 800.0]) - 420, np.array([0.0, 2.0]))
    assert change == pytest.approx(0.4737, abs=5e-5)
    assert r2 == pytest.approx(1)


def test_water_in_the_air_by_a_published_value() -> None:
    assert water_g_per_m3(np.array(20.0), np.array(50.0)) == pytest.approx(8.62, abs=0.02)


def decaying(change: float, hours: int = 6, start: float = 1000.0) -> Floats:
    return np.asarray(start * np.exp(-change * np.arange(hours)))


@given(st.floats(0.36, 1.3))
def test_a_clean_decay_gives_back_its_air_change(change: float) -> None:
    excess = np.concatenate([[300.0, 1000.0], decaying(change)])[None, :]
    found = decays(excess, np.ones(excess.shape, dtype=np.bool_), GATE)[0]
    assert np.isnan(found[0])
    assert found[3] == pytest.approx(change)


@pytest.mark.parametrize(
    "excess",
    [
        decaying(0.5, start=190.0),  # begins too near to the outdoor air
        decaying(0.1),  # settles: people are at home
        np.array([1000.0, 500.0, 490.0, 240.0, 235.0, 100.0]),  # no straight line
        np.array([1000.0, np.nan, 400.0, np.nan, 200.0, np.nan]),
        np.linspace(300, 900, 6),
        np.full(6, np.nan),
    ],
)
def test_what_is_no_decay_tells_nothing(excess: Floats) -> None:
    found = decays(excess[None, :], np.ones((1, 6), dtype=np.bool_), GATE)
    assert np.isnan(found).all()


def test_no_decay_while_a_window_is_open() -> None:
    undisturbed = np.array([[True, True, False, True, True, True]])
    found = decays(decaying(0.5)[None, :], undisturbed, GATE)[0]
    assert np.isfinite(found).tolist() == [False, False, False, True, True, True]


def a_window() -> tuple[Floats, Floats, Floats]:
    """Open for three hours from hour 2 on: colder, drier, fresher by 2 /h in the first."""
    temperature_c = np.array([[21.0, 21.0, 19.0, 18.5, 18.3, 19.5, 20.5]])
    water = np.array([[8.0, 8.0, 5.0, 4.5, 4.5, 5.5, 6.0]])
    co2_ppm = np.array([[600.0, 600.0, 600 * np.exp(-2), 30.0, 30.0, 60.0, 150.0]])
    return temperature_c, water, co2_ppm


def test_an_open_window_is_seen_until_the_home_warms_again() -> None:
    found = open_windows(*a_window(), LIMITS)[0]
    assert found[2:5] == pytest.approx([2, 2, 2])
    assert np.isnan(found[[0, 1, 5, 6]]).all()


@pytest.mark.parametrize("calm", [0, 1, 2])
def test_two_signs_of_three_are_no_window(calm: int) -> None:
    signs = list(a_window())
    signs[calm] = np.full((1, 7), signs[calm][0, 0])
    assert np.isnan(open_windows(signs[0], signs[1], signs[2], LIMITS)).all()


def test_hours_of_which_nothing_tells_take_the_usual() -> None:
    nan = np.nan
    found = np.array([[0.4, nan, 0.6, 0.5], [nan, nan, nan, 3.0], [0.9, 0.9, nan, nan]])
    filled = usual_where_unknown(found, 2, 0.5, 0.5)
    assert filled[0].tolist() == [0.4, 0.5, 0.6, 0.5]
    assert filled[1].tolist() == [0.7] * 4  # one hour tells too little; the others' median
    assert filled[2].tolist() == [0.9] * 4
    assert usual_where_unknown(found, 9, 0.5, 0.5).tolist() == [[0.5] * 4] * 3


def test_only_what_the_envelope_does_not_hold_already_is_charged() -> None:
    change = np.array([[0.2, 0.5, 1.5, 99.0]])
    found = charged_w_per_k(change, np.array([100.0]), LIMITS)
    assert found[0] == pytest.approx([0, 0, 34, 0.34 * 9.5 * 100])


def test_an_open_window_weighs_more_although_it_cools_the_home() -> None:
    """The home of the window above and the same one with the window shut."""
    shut = tuple(np.full((1, 7), values[0, 0]) for values in a_window())
    outdoor_c, day = np.full(7, 2.0), np.zeros(7, dtype=np.int64)
    weights = []
    for temperature_c, water, co2_ppm in (a_window(), shut):
        change = usual_where_unknown(
            open_windows(temperature_c, water, co2_ppm, LIMITS), 1, 0.5, 0.5
        )
        weights.append(
            keys.own_heat_loss(
                np.array([90.0]), np.array([250.0]), temperature_c, outdoor_c,
                np.ones((1, 7), dtype=np.bool_), day,
                charged_w_per_k(np.where(change > 1, change, 0.5), np.array([175.0]), LIMITS),
            )[0]
        )  # fmt: skip
    assert weights[0] > weights[1]


def test_together_as_alone() -> None:
    rng = np.random.default_rng(3)
    excess = np.abs(rng.normal(400, 250, (5, 60)))
    excess[rng.random(excess.shape) < 0.1] = np.nan
    everywhere = np.ones(excess.shape, dtype=np.bool_)
    together = decays(excess, everywhere, replace(GATE, r2=0.5))
    for row in range(5):
        one = slice(row, row + 1)
        alone = decays(excess[one], everywhere[one], replace(GATE, r2=0.5))
        np.testing.assert_array_equal(alone[0], together[row])
    assert np.isfinite(together).any()


# Simulated homes.


@pytest.fixture(scope="module")
def january() -> Homes:
    return Homes(Period.month("2026-01"))


@pytest.fixture(scope="module")
def true_per_h(january: Homes) -> dict[str, float]:
    """Return the median of each persona's true air change in January."""
    whole = np.concatenate([part.course.air_changes_per_h for part in parts(january.simulation)])
    steps = january.hours.count * 60 // january.simulation.clock.step_minutes
    medians = np.median(whole[-steps:], axis=0).tolist()
    return dict(zip(january.households.values(), medians, strict=True))


def test_air_change_of_simulated_homes_is_found_again(
    january: Homes, true_per_h: dict[str, float]
) -> None:
    climate = home_climate(january, january.estate, january.hours)
    found = home_air_change(climate, climate.values["temperature_c"], "co2_decay", LIMITS)
    told = {
        persona: float(np.nanmedian(row))
        for persona, row in zip(january.households.values(), found, strict=True)
        if np.isfinite(row).sum() >= LIMITS.usual_hours
    }
    assert {"ordinary", "warm", "large_family", "window_open"} <= told.keys()
    for persona, change in told.items():
        assert change == pytest.approx(true_per_h[persona], abs=0.08), persona


def test_whoever_leaves_a_window_open_is_charged_and_nobody_else(january: Homes) -> None:
    climate = home_climate(january, january.estate, january.hours)
    found = home_air_change(climate, climate.values["temperature_c"], "co2_decay", LIMITS)
    filled = usual_where_unknown(found, LIMITS.usual_hours, LIMITS.included_per_h, 0.5)
    volume_m3 = np.full(len(filled), 180.0)
    mean = charged_w_per_k(filled, volume_m3, LIMITS).mean(axis=1)
    charged = dict(zip(january.households.values(), mean.tolist(), strict=True))
    open_w_per_k = charged.pop("window_open")
    assert open_w_per_k == pytest.approx(0.34 * 0.62 * 180, rel=0.15)  # 1.12 /h, less 0.5
    assert max(charged.values()) < open_w_per_k / 4
