"""
The mould index against values computed for the published formulas, and a loop written plainly.

The check values of the course (index after days, days to 1 and to 3) were computed apart from this
code, by hourly Euler steps of the formulas of Hukka and Viitanen with the classes of Ojanen.
"""

from __future__ import annotations

import math
from dataclasses import astuple
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.mould.mould import (
    Material,
    critical_humidity_pct,
    first_hour,
    largest_index,
    materials,
    mould_index,
    surface_conditions,
    weeks_to_first_growth,
)
from telemetry.series.humidity import saturation_hpa

DAY = 24
YEAR = 364 * DAY
SENSITIVE = "sensitive"
VERY_SENSITIVE = "very_sensitive"


def steady(material: str, temperature_c: float, humidity_pct: float, hours: int) -> list[float]:
    course = mould_index(
        np.full(hours, temperature_c), np.full(hours, humidity_pct), materials()[material]
    )
    return [float(value) for value in course.index]


def plain_index(
    temperature_c: list[float], humidity_pct: list[float], material: Material, decline: float
) -> list[float]:
    """The same model, hour by hour, from the formulas."""
    _, below, above, a, b, c, humidity_min, _ = astuple(material)
    index, dry, course = 0.0, 0, []
    for t, rh in zip(temperature_c, humidity_pct, strict=True):
        if not (math.isnan(t) or math.isnan(rh)):
            critical = humidity_min
            if t <= 20:
                critical = max(100 - 3.13 * t + 0.16 * t * t - 0.00267 * t**3, humidity_min)
            if 0 < t <= 50 and rh >= critical:
                dry = 0
                x = (critical - rh) / (critical - 100)
                k1 = below if index < 1 else above
                k2 = max(1 - math.exp(2.3 * (index - (a + b * x - c * x * x))), 0.0)
                weeks = math.exp(-0.68 * math.log(t) - 13.9 * math.log(rh) + 66.02)
                index += k1 * k2 / (7 * weeks) / 24
            else:
                dry += 1
                if dry <= 6:
                    index -= decline * 0.032 / 24
                elif dry > 24:
                    index -= decline * 0.016 / 24
                index = max(index, 0.0)
        course.append(index)
    return course


