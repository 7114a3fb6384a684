"""Spikes of water and electricity in days that vary as real ones do."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.model import AlertKind
from tests.support.metered_days import day_of, days_of_water, found_of, hourly

DAYS, BEGIN, METERS = 140, 100, 40


def spikes(days_l: np.ndarray) -> list[tuple[int, float, float]]:
    return [
        (each.row, day_of(each.start_ms), day_of(each.raised_ms))
        for each in found_of("hot_water_m3", hourly(days_l) / 1000)
        if each.kind == AlertKind.SPIKE
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("times", "part"), [(3.0, 0.7), (4.0, 0.8)])
def test_much_more_for_days_is_told_within_four(times: float, part: float) -> None:
    days = days_of_water(DAYS, METERS, seed=1)
    days[:, BEGIN : BEGIN + 7] *= times
    told = {row for row, _, raised in spikes(days) if BEGIN < raised <= BEGIN + 4.1}
    assert len(told) >= part * METERS


@pytest.mark.slow
def test_days_that_only_vary_are_none() -> None:
    home_years = METERS * (DAYS - 14) / 365
    assert len(spikes(days_of_water(DAYS, METERS, seed=2))) <= 0.2 * home_years


@pytest.mark.slow
def test_one_day_alone_is_none() -> None:
    days = np.full((1, DAYS), 150.0)
    days[0, BEGIN] = 1500
    assert spikes(days) == []


@pytest.mark.slow
def test_a_holiday_and_the_days_after_it_are_none() -> None:
    days = days_of_water(DAYS, METERS, seed=4, spread=0.2)
    days[:, BEGIN : BEGIN + 14] = 0
    assert spikes(days) == []


@pytest.mark.slow
def test_a_level_that_stays_is_told_once() -> None:
    days = np.full((1, 250), 150.0)
    days[0, BEGIN:] = 600
    ((_, start, raised),) = spikes(days)
    assert start == BEGIN
    assert raised <= BEGIN + 3


@pytest.mark.slow
def test_a_small_home_is_not_told_of_some_litres() -> None:
    days = np.full((1, DAYS), 10.0)
    days[0, BEGIN : BEGIN + 7] = 50
    assert spikes(days) == []


@pytest.mark.slow
def test_the_size_of_the_unit_changes_nothing_but_the_floor() -> None:
    days = days_of_water(DAYS, METERS, seed=5)
    days[:, BEGIN : BEGIN + 7] *= 4
    assert [each[:2] for each in spikes(days)] == [each[:2] for each in spikes(days * 2)]
