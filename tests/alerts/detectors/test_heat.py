"""Heat by the weather: the line, days above it, and days of none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alerts.detectors.heat_line import fit_heat_line
from alerts.detectors.limits import limits
from alerts.model import AlertKind
from tests.support.metered_days import (
    day_of,
    days_of_heat,
    found_of,
    hourly,
    outdoor_days,
    outdoor_of,
)

DAYS = 365
BEGIN = 330
"""A day of late November."""
EEMETER = Path(__file__).parents[3] / ".." / "shared" / "data" / "eemeter_samples"


@pytest.fixture(scope="module")
def outdoor_c() -> np.ndarray:
    return outdoor_days(DAYS)


def test_a_line_without_noise_is_found_again() -> None:
    outdoor = np.linspace(-5, 25, 200)
    line = fit_heat_line(3 + 2 * np.maximum(15 - outdoor, 0), outdoor, limits())
    assert line is not None
    assert tuple(line) == pytest.approx((3, 2, 15), abs=0.01)


def test_odd_days_hardly_move_the_line() -> None:
    outdoor = np.linspace(-5, 25, 200)
    heat = 3 + 2 * np.maximum(15 - outdoor, 0)
    heat[::10] *= 3
    line = fit_heat_line(heat, outdoor, limits())
    assert line is not None
    assert tuple(line) == pytest.approx((3, 2, 15), rel=0.15)


def test_twice_the_heat_is_twice_the_line() -> None:
    outdoor = outdoor_days(200)
    heat = days_of_heat(outdoor, 1, seed=2)[0]
    one, two = (fit_heat_line(each, outdoor, limits()) for each in (heat, 2 * heat))
    assert one is not None
    assert two is not None
    assert two[:2] == pytest.approx((2 * one[0], 2 * one[1]), rel=1e-3)
    assert two.balance_c == pytest.approx(one.balance_c, abs=0.01)


def test_cold_days_alone_take_the_balance_of_the_degree_days() -> None:
    outdoor = np.linspace(-5, 8, 60)
    line = fit_heat_line(3 + 2 * (15 - outdoor), outdoor, limits())
    assert line is not None
    assert line.balance_c == pytest.approx(17)
    assert line.expected(0.0) == pytest.approx(33, rel=0.01)


@pytest.mark.parametrize("days", [0, 10, 27])
def test_too_few_days_have_no_line(days: int) -> None:
    outdoor = np.linspace(-5, 25, days)
    assert fit_heat_line(outdoor + 10, outdoor, limits()) is None


def fahrenheit(celsius: float) -> float:
    return celsius * 1.8 + 32


@pytest.mark.skipif(not EEMETER.exists(), reason="needs ../shared/data/eemeter_samples")
@pytest.mark.parametrize(
    ("year", "first", "last"),
    [("baseline", "2015-12-26", "2016-12-25"), ("reporting", "2017-01-05", "2018-01-04")],
)
def test_the_balance_point_of_a_published_sample(year: str, first: str, last: str) -> None:
    """
    The truth of metadata.json is found again for the years before and after its blackout.

    With the soft L1 loss of the detector, of days of -06:00.
    """
    truth = json.loads((EEMETER / "metadata.json").read_text("utf-8"))["il-gas-hdd-only-hourly"]
    heat = pd.read_csv(EEMETER / "il-gas-hdd-only-hourly.csv.gz", index_col=0)["value"]
    outdoor = pd.read_csv(EEMETER / "il-tempF.csv.gz", index_col=0)["tempF"]
    for series in (heat, outdoor):
        series.index = pd.to_datetime(series.index, utc=True).tz_convert("Etc/GMT+6")
    days = pd.DataFrame(
        {"heat": heat.resample("D").sum(), "outdoor": (outdoor.resample("D").mean() - 32) / 1.8}
    )[first:last]
    line = fit_heat_line(days["heat"].to_numpy(), days["outdoor"].to_numpy(), limits())
    assert line is not None
    balance_f = truth[f"{year}_heating_balance_point"]
    assert fahrenheit(line.balance_c) == pytest.approx(balance_f, abs=2)
    assert line.base_kwh * 365 == pytest.approx(truth[f"annual_{year}_base_load"], rel=0.15)


def spikes_of(heat: np.ndarray, outdoor_c: np.ndarray | None) -> dict[int, float]:
    """Return the day on which each meter's spike was raised, from `BEGIN` on."""
    outdoor = None if outdoor_c is None else outdoor_of(outdoor_c)
    return {
        each.row: day_of(each.raised_ms) - BEGIN
        for each in found_of("heat_kwh", hourly(heat), outdoor)
        if each.kind == AlertKind.SPIKE
    }


@pytest.mark.slow
@pytest.mark.parametrize(("meters", "weather"), [(4, True), (12, True), (12, False)])
def test_a_year_of_weather_raises_nothing(
    outdoor_c: np.ndarray, meters: int, weather: bool
) -> None:
    heat = days_of_heat(outdoor_c, meters, seed=4)
    assert len(spikes_of(heat, outdoor_c if weather else None)) <= meters * 0.1


@pytest.mark.slow
@pytest.mark.parametrize(("meters", "weather"), [(4, True), (12, True), (12, False)])
@pytest.mark.parametrize(("times", "within_days"), [(2.0, 2), (1.5, 4)])
def test_one_home_that_takes_more_is_told(
    outdoor_c: np.ndarray, meters: int, weather: bool, times: float, within_days: int
) -> None:
    heat = days_of_heat(outdoor_c, meters, seed=5)
    heat[1, BEGIN : BEGIN + 7] *= times
    told = spikes_of(heat, outdoor_c if weather else None)
    assert told.keys() == {1}
    # The other meters tell their day within some hours.
    assert 0 < told[1] <= within_days + 0.2


