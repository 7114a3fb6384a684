"""Homes with meters of several kinds: groups of users, each split by its own."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.bill.bill import Bill
from billing.measured.meters.user_groups import grouped_weights, user_groups
from billing.schemes import Scheme
from estate.model import Device, Flat, Tenancy
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_register,
    building,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource

MARCH = Period(date(2026, 3, 1), date(2026, 3, 29))
QUANTITIES = {"h": "heat_kwh", "a": "allocator_units", "t": "heat_kwh", "x": "heat_kwh"}
KINDS = {"h": "heat", "a": "allocator", "t": "heat", "x": "main_heat"}
"""By the first letter of a device: a home's heat meter, allocator, tank, main meter."""
FLATS = [flat("1", 50.0), flat("2", 100.0), flat("3", 90.0), flat("4", 60.0)]
MIXED = {"h1": 400.0, "h2": 600.0, "a3": 30.0, "a4": 10.0}
"""150 m² with heat meters, 150 m² with allocators."""


def scheme(**component: Any) -> Scheme:  # noqa: ANN401  parameters of the one component
    heat = [{"key": "heat_units", "fraction": 1.0, **component}]
    return Scheme.model_validate(
        {
            "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
            "items": {"heat": heat}, "estimated_area_ceiling": 1.0,
        }
    )  # fmt: skip


def bill_of(
    uses: dict[str, float],
    rules: Scheme | None = None,
    flats: list[Flat] | None = None,
    tenancies: list[Tenancy] | None = None,
) -> Bill:
    """Bill 3,000.00 of homes whose meters count evenly, every day."""
    flats, source = flats or FLATS, HandMadeSource()
    hours = MARCH.hours(building().zone)
    for name, use in uses.items():
        readings = [
            (day_ms, use * (day_ms - hours.start_ms) / (hours.end_ms - hours.start_ms))
            for day_ms in hours.day_starts_ms
        ]
        add_register(source, name, QUANTITIES[name[0]], readings)
    own = estate(
        flats,
        tenancies or [tenancy(f"{each.flat}a", each.flat) for each in flats],
        [device(n, KINDS[n[0]], n[1] if n[0] in "ha" else None) for n in uses],
        [cost(MARCH, "heat", 300_000)],
    )
    return bill_building(own, source, MARCH, rules or scheme())


def amounts(bill: Bill) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in bill.rows:
        found[row.flat] = found.get(row.flat, 0) + row.amount_ore
    return found


def names(bill: Bill) -> set[str]:
    return {finding.name for finding in bill.findings}


def test_groups_are_divided_by_area_and_split_by_their_own_meters() -> None:
    """1,500.00 by 400 : 600 kWh and 1,500.00 by 30 : 10 units."""
    bill = bill_of(MIXED)
    assert amounts(bill) == {"1": 60_000, "2": 90_000, "3": 112_500, "4": 37_500}
    assert names(bill) == {"billing.meter.groups"}
    # One scale, that of the heat meters: a unit stands for 25 kWh.
    assert {row.flat: row.weight for row in bill.rows} == {"1": 400, "2": 600, "3": 750, "4": 250}


def test_groups_are_divided_by_the_main_meter() -> None:
    """5,000 kWh less 1,000 of the tank and 1,000 of the homes: 3,000 for the allocators' homes."""
    rules = scheme(groups="main_meter")
    bill = bill_of(MIXED | {"x": 5_000.0, "t": 1_000.0}, rules)
    assert amounts(bill) == {"1": 30_000, "2": 45_000, "3": 168_750, "4": 56_250}
    assert names(bill) == {"billing.meter.groups"}


@pytest.mark.parametrize("main", [{}, {"x": 900.0}, {"x": 5_000.0, "t": 4_500.0}])
def test_where_the_main_meter_does_not_tell_area_divides_and_that_is_told(
    main: dict[str, float],
) -> None:
    bill = bill_of(MIXED | main, scheme(groups="main_meter"))
    assert amounts(bill) == amounts(bill_of(MIXED))
    assert names(bill) == {"billing.meter.groups", "billing.meter.groups_by_area"}


def test_a_silent_tank_s_heat_is_not_that_of_the_homes_with_allocators() -> None:
    """5,000 kWh less 1,000 of the homes, but nobody knows how much of the rest the tank took."""
    bill = bill_of(MIXED | {"x": 5_000.0, "t": math.nan}, scheme(groups="main_meter"))
    assert amounts(bill) == amounts(bill_of(MIXED))
    assert {"billing.register.common_silent", "billing.meter.groups_by_area"} <= names(bill)


