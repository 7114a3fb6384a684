"""A building's month in figures: by homes made by hand, and of too few homes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from billing.bill.bill import Bill
from billing.measured.meters.common_meters import CommonMeters
from estate.errors import UsageError
from estate.model import Estate
from estate.periods import Period
from operations.monthly_bill import month_bill
from operations.settings import read_settings
from operations.staff.deviations import deviations, year_before
from operations.staff.figures import keep_figures, read_figures
from operations.staff.month import MonthFigures, let_homes, month_figures
from operations.wiring import opened_database
from telemetry.series.home_climate import home_climate
from tests.support import alert_homes
from tests.support import estates as make
from tests.support.alert_homes import FLATS, HOURS, JANUARY
from tests.support.portfolio import portfolio

MONTH = date(2026, 1, 1)
EMPTY = MonthFigures(building="house", month=MONTH, homes=6, area_m2=420.0)


def figures(estate: Estate, homes: alert_homes.Homes) -> MonthFigures:
    source = homes.source()
    climate = home_climate(source, estate, HOURS)
    bill = month_bill(estate, source, JANUARY, None, climate).bill
    return month_figures(estate, JANUARY, climate, bill, CommonMeters())


@pytest.fixture
def house() -> Estate:
    """Return the house of the homes made by hand, under a scheme."""
    let = [make.tenancy(f"t-{name}", name) for name in FLATS]
    schemes = [{"scheme": "dk-metered", "from": date(2022, 1, 1)}]
    building = make.building(id="house", tenure="almen", schemes=schemes)
    return replace(alert_homes.an_estate(tenancies=let), building=building)


def heat_kwh(homes: alert_homes.Homes) -> float:
    """Sum of what each home was given."""
    return float(sum(each.sum() for each in homes.heat_kwh.values()))


def test_heat_and_degree_days_are_those_of_the_homes(house: Estate) -> None:
    homes = alert_homes.ordinary_homes()
    month = figures(house, homes)
    expected = heat_kwh(homes)
    assert month.heat_kwh == pytest.approx(expected)
    # The base of Danish degree-days is 17 °C, and it is 1.5 °C outdoors on each of 31 days.
    assert month.degree_days == pytest.approx(31 * 15.5, rel=1e-6)
    assert month.kwh_per_degree_day == pytest.approx(expected / (31 * 15.5))
    assert month.wh_per_m2_degree_day == pytest.approx(1000 * expected / (31 * 15.5) / (6 * 70))


def test_climate_is_the_mean_of_the_homes(house: Estate) -> None:
    homes = alert_homes.ordinary_homes()
    homes.temperature_c["f1"] = np.full(HOURS.count, 15.0)
    month = figures(house, homes)
    assert month.climate is not None
    usual = float(homes.temperature_c["f2"].mean())
    assert month.climate.temperature_c == pytest.approx((5 * usual + 15.0) / 6, abs=0.1)
    assert month.climate.cold_pct == pytest.approx(100 / 6, abs=0.5)
    assert month.climate.homes == 6


@pytest.mark.parametrize("empty", ["f1", "f2"])
def test_of_fewer_than_five_homes_there_is_no_figure(house: Estate, empty: str) -> None:
    gone = replace(
        house, tenancies=tuple(each for each in house.tenancies if each.flat not in (empty, "f6"))
    )
    month = figures(gone, alert_homes.ordinary_homes())
    assert (month.homes, month.withheld, month.climate_withheld) == (4, "few_homes", "few_homes")
    told = month.model_dump(exclude={"building", "month", "homes", "area_m2", "degree_days"})
    assert {value for value in told.values() if not isinstance(value, bool)} == {
        None, "few_homes",
    }  # fmt: skip


def test_who_refused_is_in_no_mean(house: Estate) -> None:
    refusing = replace(
        house,
        tenancies=tuple(
            each.model_copy(update={"climate_refused": each.flat == "f1"})
            for each in house.tenancies
        ),
    )
    month = figures(refusing, alert_homes.ordinary_homes())
    assert month.climate is not None
    assert month.climate.homes == 5
    both = tuple(
        each.model_copy(update={"climate_refused": each.flat in ("f1", "f2")})
        for each in house.tenancies
    )
    month = figures(replace(house, tenancies=both), alert_homes.ordinary_homes())
    assert (month.climate, month.climate_withheld) == (None, "few_measured")


def test_a_home_counts_that_is_let_on_every_day() -> None:
    moved = make.estate(
        [make.flat("a"), make.flat("b"), make.flat("c")],
        [
            make.tenancy("a1", "a", end=date(2026, 1, 10)),
            make.tenancy("a2", "a", date(2026, 1, 10)),
            make.tenancy("b1", "b", end=date(2026, 1, 10)),
        ],
    )
    assert let_homes(moved, JANUARY).tolist() == [True, False, False]


@pytest.mark.slow
def test_the_main_meter_counts_before_the_homes(house: Estate) -> None:
    homes = alert_homes.ordinary_homes()
    source = homes.source()
    climate = home_climate(source, house, HOURS)
    bill: Bill = month_bill(house, source, JANUARY, None, climate).bill
    register = next(
        each
        for statement in bill.statements
        for each in statement.registers
        if each.quantity == "heat_kwh"
    ).model_copy(update={"use": 9000.0, "estimated_hours": 3})
    month = month_figures(house, JANUARY, climate, bill, CommonMeters((register,)))
    assert (month.heat_kwh, month.heat_estimated) == (9000.0, True)
    silent = register.model_copy(update={"use": np.nan})
    month = month_figures(house, JANUARY, climate, bill, CommonMeters((silent,)))
    assert month.heat_kwh == pytest.approx(heat_kwh(homes))


def test_what_differs_by_little_is_not_told() -> None:
    before = EMPTY.model_copy(update={"month": date(2025, 1, 1), "heat_kwh": 4000.0,
                                      "degree_days": 400.0, "hot_water_m3": 20.0})  # fmt: skip
    # Twice the heat at twice the cold is no more heat.
    cold = EMPTY.model_copy(update={"heat_kwh": 8000.0, "degree_days": 800.0,
                                    "hot_water_m3": 21.0})  # fmt: skip
    assert deviations(cold, before) == []
    more = cold.model_copy(update={"heat_kwh": 9600.0, "hot_water_m3": 15.0})
    found = {
        each.subject: (each.higher, round(each.change, 3)) for each in deviations(more, before)
    }
    assert found == {"heat": (True, 0.2), "hot_water": (False, -0.25)}
    assert deviations(more, None) == []


def test_heat_of_a_summer_month_is_not_judged_by_the_weather() -> None:
    summer = EMPTY.model_copy(update={"heat_kwh": 600.0, "degree_days": 15.0})
    assert summer.kwh_per_degree_day is None
    assert summer.wh_per_m2_degree_day is None
    winter = summer.model_copy(update={"degree_days": 400.0})
    assert winter.kwh_per_degree_day == pytest.approx(1.5)


def test_the_year_before_is_the_same_month_of_the_same_building() -> None:
    then = EMPTY.model_copy(update={"month": date(2025, 1, 1)})
    other = then.model_copy(update={"building": "other"})
    assert year_before(EMPTY, [other, EMPTY, then]) == then
    assert year_before(then, [other, EMPTY, then]) is None


@pytest.mark.slow
def test_figures_are_kept_once_and_read_by_building(tmp_path: Path) -> None:
    there = portfolio(tmp_path, 2)
    settings = read_settings(there.config)
    months = [Period.month("2025-01"), Period.month("2025-02")]
    keep_figures(settings, months=months)
    made = keep_figures(settings, ["house-001"], [months[0]])
    with opened_database(settings) as engine:
        assert read_figures(engine, ["house-001"])[0] == made[0]
        kept = [(each.building, f"{each.month:%m}") for each in read_figures(engine)]
        assert len(read_figures(engine, since=date(2025, 2, 1))) == 2
    assert kept == [
        ("house-000", "01"), ("house-000", "02"), ("house-001", "01"), ("house-001", "02"),
    ]  # fmt: skip
    with pytest.raises(UsageError, match="no building"):
        keep_figures(settings, ["nowhere"], months)
