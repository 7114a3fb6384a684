"""Estimates: measured hours stay, gaps follow the home's own behaviour, nothing is gained."""

from __future__ import annotations

import numpy as np
import pytest

from billing.estimates import fill_outdoor, fill_temperature, fill_weights

HOURS = 100
OUTDOOR = 5 + 5 * np.sin(np.arange(HOURS) / 4)


def test_home_that_follows_the_outdoor_temperature_is_found_again() -> None:
    whole = np.stack([18 + 0.2 * OUTDOOR, 21 + 0.05 * OUTDOOR])
    gappy = whole.copy()
    gappy[0, 30:60] = np.nan
    filled = fill_temperature(gappy, OUTDOOR, fit_hours=48, least_spread_k=0.5)
    assert filled == pytest.approx(whole, abs=0.01)
    measured = np.isfinite(gappy)
    assert np.array_equal(filled[measured], whole[measured])


def test_few_hours_give_their_mean() -> None:
    gappy = np.full((1, HOURS), np.nan)
    gappy[0, :4] = [20, 21, 22, 23]
    assert fill_temperature(gappy, OUTDOOR, 48, 0.5)[0, 4:].tolist() == [21.5] * (HOURS - 4)


def test_silent_home_takes_the_mean_of_the_others_in_that_hour() -> None:
    known = np.stack([np.linspace(19, 21, HOURS), np.linspace(21, 25, HOURS)])
    gappy = np.vstack([known, np.full(HOURS, np.nan)])
    assert fill_temperature(gappy, OUTDOOR, 48, 0.5)[2] == pytest.approx(np.linspace(20, 23, HOURS))


def test_nothing_known_stays_unknown() -> None:
    silent = np.full((2, HOURS), np.nan)
    assert np.isnan(fill_temperature(silent, OUTDOOR, 48, 0.5)).all()
    assert np.isnan(fill_weights(silent)).all()
    assert np.isnan(fill_outdoor(silent[0])).all()


def test_estimate_never_leaves_what_the_home_measured() -> None:
    gappy = (18 + 0.2 * OUTDOOR)[None, :].copy()
    gappy[0, 60:] = np.nan
    outdoor = OUTDOOR.copy()
    outdoor[60:] = -40.0
    filled = fill_temperature(gappy, outdoor, 48, 0.5)
    assert filled[0, 60:].min() == np.nanmin(gappy)


def test_outdoor_gap_is_a_straight_line() -> None:
    gappy = np.array([np.nan, 2.0, np.nan, np.nan, 8.0, np.nan])
    assert fill_outdoor(gappy).tolist() == [2.0, 2.0, 4.0, 6.0, 8.0, 8.0]


def test_colours_of_gaps_are_the_home_s_own_mean() -> None:
    """Unplugging the box in the red hours gains nothing beyond the mean."""
    weights = np.array([[1.0, 2.0, np.nan, np.nan], [1.0, 1.0, 1.0, 2.0]])
    assert fill_weights(weights).tolist() == [[1.0, 2.0, 1.5, 1.5], [1.0, 1.0, 1.0, 2.0]]
