"""What is said of the two weeks to come, by weeks whose continuation is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alerts.mould.cause import cause_of
from alerts.mould.mould import materials, mould_index, surface_conditions
from alerts.mould.outlook import AHEAD_HOURS, WEEK_HOURS, Air, normal_outdoor_c, outlook, warns
from alerts.rules import rules
from alerts.run import check_building, find_alerts
from estate.model import Estate
from estate.numbers.arrays import Floats
from tests.support import estates as make
from tests.support.alert_homes import (
    JANUARY,
    Homes,
    an_estate,
    day_hours,
    ordinary_homes,
)

WALL, SENSITIVE = 0.7, materials()["sensitive"]
DAYS = 60
ENDS = np.arange(1, DAYS + 1, dtype=np.int64) * 24
MIDSUMMER = 200.0
"""Around that day the weather of a normal year stands still."""


def air(rng_seed: int = 3, humidity_pct: float = 62.0, outdoor_c: float = 1.5) -> Air:
    """A home of changing air under steady weather, at a time of the year when it stays so."""
    rng = np.random.default_rng(rng_seed)
    hours = DAYS * 24
    return Air(
        np.full((1, hours), 20.5),
        np.clip(humidity_pct + rng.normal(0, 3, (1, hours)), 0, 100),
        np.full(hours, outdoor_c),
        np.full(hours, 85.0),
        np.full(hours, MIDSUMMER),
    )


def course_of(home: Air) -> Floats:
    surface = surface_conditions(home.temperature_c, home.humidity_pct, home.outdoor_c, WALL)
    return mould_index(surface.temperature_c, surface.humidity_pct, SENSITIVE).index


def looked(home: Air, index: Floats | None = None) -> Floats:
    index = course_of(home) if index is None else index
    return outlook(index, home, ENDS, np.array([[WALL]]), SENSITIVE, 1.0, WEEK_HOURS // 2)


def test_a_normal_year_has_the_degree_days_of_its_months() -> None:
    # January 519 of base 17: 17 - 519 / 31 = 0.26 °C; April 311: 6.63 °C.
    assert normal_outdoor_c([15.5, 105]) == pytest.approx([0.26, 6.63], abs=0.01)
    assert normal_outdoor_c(400.0) == normal_outdoor_c(35.0)


def test_a_week_that_repeats_itself_is_foreseen() -> None:
    home = air()
    week = home.humidity_pct[:, :WEEK_HOURS]
    repeated = replace(home, humidity_pct=np.tile(week, (1, 9))[:, : DAYS * 24])
    index, found = course_of(repeated), looked(repeated)
    for day in (14, 21, 28):
        coming = index[0, day * 24 : day * 24 + AHEAD_HOURS].max()
        # The season moves the weather by hundredths of a degree.
        assert found[0, day - 1] == pytest.approx(coming, abs=0.02)


def test_nothing_later_is_looked_at() -> None:
    home = air()
    whole, day = looked(home), 30
    changed = home.humidity_pct.copy()
    changed[:, day * 24 :] = 20.0
    assert np.array_equal(
        looked(replace(home, humidity_pct=changed))[:, :day], whole[:, :day], equal_nan=True
    )


def test_rooms_do_not_disturb_each_other() -> None:
    one, other = air(1), air(2)
    both = replace(
        one,
        temperature_c=np.vstack([one.temperature_c, other.temperature_c]),
        humidity_pct=np.vstack([one.humidity_pct, other.humidity_pct]),
    )
    index = course_of(both)
    found = outlook(index, both, ENDS, np.full((2, 1), WALL), SENSITIVE, 1.0, WEEK_HOURS // 2)
    assert np.array_equal(found[:1], looked(one), equal_nan=True)
    assert np.array_equal(found[1:], looked(other), equal_nan=True)


def test_an_unknown_week_says_nothing_and_the_limit_alone_warns() -> None:
    home = air()
    humidity = home.humidity_pct.copy()
    humidity[:, 24 * 20 : 24 * 30] = np.nan
    found = looked(replace(home, humidity_pct=humidity))
    # Day 23 has 80 of 168 hours, day 24 to 30 fewer, day 33 has 72 and day 34 has 96.
    assert np.isnan(found[0, 23:33]).all()
    assert np.isfinite(found[0, 6:23]).all()
    assert np.isfinite(found[0, 33:]).all()
    index = np.full((1, DAYS * 24), 0.6)
    assert warns(index, np.full((1, DAYS), np.nan), ENDS, 0.5, 1.0, 0.9).all()


def test_a_limit_reached_while_it_dries_is_no_warning() -> None:
    index, dry, damp = np.full((1, DAYS * 24), 0.6), np.full((1, DAYS), 0.6), np.full((1, DAYS), 1)
    assert not warns(index, dry, ENDS, 0.5, 1.0, 0.9)[0, 24:].any()
    assert warns(index, damp, ENDS, 0.5, 1.0, 0.9).all()


def test_it_takes_two_days_running() -> None:
    index = np.full((1, DAYS * 24), 0.1)
    ahead = np.zeros((1, DAYS))
    ahead[0, [10, 20, 21, 40]] = 1.2
    assert np.flatnonzero(warns(index, ahead, ENDS, 0.5, 1.0, 0.9)[0]).tolist() == [22 * 24 - 1]


def test_the_season_to_come_cools_the_wall() -> None:
    def in_season(day: float) -> float:
        # Hardly any water outdoors: the season moves the wall alone.
        home = replace(air(), outdoor_pct=np.full(DAYS * 24, 5.0), day_of_year=day + np.zeros(1440))
        return float(looked(home, np.full((1, DAYS * 24), 0.3))[0, -1])

    autumn, midsummer, spring = (in_season(day) for day in (300.0, MIDSUMMER, 110.0))
    assert spring < midsummer < autumn


@pytest.mark.parametrize(
    ("room_pct", "f_rsi", "excess", "least", "most"),
    [
        # Outdoors 4.36 g/m³ (0 °C, 90 %); 20 °C at 48.5 % holds 8.39: an excess of 4.0, usual.
        (48.5, 0.5, 4.0, 0.95, 1.0),
        (68, 0.7, 7.4, 0.0, 0.0),
        (60, 0.6, 6.0, 0.2, 0.8),
    ],
)
def test_the_wall_and_the_water_are_told_apart(
    room_pct: float, f_rsi: float, excess: float, least: float, most: float
) -> None:
    hours = np.ones(48)
    found = cause_of(hours * 20, hours * room_pct, hours * 0, hours * 90, f_rsi, rules())
    assert found is not None
    assert found.moisture_excess_g_per_m3 == pytest.approx(excess, abs=0.1)
    assert found.wall_share is not None
    assert least <= found.wall_share <= most


def test_what_is_not_known_or_not_to_blame_has_no_share() -> None:
    hours = np.ones(48)
    found = cause_of(hours * 20, hours * 40, hours * 0, hours * 90, 0.9, rules())
    assert found is not None
    assert found.wall_share is None
    assert cause_of(hours * 20, hours * 50, hours * 0, hours * np.nan, 0.5, rules()) is None


def two_rooms(flat: str = "f5") -> tuple[Estate, Homes]:
    """A home with a damp bedroom beside a dry living room."""
    homes = ordinary_homes()
    estate = an_estate()
    devices = [each for each in estate.devices if each.device != f"box-{flat}"]
    devices += [
        make.device(f"box-{flat}", "climate", flat, room="living room"),
        make.device("box-f1", "climate", flat, room="bedroom"),
    ]
    devices = [each for each in devices if (each.device, each.flat) != ("box-f1", "f1")]
    homes.temperature_c["f1"][:] = 20.5
    homes.humidity_pct["f1"][day_hours(3, 24)] = 68
    return an_estate(devices=devices), homes


@pytest.mark.slow
def test_a_damp_bedroom_is_not_diluted_by_a_dry_living_room() -> None:
    estate, homes = two_rooms()
    (alert,) = find_alerts(estate, homes.source(), JANUARY)
    assert (alert.flat, alert.device) == ("f5", None)
    assert (alert.evidence["room"], alert.evidence["damp_rooms"]) == ("bedroom", ["bedroom"])
    assert alert.evidence["room_humidity_mean_pct"] == pytest.approx(68, abs=0.5)
    homes.humidity_pct["f5"][day_hours(5, 24)] = 66
    (both,) = find_alerts(estate, homes.source(), JANUARY)
    assert both.evidence["damp_rooms"] == ["bedroom", "living room"]


def test_an_index_that_stands_without_readings_is_said() -> None:
    homes = ordinary_homes()
    homes.temperature_c["f5"][:] = 20.5
    homes.humidity_pct["f5"][day_hours(3, 20)] = 68
    homes.humidity_pct["f5"][20 * 24 :] = np.nan
    checked = check_building(an_estate(), homes.source(), JANUARY)
    (alert,) = checked.alerts
    assert alert.evidence["frozen_hours"] == 11 * 24 - rules().held_hours
    (mould,) = [each for each in checked.coverage if each.check == "mould_risk"]
    assert mould.not_judged == {"frozen_index": ["f5"]}
