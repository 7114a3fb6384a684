"""The whole split: hours worked by plain loops, moves, vacancies, meters, faults."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from billing.bill.bill import Bill
from estate.errors import DataError
from estate.model import Estate
from estate.periods import HOUR_MS, Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_hourly,
    add_register,
    cost,
    device,
    estate,
    flat,
    scheme,
    tenancy,
)
from tests.support.samples import HandMadeSource

TWO_DAYS = Period(date(2026, 2, 2), date(2026, 2, 4))
JANUARY = Period.month("2026-01")


def by_tenancy(bill: Bill) -> dict[str, int]:
    return {statement.tenancy: statement.total_ore for statement in bill.statements}


def names(bill: Bill) -> set[str]:
    return {finding.name for finding in bill.findings}


# 48 hours, two flats, a move on the second day, hours colder indoors than outdoors, one gap.

OUTDOOR = [2 + 6 * math.sin(hour / 5) for hour in range(48)]
WARM: list[float | None] = [21 + math.cos(hour / 7) for hour in range(48)]
COLD: list[float | None] = [3 + 2 * math.sin(hour / 3) for hour in range(48)]
GAP_HOUR = 30


def two_flats() -> tuple[Estate, HandMadeSource]:
    own = estate(
        [flat("1", 50.0), flat("2", 80.0)],
        [
            tenancy("1a", "1", end=date(2026, 2, 3)),
            tenancy("1b", "1", start=date(2026, 2, 3)),
            tenancy("2a", "2"),
        ],
        [
            device("out", "outdoor", None),
            device("b1", "climate", "1"),
            device("b2", "climate", "2"),
        ],
        [cost(TWO_DAYS, "heat", 100_000)],
    )
    source = HandMadeSource()
    hours = TWO_DAYS.hours(own.building.zone)
    cold = [None if hour == GAP_HOUR else value for hour, value in enumerate(COLD)]
    add_hourly(source, "out", "temperature_c", hours, OUTDOOR)
    add_hourly(source, "b1", "temperature_c", hours, WARM)
    add_hourly(source, "b2", "temperature_c", hours, cold)
    return own, source


def test_48_hours_equal_plain_loops() -> None:
    """
    One gap in 48 hours: 47 measured hours are below two days, so their mean stands in.

    To it comes how far the hours on both sides lie from it, less one 24th for the hour's distance.
    """
    own, source = two_flats()
    bill = bill_building(own, source, TWO_DAYS, scheme({"key": "degree_hours", "fraction": 1.0}))
    measured = [value for hour, value in enumerate(COLD) if hour != GAP_HOUR and value is not None]
    cold = [*COLD]
    mean = sum(measured) / len(measured)
    beside = (COLD[GAP_HOUR - 1] or 0.0) / 2 + (COLD[GAP_HOUR + 1] or 0.0) / 2 - mean
    cold[GAP_HOUR] = mean + beside * 23 / 24
    weights = {"1a": 0.0, "1b": 0.0, "2a": 0.0}
    for hour in range(48):
        warm, chilly = WARM[hour], cold[hour]
        assert warm is not None
        assert chilly is not None
        weights["1a" if hour < 24 else "1b"] += 50.0 * max(warm - OUTDOOR[hour], 0.0)
        weights["2a"] += 80.0 * max(chilly - OUTDOOR[hour], 0.0)
    expected = split_by_hand(100_000, weights)
    assert by_tenancy(bill) == expected
    assert names(bill) == {"billing.climate.estimated"}
    (finding,) = bill.findings
    assert finding.data == {"flat": "2", "missing_hours": 1, "hours": 48}
    assert [s.climate_hours_measured for s in bill.statements] == [24, 24, 47]


def split_by_hand(amount_ore: int, weights: dict[str, float]) -> dict[str, int]:
    """Flats 1 and 2 first, by the larger remainder; then the tenancies of flat 1."""
    exact = {name: Fraction(round(weight * 10**6)) for name, weight in weights.items()}
    first = exact["1a"] + exact["1b"]
    share = amount_ore * first / (first + exact["2a"])
    flat_1 = math.floor(share) + (1 if share % 1 >= Fraction(1, 2) else 0)
    own = flat_1 * exact["1a"] / first
    a = math.floor(own) + (1 if own % 1 >= Fraction(1, 2) else 0)
    return {"1a": a, "1b": flat_1 - a, "2a": amount_ore - flat_1}


def test_neighbours_move_changes_nobody_elses_bill() -> None:
    own, source = two_flats()
    rules = scheme(
        {"key": "degree_hours", "fraction": 0.5}, {"key": "area", "fraction": 0.3},
        {"key": "climate_bands", "fraction": 0.2},
    )  # fmt: skip
    before = by_tenancy(bill_building(own, source, TWO_DAYS, rules))
    stayed = estate(own.flats, [tenancy("1a", "1"), tenancy("2a", "2")], own.devices, own.costs)
    after = by_tenancy(bill_building(stayed, source, TWO_DAYS, rules))
    assert after["2a"] == before["2a"]
    assert after["1a"] == before["1a"] + before["1b"]


def test_order_of_rows_does_not_matter_and_scale_of_costs_does_not_change_shares() -> None:
    own, source = two_flats()
    rules = scheme({"key": "degree_hours", "fraction": 1.0})
    double = estate(own.flats, own.tenancies[::-1], own.devices[::-1], [*own.costs, *own.costs])
    once = by_tenancy(bill_building(own, source, TWO_DAYS, rules))
    both_due = ["billing.costs.overlap"]
    twice = by_tenancy(bill_building(double, source, TWO_DAYS, rules, both_due))
    assert sum(twice.values()) == 200_000
    assert all(abs(twice[name] - 2 * once[name]) <= 2 for name in once)


# Meters over a January.


def metered(**registers: list[tuple[float, float]]) -> tuple[Estate, HandMadeSource]:
    """Make three flats of 50, 50 and 100 m²; registers by device as (day of January, kWh)."""
    own = estate(
        [flat("1", 50.0), flat("2", 50.0), flat("3", 100.0)],
        [tenancy("1a", "1"), tenancy("2a", "2"), tenancy("3a", "3")],
        [device(name, "heat", name[1]) for name in ("m1", "m2", "m3")],
        [cost(JANUARY, "heat", 300_000)],
    )
    source = HandMadeSource()
    start = JANUARY.hours(own.building.zone).start_ms
    for name, rows in registers.items():
        readings = [(start + round(day * 24) * HOUR_MS, value) for day, value in rows]
        add_register(source, name, "heat_kwh", readings)
    return own, source


UNITS = {"key": "heat_units", "fraction": 1.0}


def test_use_is_the_difference_at_the_edges() -> None:
    own, source = metered(
        m1=[(0, 100), (10, 999), (31, 200)], m2=[(-1, 0), (1, 33), (31, 116)],
        m3=[(0, 50), (31, 150)],
    )  # fmt: skip
    # m1 sent one reading that does not fit. m2 stands at 16 at the month's start: a day of December
    # has 160 / 31 degree-days and one of January 170 / 31, so 33 kWh are 16 and 17.
    own_bill = bill_building(own, source, JANUARY, scheme(UNITS))
    assert by_tenancy(own_bill) == {"1a": 100_000, "2a": 100_000, "3a": 100_000}
    left_out, unread = own_bill.findings
    assert (left_out.name, left_out.data["left_out"]) == ("billing.register.left_out", 1)
    assert (unread.name, unread.data["gap_hours"]) == ("billing.register.interpolated", 48)
    methods = [statement.registers[0].method for statement in own_bill.statements]
    assert methods == ["measured", "interpolated", "measured"]


def test_meter_that_falls_silent_is_extended_over_its_days_and_counted() -> None:
    own, source = metered(m1=[(0, 0), (31, 310)], m2=[(0, 0), (31, 310)], m3=[(0, 0), (15.5, 155)])
    bill = bill_building(own, source, JANUARY, scheme(UNITS))
    assert by_tenancy(bill) == {"1a": 100_000, "2a": 100_000, "3a": 100_000}
    (finding,) = bill.findings
    assert finding.name == "billing.register.estimated"
    assert finding.data["missing_hours"] == 372


def test_meter_without_any_reading_takes_like_homes_by_area() -> None:
    own, source = metered(m1=[(0, 0), (31, 90)], m3=[(0, 0), (31, 210)])
    bill = bill_building(own, source, JANUARY, scheme(UNITS))
    # 300 kWh on 150 m²: 2 kWh/m², so 100 kWh for flat 2; a quarter of the area is still allowed.
    assert by_tenancy(bill) == {"1a": 67_500, "2a": 75_000, "3a": 157_500}
    assert [finding.data["flat"] for finding in bill.findings] == ["2"]


def test_beyond_a_quarter_of_the_area_only_area_counts() -> None:
    own, source = metered(m1=[(0, 0), (31, 90)], m2=[(0, 0), (31, 10)])
    bill = bill_building(own, source, JANUARY, scheme(UNITS, estimated_area_ceiling=0.25))
    assert by_tenancy(bill) == {"1a": 75_000, "2a": 75_000, "3a": 150_000}
    (told,) = [each for each in bill.findings if each.name == "billing.estimate.ceiling"]
    # The third flat, of which nothing was heard, is as large as the two others together.
    assert told.data == {
        "component": "heat-1", "key": "area", "item": "heat", "part": 0.5,
        "why": "50% of the area would be estimated",
    }  # fmt: skip
    assert {row.key for row in bill.rows} == {"area"}


def test_nobody_uses_anything_so_area_counts() -> None:
    own, source = metered(m1=[(0, 5), (31, 5)], m2=[(0, 5), (31, 5)], m3=[(0, 5), (31, 5)])
    bill = bill_building(own, source, JANUARY, scheme(UNITS))
    assert by_tenancy(bill) == {"1a": 75_000, "2a": 75_000, "3a": 150_000}
    assert names(bill) == {"billing.component.no_weight"}


def test_no_reading_at_all_names_every_flat_and_its_hours() -> None:
    own, source = metered()
    with pytest.raises(DataError) as caught:
        bill_building(own, source, JANUARY, scheme(UNITS))
    found = [finding for finding in caught.value.findings if "register" in finding.name]
    assert [(f.data["flat"], f.data["missing_hours"]) for f in found] == [
        ("1", 744), ("2", 744), ("3", 744),
    ]  # fmt: skip


def test_swapped_meter_counts_both_parts() -> None:
    own, source = metered(m1=[(0, 0), (31, 100)], m2=[(0, 0), (31, 100)], m3=[(0, 900), (10, 950)])
    moved = [
        *own.devices[:2],
        device("m3", "heat", "3", end=date(2026, 1, 11)),
        device("m4", "heat", "3", start=date(2026, 1, 11), start_register=2.0),
    ]
    source.rows["m4", "heat_kwh"] = [
        (JANUARY.hours(own.building.zone).end_ms, 52.0, 0),
        (JANUARY.hours(own.building.zone).start_ms + 12 * 24 * HOUR_MS, 10.0, 0),
    ]
    swapped = estate(own.flats, own.tenancies, moved, own.costs)
    bill = bill_building(swapped, source, JANUARY, scheme(UNITS))
    assert by_tenancy(bill) == {"1a": 100_000, "2a": 100_000, "3a": 100_000}
    assert [register.device for register in bill.statements[2].registers] == ["m3", "m4"]


# Whose days.


def test_area_changes_hands_by_degree_days_and_empty_days_are_the_landlords() -> None:
    """Over March and April: 130 and 80 per mille; the flat is empty in April."""
    spring = Period(date(2026, 3, 1), date(2026, 5, 1))
    own = estate(
        [flat("1", 60.0), flat("2", 60.0)],
        [tenancy("1a", "1", end=date(2026, 4, 1)), tenancy("2a", "2")],
        [],
        [cost(spring, "heat", 42_000), cost(spring, "water", 12_200)],
    )
    area = [{"key": "area", "fraction": 1.0}]
    bill = bill_building(own, HandMadeSource(), spring, scheme(items={"heat": area, "water": area}))
    found = {(row.tenancy, row.item): row.amount_ore for row in bill.rows}
    assert found == {
        ("1a", "heat"): 13_000, ("landlord:1", "heat"): 8_000, ("2a", "heat"): 21_000,
        # 31 of 61 days.
        ("1a", "water"): 3_100, ("landlord:1", "water"): 3_000, ("2a", "water"): 6_100,
    }  # fmt: skip
    assert [statement.resident for statement in bill.statements] == [True, False, True]


def test_negative_item_is_credited() -> None:
    own = estate(
        [flat("1", 50.0), flat("2", 100.0)], [tenancy("1a", "1"), tenancy("2a", "2")], [],
        [cost(JANUARY, "heat", 30_000), cost(JANUARY, "heat", -60_000, kind="rebate")],
    )  # fmt: skip
    bill = bill_building(own, HandMadeSource(), JANUARY, scheme({"key": "area", "fraction": 1.0}))
    assert by_tenancy(bill) == {"1a": -10_000, "2a": -20_000}


@pytest.mark.parametrize(
    ("costs", "name"),
    [
        ([], "billing.costs.missing"),
        ([cost(Period.parse("2026-01-01/2026-04-01"), "heat", 100)], "billing.costs.beyond"),
        ([cost(JANUARY, "lift", 100)], "billing.item.no_rule"),
    ],
)
def test_costs_that_cannot_be_split_stop_the_bill(costs: list[Any], name: str) -> None:
    own = estate([flat("1")], [tenancy("1a", "1")], [], costs)
    with pytest.raises(DataError) as caught:
        bill_building(own, HandMadeSource(), JANUARY, scheme({"key": "area", "fraction": 1.0}))
    assert name in {finding.name for finding in caught.value.findings}


def test_provisional_cost_is_told() -> None:
    own = estate(
        [flat("1")], [tenancy("1a", "1")], [], [cost(JANUARY, "heat", 100, status="provisional")]
    )
    bill = bill_building(own, HandMadeSource(), JANUARY, scheme({"key": "area", "fraction": 1.0}))
    assert names(bill) == {"billing.costs.provisional"}


def test_column_that_the_scheme_needs_is_named() -> None:
    own = estate([flat("1")], [tenancy("1a", "1")], [], [cost(JANUARY, "heat", 100)])
    with pytest.raises(DataError, match=r"volume_m3.*flats\.csv"):
        bill_building(own, HandMadeSource(), JANUARY, scheme({"key": "volume", "fraction": 1.0}))


def test_season_and_floor() -> None:
    """Outside the season nothing counts; below the floor nothing more is gained."""
    turn = Period(date(2026, 4, 30), date(2026, 5, 2))
    own = estate(
        [flat("1"), flat("2")], [tenancy("1a", "1"), tenancy("2a", "2")],
        [device(f"b{name}", "climate", name) for name in ("1", "2")]
        + [device("out", "outdoor", None)],
        [cost(turn, "heat", 28_000)],
    )  # fmt: skip
    source, hours = HandMadeSource(), turn.hours(own.building.zone)
    add_hourly(source, "out", "temperature_c", hours, [8.0] * 48)
    add_hourly(source, "b1", "temperature_c", hours, [12.0] * 24 + [30.0] * 24)
    add_hourly(source, "b2", "temperature_c", hours, [26.0] * 24 + [8.0] * 24)
    component = {"key": "degree_hours", "fraction": 1.0, "season": ["10-01", "05-01"]}
    plain = bill_building(own, source, turn, scheme(component))
    assert by_tenancy(plain) == {"1a": 5_091, "2a": 22_909}  # 4 to 18 K
    floored = bill_building(own, source, turn, scheme(component | {"floor_c": 18}))
    assert by_tenancy(floored) == {"1a": 10_000, "2a": 18_000}  # 10 to 18 K


# Refused by right, and too much estimated.


def three_homes(refusing: bool, silent: Sequence[str] = ()) -> tuple[Estate, HandMadeSource]:
    """Homes of 50 m² at 20, 22 and 26 °C, 10 °C outdoors; the third may refuse its box."""
    third = tenancy("3a", "3").model_copy(update={"climate_refused": refusing})
    own = estate(
        [flat(name, 50.0) for name in "123"],
        [tenancy("1a", "1"), tenancy("2a", "2"), third],
        [device("out", "outdoor", None)]
        + [device(f"b{name}", "climate", name) for name in "123"]
        + [device(f"m{name}", "heat", name) for name in "123"],
        [cost(TWO_DAYS, "heat", 330_000)],
    )
    source, hours = HandMadeSource(), TWO_DAYS.hours(own.building.zone)
    add_hourly(source, "out", "temperature_c", hours, [10.0] * 48)
    for name, value in {"1": 20.0, "2": 22.0, "3": 26.0}.items():
        if f"b{name}" not in silent:
            add_hourly(source, f"b{name}", "temperature_c", hours, [value] * 48)
        if f"m{name}" not in silent:
            edges = [(hours.start_ms, 0.0), (hours.end_ms, 100.0)]
            add_register(source, f"m{name}", "heat_kwh", edges)
    return own, source


DEGREES = {"key": "degree_hours", "fraction": 1.0}


def test_a_refused_box_weighs_the_median_of_the_others_and_is_not_missing() -> None:
    """10, 12 and 11 K, whatever a box that is there all the same says."""
    for silent in ((), ("b3",)):
        bill = bill_building(*three_homes(True, silent), TWO_DAYS, scheme(DEGREES))
        assert by_tenancy(bill) == {"1a": 100_000, "2a": 120_000, "3a": 110_000}
        assert names(bill) == {"billing.climate.refused"}
        assert bill.statements[2].climate_hours_measured == 0


def test_where_all_refuse_nothing_tells() -> None:
    own, source = three_homes(True)
    refusing = [each.model_copy(update={"climate_refused": True}) for each in own.tenancies]
    everyone = estate(own.flats, refusing, own.devices, own.costs)
    with pytest.raises(DataError) as caught:
        bill_building(everyone, source, TWO_DAYS, scheme(DEGREES))
    assert {finding.name for finding in caught.value.findings} >= {"billing.climate.missing"}


MIXED = ({"key": "heat_units", "fraction": 0.5}, {"key": "degree_hours", "fraction": 0.3},
         {"key": "equal", "fraction": 0.2})  # fmt: skip


def keys_of(bill: Bill) -> list[str]:
    return [row.key for row in bill.statements[0].rows]


def test_a_third_of_the_boxes_silent_puts_the_climate_on_fixed_keys_and_not_the_meters() -> None:
    bill = bill_building(*three_homes(False, ["b3"]), TWO_DAYS, scheme(*MIXED))
    assert keys_of(bill) == ["heat_units", "equal", "equal"]
    assert "billing.estimate.ceiling" in names(bill)


def test_a_third_of_the_meters_silent_puts_all_of_the_item_on_fixed_keys() -> None:
    german = scheme(*MIXED, country="DE")
    bill = bill_building(*three_homes(False, ["m3"]), TWO_DAYS, german)
    assert keys_of(bill) == ["equal", "equal", "equal"]


def test_what_meters_may_be_estimated_is_the_law_s() -> None:
    """Where no law sets a ceiling, two homes of three tell the third's heat: 100 kWh as theirs."""
    bill = bill_building(*three_homes(False, ["m3"]), TWO_DAYS, scheme(*MIXED, country="CH"))
    assert keys_of(bill) == ["heat_units", "degree_hours", "equal"]
    assert [statement.rows[0].weight for statement in bill.statements] == [100.0, 100.0, 100.0]


def test_the_ceiling_is_the_scheme_s() -> None:
    own, source = three_homes(False, ["m3"])
    bill = bill_building(own, source, TWO_DAYS, scheme(*MIXED, estimated_area_ceiling=0.34))
    assert keys_of(bill) == ["heat_units", "degree_hours", "equal"]
