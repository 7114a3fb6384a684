"""Night use, slow rises and meters that stand still."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.detectors.days import Days
from alerts.detectors.found import Found
from alerts.detectors.limits import limits
from alerts.detectors.use.excess import Unit
from alerts.detectors.use.night import night_alerts
from alerts.detectors.use.slow import slow_rises
from alerts.detectors.use.standing import standing_meters
from estate.numbers.arrays import Floats
from tests.support.metered_days import days_of_water, found_of, hourly

DAY_MS = 24 * 3_600_000
DAYS, BEGIN, METERS = 150, 80, 12
LITRES = Unit("l", 10.0)


def days_of(use: Floats) -> Days:
    start_ms = np.arange(use.shape[1], dtype=np.int64) * DAY_MS
    end_ms = start_ms + DAY_MS
    return Days(start_ms, end_ms, use, np.tile(end_ms, (len(use), 1)))


def raised_on(found: list[Found]) -> dict[int, int]:
    return {each.row: each.raised_ms // DAY_MS for each in found}


def quiet_nights() -> Floats:
    return np.random.default_rng(1).poisson(1.0, (METERS, DAYS)).astype(np.float64)


def test_a_week_of_use_at_night_is_told() -> None:
    nights = quiet_nights()
    nights[3, BEGIN:] += 15
    (found,) = night_alerts(days_of(nights), LITRES, limits())
    assert found.row == 3
    assert found.start_ms == BEGIN * DAY_MS
    assert found.raised_ms == (BEGIN + limits().night_high_days) * DAY_MS
    assert found.evidence["used_l"] >= 15 * limits().night_high_days


@pytest.mark.parametrize("nights_long", [1, 3, 5])
def test_some_nights_are_none(nights_long: int) -> None:
    nights = quiet_nights()
    nights[:, BEGIN : BEGIN + nights_long] += 50
    assert night_alerts(days_of(nights), LITRES, limits()) == []


def test_who_always_uses_water_at_night_is_not_told() -> None:
    nights = 30 + quiet_nights()
    assert night_alerts(days_of(nights), LITRES, limits()) == []


@pytest.mark.slow
def test_night_use_is_seen_in_hours_of_registers() -> None:
    hours = hourly(days_of_water(120, 2, seed=3, spread=0.1)) / 1000
    for day in range(BEGIN, BEGIN + 10):
        hours[0, day * 24 + 2 : day * 24 + 4] += 0.010
    kinds = {(each.row, str(each.kind)) for each in found_of("cold_water_m3", hours)}
    assert kinds == {(0, "night_use")}


def creeping(seed: int) -> Floats:
    days = days_of_water(DAYS, METERS, seed)
    days[:4, 40:100] += np.linspace(0, 200, 60)
    days[:4, 100:] += 200
    return days


def test_use_that_creeps_up_is_told() -> None:
    told = raised_on(slow_rises(days_of(creeping(4)), LITRES, limits()))
    assert set(told) == {0, 1, 2, 3}
    assert all(60 < day < 125 for day in told.values())


def test_a_level_and_a_spell_are_no_slow_rise() -> None:
    days = days_of_water(DAYS, METERS, seed=5)
    days[:, BEGIN : BEGIN + 10] *= 3
    assert slow_rises(days_of(days), LITRES, limits()) == []


@pytest.mark.parametrize("standby", [0.0, 20.0])
def test_people_who_come_home_to_a_new_meter_are_no_slow_rise(standby: float) -> None:
    """A meter that was put in while everybody was away knows nothing of their usual."""
    days = days_of_water(DAYS, METERS, seed=15)
    days[:, :18] = standby
    assert slow_rises(days_of(days), LITRES, limits()) == []


def test_twice_the_use_rises_alike() -> None:
    one, two = (slow_rises(days_of(k * creeping(6)), LITRES, limits()) for k in (1, 2))
    assert raised_on(one) == raised_on(two)


def test_a_meter_that_stands_while_the_other_counts_is_told() -> None:
    hot, cold = days_of_water(DAYS, METERS, seed=7), days_of_water(DAYS, METERS, seed=8)
    hot[5, BEGIN:] = 0
    (found,) = standing_meters(days_of(hot), limits(), limits().stop_water_days, cold)
    assert (found.row, found.start_ms) == (5, BEGIN * DAY_MS)
    assert found.raised_ms <= (BEGIN + limits().stop_lived_days + 3) * DAY_MS


def test_a_holiday_is_no_stop() -> None:
    hot, cold = days_of_water(DAYS, METERS, seed=9), days_of_water(DAYS, METERS, seed=10)
    for days in (hot, cold):
        days[:, BEGIN : BEGIN + 21] = 0
    for other in (cold, None):
        found = standing_meters(days_of(hot), limits(), limits().stop_water_days, other)
        assert found == []


def test_a_meter_alone_is_told_after_longer_than_a_holiday() -> None:
    days = days_of_water(DAYS, 1, seed=11)
    days[0, BEGIN:] = 0
    (found,) = standing_meters(days_of(days), limits(), limits().stop_water_days)
    assert found.raised_ms == (BEGIN + limits().stop_water_days) * DAY_MS


def test_a_tap_that_is_seldom_used_is_no_stop() -> None:
    days, other = np.zeros((1, DAYS)), days_of_water(DAYS, 1, seed=12)
    days[0, ::20] = 5
    assert standing_meters(days_of(days), limits(), limits().stop_water_days, other) == []


@pytest.mark.parametrize("days", [0, 1, 10])
def test_few_days_and_unknown_ones_say_nothing(days: int) -> None:
    unknown = days_of(np.full((2, days), np.nan))
    assert night_alerts(unknown, LITRES, limits()) == []
    assert slow_rises(unknown, LITRES, limits()) == []
    assert standing_meters(unknown, limits(), 3) == []


@pytest.mark.slow
def test_a_cut_changes_nothing_raised_before() -> None:
    days, other = creeping(13), days_of_water(DAYS, METERS, seed=14)
    days[8, BEGIN:] = 0

    def all_of(upto: int) -> list[tuple[int, str, int]]:
        part = days_of(days[:, :upto])
        found = [
            *night_alerts(part, LITRES, limits()),
            *slow_rises(part, LITRES, limits()),
            *standing_meters(part, limits(), 28, other[:, :upto]),
        ]
        return sorted((each.row, str(each.kind), each.raised_ms) for each in found)

    whole = all_of(DAYS)
    assert whole
    for upto in range(DAYS):
        assert all_of(upto) == [each for each in whole if each[2] <= upto * DAY_MS], upto
