"""Air through leaks: the handbook's formula by hand, calm, and squares that add up."""

from __future__ import annotations

import math

import numpy as np
import pytest

from firmware_sim.physics.infiltration import infiltration_m3_per_h


def test_worked_case() -> None:
    """500 cm² at 20 K and 5 m/s: 500 √(0.00029 · 20 + 0.000231 · 25) = 53.8 l/s, 193.7 m³/h."""
    found = infiltration_m3_per_h(np.array([500.0]), np.array([20.0]), 5.0)
    assert found[0] == pytest.approx(193.7, abs=0.1)


def test_calm_air_as_warm_inside_as_outside_stands_still() -> None:
    assert infiltration_m3_per_h(np.array([500.0]), np.zeros(1), 0.0)[0] == 0.0


def test_wind_and_warmth_add_up_in_squares() -> None:
    leaks, warmer = np.array([40.0, 60.0]), np.array([15.0, -15.0])
    both = infiltration_m3_per_h(leaks, warmer, 4.0)
    wind = infiltration_m3_per_h(leaks, 0 * warmer, 4.0)
    stack = infiltration_m3_per_h(leaks, warmer, 0.0)
    assert both == pytest.approx(np.sqrt(wind**2 + stack**2))
    assert stack[1] == pytest.approx(1.5 * stack[0])


def test_many_flats_are_each_its_own() -> None:
    leaks, warmer = np.linspace(10, 90, 5), np.linspace(-5, 25, 5)
    together = infiltration_m3_per_h(leaks, warmer, 6.0)
    for at in range(5):
        one = infiltration_m3_per_h(leaks[at : at + 1], warmer[at : at + 1], 6.0)
        assert together[at] == one[0]


def test_what_is_not_known_stays_unknown() -> None:
    assert math.isnan(infiltration_m3_per_h(np.ones(1), np.array([np.nan]), 1.0)[0])
