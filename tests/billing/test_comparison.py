"""A comparison reveals no neighbour, whatever else is known."""

from __future__ import annotations

from datetime import date

import pytest

from billing.bill.bill import Bill
from billing.bill.explanations import Comparison, Withheld
from billing.schemes import Scheme
from billing.statement.comparison import rounded
from estate.model import Tenancy
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import add_register, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

JANUARY = Period.month("2026-01")
RULES = Scheme.model_validate(
    {
        "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
        "items": {
            "heat": [
                {"key": "heat_units", "fraction": 0.6}, {"key": "area", "fraction": 0.4},
            ],
            "hot_water": [{"key": "hot_water_m3", "fraction": 1.0}],
        },
    }
)  # fmt: skip
USE_KWH = {"1": 500.0, "2": 410.0, "3": 333.0, "4": 700.0, "5": 120.0, "6": 437.0, "7": 250.0}
WATER_M3 = {"1": 3.0, "2": 1.0, "3": 2.0, "4": 4.0, "5": 5.0, "6": 2.0, "7": 0.0}
AREA_M2 = {"1": 50.0, "2": 60.0, "3": 70.0, "4": 80.0, "5": 55.0, "6": 65.0, "7": 75.0}


def bill(homes: int, tenancies: list[Tenancy] | None = None) -> Bill:
    names = [str(number + 1) for number in range(homes)]
    own = estate(
        [flat(name, AREA_M2[name]) for name in names],
        tenancies or [tenancy(f"{name}a", name) for name in names],
        [device(f"h{name}", "heat", name) for name in names]
        + [device(f"w{name}", "hot_water", name) for name in names],
        [cost(JANUARY, "heat", 1_000_000), cost(JANUARY, "hot_water", 200_000)],
    )
    source, hours = HandMadeSource(), JANUARY.hours(own.building.zone)
    for name in names:
        for device_name, quantity, use in (
            (f"h{name}", "heat_kwh", USE_KWH[name]), (f"w{name}", "hot_water_m3", WATER_M3[name]),
        ):  # fmt: skip
            rows = [(hours.start_ms, 100.0), (hours.end_ms, 100.0 + use)]
            add_register(source, device_name, quantity, rows)
    return bill_building(own, source, JANUARY, RULES)


def test_six_homes_are_compared_by_hand() -> None:
    """Others of home 1: 2,000 kWh on 330 m² is 6.06; 14 m³ in 5 homes is 2.8."""
    assert bill(6).statements[0].comparison == (
        Comparison(item="heat", key="heat_units", own=10.0, others=6.1, homes=5),
        Comparison(item="hot_water", key="hot_water_m3", own=3.0, others=2.8, homes=5),
    )


def test_with_four_others_nobody_is_compared() -> None:
    assert {each.comparison for each in bill(5).statements} == {Withheld.FEW_HOMES}


def test_empty_homes_hide_nobody() -> None:
    """Six flats, one of them empty: four others and oneself."""
    lived_in = [tenancy(f"{name}a", name) for name in "12345"]
    comparisons = {s.tenancy: s.comparison for s in bill(6, lived_in).statements}
    assert comparisons["1a"] is Withheld.FEW_HOMES
    # The landlord has five homes to compare an empty flat with, and gets no statement of it.
    assert comparisons["landlord:6"] != Withheld.FEW_HOMES


def test_who_moved_within_the_period_is_not_compared() -> None:
    move = date(2026, 1, 16)
    moved = [tenancy("1a", "1", end=move), tenancy("1b", "1", start=move)]
    moved += [tenancy(f"{name}a", name) for name in "234567"]
    comparisons = {s.tenancy: s.comparison for s in bill(7, moved).statements}
    assert comparisons["1a"] is comparisons["1b"] is Withheld.PART_OF_PERIOD
    assert comparisons["2a"] != Withheld.PART_OF_PERIOD


def test_a_comparison_tells_no_more_than_the_bill_itself() -> None:
    """
    The attack: whoever holds a statement subtracts what it prints from the building's total.

    What comes out is the sum of all other flats and nothing finer, whoever moved or is away, so
    that no difference between two statements, months or totals isolates one of them.
    """
    printed = bill(7)
    for statement in printed.statements:
        assert isinstance(statement.comparison, tuple)
        heat = statement.comparison[0]
        metered, area = statement.rows[0], statement.rows[1]
        rest = (metered.weight_total - metered.weight) / (area.weight_total - area.weight)
        assert heat.others == rounded(rest, 2)


def test_a_neighbours_vacancy_changes_no_comparison_but_by_the_total() -> None:
    """Leaving an empty or newly let flat out would tell its use as a difference."""
    everybody = bill(7).statements[0]
    one_left = bill(7, [tenancy(f"{name}a", name) for name in "123456"]).statements[0]
    assert isinstance(everybody.comparison, tuple)
    assert isinstance(one_left.comparison, tuple)
    assert [each.replace(homes=0) for each in everybody.comparison] == [
        each.replace(homes=0) for each in one_left.comparison
    ]


@pytest.mark.parametrize(
    ("value", "digits", "result"),
    [(0.0, 2, 0.0), (147.2, 2, 150.0), (0.0346, 2, 0.035), (9.96, 2, 10.0), (-12.7, 1, -10.0)],
)
def test_rounding_to_significant_digits(value: float, digits: int, result: float) -> None:
    assert rounded(value, digits) == result
