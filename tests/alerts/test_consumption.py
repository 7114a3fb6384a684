"""Leaks and spikes in use that is written down by hand, and against plain loops."""

from __future__ import annotations

import statistics
from dataclasses import replace
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.consumption import Leak, find_leaks, find_spikes, usual_use
from alerts.rules import rules
from alerts.runs import runs

if TYPE_CHECKING:
    import numpy.typing as npt

RULES = rules()
FLOOR = 5.0


def a_week_of_water(seed: int = 1, hours: int = 168) -> list[float]:
    """Use by day, none from 23 to 6."""
    use = np.random.default_rng(seed).uniform(3, 15, hours)
    return [float(value) if 6 <= hour % 24 < 23 else 0.0 for hour, value in enumerate(use)]


def plain_leaks(use_l: list[float]) -> list[tuple[int, int, int]]:
    """Start, end and raised of each leak, walked hour by hour."""
    found, start, last, measured, raised = [], -1, -1, 0, -1
    for hour, value in enumerate([*use_l, 0.0]):
        if isnan(value) and hour - last <= RULES.leak_gap_hours and start >= 0:
            continue
        flows = not isnan(value) and value > RULES.leak_flow_l_per_h
        if start >= 0 and not flows:
            if measured >= RULES.leak_hours:
                found.append((start, last + 1, raised))
            start, measured = -1, 0
        if flows:
            start = hour if start < 0 else start
            last, measured = hour, measured + 1
            raised = hour + 1 if measured == RULES.leak_hours else raised
    return found


def edges(leaks: list[Leak]) -> list[tuple[int, int, int]]:
    return [(leak.start, leak.end, leak.raised) for leak in leaks]


def test_a_leak_has_start_end_and_flow() -> None:
    use = np.array([a_week_of_water(1), a_week_of_water(2)])
    use[1, 24:72] += 12
    # Water is used until 23 and from 6 on, so that the hours beside the leak rest.
    assert find_leaks(use, RULES) == [Leak(1, 24, 72, 48, 12.0, 48, 0)]


def test_a_day_long_leak_is_found_and_an_hour_less_is_not() -> None:
    use = np.zeros((1, 72))
    use[0, 10:33] = 20
    assert find_leaks(use, RULES) == []
    use[0, 33] = 20
    assert edges(find_leaks(use, RULES)) == [(10, 34, 34)]


def test_the_limit_itself_is_no_flow() -> None:
    limit = RULES.leak_flow_l_per_h
    assert find_leaks(np.full((1, 48), limit), RULES) == []
    assert edges(find_leaks(np.full((1, 48), np.nextafter(limit, 9)), RULES)) == [(0, 48, 24)]


def test_a_short_gap_is_passed_over_and_not_counted() -> None:
    use = np.full((1, 48), 20.0)
    use[0, [5, 6, 20]] = nan
    (leak,) = find_leaks(use, RULES)
    assert (leak.start, leak.end, leak.raised) == (0, 48, 27)
    assert (leak.measured_hours, leak.missing_hours) == (45, 3)


def test_a_long_gap_ends_a_flow() -> None:
    use = np.full((1, 60), 20.0)
    use[0, 20:23] = nan
    assert edges(find_leaks(use, RULES)) == [(23, 60, 47)]


def test_missing_hours_are_neither_flow_nor_rest() -> None:
    assert find_leaks(np.full((2, 100), nan), RULES) == []
    use = np.full((1, 30), 20.0)
    use[0, [0, 1, 28, 29]] = nan
    assert edges(find_leaks(use, RULES)) == [(2, 28, 26)]


def test_no_meters_and_no_hours_have_no_leaks() -> None:
    assert find_leaks(np.empty((0, 50)), RULES) == []
    assert find_leaks(np.empty((3, 0)), RULES) == []


@given(st.integers(0, 100_000))
@settings(deadline=None)
def test_many_meters_give_what_a_plain_walk_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    use = rng.choice([0.0, 3.0, 20.0, nan], (3, 150), p=[0.01, 0.44, 0.45, 0.10])
    found = find_leaks(use, RULES)
    for row in range(3):
        mine = edges([leak for leak in found if leak.row == row])
        assert mine == plain_leaks(use[row].tolist())


def plain_usual(use: list[list[float]], row: int, day: int) -> tuple[float, float, float]:
    """Own median, expected and spread of one day, by the words of `find_spikes`."""
    groups = []
    for d in range(len(use[0])):
        known = [each[d] for each in use if not isnan(each[d])]
        groups.append(statistics.median(known) if len(known) >= RULES.spike_group_flats else nan)
    first = max(day - RULES.spike_baseline_days, 0)
    own = [use[row][d] for d in range(first, day) if not isnan(use[row][d])]
    shares = [use[row][d] / groups[d] for d in range(first, day)]
    shares = [each for each in shares if not isnan(each)]
    if len(shares) < RULES.spike_baseline_min_days:
        return (nan, nan, nan)
    share = statistics.median(shares)
    spread = 1.4826 * statistics.median(abs(each - share) for each in shares)
    return statistics.median(own), share * groups[day], spread * groups[day]


def a_month_of_heat(
    seed: int, rows: int = 7, days: int = 40, missing: float = 0.0
) -> npt.NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    weather = rng.uniform(10, 30, days)
    use = rng.uniform(0.5, 1.5, (rows, 1)) * weather * rng.uniform(0.9, 1.1, (rows, days))
    use[rng.random(use.shape) < missing] = nan
    return use


