"""A month beside others: within the tenancy, in the same weather, else a like home."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import AlertKind
from billing.bill.bill import Statement
from billing.bill.costs import CostLine
from billing.bill.explanations import Comparison, HalfDegree, Withheld
from billing.measured.earlier_uses import Around
from billing.measured.spans import degree_days
from estate.periods import Period
from reports.monthly.beside.savings import savings_of
from reports.monthly.beside.uses import MonthBeside, month_beside
from reports.monthly.beside.year import year_range
from reports.monthly.page import page_of
from tests.support.report_homes import (
    HOURS,
    JANUARY,
    a_bill,
    a_climate,
    a_month,
    a_statement,
    an_alert,
    an_estate,
    home_hours,
    months_around,
)

LONG_AGO = date(2024, 1, 1)


def beside(
    around: Around, statement: Statement | None = None, start: date = LONG_AGO
) -> MonthBeside:
    return month_beside(statement or a_statement(), around, start)


def test_heat_of_other_months_is_put_to_this_month_s_weather() -> None:
    heat, water = beside(months_around()).uses
    assert heat.others["month"].shown == pytest.approx(350 * 480 / 400)
    assert heat.others["year"].shown == pytest.approx(500 * 480 / 500)
    assert heat.change == pytest.approx(412.4 / 420 - 1)
    assert water.others["month"].shown == 2.9
    assert not water.others["month"].by_weather


@pytest.mark.parametrize(
    "degree_days", [(None, 400.0, 500.0), (480.0, None, None), (480.0, 59.0, 59.0), (5.0, 9.0, 9.0)]
)
def test_without_known_cold_weather_nothing_is_adjusted(
    degree_days: tuple[float | None, float | None, float | None],
) -> None:
    heat = beside(months_around(degree_days=degree_days)).uses[0]
    assert [each.shown for each in heat.others.values()] == [350.0, 500.0]
    page = page_of(a_month(around=months_around(degree_days=degree_days)))
    assert "ikke omregnet" in " ".join(page["beside"]["notes"])


def test_a_month_of_somebody_else_is_not_shown() -> None:
    uses = beside(months_around(), a_statement("t9")).uses
    assert all(not each.others for each in uses)


def test_who_has_no_earlier_month_is_told_so() -> None:
    around = months_around({}, {})
    assert beside(around, start=date(2025, 12, 2)).first_month
    assert not beside(around, start=date(2025, 12, 1)).first_month
    estate = an_estate(tenancies=[
        {"tenancy": "t1", "flat": "f1", "from": "2026-01-01", "delivery": "paper"}
    ])  # fmt: skip
    page = page_of(a_month(estate=estate, around=around))
    assert "Det er din første måned her." in page["beside"]["notes"][0]
    assert page["changed"] is None


def test_a_part_of_a_month_is_put_beside_nothing() -> None:
    days = Period(date(2026, 1, 16), date(2026, 2, 1))
    assert beside(months_around(), a_statement(days=days)).uses == ()


LIKE = (
    Comparison(item="heat", key="heat_units_position", own=5.0, others=6.0, homes=9),
    Comparison(item="hot_water", key="hot_water_m3", own=3.2, others=4.0, homes=9),
)


def test_a_like_home_stands_in_for_a_year_before() -> None:
    heat, water = beside(months_around(year={}), a_statement(comparison=LIKE)).uses
    assert heat.like_home == pytest.approx(412.4 * 6 / 5)
    assert water.like_home == pytest.approx(4.0)


def test_beside_a_year_before_no_like_home_is_shown() -> None:
    uses = beside(months_around(), a_statement(comparison=LIKE)).uses
    assert [each.like_home for each in uses] == [None, None]


def test_a_small_house_is_told_why_nobody_is_shown() -> None:
    statement = a_statement(comparison=Withheld.FEW_HOMES)
    page = page_of(a_month(statement, around=months_around(year={})))
    assert any("Vi viser ikke et gennemsnit." in each for each in page["beside"]["notes"])
    assert "hjem som dit" not in str(page)


def test_an_estimated_use_is_called_so_and_explains_no_change() -> None:
    registers = tuple(
        each.replace(method="like_homes", estimated_hours=744) for each in a_statement().registers
    )
    page = page_of(a_month(a_statement(registers=registers), around=months_around()))
    assert "(skøn)" in page["beside"]["groups"][0]["rows"][0]["amount"]
    assert all("mere" not in each or "Vejret" in each or "kræver" in each
               for each in (page["changed"] or {"items": []})["items"])  # fmt: skip


@pytest.mark.parametrize(
    ("month_kwh", "words"),
    [(300.0, "15 % mere"), (343.7, "som måneden før"), (430.0, "20 % mindre")],
)
def test_what_changed_is_told_in_the_same_weather(month_kwh: float, words: str) -> None:
    page = page_of(a_month(around=months_around({"heat_kwh": month_kwh})))
    text = " ".join(page["changed"]["items"]).replace("\N{NO-BREAK SPACE}", " ")
    assert words in text
    assert "Det var koldere end måneden før. Alene det kræver 20 % mere varme." in text


def test_a_zero_before_is_no_division() -> None:
    uses = beside(months_around({"heat_kwh": 0.0}, {})).uses
    assert uses[0].change is None


def test_half_a_degree_saves_what_the_statement_says() -> None:
    half = HalfDegree(step_k=0.5, warmer_ore=2400, colder_ore=-2300)
    assert savings_of(a_statement(half_degree=half))["half_degree"] == 2300


@pytest.mark.parametrize("colder_ore", [-499, 0, 700])
def test_what_saves_nothing_is_not_said_to(colder_ore: int) -> None:
    half = HalfDegree(step_k=0.5, warmer_ore=0, colder_ore=colder_ore)
    assert "half_degree" not in savings_of(a_statement(half_degree=half))


def test_a_minute_of_shower_costs_its_water() -> None:
    statement = a_statement(amounts={("hot_water", "hot_water_m3"): 20_000})
    row = statement.rows[0].replace(weight=4.0)
    found = savings_of(statement.replace(rows=(row,)))
    assert found == {"shower": round(20_000 * 9 * 31 / 1000 / 4)}


def test_nobody_saves_more_than_all_the_water() -> None:
    statement = a_statement(amounts={("hot_water", "hot_water_m3"): 20_000})
    row = statement.rows[0].replace(weight=0.01)
    assert savings_of(statement.replace(rows=(row,))) == {"shower": 20_000}


def test_a_year_lies_between_a_mild_and_a_normal_winter() -> None:
    """A house that needs heat alone: the month's part of a normal year is in the degree-days."""
    statement = a_statement(amounts={("heat", "heat_units"): 170_000})
    found = year_range(a_bill(statement), statement)
    assert found is not None
    # January has 170 of 1000 parts: a normal year of 10.000 kr.
    assert found == (760_000, 1_100_000)


