"""What the law wants a month to tell, found on its pages or reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.bill.explanations import Comparison
from estate.model import Supply
from estate.periods import Period
from reports.monthly.beside.uses import MonthBeside, OtherUse, UseBeside
from reports.monthly.figures import HomeMonth, Payment, home_month
from reports.monthly.required.contents import contents, contents_findings, told
from tests.support.report_homes import (
    a_bill,
    a_climate,
    a_month,
    a_statement,
    an_estate,
    months_around,
)

SUPPLY = Supply.model_validate({"year": 2025, "co2_kg_per_mwh": 65.0})
BILL = a_bill(country="DK")


def whole() -> HomeMonth:
    return a_month(estate=an_estate(supply=SUPPLY), around=months_around())


def lacking(month: HomeMonth, **changes: Any) -> set[str]:  # noqa: ANN401  fields of a building
    building = month.building.model_copy(update=changes)
    found = contents_findings(BILL, [replace(month, building=building)])
    assert {each.name for each in found} <= {"reports.law.content"}
    return {str(each.data["content"]) for each in found}


def test_a_whole_page_lacks_nothing() -> None:
    assert lacking(whole()) == set()
    assert told(whole()).keys() == {row.content for row in contents()}


@pytest.mark.parametrize(
    ("change", "content"),
    [({"supply": None}, "mix"), ({"contacts": ()}, "contacts"),
     ({"complaint_board": None}, "complaint")],
)  # fmt: skip
def test_what_the_building_does_not_say_is_reported(change: dict[str, Any], content: str) -> None:
    assert lacking(whole(), **change) == {content}


def test_what_was_not_measured_is_reported() -> None:
    assert lacking(replace(whole(), metered=(), estimated=())) == {"use"}
    assert lacking(replace(whole(), payment=Payment.UNKNOWN)) == {"price"}
    assert lacking(replace(whole(), beside=MonthBeside())) == {"earlier", "average"}


@pytest.mark.parametrize("beside", [MonthBeside(first_month=True), MonthBeside(few_homes=True)])
def test_a_reason_on_the_page_counts_as_told(beside: MonthBeside) -> None:
    assert "average" not in lacking(replace(whole(), beside=beside))


def test_a_part_of_a_month_is_compared_with_nothing() -> None:
    assert lacking(replace(whole(), whole=False, beside=MonthBeside())) == set()


def test_pages_are_counted_in_one_finding_for_each_content() -> None:
    bare = replace(whole(), building=whole().building.model_copy(update={"supply": None}))
    (found,) = contents_findings(BILL, [bare, bare, bare])
    assert found.data == {"content": "mix", "lacking": 3, "homes": 3}


def test_a_country_without_a_law_and_a_day_before_it_want_nothing() -> None:
    bare = replace(whole(), building=whole().building.model_copy(update={"supply": None}))
    early = Period(date(2020, 1, 1), date(2020, 2, 1))
    assert contents_findings(a_bill(country=None), [bare]) == []
    assert contents_findings(a_bill(country="CH"), [bare]) == []
    assert contents_findings(a_bill(country="DK", period=early), [bare]) == []
    assert contents_findings(a_bill(country="DE"), [bare]) != []
    assert contents_findings(BILL, []) == []


def german(beside: MonthBeside, **changes: object) -> set[str]:
    month = replace(whole(), beside=beside, **changes)  # type: ignore[arg-type]  # fields of a month
    found = contents_findings(a_bill(country="DE"), [month])
    return {str(each.data["content"]) for each in found}


def beside_of(*others: str, like_home: float | None = None) -> MonthBeside:
    before = OtherUse(Period(date(2025, 12, 1), date(2026, 1, 1)), 400.0, 400.0, by_weather=True)
    use = UseBeside("heat_kwh", 412.0, False, dict.fromkeys(others, before), like_home)  # type: ignore[arg-type]  # names of months
    return MonthBeside((use,))


@pytest.mark.parametrize(
    ("beside", "lacks"),
    [
        (beside_of("month", "year", like_home=380.0), set()),
        (beside_of("month", "year"), {"average_user"}),
        (beside_of("year", like_home=380.0), {"own_months"}),
        (beside_of(), {"earlier", "average", "own_months", "average_user"}),
        (MonthBeside(first_month=True), set()),
    ],
)
def test_a_german_month_has_what_paragraph_6a_wants(beside: MonthBeside, lacks: set[str]) -> None:
    """HeizkostenV § 6a (2) nos. 2 and 3: own months, and an average user beside them."""
    assert german(beside) == lacks


def test_a_german_month_tells_heat_in_kwh() -> None:
    """HeizkostenV § 6a (2) no. 1: units of allocators are no kWh."""
    full = beside_of("month", "year", like_home=380.0)
    assert german(full, metered=(("allocator_units", 512.0),)) == {"use_kwh"}
    assert german(full, metered=(("heat_kwh", 412.0), ("hot_water_m3", 3.2))) == set()


def test_a_like_home_stands_beside_a_year_before_in_germany_alone() -> None:
    rows = (Comparison(item="heat", key="heat_units", own=10.0, others=8.0, homes=5),)
    pages = {
        country: home_month(
            an_estate(supply=SUPPLY), a_bill(a_statement(comparison=rows), country=country),
            a_statement(comparison=rows), a_climate(), (), around=months_around(),
        )
        for country in ("DK", "DE")
    }  # fmt: skip
    shown = {
        country: [each.like_home is not None for each in page.beside.uses]
        for country, page in pages.items()
    }
    assert not any(shown["DK"])
    assert shown["DE"][0]