@pytest.mark.slow
def test_heat_in_place_of_people_who_are_away_is_not_told(outdoor_c: np.ndarray) -> None:
    """Bodies, lamps and cookers give up to 7 kWh a day: on a mild day half of what is needed."""
    mild = outdoor_c.copy()
    mild[BEGIN : BEGIN + 7] = 11
    heat = days_of_heat(mild, 12, seed=11, spread=0.05)
    heat[3, BEGIN : BEGIN + 7] += 7
    assert spikes_of(heat, mild) == {}
    # An open window takes more.
    heat[3, BEGIN : BEGIN + 7] += 10
    assert spikes_of(heat, mild).keys() == {3}


@pytest.mark.slow
def test_what_all_homes_take_more_is_the_house(outdoor_c: np.ndarray) -> None:
    heat = days_of_heat(outdoor_c, 12, seed=6)
    heat[:, BEGIN : BEGIN + 7] *= 1.6
    assert spikes_of(heat, outdoor_c) == {}


@pytest.mark.slow
def test_summer_is_not_judged(outdoor_c: np.ndarray) -> None:
    heat = days_of_heat(outdoor_c, 4, seed=7)
    heat[:, 190:200] *= 3
    assert spikes_of(heat, outdoor_c) == {}


@pytest.mark.slow
def test_heat_that_stops_in_frost_is_told_the_next_day(outdoor_c: np.ndarray) -> None:
    frost = outdoor_c.copy()
    frost[BEGIN : BEGIN + 3] = -4
    heat = days_of_heat(frost, 6, seed=8)
    heat[2, BEGIN : BEGIN + 3] = 0.2
    stops = [
        (each.row, day_of(each.start_ms), day_of(each.raised_ms))
        for each in found_of("heat_kwh", hourly(heat), outdoor_of(frost))
        if each.kind == AlertKind.STOP
    ]
    assert [each[:2] for each in stops] == [(2, BEGIN)]
    assert stops[0][2] <= BEGIN + 1.2


@pytest.mark.slow
def test_a_house_without_weather_is_judged_by_the_season(outdoor_c: np.ndarray) -> None:
    season_c = 8.5 - 9 * np.cos(2 * np.pi * (np.arange(DAYS) - 20) / 365)
    heat = days_of_heat(season_c + 0.4 * (outdoor_c - season_c), 1, seed=9)
    assert spikes_of(heat, None) == {}
    heat[0, BEGIN : BEGIN + 7] *= 2
    told = spikes_of(heat, None)
    assert told.keys() == {0}
    assert 0 < told[0] <= 4.2


def test_the_ends_of_a_season_are_not_judged_without_weather(outdoor_c: np.ndarray) -> None:
    """In May and September a cold week takes twice the heat of a mild one."""
    heat = days_of_heat(outdoor_c, 1, seed=10)
    heat[0, 125:132] *= 2
    heat[0, 260:267] *= 2
    assert spikes_of(heat, None) == {}


def test_weeks_of_winter_alone_are_judged_by_themselves() -> None:
    """The season of sixty days of winter has no slope."""
    heat = days_of_heat(np.full(60, 1.0), 1, seed=11)
    heat[0, 50:57] *= 2
    told = spikes_of(heat, None)
    assert told.keys() == {0}
    assert 0 < told[0] + BEGIN - 50 <= 4.2


def slow_rises_of(heat: np.ndarray, outdoor_c: np.ndarray | None) -> dict[int, float]:
    """Return the day on which each meter's slow rise was raised."""
    outdoor = None if outdoor_c is None else outdoor_of(outdoor_c)
    return {
        each.row: day_of(each.raised_ms)
        for each in found_of("heat_kwh", hourly(heat), outdoor)
        if each.kind == AlertKind.SLOW_RISE
    }


@pytest.fixture(scope="module")
def cold_season_c() -> np.ndarray:
    """From July to June."""
    return np.roll(outdoor_days(DAYS), 183)


@pytest.mark.slow
@pytest.mark.parametrize("meters", [1, 12])
def test_heat_that_creeps_up_is_told(cold_season_c: np.ndarray, meters: int) -> None:
    heat = days_of_heat(cold_season_c, meters, seed=12)
    assert slow_rises_of(heat, cold_season_c) == {}
    heat[0] *= 1 + np.clip((np.arange(DAYS) - 130) / 90, 0, 1)
    told = slow_rises_of(heat, cold_season_c)
    assert told.keys() == {0}
    assert 130 + 40 < told[0] < 130 + 100


@pytest.mark.slow
def test_heat_that_creeps_up_in_all_homes_is_the_house(cold_season_c: np.ndarray) -> None:
    heat = days_of_heat(cold_season_c, 12, seed=13)
    heat *= 1 + np.clip((np.arange(DAYS) - 130) / 90, 0, 1)
    assert slow_rises_of(heat, cold_season_c) == {}


def test_autumn_is_no_slow_rise_where_the_weather_is_not_known(cold_season_c: np.ndarray) -> None:
    assert slow_rises_of(days_of_heat(cold_season_c, 1, seed=14), None) == {}
