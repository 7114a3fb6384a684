"""The whole bill against a second implementation in plain loops, and what holds of every bill."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from billing.bill.bill import Bill
from billing.measured.gather import gather
from billing.measured.weighing import Weighing
from billing.schemes import Component, Scheme
from estate.errors import DataError
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_hourly,
    add_register,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.plain_split import Plain, shares
from tests.support.random_houses import House, houses
from tests.support.samples import HandMadeSource

SEASON = ["10-01", "05-01"]
COMPONENTS: list[dict[str, Any]] = [
    {"key": "heat_units_position", "fraction": 0.2},
    {"key": "heat_units", "fraction": 0.1},
    {"key": "area", "fraction": 0.1},
    {"key": "equal", "fraction": 0.1},
    {"key": "own_heat_loss", "fraction": 0.2, "position": True, "season": SEASON, "floor_c": 18},
    {"key": "own_heat_loss", "fraction": 0.1},
    {"key": "degree_hours", "fraction": 0.1},
    {"key": "base_temperature", "fraction": 0.05},
    {"key": "climate_bands", "fraction": 0.05},
]
# A whole house is shrunk for minutes and stays a house.
few = settings(max_examples=15, deadline=None, phases=(Phase.explicit, Phase.generate))


def scheme(*components: dict[str, Any], ceiling: float = 1.0) -> Scheme:
    return Scheme.model_validate(
        {
            "id": "test", "valid_from": "2020-01-01", "source": "made for this test",
            "items": {"heat": list(components)}, "estimated_area_ceiling": ceiling,
        }
    )  # fmt: skip


ALL = scheme(*COMPONENTS)


def bill_of(house: House, rules: Scheme = ALL) -> Bill:
    # Homes drawn at random are as exposed as no home of one building is beside another.
    return bill_building(house.estate, house.source, house.period, rules, ["billing.position.low"])


def by_flat(bill: Bill) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in bill.rows:
        found[row.component, row.flat] += row.amount_ore
    return dict(found)


@pytest.mark.slow
@few
@given(houses(largest_gap=20))
def test_weights_equal_plain_loops_and_the_money_follows_from_the_printed_weights(
    house: House,
) -> None:
    bill = bill_of(house)
    plain = Plain(house.estate, house.source, house.period)
    left = house.estate.costs[0].amount_ore
    parts = shares(left, [Fraction(str(each["fraction"])) for each in COMPONENTS])
    for number, (component, part) in enumerate(zip(COMPONENTS, parts, strict=True), start=1):
        rows = [row for row in bill.rows if row.component == f"heat-{number}"]
        if rows[0].key != component["key"]:
            # Nothing weighed anything; a season that is over, or a home below the base.
            assert all(weight == 0 for weight in plain.weights(component).values())
            continue
        if component["key"] in ("area", "equal"):
            expected = {name: float(w) for name, w in plain.fixed(component["key"], "heat").items()}
        else:
            expected = plain.weights(component)
        found: dict[str, float] = defaultdict(float)
        for row in rows:
            found[row.tenancy] += row.weight
        assert dict(found) == pytest.approx(expected, rel=1e-9, abs=4e-6)
        check_money(rows, part)


def check_money(rows: list[Any], part_ore: int) -> None:
    """Recompute a component from its rows: flats first, then each flat's tenancies by id."""
    flats = sorted({row.flat for row in rows})
    of_flats = [[row for row in rows if row.flat == name] for name in flats]
    weights = [sum((micro(row) for row in of_flat), Fraction(0)) for of_flat in of_flats]
    for of_flat, weight, flat_ore in zip(of_flats, weights, shares(part_ore, weights), strict=True):
        own = sorted(of_flat, key=lambda row: row.tenancy)
        if weight:
            expected = shares(flat_ore, [micro(row) for row in own])
            assert [row.amount_ore for row in own] == expected
        else:
            assert {row.amount_ore for row in own} == {0}


def micro(row: Any) -> Fraction:  # noqa: ANN401  a row of the bill
    return Fraction(round(row.weight * 10**6))


