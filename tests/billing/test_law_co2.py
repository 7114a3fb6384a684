"""The price of CO2 between landlord and tenants: the ten steps of the CO2KostAufG."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from billing.costs.lines import costs_of
from billing.law.co2.split import co2_split, tenants_fraction, years
from billing.law.table import law_of
from billing.schemes import load_scheme
from estate.errors import UsageError
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import (
    add_register,
    cost,
    device,
    estate,
    flat,
    tenancy,
)
from tests.support.samples import HandMadeSource

if TYPE_CHECKING:
    from billing.bill.costs import Co2Split
    from estate.model import Estate

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("emission_per_m2", "expected"),
    [
        (0, 1.00), (11.9, 1.00), (12.0, 0.90), (16.9, 0.90), (17.0, 0.80), (22.0, 0.70),
        (27.0, 0.60), (32.0, 0.50), (37.0, 0.40), (42.0, 0.30), (47.0, 0.20), (51.9, 0.20),
        (52.0, 0.05), (500.0, 0.05),
    ],
)  # fmt: skip
def test_steps_are_those_of_the_annex(emission_per_m2: float, expected: float) -> None:
    assert tenants_fraction(emission_per_m2, YEAR.start) == expected


def test_tenants_never_bear_more_where_the_building_is_worse() -> None:
    parts = [tenants_fraction(tenth / 10, YEAR.start) for tenth in range(700)]
    assert parts == sorted(parts, reverse=True)


def house(
    co2_kg: float | None, co2_amount_ore: int | None, **facts: object
) -> tuple[Estate, HandMadeSource]:
    """Two homes of 100 m² with equal meters; 3,000.00 of heat, 300.00 of them CO2."""
    costs = [
        cost(YEAR, "heat", 300_000, co2_kg=co2_kg, co2_amount_ore=co2_amount_ore,
             vat_amount_ore=57_000)
    ]  # fmt: skip
    own = estate(
        [flat("1", 100), flat("2", 100)], [tenancy("1a", "1"), tenancy("2a", "2")],
        [device("m1", "heat", "1"), device("m2", "heat", "2")], costs,
        facts={"fuel": "gas", "insulated_1994": True, **facts},
        schemes=[{"scheme": "de-heizkostenv", "from": "2020-01-01", "decision": "yes"}],
    )  # fmt: skip
    source, hours = HandMadeSource(), YEAR.hours(own.building.zone)
    for name in ("m1", "m2"):
        add_register(source, name, "heat_kwh", [(hours.start_ms, 1_000.0), (hours.end_ms, 2_000.0)])
    return own, source


def test_landlord_s_part_leaves_the_tenants_bill_and_stays_on_it() -> None:
    """4,000 kg on 200 m²: 20 kg/m², the third step; the landlord bears 20 % of 300.00."""
    own, source = house(4_000, 30_000)
    scheme = load_scheme("de-heizkostenv").model_copy(update={"derive": {}})
    bill = bill_building(own, source, YEAR, scheme)
    assert {each.tenancy: each.total_ore for each in bill.statements} == {
        "1a": 147_000, "2a": 147_000, f"landlord:{own.building.id}": 6_000,
    }  # fmt: skip
    assert bill.total_ore == sum(each.total_ore for each in bill.statements) == 300_000
    assert bill.co2 is not None
    assert (bill.co2.emission_per_m2, bill.co2.tenants_fraction) == (20.0, 0.80)
    assert bill.co2.tenants_ore == 24_000
    # 57,000 of VAT in 300,000: 55,860 in the 294,000 that the tenants split.
    assert sum(each.vat_ore or 0 for each in bill.statements) == 55_860


def test_bill_without_the_emission_is_told_and_costs_the_landlord_three_per_cent() -> None:
    own, source = house(None, None)
    scheme = load_scheme("de-heizkostenv").model_copy(update={"derive": {}})
    bill = bill_building(own, source, YEAR, scheme)
    assert "billing.law.co2_untold" in {each.name for each in bill.findings}
    assert [(each.rule, each.amount_ore) for each in bill.statements[0].reductions] == [
        ("reduction_no_co2", 4_500)
    ]
    assert bill.co2 is None


def shared(own: Estate, country: str = "DE", day: date = YEAR.start) -> Co2Split | None:
    return co2_split(own, YEAR, costs_of(own, YEAR).lines, law_of(country, day))


@pytest.mark.parametrize(("restrictions", "landlord_ore"), [(0, 6_000), (1, 3_000), (2, 0)])
def test_public_law_against_a_better_building_halves_the_landlord_s_part(
    restrictions: int, landlord_ore: int
) -> None:
    own, _ = house(4_000, 30_000, co2_restrictions=restrictions)
    found = shared(own)
    assert found is not None
    assert found.landlord_ore == {"heat": landlord_ore}


def test_emission_is_rounded_to_a_tenth_before_it_is_classed() -> None:
    """2,389 kg on 200 m² are 11.945, so 11.9; 2,391 are 11.955, so 12.0."""
    parts = []
    for kg in (2_389, 2_391):
        own, _ = house(kg, 30_000)
        found = shared(own)
        assert found is not None
        parts.append((found.emission_per_m2, found.tenants_fraction))
    assert parts == [(11.9, 1.0), (12.0, 0.9)]


def test_half_a_year_is_classed_as_a_year_of_twice_the_emission() -> None:
    assert years(Period(date(2025, 1, 1), date(2026, 1, 1))) == 1
    assert years(Period(date(2024, 1, 1), date(2025, 1, 1))) == 1
    assert years(Period(date(2025, 1, 1), date(2025, 7, 1))) == 181 / 365


@pytest.mark.parametrize(("country", "year"), [("DK", 2025), ("AT", 2025), ("DE", 2022)])
def test_other_laws_and_years_divide_nothing(country: str, year: int) -> None:
    own, _ = house(4_000, 30_000)
    assert shared(own, country, date(year, 1, 1)) is None


def test_steps_hold_from_2023_on() -> None:
    with pytest.raises(UsageError, match="2023-01-01"):
        tenants_fraction(20.0, date(2022, 12, 31))
