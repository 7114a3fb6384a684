"""Estimates: measured hours stay, gaps follow the home's own behaviour, nothing is gained."""

from __future__ import annotations

import numpy as np
import pytest

from billing.climate import MISSING
from billing.estimates import fill_colour_weights, fill_outdoor, fill_refused, fill_temperature

HOURS = 100
OUTDOOR = 5 + 5 * np.sin(np.arange(HOURS) / 4)


def test_home_that_follows_the_outdoor_temperature_is_found_again() -> None:
    whole = np.stack([18 + 0.2 * OUTDOOR, 21 + 0.05 * OUTDOOR])
    gappy = whole.copy()
    gappy[0, 30:60] = np.nan
    filled = fill_temperature(gappy, OUTDOOR, fit_hours=48, least_spread_k=0.5, reach_hours=24)
    assert filled == pytest.approx(whole, abs=0.01)
    measured = np.isfinite(gappy)
    assert np.array_equal(filled[measured], whole[measured])


def test_few_hours_give_their_mean() -> None:
    gappy = np.full((1, HOURS), np.nan)
    gappy[0, :4] = [20, 21, 22, 23]
    filled = fill_temperature(gappy, OUTDOOR, 48, 0.5, 24)[0]
    # 1.5 K above the mean in the last hour, fading over a day.
    assert filled[[3, 9, 15, 27, 99]].tolist() == [23.0, 22.625, 22.25, 21.5, 21.5]


def test_silent_home_takes_the_mean_of_the_others_in_that_hour() -> None:
    known = np.stack([np.linspace(19, 21, HOURS), np.linspace(21, 25, HOURS)])
    gappy = np.vstack([known, np.full(HOURS, np.nan)])
    assert fill_temperature(gappy, OUTDOOR, 48, 0.5, 24)[2] == pytest.approx(
        np.linspace(20, 23, HOURS)
    )


def test_nothing_known_stays_unknown() -> None:
    silent = np.full((2, HOURS), np.nan)
    assert np.isnan(fill_temperature(silent, OUTDOOR, 48, 0.5, 24)).all()
    assert np.isnan(fill_colour_weights(colours("-- --"), WEIGHTS, MISSING, 24)).all()
    assert np.isnan(fill_outdoor(silent[0])).all()


def test_estimate_never_leaves_what_the_home_measured() -> None:
    gappy = (18 + 0.2 * OUTDOOR)[None, :].copy()
    gappy[0, 60:] = np.nan
    outdoor = OUTDOOR.copy()
    outdoor[60:] = -40.0
    filled = fill_temperature(gappy, outdoor, 48, 0.5, 24)
    assert filled[0, 60:].min() == np.nanmin(gappy)


def test_outdoor_gap_is_a_straight_line() -> None:
    gappy = np.array([np.nan, 2.0, np.nan, np.nan, 8.0, np.nan])
    assert fill_outdoor(gappy).tolist() == [2.0, 2.0, 4.0, 6.0, 8.0, 8.0]


def test_gap_is_bridged_by_what_the_home_was_doing_beside_it() -> None:
    """Unplugged on a warm evening, the box is filled with a warm evening."""
    own = np.full(HOURS, 20.0)
    own[40:60] = 23.0
    gappy = own.copy()[None, :]
    gappy[0, 45:55] = np.nan
    filled = fill_temperature(gappy, np.full(HOURS, 4.0), 48, 0.5, 24)[0, 45:55]
    assert filled.min() > 22
    assert filled.max() <= 23


WEIGHTS = np.array([1.0, 1.5, 2.0])


def colours(text: str) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    codes = {"g": 0, "y": 1, "r": 2, "-": MISSING}
    rows = [[codes[each] for each in row] for row in text.split()]
    return np.array(rows, dtype=np.int8)


def test_gap_in_the_colours_weighs_one_worse_than_its_worse_edge() -> None:
    found = fill_colour_weights(colours("gg-g g-yg yy-- ----"), WEIGHTS, MISSING, 24)
    assert found[:3].tolist() == [[1, 1, 1.5, 1], [1, 2, 1.5, 1], [1.5, 1.5, 2, 2]]
    # The silent home takes the mean of the others.
    assert found[3] == pytest.approx([3.5 / 3, 4.5 / 3, 5 / 3, 4 / 3])


def test_far_from_measured_hours_a_colour_is_the_home_s_own_mean() -> None:
    found = fill_colour_weights(colours("gy----yg"), WEIGHTS, MISSING, 1)
    assert found[0].tolist() == [1, 1.5, 2, 1.25, 1.25, 2, 1.5, 1]


def test_refused_home_takes_the_median_of_the_others() -> None:
    filled = np.array([[19.0, 20.0], [21.0, 21.0], [26.0, 22.0], [30.0, 30.0]])
    refused = np.array([[False, False], [False, False], [False, True], [True, True]])
    found = fill_refused(filled, refused)
    assert found.tolist() == [[19, 20], [21, 21], [26, 20.5], [21, 20.5]]
    everyone = np.array([[False, True], [True, True]])
    assert fill_refused(filled[:2], everyone).tolist() == [[19, 19], [19, 19]]
    assert np.isnan(fill_refused(filled, np.ones((4, 2), dtype=np.bool_))).all()
