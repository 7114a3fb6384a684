"""What homes used in the months beside one: their own, measured, and with the weather of each."""

from __future__ import annotations

from datetime import date

import pytest

from billing.measured.earlier_uses import is_month, month_before, read_earlier_uses
from estate.model import DeviceKind
from estate.periods import Period
from tests.billing.test_last_year import JANUARY, two_winters
from tests.support.estates import add_register

KINDS: tuple[DeviceKind, ...] = ("heat", "hot_water")


def test_the_year_before_is_told_of_those_who_lived_there_with_its_degree_days() -> None:
    own, source = two_winters()
    found = read_earlier_uses(source, own, JANUARY, KINDS)
    year = found["year"]
    assert year.period == Period.month("2025-01")
    assert year.uses == {"1a": {"heat_kwh": 100.0, "hot_water_m3": 3.0}}
    assert year.degree_days == pytest.approx(31 * 8.5)


def test_the_month_before_is_told_of_who_lived_there_in_all_of_it() -> None:
    own, source = two_winters()
    december = Period.month("2025-12").hours(own.building.zone)
    edges = (december.start_ms, december.end_ms)
    source.rows["h2", "heat_kwh"] = []
    add_register(source, "h2", "heat_kwh", list(zip(edges, (400.0, 460.0), strict=True)))
    month = read_earlier_uses(source, own, JANUARY, KINDS)["month"]
    assert month.uses == {"2b": {"heat_kwh": 60.0}}
    assert month.degree_days is None


def test_what_nobody_measured_is_left_out() -> None:
    own, source = two_winters()
    source.rows["w1", "hot_water_m3"] = source.rows["w1", "hot_water_m3"][2:]
    year = read_earlier_uses(source, own, JANUARY, KINDS)["year"]
    assert year.uses["1a"] == {"heat_kwh": 100.0}


def test_days_that_are_no_month_have_none_beside_them() -> None:
    own, source = two_winters()
    assert read_earlier_uses(source, own, Period.parse("2026-01-02/2026-02-01"), KINDS) == {}


@pytest.mark.parametrize(
    ("days", "whole"),
    [
        ("2026-01-01/2026-02-01", True), ("2024-02-01/2024-03-01", True),
        ("2026-01-01/2026-03-01", False), ("2026-01-01/2026-01-31", False),
        ("2026-01-02/2026-02-02", False),
    ],
)  # fmt: skip
def test_a_month_is_a_calendar_month(days: str, whole: bool) -> None:
    assert is_month(Period.parse(days)) is whole


def test_before_january_comes_december() -> None:
    assert month_before(JANUARY) == Period(date(2025, 12, 1), date(2026, 1, 1))
    assert month_before(Period.month("2024-03")) == Period.month("2024-02")
