"""From readings to alerts: a home at 10 °C for a week, and a boiler that fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from alerts.life.kinds import life_limits
from alerts.life.relations import grouped
from alerts.model import Alert, AlertKind
from alerts.run import check_building, find_alerts
from estate.model import Estate
from tests.support import estates as make
from tests.support.alert_homes import (
    FLATS,
    HOURS,
    JANUARY,
    Homes,
    an_estate,
    day_hours,
    ordinary_homes,
)

COLD = day_hours(20, 27)
HOUR_MS = 3_600_000


def let_homes() -> Estate:
    return an_estate(tenancies=[make.tenancy(f"t-{flat}", flat) for flat in FLATS])


def failed(homes: Homes, flat: str, reached_c: float = 10.0) -> None:
    """Let the heating of a home fail for a week."""
    hours = np.arange(COLD.stop - COLD.start)
    homes.temperature_c[flat][COLD] = reached_c + (21 - reached_c) * np.exp(-hours / 20)
    homes.heat_kwh[flat][COLD] = 0.0
    # The same water in colder air.
    homes.humidity_pct[flat][COLD] = 40 + 30 * (1 - np.exp(-hours / 20))


def no_heat_of(estate: Estate, homes: Homes) -> list[Alert]:
    found = find_alerts(estate, homes.source(), JANUARY)
    return [each for each in found if each.kind is AlertKind.NO_HEAT]


def test_a_home_at_ten_degrees_for_a_week_is_told_on_the_first_day() -> None:
    homes = ordinary_homes()
    failed(homes, "f2")
    (alert,) = no_heat_of(let_homes(), homes)
    began_ms = HOURS.start_ms + COLD.start * HOUR_MS
    assert (alert.flat, alert.device) == ("f2", None)
    assert 0 <= alert.start_ms - began_ms <= 6 * HOUR_MS
    assert 0 < alert.raised_ms - began_ms <= 24 * HOUR_MS
    assert alert.evidence["homes_temperature_c"] > 20


@pytest.mark.slow
def test_a_vacant_home_may_be_cold() -> None:
    homes = ordinary_homes()
    failed(homes, "f2")
    estate = let_homes()
    others = tuple(each for each in estate.tenancies if each.flat != "f2")
    assert no_heat_of(replace(estate, tenancies=others), homes) == []


def test_a_new_household_is_not_told_of_the_one_before() -> None:
    homes = ordinary_homes()
    failed(homes, "f2")
    moved = JANUARY.start.replace(day=29)
    before = make.tenancy("old", "f2", end=moved)
    after = make.tenancy("new", "f2", start=moved)
    estate = let_homes()
    others = [each for each in estate.tenancies if each.flat != "f2"]
    (alert,) = no_heat_of(replace(estate, tenancies=(*others, before, after)), homes)
    assert alert.end_ms <= HOURS.start_ms + 29 * 24 * HOUR_MS


def test_a_boiler_that_fails_is_one_alert_of_the_building() -> None:
    homes = ordinary_homes()
    for flat in FLATS:
        failed(homes, flat)
    found = no_heat_of(let_homes(), homes)
    assert {each.flat for each in found} == set(FLATS)
    (group,) = grouped(let_homes(), found, life_limits())
    assert (group.kind, group.flat, group.evidence["homes"]) == (AlertKind.NO_HEAT, "", len(FLATS))


def test_a_home_without_box_or_thermometer_is_told_as_not_judged() -> None:
    homes = ordinary_homes()
    homes.temperature_c["f1"] = np.full(HOURS.count, np.nan)
    # Every third hour is enough, as the detector bridges the two between.
    homes.temperature_c["f2"][np.arange(HOURS.count) % 3 > 0] = np.nan
    estate = let_homes()
    boxes = tuple(each for each in estate.devices if each.device != "box-f3")
    checked = check_building(replace(estate, devices=boxes), homes.source(), JANUARY)
    (covered,) = [each for each in checked.coverage if each.check == AlertKind.NO_HEAT]
    assert (covered.judged, covered.total) == (len(FLATS) - 2, len(FLATS))
    assert covered.not_judged == {"no_box": ["f3"], "no_temperature": ["f1"]}
