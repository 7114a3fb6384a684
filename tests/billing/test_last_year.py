"""The same home a year before, in this year's weather, and never another tenant's use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from billing.bill.explanations import YearBefore
from billing.measured.heated_days import measured_degree_days
from billing.schemes import Scheme
from billing.statement.last_year import put_to_weather
from estate.model import DegreeDays, Estate
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_register,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource

JANUARY = Period.month("2026-01")
BEFORE = Period.month("2025-01")
RULES = Scheme.model_validate(
    {
        "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {
            "heat": [{"key": "heat_units", "fraction": 1.0}],
            "hot_water": [{"key": "hot_water_m3", "fraction": 1.0}],
        },
    }
)  # fmt: skip


def test_use_of_a_warm_winter_in_a_normal_one_as_published() -> None:
    """Rødovre: 3,808.4 MWh, a quarter hot water, 2,571 degree-days instead of 3,112: 4,409.43."""
    room_heat = 0.75 * 3808.4
    normal = put_to_weather(room_heat, 2571, 3112) + 0.25 * 3808.4
    assert normal == pytest.approx(4409.43, abs=0.005)


def test_no_degree_day_tells_nothing() -> None:
    assert np.isnan(put_to_weather(10.0, 0.0, 5.0))
    assert put_to_weather(10.0, 5.0, 0.0) == 0.0


def test_degree_days_are_of_daily_means_below_seventeen() -> None:
    outdoor_c = np.array([0.0, 10.0, 17.0, 20.0, np.nan, 1.0])
    found = measured_degree_days(outdoor_c, np.array([0, 0, 1, 1, 2, 2]), 17.0)
    assert found[:2].tolist() == [12.0, 0.0]
    assert np.isnan(found[2])


def two_winters() -> tuple[Estate, HandMadeSource]:
    """0 °C this January, 8.5 °C a year before: twice the degree-days. Home 2 is newly let."""
    own = estate(
        [flat("1"), flat("2")],
        [
            tenancy("1a", "1"),
            tenancy("2a", "2", end=date(2025, 6, 1)),
            tenancy("2b", "2", start=date(2025, 6, 1)),
        ],
        [device("out", "outdoor", None)]
        + [device(f"h{name}", "heat", name) for name in "12"]
        + [device(f"w{name}", "hot_water", name) for name in "12"],
        [cost(JANUARY, "heat", 60_000), cost(JANUARY, "hot_water", 10_000)],
    )
    source, zone = HandMadeSource(), own.building.zone
    now, then = JANUARY.hours(zone), BEFORE.hours(zone)
    source.rows["out", "temperature_c"] = [
        (start + 1, value, 0)
        for hours, value in ((then, 8.5), (now, 0.0))
        for start in hours.starts_ms.tolist()
    ]
    edges = (then.start_ms, then.end_ms, now.start_ms, now.end_ms)
    for name in "12":
        heat, water = (0.0, 100.0, 500.0, 720.0), (0.0, 3.0, 30.0, 32.0)
        add_register(source, f"h{name}", "heat_kwh", list(zip(edges, heat, strict=True)))
        add_register(source, f"w{name}", "hot_water_m3", list(zip(edges, water, strict=True)))
    return own, source


def told(own: Estate, source: HandMadeSource) -> dict[str, tuple[YearBefore, ...]]:
    bill = bill_building(own, source, JANUARY, RULES)
    return {statement.tenancy: statement.year_before for statement in bill.statements}


def test_heat_is_put_to_this_weather_and_water_is_not() -> None:
    heat, water = told(*two_winters())["1a"]
    assert (heat.quantity, heat.use, heat.before) == ("heat_kwh", 220.0, 100.0)
    assert heat.corrected == pytest.approx(200.0)
    assert water == YearBefore(quantity="hot_water_m3", use=2.0, before=3.0, corrected=3.0)


def test_the_use_of_the_tenant_before_is_never_told() -> None:
    assert told(*two_winters())["2b"] == ()


@pytest.mark.parametrize("year", [2025, 2026])
def test_without_the_weather_of_both_years_only_water_is_told(year: int) -> None:
    own, source = two_winters()
    first = date(year, 1, 1)
    start_ms = Period(first, date(year, 2, 1)).hours(own.building.zone).start_ms
    days_ms = 31 * 24 * 3_600_000
    kept = [
        row
        for row in source.rows["out", "temperature_c"]
        if not start_ms <= row[0] < start_ms + days_ms
    ]
    source.rows["out", "temperature_c"] = kept
    assert [each.quantity for each in told(own, source)["1a"]] == ["hot_water_m3"]


def test_a_meter_that_was_not_there_tells_nothing() -> None:
    own, source = two_winters()
    source.rows["h1", "heat_kwh"] = source.rows["h1", "heat_kwh"][2:]
    assert [each.quantity for each in told(own, source)["1a"]] == ["hot_water_m3"]


def without_outdoor(*degree_days: tuple[date, date, float]) -> tuple[Estate, HandMadeSource]:
    own, source = two_winters()
    del source.rows["out", "temperature_c"]
    rows = tuple(
        DegreeDays.model_validate({"from": start, "to": end, "kelvin_days": value})
        for start, end, value in degree_days
    )
    facts = own.building.facts.model_copy(update={"degree_days": rows})
    building = own.building.model_copy(update={"facts": facts})
    devices = tuple(each for each in own.devices if each.kind != "outdoor")
    return replace(own, building=building, devices=devices), source


def of_first_home(own: Estate, source: HandMadeSource) -> dict[str, YearBefore]:
    bill = bill_building(own, source, JANUARY, RULES)
    (first,) = (each for each in bill.statements if each.tenancy == "1a")
    return {each.quantity: each for each in first.year_before}


def test_degree_days_of_the_supplier_stand_in_for_an_outdoor_sensor() -> None:
    measured = of_first_home(*two_winters())
    given = without_outdoor(
        # The month before, and this one in two parts.
        (date(2025, 1, 1), date(2025, 2, 1), 263.5),
        (date(2026, 1, 1), date(2026, 1, 11), 170.0),
        (date(2026, 1, 11), date(2026, 2, 1), 357.0),
    )
    told = of_first_home(*given)
    assert told.keys() == measured.keys()
    assert told["heat_kwh"].corrected == pytest.approx(measured["heat_kwh"].corrected)


def test_a_year_is_divided_by_the_degree_days_of_a_normal_one() -> None:
    given = without_outdoor(
        (date(2025, 1, 1), date(2026, 1, 1), 2_600.0), (date(2026, 1, 1), date(2027, 1, 1), 2_900.0)
    )
    heat = of_first_home(*given)["heat_kwh"]
    assert heat.corrected == pytest.approx(heat.before * 2_900 / 2_600)


@pytest.mark.parametrize(
    "known", [(), ((date(2026, 1, 1), date(2026, 2, 1), 500.0),)], ids=["none", "one year"]
)
def test_water_needs_no_weather(known: tuple[tuple[date, date, float], ...]) -> None:
    assert list(of_first_home(*without_outdoor(*known))) == ["hot_water_m3"]


def test_degree_days_of_no_day_are_refused() -> None:
    with pytest.raises(ValidationError, match="comes after from"):
        DegreeDays.model_validate({"from": "2025-01-01", "to": "2025-01-01", "kelvin_days": 1})