def a_changing_home(hours: int, seed: int, missing: float = 0.1) -> tuple[list[float], list[float]]:
    rng = np.random.default_rng(seed)
    spells = np.repeat(rng.uniform(60, 100, hours // 12 + 1), 12)[:hours]
    temperature = rng.uniform(-5, 30, hours)
    temperature[rng.random(hours) < missing] = np.nan
    return temperature.tolist(), spells.tolist()


@pytest.mark.parametrize(
    ("temperature_c", "expected_pct"),
    [(1, 97.027), (5, 88.016), (10, 82.030), (12.6, 80.623), (15, 80.039), (21, 80), (30, 80)],
)
def test_critical_humidity(temperature_c: float, expected_pct: float) -> None:
    assert critical_humidity_pct(temperature_c, 80) == pytest.approx(expected_pct, abs=5e-4)
    assert critical_humidity_pct(temperature_c, 98) == 98


@pytest.mark.parametrize(
    ("temperature_c", "humidity_pct", "weeks"), [(20, 85, 9.300), (20, 95, 1.982), (10, 95, 3.175)]
)
def test_weeks_to_first_growth(temperature_c: float, humidity_pct: float, weeks: float) -> None:
    assert weeks_to_first_growth(temperature_c, humidity_pct) == pytest.approx(weeks, abs=5e-4)


@pytest.mark.parametrize(
    ("humidity_pct", "expected"), [(85, 2.616), (90, 3.995), (95, 5.123), (97, 5.504), (100, 6.0)]
)
def test_largest_index(humidity_pct: float, expected: float) -> None:
    found = largest_index(20.0, humidity_pct, materials()[VERY_SENSITIVE])
    assert found == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("material", "temperature_c", "humidity_pct", "after_days", "days_to"),
    [
        (VERY_SENSITIVE, 20, 90, (0.2380, 0.9516, 3.9187, 3.9950), (29.46, 59.54)),
        (VERY_SENSITIVE, 10, 95, (0.3149, 1.5184, 4.9984, 5.0104), (22.25, 44.54)),
        (SENSITIVE, 20, 95, (0.2916, 1.1115, 2.6583, 4.2352), (24.04, 96.83)),
    ],
)
def test_course_under_steady_damp(
    material: str,
    temperature_c: float,
    humidity_pct: float,
    after_days: tuple[float, ...],
    days_to: tuple[float, ...],
) -> None:
    index = np.array(steady(material, temperature_c, humidity_pct, YEAR))
    found = [index[days * DAY - 1] for days in (7, 28, 84, 364)]
    assert found == pytest.approx(after_days, abs=5.1e-5)
    days = [(int(first_hour(index, level)) + 1) / DAY for level in (1, 3)]
    assert days == pytest.approx(days_to, abs=5.1e-3)


def test_decline_in_a_dry_spell() -> None:
    dry = mould_index(np.full(48, 20.0), np.full(48, 50.0), materials()[SENSITIVE], 1.0, 2.0).index
    assert dry[[5, 23, 47]] == pytest.approx([1.992, 1.992, 1.976], abs=1e-9)
    slow = mould_index(np.full(48, 20.0), np.full(48, 50.0), materials()[SENSITIVE], 0.25, 2.0)
    assert slow.index[47] == pytest.approx(2 - 0.25 * 0.024, abs=1e-9)


@pytest.mark.parametrize("material", list(materials()))
def test_many_homes_give_what_a_plain_loop_gives(material: str) -> None:
    homes = [a_changing_home(600, seed) for seed in range(4)]
    found = mould_index([t for t, _ in homes], [rh for _, rh in homes], materials()[material], 0.5)
    for row, (temperature, humidity) in enumerate(homes):
        expected = plain_index(temperature, humidity, materials()[material], 0.5)
        np.testing.assert_allclose(found.index[row], expected, rtol=1e-12, atol=1e-15)
        missing = np.count_nonzero(np.isnan(temperature))
        assert found.missing_hours[row] == missing


def test_a_missing_hour_leaves_the_index_and_the_dry_spell() -> None:
    material = materials()[SENSITIVE]
    temperature, humidity = np.full(40, 20.0), np.full(40, 50.0)
    whole = mould_index(temperature, humidity, material, 1.0, 2.0).index
    gap = np.insert(humidity, 3, [np.nan] * 5)
    with_gap = mould_index(np.full(45, 20.0), gap, material, 1.0, 2.0)
    assert with_gap.missing_hours == 5
    assert np.all(with_gap.index[3:8] == with_gap.index[2])
    np.testing.assert_array_equal(np.delete(with_gap.index, range(3, 8)), whole)


def test_nothing_known_changes_nothing() -> None:
    course = mould_index(np.full((2, 5), np.nan), 90.0, materials()[SENSITIVE], 1.0, [0.0, 1.5])
    assert course.index.tolist() == [[0.0] * 5, [1.5] * 5]
    assert course.missing_hours.tolist() == [5, 5]
    assert not course.growing.any()


def test_no_hours_give_no_index() -> None:
    assert mould_index(np.empty((3, 0)), np.empty((3, 0)), materials()[SENSITIVE]).index.size == 0


@pytest.mark.parametrize(
    ("temperature_c", "humidity_pct"),
    [(20, 0), (20, 79.9), (0, 100), (-10, 100), (1e-300, 100), (51, 100)],
)
def test_no_growth_where_it_is_dry_frozen_or_hot(temperature_c: float, humidity_pct: float) -> None:
    assert set(steady(VERY_SENSITIVE, temperature_c, humidity_pct, 50)) == {0.0}


def test_a_more_sensitive_class_is_never_behind() -> None:
    courses = [steady(name, 18, 96, 60 * DAY) for name in materials()]
    for sensitive, less in pairwise(courses):
        assert np.all(np.array(sensitive) >= np.array(less))
        assert sensitive[-1] > less[-1]
    assert list(materials()) == ["very_sensitive", "sensitive", "medium_resistant", "resistant"]


@pytest.mark.parametrize("humidity_pct", [-1.0, 100.1])
def test_an_impossible_humidity_is_a_slip(humidity_pct: float) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        mould_index(np.array([20.0]), np.array([humidity_pct]), materials()[SENSITIVE])


@pytest.mark.slow
@given(st.integers(0, 10_000))
def test_the_index_stays_within_its_scale_and_splits_anywhere(seed: int) -> None:
    temperature, humidity = a_changing_home(200, seed, missing=0.0)
    material = materials()[VERY_SENSITIVE]
    course = mould_index(temperature, humidity, material)
    assert np.all((course.index >= 0) & (course.index <= 6))
    # A cut where growth begins loses no dry spell, so that the parts are the whole.
    for cut in np.flatnonzero(course.growing)[1::20]:
        before = course.index[cut - 1]
        rest = mould_index(temperature[cut:], humidity[cut:], material, 1.0, before)
        np.testing.assert_allclose(rest.index, course.index[cut:], rtol=1e-12)


@pytest.mark.parametrize(
    ("temperature_c", "pressure_pa"), [(0, 611.2), (5, 871.7), (12.6, 1456.2), (20, 2332.6)]
)
def test_saturation_pressure(temperature_c: float, pressure_pa: float) -> None:
    assert 100 * saturation_hpa(temperature_c) == pytest.approx(pressure_pa, abs=0.06)


@pytest.mark.parametrize(
    ("temperature_c", "humidity_pct", "dew_point_c"),
    [(20, 50, 9.255), (22, 60, 13.875), (18, 70, 12.444)],
)
def test_air_at_its_dew_point_is_full(
    temperature_c: float, humidity_pct: float, dew_point_c: float
) -> None:
    vapour = humidity_pct / 100 * saturation_hpa(temperature_c)
    assert vapour / saturation_hpa(dew_point_c) == pytest.approx(1, abs=5e-5)


@pytest.mark.parametrize(
    ("room", "outdoor_c", "f_rsi", "surface"),
    [
        ((20, 50), -5, 0.70, (12.50, 80.62)),
        ((20, 50), -5, 0.704, (12.60, 80.09)),
        ((21, 60), 0, 0.70, (14.70, 89.18)),
        ((20, 50), -5, 0.7047, (12.62, 80.00)),
    ],
)
def test_surface_conditions(
    room: tuple[float, float], outdoor_c: float, f_rsi: float, surface: tuple[float, float]
) -> None:
    found = surface_conditions(*room, outdoor_c, f_rsi)
    assert found.temperature_c == pytest.approx(surface[0], abs=5.1e-3)
    assert found.humidity_pct == pytest.approx(surface[1], abs=5.1e-3)


def test_home_assistant_shows_the_same_humidity() -> None:
    # Its mold_indicator: calibration 2.0 is f_Rsi 0.50, and it cuts the decimals off.
    found = surface_conditions(20, 50, 10, 0.5)
    assert found.temperature_c == pytest.approx(15)
    assert int(found.humidity_pct) == 68


def test_surface_conditions_of_the_edges() -> None:
    assert surface_conditions(20, 0, -5, 0.7).humidity_pct == 0
    assert surface_conditions(22, 95, -15, 0.5).humidity_pct == 100
    assert surface_conditions(21, 55, 3, 1 - 1e-15).humidity_pct == pytest.approx(55)
    assert np.isnan(surface_conditions(21, 55, np.nan, 0.7).humidity_pct)


def test_surfaces_of_many_homes_are_those_of_each() -> None:
    room = np.array([[20.0, 21.0, 19.0], [18.0, 25.0, np.nan]])
    humidity = np.array([[50.0, 60.0, 70.0], [80.0, 30.0, 50.0]])
    outdoor, f_rsi = np.array([-5.0, 0.0, 5.0]), np.array([[0.7], [0.6]])
    found = surface_conditions(room, humidity, outdoor, f_rsi)
    for row in range(2):
        for hour in range(3):
            one = surface_conditions(
                room[row, hour], humidity[row, hour], outdoor[hour], f_rsi[row, 0]
            )
            assert found.temperature_c[row, hour] == pytest.approx(one.temperature_c, nan_ok=True)
            assert found.humidity_pct[row, hour] == pytest.approx(one.humidity_pct, nan_ok=True)


def test_first_hour() -> None:
    index = np.array([[0.0, 0.5, 1.0, 0.5], [0.0, 0.1, 0.2, 0.3]])
    assert first_hour(index, 1.0).tolist() == [2, -1]
    assert first_hour(index, 0.0).tolist() == [0, 0]
