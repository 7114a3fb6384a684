"""Heat on summer nights."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.heating.limits import heating_limits
from alerts.model import AlertKind
from estate.numbers.arrays import Floats
from tests.support.metered_days import day_of, found_of, outdoor_of

DAYS, FIRST, LAST = 240, 160, 230
"""From January on; a valve stands open in June, July and August."""


def hours_of_heat(night_kwh: float, meters: int = 1) -> Floats:
    """Return hours of homes that heat in spring by day, and one night after the other later on."""
    hours = np.zeros((meters, DAYS * 24))
    hour = np.arange(DAYS * 24)
    hours[:, (hour < 120 * 24) & (hour % 24 >= 6)] = 1.5
    hours[:, (hour >= FIRST * 24) & (hour < LAST * 24)] = night_kwh
    return hours


def told(hours: Floats, outdoor_c: float | None) -> list[float]:
    weather = None
    if outdoor_c is not None:
        weather = outdoor_of(np.where(np.arange(DAYS) < 140, 4.0, outdoor_c))
    return [
        day_of(each.raised_ms)
        for each in found_of("heat_kwh", hours, weather)
        if each.kind is AlertKind.SUMMER_HEAT
    ]


# The normal year reaches 15 °C on 13 June, day 163.
@pytest.mark.slow
@pytest.mark.parametrize(("outdoor_c", "begins"), [(18.0, FIRST), (None, 163)])
def test_a_valve_that_stands_open_is_told_once_after_a_week(
    outdoor_c: float | None, begins: int
) -> None:
    (day,) = told(hours_of_heat(0.4), outdoor_c)
    week = heating_limits().summer_nights
    assert begins + week - 1 <= day <= begins + week + 1.5


def test_cool_summer_days_are_not_judged() -> None:
    assert told(hours_of_heat(0.4), 12.0) == []


def test_it_is_over_once_the_summer_is() -> None:
    weather = np.where((np.arange(DAYS) < 140) | (np.arange(DAYS) >= 200), 4.0, 18.0)
    found = found_of("heat_kwh", hours_of_heat(0.4), outdoor_of(weather))
    (summer,) = [each for each in found if each.kind is AlertKind.SUMMER_HEAT]
    assert day_of(summer.end_ms) <= 201


def test_warm_days_far_apart_are_no_week() -> None:
    weather = np.where(np.arange(DAYS) % 5 == 0, 18.0, 4.0)
    found = found_of("heat_kwh", hours_of_heat(0.4), outdoor_of(weather))
    assert AlertKind.SUMMER_HEAT not in {each.kind for each in found}


def test_a_little_is_none() -> None:
    assert told(hours_of_heat(0.05), 18.0) == []


def test_one_night_without_heat_begins_the_week_anew() -> None:
    hours = hours_of_heat(0.4)
    hours[0, (FIRST + 4) * 24 : (FIRST + 5) * 24] = 0.0
    (day,) = told(hours, 18.0)
    assert day >= FIRST + 4 + heating_limits().summer_nights


def test_hot_water_by_day_is_none() -> None:
    hours = hours_of_heat(0.0)
    hours[0, FIRST * 24 + 7 : LAST * 24 : 24] = 4.0
    assert told(hours, 18.0) == []


def test_the_meter_beside_it_that_rests_is_not_told() -> None:
    hours = hours_of_heat(0.4, 2)
    hours[1] = 0.0
    assert len(told(hours, 18.0)) == 1