@pytest.mark.slow
@few
@given(houses(largest_gap=96))
def test_sums_are_exact_and_no_nan_reaches_money(house: House) -> None:
    """Whatever is missing: a bill of finite numbers, or the findings that stop it."""
    stops = {"billing.climate.missing", "billing.outdoor.missing", "billing.flat.position"}
    try:
        bill = bill_of(house)
    except DataError as error:
        event("no bill")
        if not stops & {finding.name for finding in error.findings}:
            raise
        return
    assert sum(row.amount_ore for row in bill.rows) == house.estate.costs[0].amount_ore
    assert all(math.isfinite(row.weight) and row.weight >= 0 for row in bill.rows)
    assert all(math.isfinite(row.weight_total) for row in bill.rows)


@pytest.mark.slow
@few
@given(houses(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_readings_is_irrelevant(house: House, random: Any) -> None:  # noqa: ANN401
    own = house.estate
    shuffled = replace(
        own,
        tenancies=tuple(random.sample(own.tenancies, len(own.tenancies))),
        devices=tuple(random.sample(own.devices, len(own.devices))),
    )
    rows = {key: random.sample(rows, len(rows)) for key, rows in house.source.rows.items()}
    again = House(shuffled, HandMadeSource(rows), house.period)
    assert bill_of(again).rows == bill_of(house).rows


@pytest.mark.slow
@few
@given(houses(), st.integers(2, 50))
def test_scaling_the_cost_scales_the_shares_within_one_ore_a_component(
    house: House, factor: int
) -> None:
    (once,) = house.estate.costs
    more = once.model_copy(update={"amount_ore": once.amount_ore * factor})
    scaled = replace(house, estate=replace(house.estate, costs=(more,)))
    before, after = bill_of(house).rows, bill_of(scaled).rows
    for low, high in zip(before, after, strict=True):
        # The component itself, the flat and the tenancy are rounded once each.
        assert abs(high.amount_ore / factor - low.amount_ore) <= 1 + 2


@pytest.mark.slow
@few
@given(houses(), st.integers(1, 3))
def test_a_move_changes_nobody_else_s_bill_and_adds_up_to_the_unsplit_one(
    house: House, day: int
) -> None:
    """Flat 1 is rented by one party, then by two."""
    others = [each for each in house.estate.tenancies if each.flat != "1"]
    on = house.period.start + timedelta(day)
    stays = house.with_tenancies([tenancy("1x", "1"), *others])
    moves = house.with_tenancies(
        [tenancy("1x", "1", end=on), tenancy("1y", "1", start=on), *others]
    )
    before, after = bill_of(stays), bill_of(moves)
    assert by_flat(after) == by_flat(before)
    own = [row for row in after.rows if row.flat != "1"]
    expected = [row for row in before.rows if row.flat != "1"]
    assert [row.amount_ore for row in own] == [row.amount_ore for row in expected]


@few
@given(houses(largest_gap=0), st.floats(0.05, 2), st.integers(0, 90), st.integers(1, 90))
def test_warmer_never_pays_less_under_degree_hours(
    house: House, warmer_k: float, first: int, hours: int
) -> None:
    rules = scheme({"key": "degree_hours", "fraction": 1.0})
    (item,) = house.estate.costs
    owed = item.model_copy(update={"amount_ore": abs(item.amount_ore)})
    house = replace(house, estate=replace(house.estate, costs=(owed,)))
    rows = dict(house.source.rows)
    rows["b1", "temperature_c"] = [
        (t, v + warmer_k * (first <= number < first + hours), q)
        for number, (t, v, q) in enumerate(rows["b1", "temperature_c"])
    ]
    after = replace(house, source=HandMadeSource(rows))
    assert (
        by_flat(bill_of(after, rules))["heat-1", "1"]
        >= by_flat(bill_of(house, rules))["heat-1", "1"]
    )


@few
@given(houses(largest_gap=0), st.lists(st.integers(0, 90), min_size=1, max_size=30))
def test_greener_never_pays_more_under_climate_bands(house: House, hours: list[int]) -> None:
    rules = scheme({"key": "climate_bands", "fraction": 1.0})
    (item,) = house.estate.costs
    owed = item.model_copy(update={"amount_ore": abs(item.amount_ore)})
    house = replace(house, estate=replace(house.estate, costs=(owed,)))
    rows = dict(house.source.rows)
    level = rows["b1", "temperature_c"][0][1]
    # Green by going to the nearest green temperature: a leap would be doubted.
    green = min(max(level, 19.5), 21.5)
    if abs(green - level) > 1:
        return
    rows["b1", "temperature_c"] = [
        (t, green if number in hours else v, q)
        for number, (t, v, q) in enumerate(rows["b1", "temperature_c"])
    ]
    after = replace(house, source=HandMadeSource(rows))
    assert (
        by_flat(bill_of(after, rules))["heat-1", "1"]
        <= by_flat(bill_of(house, rules))["heat-1", "1"]
    )


def a_year_s_house(period: Period, areas: dict[str, float]) -> House:
    """Return homes of some areas with the same position, temperature and use per m²."""
    own = estate(
        [
            flat(name, area, heat_loss_w_per_k=1.2 * area, gains_w=2 * area)
            for name, area in areas.items()
        ],
        [tenancy(f"{name}a", name) for name in areas],
        [device("out", "outdoor", None)]
        + [device(f"b{name}", "climate", name) for name in areas]
        + [device(f"m{name}", "heat", name) for name in areas],
        [cost(period, "heat", 1_234_567)],
    )  # fmt: skip
    source, hours = HandMadeSource(), period.hours(own.building.zone)
    phase = np.arange(hours.count) / 24
    add_hourly(source, "out", "temperature_c", hours, (9 + 4 * np.sin(phase)).tolist())
    for name, area in areas.items():
        add_hourly(source, f"b{name}", "temperature_c", hours, (21 + np.sin(phase / 7)).tolist())
        edges = [(hours.start_ms, 0.0), (hours.end_ms, 11 * area)]
        add_register(source, f"m{name}", "heat_kwh", edges)
    return House(own, source, period)


CLIMATE = scheme(
    {"key": "heat_units_position", "fraction": 0.4},
    {"key": "area", "fraction": 0.3},
    {"key": "own_heat_loss", "fraction": 0.3, "position": True, "season": SEASON, "floor_c": 18},
)


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda each: str(each["key"]))
def test_homes_of_50_and_100_m2_pay_in_proportion(component: dict[str, Any]) -> None:
    if component["key"] == "equal":
        return
    house = a_year_s_house(Period.month("2026-02"), {"1": 50.0, "2": 100.0})
    found = by_flat(bill_of(house, scheme(component | {"fraction": 1.0})))
    assert abs(found["heat-1", "2"] - 2 * found["heat-1", "1"]) <= 2
    assert sum(found.values()) == 1_234_567


def test_in_july_own_heat_loss_has_no_weight_under_dk_climate() -> None:
    house = a_year_s_house(Period.month("2026-07"), {"1": 50.0, "2": 100.0})
    weighing = Weighing(gather(house.estate, house.source, house.period, CLIMATE))
    (own,) = (each for each in CLIMATE.items["heat"] if each.key == "own_heat_loss")
    assert weighing.measured_weights(own, CLIMATE.position_condition).tolist() == [0.0, 0.0]
    bill = bill_of(house, CLIMATE)
    assert [row.key for row in bill.statements[0].rows] == ["heat_units_position", "area", "area"]
    assert "billing.component.no_weight" in {finding.name for finding in bill.findings}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("period", "hours"),
    [
        ("2026-03-01/2026-04-01", 743),
        ("2026-10-01/2026-11-01", 745),
        ("2028-02-01/2028-03-01", 696),
        ("2025-12-15/2026-01-15", 744),
    ],
)
def test_months_in_copenhagen_have_the_hours_that_they_have(period: str, hours: int) -> None:
    house = a_year_s_house(Period.parse(period), {"1": 50.0, "2": 100.0, "3": 75.0})
    bill = bill_of(house, CLIMATE)
    assert [each.climate_hours for each in bill.statements] == [hours] * 3
    assert [each.climate_hours_measured for each in bill.statements] == [hours] * 3
    assert sum(each.total_ore for each in bill.statements) == 1_234_567
    plain = Plain(house.estate, house.source, house.period)
    component = {"key": "own_heat_loss", "position": True, "season": SEASON, "floor_c": 18}
    rows = [row for row in bill.rows if row.component == "heat-3"]
    weights = {row.tenancy: row.weight for row in rows}
    assert weights == pytest.approx(plain.weights(component), abs=1e-6)


def test_a_component_of_every_measured_key_is_compared() -> None:
    measured = {Component.model_validate(each).key for each in COMPONENTS}
    assert measured >= {
        "heat_units", "heat_units_position", "degree_hours", "base_temperature", "own_heat_loss",
        "climate_bands",
    }  # fmt: skip
