"""No alert is not the same as well: who could be judged, and why not the others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from alerts.coverage import Coverage, coverage, reasons
from alerts.rules import rules
from alerts.run import check_building
from estate.files.folder import read_estate
from estate.model import Estate, Tenancy
from estate.numbers.scaled import write_sample
from estate.periods import HOUR_MS, Period
from fairvarme.cli import main
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore
from tests.support.alert_homes import (
    FLATS,
    HOURS,
    JANUARY,
    an_estate,
    ordinary_homes,
    standing_devices,
)
from tests.support.estates import device
from tests.support.samples import HandMadeSource

FIRST_DAYS = Period(date(2026, 1, 1), date(2026, 1, 8))
CHECKS = ["leak of hot_water", "mould_risk", "spike of heat", "spike of hot_water"]


def checks(
    source: HandMadeSource, period: Period = JANUARY, estate: Estate | None = None
) -> dict[str, Coverage]:
    found = check_building(estate or an_estate(), source, period).coverage
    return {each.check: each for each in found}


def test_all_that_is_measured_is_judged() -> None:
    found = checks(ordinary_homes().source())
    assert sorted(found) == CHECKS
    assert {(each.judged, each.total) for each in found.values()} == {(6, 6)}
    assert [each.findings() for each in found.values()] == [[]] * 4


def test_without_outdoor_temperature_no_home_is_judged_for_mould_and_the_meters_are() -> None:
    homes = ordinary_homes()
    homes.outdoor_c = np.full(HOURS.count, np.nan)
    found = checks(homes.source())
    assert found["mould_risk"].not_judged == {"no_outdoor_temperature": list(FLATS)}
    (finding,) = found["mould_risk"].findings()
    assert finding.name == "alerts.not_judged"
    assert "6 of 6 homes" in finding.message
    assert "add a device of kind outdoor" in finding.message
    assert found["leak of hot_water"].judged == found["spike of heat"].judged == 6


def test_each_home_has_its_own_reason() -> None:
    homes = ordinary_homes()
    homes.temperature_c["f1"][100:] = np.nan
    homes.humidity_pct["f2"][:600] = np.nan
    homes.humidity_pct["f3"][:] = 99.8
    source = homes.source()
    devices = tuple(each for each in standing_devices() if each.device != "box-f4")
    row = {"tenancy": "f3-1", "flat": "f3", "from": date(2020, 1, 1), "delivery": "digital"}
    let = (Tenancy.model_validate(row),)
    moved = an_estate(tenancies=let, devices=(*devices, device("box-f4", "climate", "f5")))
    found = checks(source, estate=moved)["mould_risk"]
    assert found.judged == 2
    assert found.not_judged == {
        "box_doubted": ["f3"], "no_box": ["f4"], "no_humidity": ["f2"], "no_temperature": ["f1"],
    }  # fmt: skip


@pytest.mark.slow
def test_half_of_the_hours_is_enough_and_less_is_not() -> None:
    # The last reading counts for some hours more.
    half = 372 - rules().held_hours
    for known, judged in ((half, 6), (half - 1, 5)):
        homes = ordinary_homes()
        homes.temperature_c["f1"][known:] = np.nan
        assert checks(homes.source())["mould_risk"].judged == judged


def test_the_first_days_have_no_usual_use() -> None:
    found = checks(ordinary_homes().source(), FIRST_DAYS)
    assert found["spike of heat"].not_judged == {"no_history": [f"heat-{flat}" for flat in FLATS]}
    assert found["leak of hot_water"].judged == 6


def test_meters_that_are_silent_or_read_once_a_day_cannot_show_a_leak() -> None:
    source = ordinary_homes().source()
    del source.rows["water-f1", "hot_water_m3"]
    rows = source.rows["water-f2", "hot_water_m3"]
    source.rows["water-f2", "hot_water_m3"] = rows[::24]
    found = checks(source)
    expected = {"far_apart": ["water-f2"], "no_readings": ["water-f1"]}
    assert found["leak of hot_water"].not_judged == expected
    assert found["spike of hot_water"].not_judged == {"no_readings": ["water-f1"]}


def test_a_meter_that_loses_half_of_its_telegrams_can_show_a_leak() -> None:
    """And so its leak ends: what could not be judged is never over."""
    source, rng = ordinary_homes().source(), np.random.default_rng(1)
    rows = source.rows
    for flat, every in (("f2", 6), ("f3", 12)):
        rows[f"water-{flat}", "hot_water_m3"] = rows[f"water-{flat}", "hot_water_m3"][::every]
    whole = rows["water-f1", "hot_water_m3"]
    rows["water-f1", "hot_water_m3"] = [row for row in whole if rng.random() < 0.5]
    assert checks(source)["leak of hot_water"].not_judged == {"far_apart": ["water-f3"]}


def test_a_meter_that_left_before_the_period_is_not_asked_for() -> None:
    left = device("water-old", "hot_water", "f1", end=JANUARY.start - timedelta(days=1))
    estate = replace(an_estate(), devices=(*standing_devices(), left))
    assert checks(ordinary_homes().source(), estate=estate)["leak of hot_water"].total == 6


def test_a_building_without_devices_has_homes_that_nobody_looks_at() -> None:
    found = checks(HandMadeSource(), estate=replace(an_estate(), devices=()))
    assert list(found) == ["mould_risk"]
    assert found["mould_risk"].not_judged == {"no_box": list(FLATS)}


def test_who_stands_twice_is_judged_where_it_was_once() -> None:
    found = coverage("b", "leak", "meters", [("m", "far_apart"), ("m", None), ("n", "no_readings")])
    assert (found.judged, found.total) == (1, 2)
    assert found.not_judged == {"no_readings": ["n"]}


def test_every_reason_ends_in_a_remedy() -> None:
    for reason, words in reasons().items():
        assert sorted(words) == ["because", "remedy"], reason


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """An installation whose sample building has a week of boxes' readings, none outdoors."""
    folder = tmp_path / "solgaarden"
    write_sample(folder, "2026-01")
    config = tmp_path / "fairvarme.toml"
    config.write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///fairvarme.db"\n'
        'estates = ["solgaarden"]\n',
        "utf-8",
    )
    estate, period = read_estate(folder), Period.parse("2026-01-05/2026-01-12")
    hours = period.hours(estate.building.zone)
    store = SqliteStore(tmp_path / "readings.db")
    store.write(
        [
            Reading(estate.building.id, box.device, name, start, value + number % 7 / 10, 0, start)
            for box in estate.devices_of_kind("climate")
            for name, value in (("temperature_c", 21.0), ("humidity_pct", 40.0))
            for number, start in enumerate(range(hours.start_ms, hours.end_ms, HOUR_MS))
        ]
    )
    store.close()
    return config


def test_the_command_tells_what_it_could_not_judge_and_ends_well(installed: Path) -> None:
    options = ["alerts", "run", "--period", "2026-01-05/2026-01-12", "--config", str(installed)]
    told = CliRunner().invoke(main, options)
    assert told.exit_code == 0
    assert "no alerts" in told.stdout
    assert "solgaarden mould_risk: 0 of 12 homes judged" in told.stdout
    assert "mould_risk could not be judged for 12 of 12 homes" in told.stderr
    assert "there is no outdoor temperature" in told.stderr
    answer = json.loads(CliRunner().invoke(main, [*options, "--json"]).stdout)
    assert answer["alerts"] == []
    by_check = {each["check"]: each for each in answer["checks"]}
    assert by_check["mould_risk"]["not_judged"].keys() == {"no_outdoor_temperature"}
    assert by_check["leak of hot_water"]["judged"] == 0
    names = {(each["name"], each["data"]["reason"]) for each in answer["findings"]}
    assert ("alerts.not_judged", "no_outdoor_temperature") in names
