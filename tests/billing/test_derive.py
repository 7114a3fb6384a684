"""One supplier bill into items: numbers worked by hand from the formulas, and exact sums."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from billing.costs.derive import Measured, derive_numbers, derived_kwh, divide
from billing.derivation import Derivation, DerivationMethod


def rule(**fields: object) -> Derivation:
    return Derivation.model_validate({"from": "heat"} | fields)


BY_TEMPERATURE = rule(by="water_temperature", hot_c=60)
HOUSE = Measured(
    supplied_kwh=90_000.0, hot_water_kwh=21_000.0, room_heat_kwh=60_000.0, hot_water_m3=180.0,
    area_m2=420.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("method", "of", "measured", "expected"),
    [
        # HeizkostenV § 9 (2): 2.5 x 180 x (60 - 10) = 22,500.
        ("water_temperature", BY_TEMPERATURE, HOUSE, 22_500),
        # The building's own 55 °C comes before the scheme's 60: 2.5 x 180 x 45.
        ("water_temperature", BY_TEMPERATURE, replace(HOUSE, hot_water_c=55.0), 20_250),
        ("water_temperature", BY_TEMPERATURE, replace(HOUSE, gross_calorific=True), 24_975),
        # 22,500 / 1.15
        (
            "water_temperature", BY_TEMPERATURE, replace(HOUSE, commercial_supply=True),
            19_565.217391304348,
        ),
        # 22,500 x 0.30: a heat pump's bill counts electricity (no. 3, from 1 October 2024).
        ("water_temperature", BY_TEMPERATURE, replace(HOUSE, heat_pump=True), 6_750),
        # 32 x 420 a year, and a quarter of it.
        ("kwh_per_m2", rule(by="kwh_per_m2"), HOUSE, 13_440),
        ("kwh_per_m2", rule(by="kwh_per_m2"), replace(HOUSE, years=0.25), 3_360),
        ("kwh_per_m2", rule(by="kwh_per_m2"), replace(HOUSE, gross_calorific=True), 14_918.4),
        ("kwh_per_m3", rule(by="kwh_per_m3", kwh_per_m3=58), HOUSE, 10_440),
        ("metered_energy", rule(by="metered_energy"), HOUSE, 21_000),
        # The factors are for computed heat: what a meter tells is as it is.
        ("metered_energy", rule(by="metered_energy"), replace(HOUSE, gross_calorific=True), 21_000),
        ("fixed", rule(by="fixed", fraction=0.35), HOUSE, 31_500),
        ("unmetered_energy", rule(by="unmetered_energy"), HOUSE, 30_000),
    ],
)  # fmt: skip
def test_heat_of_a_method(
    method: DerivationMethod, of: Derivation, measured: Measured, expected: float
) -> None:
    assert derived_kwh(method, of, measured) == pytest.approx(expected, rel=1e-12)


def test_factor_of_a_heat_pump_holds_from_october_2024() -> None:
    days = (date(2024, 9, 30), date(2024, 10, 1))
    assert [derive_numbers(day).heat_pump_factor for day in days] == [1.0, 0.3]
    assert derive_numbers().heat_pump_factor == 0.3


def test_loss_is_what_neither_homes_nor_hot_water_took() -> None:
    loss = derived_kwh("unmetered_energy", rule(by="unmetered_energy"), HOUSE, others_kwh=21_000)
    assert loss == 9_000


NOTHING = Measured(supplied_kwh=90_000.0)


@pytest.mark.parametrize(
    ("method", "of"),
    [
        ("water_temperature", BY_TEMPERATURE),
        ("kwh_per_m3", rule(by="kwh_per_m3", kwh_per_m3=58)),
        ("metered_energy", rule(by="metered_energy")),
        ("unmetered_energy", rule(by="unmetered_energy")),
    ],
)
def test_what_nothing_measured_is_not_guessed(method: DerivationMethod, of: Derivation) -> None:
    assert derived_kwh(method, of, NOTHING) is None


def test_room_heat_hot_water_and_loss_as_the_danish_order_was_made_from() -> None:
    """40 % room heat, 35 % hot water, 25 % loss (AAU)."""
    assert divide(10_000_001, "heat", 1.0, {"hot_water": 0.35, "loss": 0.25}) == {
        "heat": 4_000_001, "hot_water": 3_500_000, "loss": 2_500_000,
    }  # fmt: skip


@given(
    st.integers(-(10**10), 10**10),
    st.lists(st.floats(0, 1000), min_size=1, max_size=4),
    st.floats(0.001, 1000),
)
def test_parts_add_up_to_the_bill_whatever_they_are(
    amount_ore: int, parts: list[float], rest: float
) -> None:
    named = {f"item_{number}": part for number, part in enumerate(parts)}
    divided = divide(amount_ore, "heat", sum(parts) + rest, named)
    assert sum(divided.values()) == amount_ore
    assert divided.keys() == {*named, "heat"}
    assert all(ore * amount_ore >= 0 for ore in divided.values())


def test_rebate_is_divided_as_the_cost_was() -> None:
    parts = {"hot_water": 5_000.0}
    plus, minus = (divide(ore, "heat", 20_000.0, parts) for ore in (10_003, -10_003))
    assert minus == {item: -ore for item, ore in plus.items()}


@pytest.mark.parametrize(
    "fields",
    [
        {"by": "fixed"},
        {"by": "metered_energy", "fraction": 0.3},
        {"by": "kwh_per_m3"},
        {"by": "water_temperature"},
        {"by": "guess"},
        {"by": []},
        {"by": "fixed", "fraction": 1.0},
    ],
)
def test_rule_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        rule(**fields)
