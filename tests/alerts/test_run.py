"""Alerts of a building whose homes are known, from readings to records."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from alerts.model import AlertKind
from alerts.run import check_building, find_alerts
from estate.model import Flat, Tenancy
from estate.periods import HOUR_MS, Period
from tests.support import estates as make
from tests.support.alert_homes import (
    FLATS,
    HOURS,
    JANUARY,
    Homes,
    an_estate,
    day_hours,
    ordinary_homes,
    standing_devices,
)
from tests.support.samples import HandMadeSource

FEBRUARY = Period(date(2026, 2, 1), date(2026, 3, 1))


def tenancy(name: str, flat: str, start: date, end: date | None) -> Tenancy:
    row = {"tenancy": name, "flat": flat, "from": start, "to": end, "delivery": "digital"}
    return Tenancy.model_validate(row)


def test_ordinary_homes_raise_nothing() -> None:
    assert find_alerts(an_estate(), ordinary_homes().source(), JANUARY) == []


def test_no_readings_raise_nothing() -> None:
    assert find_alerts(an_estate(), HandMadeSource(), JANUARY) == []


def test_a_building_without_devices_raises_nothing() -> None:
    estate = replace(an_estate(), devices=())
    assert find_alerts(estate, HandMadeSource(), JANUARY) == []


def test_a_leak_is_told_once_without_the_spike_that_it_makes() -> None:
    homes = ordinary_homes()
    # From the 15th on, so that its use would be a spike too.
    homes.hot_water_l["f3"][day_hours(14, 22)] += 20
    (alert,) = find_alerts(an_estate(), homes.source(), JANUARY)
    assert (alert.building, alert.flat, alert.kind) == ("birkegaarden", "f3", AlertKind.LEAK)
    assert alert.device == "water-f3"
    # Water is used until 22 and from 6 on, so that the leak alone bounds the flow.
    assert alert.start_ms == HOURS.start_ms + 14 * 24 * HOUR_MS
    assert alert.end_ms == HOURS.start_ms + 22 * 24 * HOUR_MS
    # 28 hours at 16 l/h, and a little for the pulses of a litre.
    assert alert.raised_ms == HOURS.start_ms + (14 * 24 + 29) * HOUR_MS
    assert alert.evidence["flow_l_per_h"] == pytest.approx(20, rel=0.3)
    assert alert.evidence["lost_l"] == pytest.approx(29 * alert.evidence["flow_l_per_h"], rel=0.01)


@pytest.mark.slow
def test_lost_readings_break_no_leak() -> None:
    homes = ordinary_homes()
    homes.hot_water_l["f3"][day_hours(14, 22)] += 20
    whole = find_alerts(an_estate(), homes.source(), JANUARY)
    lost = homes.source()
    rows = lost.rows["water-f3", "hot_water_m3"]
    for at in (15 * 24 + 5, 16 * 24 + 9):
        rows.remove(rows[at])
    (alert,) = find_alerts(an_estate(), lost, JANUARY)
    assert (alert.start_ms, alert.end_ms) == (whole[0].start_ms, whole[0].end_ms)


def test_a_heat_spike_is_told_with_what_was_expected() -> None:
    homes = ordinary_homes()
    homes.heat_kwh["f2"][day_hours(18, 24)] += 1.0
    (alert,) = find_alerts(an_estate(), homes.source(), JANUARY)
    assert (alert.flat, alert.kind, alert.device) == ("f2", AlertKind.SPIKE, "heat-f2")
    assert alert.start_ms == HOURS.day_starts_ms[18]
    assert alert.end_ms == HOURS.day_starts_ms[24]
    # Twice the heat is told on the first day, once the other meters have told theirs.
    assert alert.raised_ms == HOURS.day_starts_ms[19] + 3 * HOUR_MS
    assert alert.evidence["high_days"] == 1
    excess = alert.evidence["used_kwh"] - alert.evidence["expected_kwh"]
    assert excess == pytest.approx(24, rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("every", [2, 3, 10])
def test_another_meter_under_the_id_is_no_use(every: int) -> None:
    """The same readings are left out as in the bill."""
    source = ordinary_homes().source()
    rows = source.rows["heat-f2", "heat_kwh"]
    source.rows["heat-f2", "heat_kwh"] = [
        (time_ms, 38.0 if number % every else value, quality)
        for number, (time_ms, value, quality) in enumerate(rows)
    ]
    water = source.rows["water-f3", "hot_water_m3"]
    source.rows["water-f3", "hot_water_m3"] = [
        (time_ms, value + 3.0 * (300 <= number < 303), quality)
        for number, (time_ms, value, quality) in enumerate(water)
    ]
    assert find_alerts(an_estate(), source, JANUARY) == []


def test_a_cold_week_for_all_raises_nothing() -> None:
    homes = ordinary_homes()
    for flat in FLATS:
        homes.heat_kwh[flat][day_hours(18, 24)] *= 3
    assert find_alerts(an_estate(), homes.source(), JANUARY) == []


def test_a_damp_home_is_told_with_its_climate() -> None:
    homes = ordinary_homes()
    homes.temperature_c["f5"][:] = 20.5
    homes.humidity_pct["f5"][day_hours(3, 24)] = 68
    (alert,) = find_alerts(an_estate(), homes.source(), JANUARY)
    assert (alert.flat, alert.kind, alert.device) == ("f5", AlertKind.MOULD_RISK, None)
    assert alert.start_ms == HOURS.start_ms + 3 * 24 * HOUR_MS
    assert alert.end_ms == HOURS.start_ms + 24 * 24 * HOUR_MS
    assert alert.start_ms < alert.raised_ms < alert.end_ms
    # By hand: 1.5 + 0.70 x 19 = 14.8 °C; 68 % x 24.11 hPa / 16.83 hPa = 97.4 %.
    assert alert.evidence["surface_temperature_mean_c"] == pytest.approx(14.8, abs=0.05)
    assert alert.evidence["surface_humidity_mean_pct"] == pytest.approx(97.4, abs=0.1)
    assert alert.evidence["damp_hours"] == 21 * 24


@pytest.mark.slow
@pytest.mark.parametrize(
    "flat", [make.flat("f5", material="resistant"), make.flat("f5", f_rsi=0.95)]
)
def test_the_wall_decides_with_the_air(flat: Flat) -> None:
    homes = ordinary_homes()
    homes.temperature_c["f5"][:] = 20.5
    homes.humidity_pct["f5"][day_hours(3, 24)] = 68
    flats = tuple(flat if each == "f5" else make.flat(each) for each in FLATS)
    assert find_alerts(an_estate(flats=flats), homes.source(), JANUARY) == []


def test_a_cold_vacant_flat_with_normal_moisture_raises_nothing() -> None:
    # By hand: -1 + 0.70 x 7 = 3.9 °C; 70 % x 9.35 hPa / 8.07 hPa = 81 %. Mould there needs 90 %.
    homes = ordinary_homes()
    homes.outdoor_c[:] = -1.0
    homes.temperature_c["f1"][:] = 6.0
    homes.humidity_pct["f1"][:] = 70.0
    assert find_alerts(an_estate(), homes.source(), JANUARY) == []


@pytest.mark.slow
def test_a_new_household_is_not_judged_by_the_one_before() -> None:
    homes = ordinary_homes()
    homes.hot_water_l["f1"][day_hours(18, 31)] *= 5
    moved = date(2026, 1, 19)
    let = an_estate(tenancies=(tenancy("t2", "f1", moved, None),))
    assert find_alerts(let, homes.source(), JANUARY) == []
    assert {alert.flat for alert in find_alerts(an_estate(), homes.source(), JANUARY)} == {"f1"}


def test_a_meter_that_moved_tells_each_flat_its_own_days() -> None:
    homes = ordinary_homes()
    homes.hot_water_l["f1"][day_hours(5, 25)] += 20
    moved = date(2026, 1, 16)
    others = tuple(each for each in standing_devices() if each.device != "water-f1")
    places = (
        make.device("water-f1", "hot_water", "f1", end=moved),
        make.device("water-f1", "hot_water", "f2", start=moved),
    )
    found = find_alerts(an_estate(devices=(*others, *places)), homes.source(), JANUARY)
    edge_ms = HOURS.day_starts_ms[15]
    leaks = [alert for alert in found if alert.kind is AlertKind.LEAK]
    assert [(alert.flat, alert.start_ms, alert.end_ms) for alert in leaks] == [
        ("f1", HOURS.day_starts_ms[5], edge_ms),
        ("f2", edge_ms, HOURS.day_starts_ms[25]),
    ]


@pytest.mark.slow
def test_a_period_reads_the_days_before_it() -> None:
    homes = ordinary_homes()
    homes.hot_water_l["f1"][day_hours(29, 31)] += 20
    homes.hot_water_l["f2"][day_hours(3, 6)] += 20
    last_day = Period(date(2026, 1, 31), date(2026, 2, 1))
    source = homes.source()
    assert [alert.flat for alert in find_alerts(an_estate(), source, JANUARY)] == ["f1", "f2"]
    assert [alert.flat for alert in find_alerts(an_estate(), source, last_day)] == ["f1"]
    assert find_alerts(an_estate(), source, FEBRUARY) == []


def damp_homes() -> Homes:
    """Return homes of which two are damp and leak."""
    homes = ordinary_homes()
    for flat in ("f6", "f2"):
        homes.hot_water_l[flat][day_hours(14, 20)] += 20
        homes.temperature_c[flat][:] = 20.5
        homes.humidity_pct[flat][:] = 68
    return homes


def test_alerts_are_sorted_and_their_evidence_is_json() -> None:
    found = find_alerts(an_estate(), damp_homes().source(), JANUARY)
    assert [(alert.flat, alert.kind) for alert in found] == [
        ("f2", "leak"), ("f2", "mould_risk"), ("f6", "leak"), ("f6", "mould_risk"),
    ]  # fmt: skip
    for alert in found:
        assert json.loads(json.dumps(alert.evidence, allow_nan=False)) == alert.evidence
        assert alert.start_ms < alert.raised_ms <= alert.end_ms


def test_a_material_that_is_no_class_costs_no_other_home_its_alerts() -> None:
    wrong = ("f1", "f2")
    flats = tuple(make.flat(flat, material="gypsum" if flat in wrong else None) for flat in FLATS)
    checked = check_building(an_estate(flats=flats), damp_homes().source(), JANUARY)
    assert [(alert.flat, alert.kind) for alert in checked.alerts if alert.flat in wrong] == [
        ("f2", "leak")
    ]
    assert ("f6", "mould_risk") in [(alert.flat, alert.kind) for alert in checked.alerts]
    (of_mould,) = [each for each in checked.coverage if each.check == "mould_risk"]
    assert of_mould.not_judged["unknown_material"] == list(wrong)
    assert any("very_sensitive" in finding.message for finding in of_mould.findings())


def test_suspect_readings_are_missing() -> None:
    homes = ordinary_homes()
    homes.temperature_c["f5"][:] = 20.5
    homes.humidity_pct["f5"][:] = 68
    source = homes.source()
    rows = source.rows["box-f5", "humidity_pct"]
    source.rows["box-f5", "humidity_pct"] = [(time_ms, value, 1) for time_ms, value, _ in rows]
    assert find_alerts(an_estate(), source, JANUARY) == []


def test_no_outdoor_temperature_is_no_mould_risk() -> None:
    homes = ordinary_homes()
    homes.humidity_pct["f5"][:] = 68
    homes.outdoor_c = np.full(HOURS.count, np.nan)
    assert find_alerts(an_estate(), homes.source(), JANUARY) == []
