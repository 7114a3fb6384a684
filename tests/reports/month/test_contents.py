"""What the law wants a month to tell, found on its pages or reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from estate.model import Supply
from estate.periods import Period
from reports.monthly.beside.uses import MonthBeside
from reports.monthly.figures import HomeMonth, Payment
from reports.monthly.required.contents import contents, contents_findings, told
from tests.support.report_homes import a_bill, a_month, an_estate, months_around

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