def line(amount_ore: int, kind: str) -> CostLine:
    return CostLine.model_validate(
        {"item": "heat", "kind": kind, "from": JANUARY.start, "to": JANUARY.end,
         "amount_ore": amount_ore, "vat_ore": None, "energy_kwh": None, "provisional": False,
         "received": None}
    )  # fmt: skip


def test_what_is_fixed_costs_the_same_each_day() -> None:
    statement = a_statement(amounts={("heat", "area"): 31_000})
    bill = a_bill(statement, costs=(line(100, "fixed"), line(0, "energy")))
    found = year_range(bill, statement)
    assert found is not None
    assert found == (360_000, 370_000)


@pytest.mark.parametrize("month", ["2026-05", "2026-07", "2026-09"])
def test_a_warm_month_tells_no_year(month: str) -> None:
    days = Period.month(month)
    statement = a_statement(days=days)
    assert year_range(a_bill(statement, period=days), statement) is None


@pytest.mark.parametrize("amount_ore", [0, -10_000])
def test_nothing_and_a_credit_tell_no_year(amount_ore: int) -> None:
    statement = a_statement(amounts={("heat", "area"): amount_ore})
    assert year_range(a_bill(statement), statement) is None


@given(st.integers(100, 10**7), st.sampled_from([1, 2, 3, 4, 10, 11, 12]))
def test_a_range_holds_the_plain_extrapolation(amount_ore: int, number: int) -> None:
    days = Period.month(f"2026-{number:02d}")
    statement = a_statement(days=days, amounts={("heat", "heat_units"): amount_ore})
    found = year_range(a_bill(statement, period=days), statement)
    assert found is not None
    assert found.low_ore <= amount_ore / float(degree_days(days)) <= found.high_ore


def test_an_amount_that_is_not_known_tells_no_year() -> None:
    month = a_month(a_statement().replace(rows=(), shadow_ore=None))
    assert month.year is None
    assert page_of(month)["year"] is None


def test_a_month_without_a_reading_says_so() -> None:
    registers = tuple(
        each.replace(method="like_homes", estimated_hours=744) for each in a_statement().registers
    )
    gaps = {name: np.full(HOURS, np.nan) for name in a_climate().values}
    dark = a_month(a_statement(registers=registers), home_hours(**gaps))
    assert "Vi fik ingen målinger fra dit hjem." in page_of(dark)["kind"]
    assert page_of(a_month(climate=home_hours(**gaps)))["kind"] == ""


def test_a_month_without_a_fault_says_so_and_one_with_an_alert_does_not() -> None:
    assert page_of(a_month())["kind"] == "Vi har ikke fundet fejl hos dig i denne periode."
    alert = an_alert(AlertKind.MOULD_RISK, date(2026, 1, 12), date(2026, 1, 14))
    assert page_of(a_month(alerts=(alert,)))["kind"] == ""