def test_the_usual_is_what_a_plain_loop_gives() -> None:
    use = a_month_of_heat(3, missing=0.1)
    found, rows = usual_use(use, RULES), use.tolist()
    for row in range(use.shape[0]):
        for day in range(use.shape[1]):
            own, expected, spread = plain_usual(rows, row, day)
            assert found.expected[row, day] == pytest.approx(expected, nan_ok=True)
            assert found.spread[row, day] == pytest.approx(spread, nan_ok=True)
            if not isnan(expected):
                assert found.own[row, day] == pytest.approx(own)


def test_ordinary_months_have_no_spikes() -> None:
    for seed in range(30):
        assert find_spikes(a_month_of_heat(seed), FLOOR, RULES) == []


def test_a_spike_is_raised_by_its_third_day() -> None:
    use = a_month_of_heat(1)
    use[2, 20:26] += 40
    (spike,) = find_spikes(use, FLOOR, RULES)
    assert (spike.row, spike.start, spike.end, spike.raised) == (2, 20, 26, 23)
    assert spike.high_days == 6
    assert spike.used == pytest.approx(use[2, 20:26].sum())
    assert spike.used - spike.expected == pytest.approx(240, rel=0.15)


def test_two_high_days_of_five_are_none_and_three_are_one() -> None:
    use = a_month_of_heat(1)
    use[2, [20, 24, 25]] += 40
    assert find_spikes(use, FLOOR, RULES) == []
    use[2, 22] += 40
    (spike,) = find_spikes(use, FLOOR, RULES)
    assert (spike.start, spike.end, spike.raised, spike.high_days) == (20, 26, 25, 4)


def test_a_rise_of_all_is_the_weather() -> None:
    use = a_month_of_heat(1)
    use[:, 20:30] *= 3
    assert find_spikes(use, FLOOR, RULES) == []


def test_who_stays_when_all_others_are_away_makes_no_spike() -> None:
    use = np.random.default_rng(4).uniform(18, 22, (7, 30))
    use[:6, 20:27] *= 0.2
    assert find_spikes(use, FLOOR, RULES) == []


def test_without_a_group_each_meter_is_its_own_measure() -> None:
    use = np.full((RULES.spike_group_flats - 1, 30), 20.0)
    use[0, 20:24] = 26
    use[1, 20:24] = 24
    (spike,) = find_spikes(use, FLOOR, RULES)
    assert (spike.row, spike.start, spike.end, spike.expected) == (0, 20, 24, 80)


def test_below_the_floor_nothing_is_high() -> None:
    use = np.full((1, 30), 20.0)
    use[0, 20:24] = 25
    assert find_spikes(use, FLOOR, RULES) == []


def test_a_home_that_starts_to_heat_in_a_cold_week_is_below_its_neighbours() -> None:
    use = np.full((7, 30), 30.0) + np.random.default_rng(6).uniform(-3, 3, (7, 30))
    use[0] = 0.2
    use[0, 20:25] = 14.0
    assert find_spikes(use, FLOOR, RULES) == []
    use[0, 20:25] = 18.0
    assert len(find_spikes(use, FLOOR, RULES)) == 1


def test_too_short_a_history_is_not_judged() -> None:
    use = np.full((1, 30), 20.0)
    least = RULES.spike_baseline_min_days
    use[0, least - 3 : least] = 60
    assert find_spikes(use, FLOOR, RULES) == []
    use[0, :] = 20
    use[0, least : least + 3] = 60
    assert len(find_spikes(use, FLOOR, RULES)) == 1


def test_a_missing_day_is_neither_high_nor_usual() -> None:
    use = np.full((1, 30), 20.0)
    use[0, 20:25] = [60, nan, 60, nan, 60]
    (spike,) = find_spikes(use, FLOOR, RULES)
    assert (spike.start, spike.end, spike.high_days, spike.used) == (20, 25, 3, 180)
    assert find_spikes(np.full((4, 30), nan), FLOOR, RULES) == []


def test_a_group_that_uses_nothing_judges_nobody() -> None:
    use = np.zeros((6, 30))
    use[0, 20:25] = 50
    assert find_spikes(use, FLOOR, RULES) == []


def test_no_meters_and_no_days_have_no_spikes() -> None:
    assert find_spikes(np.empty((0, 30)), FLOOR, RULES) == []
    assert find_spikes(np.empty((7, 0)), FLOOR, RULES) == []


def test_the_order_of_meters_and_the_unit_do_not_matter() -> None:
    use = a_month_of_heat(5, missing=0.05)
    use[1, 30:36] += 60
    found = find_spikes(use, FLOOR, RULES)
    turned = find_spikes(use[::-1] * 1000, FLOOR * 1000, RULES)
    assert len(found) == 1
    for one, other in zip(found, turned, strict=True):
        assert other.row == len(use) - 1 - one.row
        assert other.used == pytest.approx(1000 * one.used)
        same = ("start", "end", "raised", "high_days")
        assert [getattr(one, name) for name in same] == [getattr(other, name) for name in same]


def test_what_comes_later_changes_nothing_that_was_raised() -> None:
    use = a_month_of_heat(5)
    use[1, 20:26] += 60
    (whole,) = find_spikes(use, FLOOR, RULES)
    (so_far,) = find_spikes(use[:, : whole.raised], FLOOR, RULES)
    assert (so_far.start, so_far.raised) == (whole.start, whole.raised)


def test_limits_are_those_of_the_rules() -> None:
    use = np.full((1, 20), 20.0)
    assert find_leaks(use, replace(RULES, leak_hours=20)) != []
    assert find_leaks(use, replace(RULES, leak_hours=20, leak_flow_l_per_h=20)) == []


def test_runs() -> None:
    flags = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1]], dtype=np.bool_)
    assert list(runs(flags)) == [(0, 0, 2), (0, 3, 4), (2, 1, 4)]
