"""What can be said of a meter after a week, a month, a year; docs/alerts.md has the same table."""

from __future__ import annotations

import numpy as np
import pytest

from alerts.detectors.found import Found
from alerts.model import AlertKind
from tests.support.metered_days import (
    day_of,
    days_of_heat,
    days_of_water,
    found_of,
    hourly,
    outdoor_days,
    outdoor_of,
)
from tests.support.water_meters import found_in, ordinary_hours, water_samples

DAY = 24


def kinds(found: list[Found]) -> set[str]:
    return {str(each.kind) for each in found}


def test_a_leak_is_told_from_the_first_day_on() -> None:
    use = ordinary_hours(7)
    use += 12
    assert kinds(found_in(water_samples(use[None]))) == {"leak"}


@pytest.mark.parametrize(("flow_l_per_h", "hours", "told"), [(700, 3, True), (450, 1, False)])
def test_in_the_first_week_a_burst_takes_two_hours_of_560_l(
    flow_l_per_h: float, hours: int, told: bool
) -> None:
    use = ordinary_hours(7)
    use[3 * DAY : 3 * DAY + hours] += flow_l_per_h
    assert kinds(found_in(water_samples(use[None]))) == ({"burst"} if told else set())


def test_after_a_week_an_hour_above_400_l_is_a_burst() -> None:
    use = ordinary_hours(12)
    use[9 * DAY : 9 * DAY + 1] += 450
    assert kinds(found_in(water_samples(use[None]))) == {"burst"}


@pytest.mark.parametrize(("begin", "told"), [(7, False), (20, True)])
def test_a_spike_of_water_takes_two_weeks(begin: int, told: bool) -> None:
    days = days_of_water(begin + 7, 1, seed=1, spread=0.1)
    days[0, begin:] *= 5
    assert ("spike" in kinds(found_of("hot_water_m3", hourly(days) / 1000))) == told


@pytest.mark.parametrize(("begin", "told"), [(12, False), (40, True)])
def test_a_spike_of_heat_takes_a_month(begin: int, told: bool) -> None:
    outdoor_c = outdoor_days(begin + 10)
    heat = days_of_heat(outdoor_c, 2, seed=2)
    heat[0, begin:] *= 2.5
    found = found_of("heat_kwh", hourly(heat), outdoor_of(outdoor_c))
    assert ((0, AlertKind.SPIKE) in {(each.row, each.kind) for each in found}) == told


@pytest.mark.slow
def test_use_at_night_takes_three_weeks() -> None:
    days = days_of_water(60, 2, seed=3, spread=0.1)
    for begin, told in ((5, False), (25, True)):
        hours = hourly(days) / 1000
        for day in range(begin, begin + 8):
            hours[0, day * DAY + 2 : day * DAY + 4] += 0.01
        assert ("night_use" in kinds(found_of("cold_water_m3", hours))) == told


@pytest.mark.slow
def test_a_slow_rise_takes_two_months() -> None:
    days = days_of_water(110, 1, seed=4, spread=0.1)
    days[0, 10:] += np.linspace(0, 400, 100)
    found = found_of("hot_water_m3", hourly(days) / 1000)
    first = min(day_of(each.raised_ms) for each in found if each.kind == AlertKind.SLOW_RISE)
    assert 60 <= first <= 75
