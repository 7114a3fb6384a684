"""Classes of air by the limits of the standard, and hours by the advice, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from alerts.air.air import (
    UNKNOWN,
    co2_class,
    dry_spells,
    humidity_class,
    overheating,
    temperature_class,
    worst,
)
from alerts.air.homes import air_of_homes
from alerts.air.limits import air_classes, air_limits
from estate.numbers.arrays import Floats
from telemetry.series.home_climate import home_climate
from tests.support.alert_homes import FLATS, HOURS, an_estate, day_hours, ordinary_homes

OF, LIMITS = air_classes(), air_limits()
WINTER, SUMMER = np.array([True]), np.array([False])


@pytest.mark.parametrize(
    ("temperature_c", "winter", "summer"),
    [
        (21, 0, 0), (20.9, 1, 0), (18, 2, 0), (17.9, 3, 0), (15.9, 4, 0), (25.6, 0, 1),
        (27, 0, 2), (27.1, 0, 3), (28.1, 0, 4), (np.nan, UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_cold_counts_in_the_season_and_warmth_outside(
    temperature_c: float, winter: int, summer: int
) -> None:
    one = np.array([temperature_c])
    assert temperature_class(one, WINTER, OF).tolist() == [winter]
    assert temperature_class(one, SUMMER, OF).tolist() == [summer]


def test_humidity_and_carbon_dioxide_by_the_standard() -> None:
    humidity = humidity_class(np.array([40, 55, 28, 22, 65, 75, 15, np.nan]), OF)
    assert humidity.tolist() == [0, 1, 1, 2, 2, 3, 3, UNKNOWN]
    # 420 ppm outdoors: 970, 1220 and 1770 are the limits.
    co2 = co2_class(np.array([970, 971, 1220, 1221, 1770, 1771, np.nan]), OF, 420)
    assert co2.tolist() == [0, 1, 1, 2, 2, 3, UNKNOWN]


def test_the_worst_decides_and_what_is_unknown_does_not() -> None:
    classes = {
        "a": np.array([0, UNKNOWN, UNKNOWN], dtype=np.int8),
        "b": np.array([2, 1, UNKNOWN], dtype=np.int8),
    }
    assert worst(classes).tolist() == [2, 1, UNKNOWN]


def test_a_year_may_have_so_many_warm_hours_and_no_more() -> None:
    year = np.full((3, 8760), 22.0)
    year[0, :100], year[1, :101], year[2, :26] = 27.5, 27.5, 28.5
    year[0, 200:300] = np.nan
    found = overheating(year, LIMITS)
    assert found.overheated_hours.tolist() == [100, 101, 26]
    assert found.very_hot_hours.tolist() == [0, 0, 26]
    assert found.too_warm.tolist() == [False, True, True]
    assert found.known_hours.tolist() == [8660, 8760, 8760]


def test_a_week_of_dry_days_is_a_spell_and_an_unknown_day_ends_it() -> None:
    humidity = np.full((2, 20 * 24), 30.0)
    humidity[:, 24 : 9 * 24] = 20.0
    humidity[1, 4 * 24 : 4 * 24 + 13] = np.nan
    assert dry_spells(humidity, LIMITS) == [(0, 24, 9 * 24)]
    # A dry hour in a day is none.
    humidity[:] = 30.0
    humidity[:, ::2] = 24.0
    assert dry_spells(humidity, LIMITS) == []


@given(
    arrays.arrays(
        np.float64, (3, 48), elements=st.one_of(st.floats(-20, 110), st.just(float("nan")))
    )
)
def test_homes_are_judged_alone_and_each_hour_is_in_one_class(values: Floats) -> None:
    heating = np.arange(48) < 24
    together = temperature_class(values, heating, OF)
    for row in range(3):
        assert np.array_equal(together[row], temperature_class(values[row], heating, OF))
    assert ((together == UNKNOWN) == np.isnan(values)).all()
    assert together.max() <= len(OF.classes)


def test_a_buildings_homes_are_counted_hour_by_hour() -> None:
    homes = ordinary_homes()
    homes.temperature_c["f2"][day_hours(0, 10)] = 17.0
    homes.humidity_pct["f3"][day_hours(5, 15)] = 18.0
    homes.temperature_c["f4"][day_hours(0, 31)] = np.nan
    homes.humidity_pct["f4"][day_hours(0, 31)] = np.nan
    found = air_of_homes(an_estate(), home_climate(homes.source(), an_estate(), HOURS))
    by_flat = dict(zip(FLATS, found, strict=True))
    assert by_flat["f1"].hours_by_class["all"] == {
        "I": HOURS.count // 2, "II": HOURS.count // 2, "III": 0, "IV": 0, "worse": 0,
    }  # fmt: skip
    assert by_flat["f2"].cool_hours == 240
    assert by_flat["f2"].hours_by_class["temperature_c"]["IV"] == 240
    assert by_flat["f3"].dry_hours == 240
    assert by_flat["f4"].unknown_hours == HOURS.count
    assert sum(by_flat["f4"].hours_by_class["all"].values()) == 0
