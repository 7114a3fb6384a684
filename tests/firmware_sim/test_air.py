"""Air: published water content and decay, water and carbon dioxide conserved."""

from __future__ import annotations

import math

import numpy as np
import pytest

from firmware_sim.physics.air import (
    mix,
    relative_humidity_pct,
    saturation_g_per_m3,
    vapour_g_per_m3,
)


def test_water_in_air_at_20_degrees_and_half_humid() -> None:
    """8.62 to 8.65 g/m³, by the formula for the vapour."""
    assert vapour_g_per_m3(np.array(20.0), np.array(50.0)) == pytest.approx(8.63, abs=0.03)


def test_humidity_comes_back() -> None:
    t = np.linspace(-10, 30, 9)
    humidity = np.linspace(20, 100, 9)
    assert relative_humidity_pct(t, vapour_g_per_m3(t, humidity)) == pytest.approx(humidity)


def test_air_holds_no_more_than_all() -> None:
    assert relative_humidity_pct(np.array(10.0), 2 * saturation_g_per_m3(np.array(10.0))) == 100.0


def test_closed_bedroom_gives_back_its_air_change() -> None:
    """From 1400 to 800 ppm over 420 ppm outdoors in 2 h is 0.4737 /h, in any number of steps."""
    rate = 0.4737
    for steps in (1, 24, 240):
        c = np.array([1400.0])
        for _ in range(steps):
            c = mix(c, np.array(420.0), np.zeros(1), np.full(1, rate), 2 / steps)
        assert c[0] == pytest.approx(800.0, abs=0.1)
        found = math.log((1400 - 420) / (c[0] - 420)) / 2
        assert found == pytest.approx(rate)


def test_two_sleepers_reach_the_published_steady_state() -> None:
    """27.2 l/h in 34.87 m³/h of outdoor air at 420 ppm settle at 1200 ppm."""
    volume_m3 = 30.0
    c = np.array([420.0])
    source = np.array([27.2 / volume_m3 * 1000])
    for _ in range(1000):
        c = mix(c, np.array(420.0), source, np.array([34.87 / volume_m3]), 1 / 12)
    assert c[0] == pytest.approx(1200.0, abs=0.5)


def test_what_is_given_off_is_stored_or_aired_out() -> None:
    """The content of a step, integrated with a thousand times finer steps."""
    rng = np.random.default_rng(1)
    rate, source = rng.uniform(0.1, 5, 4), rng.uniform(0, 100, 4)
    c = start = rng.uniform(2, 12, 4)
    hours, fine = 1 / 12, 1000
    aired = np.zeros(4)
    for _ in range(fine):
        after = mix(c, np.array(4.0), source, rate, hours / fine)
        aired += rate * ((c + after) / 2 - 4.0) * hours / fine
        c = after
    assert source * hours - aired == pytest.approx(c - start, rel=1e-6)
    assert c == pytest.approx(mix(start, np.array(4.0), source, rate, hours))