def test_position_factors_move_cost_within_a_group_alone() -> None:
    flats = [flat("1", 50.0, position_factor=0.5), *FLATS[1:]]
    flats = [each if each.position_factor else with_factor(each) for each in flats]
    bill = bill_of(MIXED, scheme(key="heat_units_position"), flats)
    assert amounts(bill) == {"1": 37_500, "2": 112_500, "3": 112_500, "4": 37_500}


def with_factor(home: Flat) -> Flat:
    return home.model_copy(update={"position_factor": 1.0})


@pytest.mark.parametrize("common", [{"t": 700.0}, {"x": 9_000.0}, {"t": 700.0, "x": 9_000.0}])
@pytest.mark.parametrize("letter", ["h", "a"])
def test_a_common_meter_hides_no_home_s(letter: str, common: dict[str, float]) -> None:
    homes = {f"{letter}{number}": 10.0 * number for number in range(1, 5)}
    bill = bill_of(homes | common)
    assert amounts(bill) == {"1": 30_000, "2": 60_000, "3": 90_000, "4": 120_000}
    assert names(bill) == set()


def test_a_home_without_a_meter_is_estimated_within_the_larger_group() -> None:
    """Flat 5 of 200 m² goes with flats 3 and 4 (allocators, 190 m²): 40 units x 200 / 190."""
    flats = [*FLATS[:3], flat("4", 100.0), flat("5", 200.0)]
    bill = bill_of(MIXED, None, flats)
    weights = {row.flat: row.weight for row in bill.rows}
    assert weights["5"] / weights["3"] == pytest.approx(40 * 200 / 190 / 30)
    assert sum(amounts(bill)[each] for each in "12") == 83_333  # 3,000.00 x 150 / 540
    assert "billing.register.estimated" in names(bill)


def test_a_group_that_counted_nothing_is_split_by_area_and_changes_no_other_group() -> None:
    bill = bill_of(MIXED | {"a3": 0.0, "a4": 0.0})
    assert amounts(bill) == {"1": 60_000, "2": 90_000, "3": 90_000, "4": 60_000}
    bill = bill_of(MIXED | {"h1": 0.0, "h2": 0.0})
    assert amounts(bill) == {"1": 50_000, "2": 100_000, "3": 112_500, "4": 37_500}


@pytest.mark.parametrize("moves", ["1", "3"])
def test_a_move_within_a_group_changes_nobody_else_s_bill(moves: str) -> None:
    on = date(2026, 3, 10)
    others = [tenancy(f"{each.flat}a", each.flat) for each in FLATS if each.flat != moves]
    two = [tenancy(f"{moves}a", moves, end=on), tenancy(f"{moves}b", moves, start=on)]
    assert amounts(bill_of(MIXED, tenancies=[*others, *two])) == amounts(bill_of(MIXED))


def fitted(name: str, kind: str, home: str, start: date, end: date | None = None) -> Device:
    return device(name, kind, home, start=start, end=end)


def test_a_home_is_counted_by_the_kind_that_stood_there_for_most_of_the_days() -> None:
    long_ago, late = date(2020, 1, 1), date(2026, 3, 20)
    devices = [
        fitted("h1", "heat", "1", long_ago),
        fitted("a2", "allocator", "2", long_ago, late), fitted("h2", "heat", "2", late),
        fitted("a3", "allocator", "3", long_ago), fitted("h0", "heat", "3", long_ago, MARCH.start),
    ]  # fmt: skip
    own = estate(FLATS[:3], [], devices, [])
    groups = user_groups(own, MARCH, ("heat", "allocator"))
    assert groups.kinds == ("heat", "allocator")
    assert groups.of_flats.tolist() == [0, 1, 1]
    assert [each.device for each in groups.not_counted] == ["h2"]


shares = st.lists(st.floats(1, 1000), min_size=2, max_size=2).map(np.array)
counts = st.lists(st.floats(0, 10_000), min_size=4, max_size=4).map(np.array)


@given(counts, shares)
def test_groups_weigh_in_proportion_to_their_shares(own: Any, parts: Any) -> None:  # noqa: ANN401
    own = np.where(own < 1e-6, 0.0, own)
    group, size = np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 3.0, 4.0])
    weights = grouped_weights(own, size, group, parts)
    sums = [weights[group == number].sum() for number in (0, 1)]
    assert sums[0] * parts[1] == pytest.approx(sums[1] * parts[0])
    for number in (0, 1):
        within = own[group == number] if own[group == number].any() else size[group == number]
        found = weights[group == number]
        assert found * within.sum() == pytest.approx(within * found.sum())
