"""Estimates: measured hours stay, gaps follow the home's own behaviour, nothing is gained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from billing.measured.climate.colours import MISSING
from billing.measured.climate.estimates import (
    Filled,
    fill_colour_weights,
    fill_outdoor,
    fill_refused,
    fill_temperature,
)
from billing.measured.climate.gaps import Axis
from billing.rules import billing_rules
from estate.numbers.arrays import Floats

HOURS = 120
OUTDOOR = 5 + 5 * np.sin(np.arange(HOURS) / 4)
RULES = billing_rules()


def axis(outdoor_c: Floats, first: int = 0) -> Axis:
    """Whole days from midnight on."""
    return Axis(outdoor_c, np.arange(len(outdoor_c)) // 6, first)


def filled(temperature_c: Floats, outdoor_c: Floats = OUTDOOR) -> Filled:
    return fill_temperature(temperature_c, axis(outdoor_c), RULES)


def test_home_that_follows_the_outdoor_temperature_is_found_again() -> None:
    whole = np.stack([18 + 0.2 * OUTDOOR, 21 + 0.05 * OUTDOOR])
    gappy = whole.copy()
    gappy[0, 30:60] = np.nan
    found = filled(gappy)
    assert found.values == pytest.approx(whole, abs=0.01)
    assert not found.by_house.any()
    measured = np.isfinite(gappy)
    assert np.array_equal(found.values[measured], whole[measured])


def test_few_hours_of_a_lone_home_give_their_mean() -> None:
    gappy = np.full((1, HOURS), np.nan)
    gappy[0, :4] = [20, 21, 22, 23]
    # 1.5 K above the mean in the last hour, fading over a day.
    found = filled(gappy)
    assert found.values[0, [3, 9, 15, 27, 99]].tolist() == [23.0, 22.625, 22.25, 21.5, 21.5]
    assert found.by_house.sum() == HOURS - 4


def five(gappy: Floats) -> Floats:
    """Put a home beside four others at 19, 20, 21 and 23 °C."""
    others = [np.full(HOURS, level) for level in (19.0, 20.0, 21.0, 23.0)]
    return np.vstack([*others, gappy])


def test_a_silent_home_takes_half_a_degree_more_than_the_upper_quartile() -> None:
    found = filled(five(np.full(HOURS, np.nan)))
    assert found.values[4] == pytest.approx(np.full(HOURS, 21.5 + 0.5))
    assert found.by_house[4].all()
    assert not found.by_house[:4].any()


def test_a_box_plugged_in_for_airings_tells_nothing_of_the_other_hours() -> None:
    gappy = np.full(HOURS, np.nan)
    gappy[[7, 21, 31, 45, 55, 69]] = 17.0
    found = filled(five(gappy))
    known = np.isfinite(gappy)
    assert found.values[4, known].tolist() == [17.0] * 6
    assert found.values[4, ~known] == pytest.approx(np.full(HOURS - 6, 22.0))


def test_nights_alone_tell_nothing_of_the_days_and_who_is_warmer_stays_so() -> None:
    night = np.arange(HOURS) % 24 < 12
    cool, warm = (filled(five(np.where(night, level, np.nan))).values[4] for level in (17.0, 24.0))
    assert cool[~night] == pytest.approx(np.full(60, 22.0))
    assert warm[~night] == pytest.approx(np.full(60, 24.0))


def test_a_box_that_broke_is_filled_with_what_its_home_was() -> None:
    """A cold home whose box dies after two days stays a cold home."""
    gappy = np.where(np.arange(HOURS) < 48, 17.0, np.nan)
    found = filled(five(gappy))
    assert found.values[4].tolist() == [17.0] * HOURS
    assert not found.by_house.any()


def test_two_picked_days_do_not_tell_of_a_month() -> None:
    hours = 744
    others = [np.full(hours, level) for level in (19.0, 20.0, 21.0, 23.0)]
    gappy = np.where(np.arange(hours) < 48, 17.0, np.nan)
    outdoor = np.resize(OUTDOOR, hours)
    found = fill_temperature(np.vstack([*others, gappy]), axis(outdoor), RULES)
    assert found.values[4, 200] == pytest.approx(22.0)


def test_days_in_another_weather_do_not_tell() -> None:
    gappy = np.where(np.arange(HOURS) < 72, 24.0, np.nan)
    outdoor = np.where(np.arange(HOURS) < 72, 20.0, -5.0)
    assert filled(five(gappy), outdoor).by_house[4, 72:].all()


def test_an_earlier_period_tells_how_a_home_is() -> None:
    whole = five(np.full(HOURS, 17.0))
    now = five(np.full(HOURS, np.nan))
    both = fill_temperature(
        np.hstack([whole, now]), axis(np.concatenate([OUTDOOR, OUTDOOR]), HOURS), RULES
    )
    assert both.values[4].tolist() == [17.0] * HOURS
    assert both.values.shape == (5, HOURS)
    assert not both.by_house.any()


def test_hours_that_all_boxes_lost_are_filled_with_what_each_home_is() -> None:
    """The broker was away for most of two days: cold stays cold and warm stays warm."""
    whole = np.stack([np.full(HOURS, level) for level in (17.0, 20.0, 21.0, 24.0)])
    gappy = whole.copy()
    gappy[:, 30:68] = np.nan
    found = filled(gappy)
    assert found.values == pytest.approx(whole)
    assert not found.by_house.any()


def test_the_upper_quartile_is_that_of_the_homes_that_tell() -> None:
    rng = np.random.default_rng(5)
    others = 20 + rng.normal(0, 2, (9, HOURS))
    others[:2, 40:50] = np.nan
    silent = np.full(HOURS, np.nan)
    found = filled(np.vstack([others, silent])).values
    upper = np.nanquantile(found[:9], 0.75, axis=0)
    assert found[9] == pytest.approx(upper + 0.5)


def test_order_of_the_homes_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    gappy = 20 + rng.normal(0, 1, (6, HOURS))
    gappy[0] = np.nan
    gappy[1, 10:] = np.nan
    gappy[2, 50:60] = np.nan
    order = rng.permutation(6)
    assert filled(gappy[order]).values == pytest.approx(filled(gappy).values[order])


def test_nothing_known_stays_unknown() -> None:
    silent = np.full((2, HOURS), np.nan)
    assert np.isnan(filled(silent).values).all()
    assert not filled(silent).by_house.any()
    assert np.isnan(coloured("-- --").values).all()
    assert np.isnan(fill_outdoor(silent[0])).all()


def test_estimate_never_leaves_what_the_home_measured() -> None:
    gappy = (18 + 0.2 * OUTDOOR)[None, :].copy()
    gappy[0, 60:] = np.nan
    outdoor = OUTDOOR.copy()
    outdoor[60:] = -40.0
    assert filled(gappy, outdoor).values[0, 60:].min() == np.nanmin(gappy)


def test_outdoor_gap_is_a_straight_line() -> None:
    gappy = np.array([np.nan, 2.0, np.nan, np.nan, 8.0, np.nan])
    assert fill_outdoor(gappy).tolist() == [2.0, 2.0, 4.0, 6.0, 8.0, 8.0]


def test_gap_is_bridged_by_what_the_home_was_doing_beside_it() -> None:
    """Unplugged on a warm evening, the box is filled with a warm evening."""
    own = np.full(HOURS, 20.0)
    own[40:60] = 23.0
    gappy = own.copy()[None, :]
    gappy[0, 45:55] = np.nan
    found = filled(gappy, np.full(HOURS, 4.0)).values[0, 45:55]
    assert found.min() > 22
    assert found.max() <= 23


WEIGHTS = np.array([1.0, 1.5, 2.0])


def colours(text: str) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    codes = {"g": 0, "y": 1, "r": 2, "-": MISSING}
    rows = [[codes[each] for each in row] for row in text.split()]
    return np.array(rows, dtype=np.int8)


def coloured(text: str, reach_hours: int = 24) -> Filled:
    codes = colours(text)
    rules = replace(RULES, gap_reach_hours=reach_hours)
    return fill_colour_weights(codes, axis(np.full(codes.shape[1], 5.0)), rules, WEIGHTS, MISSING)


DAY = "g" * 24


def test_gap_in_the_colours_weighs_one_worse_than_its_worse_edge() -> None:
    for gap, weight in (("g-g", 1.5), ("g-y", 2.0), ("y-g", 2.0), ("r-r", 2.0)):
        found = coloured(DAY + gap + DAY)
        assert found.values[0, 25] == weight
        assert not found.by_house.any()


def test_a_home_whose_colours_are_not_known_weighs_the_worst_colour() -> None:
    found = coloured(f"{DAY} {'-' * 24} {'-' * 7 + 'g' + '-' * 16}")
    assert found.values[1].tolist() == [2.0] * 24
    assert found.values[2].tolist() == [2.0] * 7 + [1.0] + [2.0] * 16
    assert found.by_house.sum() == 24 + 23


def test_far_from_measured_hours_a_colour_is_the_upper_quartile_of_the_home_s_own_days() -> None:
    found = coloured(DAY + "y" * 24 + "g" * 24 + "-" * 20 + DAY, reach_hours=2)
    assert found.values[0, 80] == 1.125  # of days of 1, 1.5, 1 and 1
    assert found.values[0, 72] == 1.5


def test_colours_that_all_boxes_lost_weigh_what_each_home_does() -> None:
    rows = [
        DAY + "-" * 10 + "g" * 14,
        "y" * 24 + "-" * 10 + "y" * 14,
        "r" * 24 + "-" * 10 + "r" * 14,
    ]
    found = coloured(" ".join(rows))
    assert found.values[:, 30].tolist() == [1.0, 1.5, 2.0]


def test_what_is_known_of_an_hour_is_the_least_that_it_weighs() -> None:
    codes, least = colours(DAY + "g-g" + DAY), np.full((1, 51), np.nan)
    least[0, 25] = 2.0
    found = fill_colour_weights(codes, axis(np.full(51, 5.0)), RULES, WEIGHTS, MISSING, least=least)
    assert found.values[0, 24:27].tolist() == [1.0, 2.0, 1.0]


def test_refused_home_takes_the_median_of_the_others() -> None:
    filled = np.array([[19.0, 20.0], [21.0, 21.0], [26.0, 22.0], [30.0, 30.0]])
    refused = np.array([[False, False], [False, False], [False, True], [True, True]])
    found = fill_refused(filled, refused)
    assert found.tolist() == [[19, 20], [21, 21], [26, 20.5], [21, 20.5]]
    everyone = np.array([[False, True], [True, True]])
    assert fill_refused(filled[:2], everyone).tolist() == [[19, 19], [19, 19]]
    assert np.isnan(fill_refused(filled, np.ones((4, 2), dtype=np.bool_))).all()
