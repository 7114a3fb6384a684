"""The weather: degree days of the normal year, wind of the climate, the same from the same seed."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pytest

from firmware_sim.clock import Clock
from firmware_sim.physics.weather import simulate_weather

CLOCK = Clock(date(2026, 1, 1), date(2027, 1, 1), ZoneInfo("Europe/Copenhagen"), 60)
# 17 °C degree days of the Danish normal year, by month.
NORMAL_DEGREE_DAYS = [519, 486, 444, 311, 154, 58, 22, 18, 91, 207, 341, 461]
WINTER = [0, 1, 2, 9, 10, 11]


def daily(column: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.bincount(CLOCK.day_index, column) / np.bincount(CLOCK.day_index))


@pytest.mark.parametrize("seed", range(3))
def test_weather_is_near_the_normal_year(seed: int) -> None:
    mean_c = daily(simulate_weather(CLOCK, seed).temperature_c)
    months = np.array([CLOCK.month_index[CLOCK.day_index == day][0] for day in range(CLOCK.days)])
    degree_days = np.bincount(months, np.maximum(17 - mean_c, 0))
    assert degree_days.sum() == pytest.approx(sum(NORMAL_DEGREE_DAYS), rel=0.05)
    assert degree_days[WINTER] == pytest.approx(np.array(NORMAL_DEGREE_DAYS)[WINTER], rel=0.35)


@pytest.mark.parametrize("seed", range(3))
def test_wind_blows_as_in_denmark_and_lasts_for_days(seed: int) -> None:
    """5.8 m/s over the year, windier in winter; a day's wind tells of the next day's."""
    wind = simulate_weather(CLOCK, seed).wind_m_per_s
    assert wind.min() > 0
    assert wind.mean() == pytest.approx(5.8, rel=0.05)
    assert wind.max() < 32.6
    months = np.bincount(CLOCK.month_index, wind) / np.bincount(CLOCK.month_index)
    assert months[WINTER].mean() > months[[3, 4, 5, 6, 7, 8]].mean()
    days = np.log(daily(wind))
    assert 0.5 < np.corrcoef(days[:-1], days[1:])[0, 1] < 0.95


def test_same_seed_same_weather_and_another_seed_another() -> None:
    first, again, other = (simulate_weather(CLOCK, seed) for seed in (1, 1, 2))
    for name in ("temperature_c", "wind_m_per_s"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))
