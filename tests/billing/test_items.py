"""From costs to items on a building with meters: what becomes of one supplier bill."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.bill.bill import Bill
from billing.schemes import Scheme
from estate.errors import DataError
from estate.periods import Period
from operations.bill_building import bill_building
from tests.support.estates import add_register, cost, device, estate, flat, tenancy
from tests.support.samples import HandMadeSource

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
EDGES = [
    YEAR.hours(estate([], [], [], []).building.zone).start_ms,
    YEAR.hours(estate([], [], [], []).building.zone).end_ms,
]
KIND = {"t": "heat", "p": "hot_water", "h": "heat", "w": "hot_water", "x": "main_heat"}
"""By the first letter of a device: tank, plant's water, homes' heat, homes' water, main."""
QUANTITY = {"heat": "heat_kwh", "hot_water": "hot_water_m3", "main_heat": "heat_kwh"}
HOMES = {"h1": 12_000.0, "h2": 6_000.0, "w1": 30.0, "w2": 10.0}


def a_scheme(**derive: Any) -> Scheme:  # noqa: ANN401  rules of derived items
    item = {
        "heat": [{"key": "heat_units", "fraction": 1.0}],
        "hot_water": [{"key": "hot_water_m3", "fraction": 1.0}],
        "loss": [{"key": "area", "fraction": 1.0}],
    }
    document = {"id": "own", "valid_from": "2020-01-01", "source": "made for this test"}
    return Scheme.model_validate(document | {"items": item, "derive": derive})


def bill_of(
    scheme: Scheme, costs: list[Any], uses: dict[str, float], **facts: Any  # noqa: ANN401
) -> Bill:  # fmt: skip
    devices = [device(name, KIND[name[0]], name[1] if name[0] in "hw" else None) for name in uses]
    own = estate(
        [flat("1", 100.0), flat("2", 50.0)], [tenancy("1a", "1"), tenancy("2a", "2")], devices,
        costs, facts=facts,
    )  # fmt: skip
    source = HandMadeSource()
    for name, use in uses.items():
        readings = [(EDGES[0], 500.0), (EDGES[1], 500.0 + use)]
        add_register(source, name, QUANTITY[KIND[name[0]]], readings)
    return bill_building(own, source, YEAR, scheme)


def supplied(amount_ore: int = 6_000_000, **more: Any) -> Any:  # noqa: ANN401
    return cost(YEAR, "heat", amount_ore, **({"energy_kwh": 30_000.0} | more))


def by_item(bill: Bill) -> dict[str, int]:
    items: dict[str, int] = {}
    for row in bill.rows:
        items[row.item] = items.get(row.item, 0) + row.amount_ore
    return items


def names(bill: Bill) -> set[str]:
    return {finding.name for finding in bill.findings}


METERED = {"from": "heat", "by": "metered_energy"}
LOSS = {"from": "heat", "by": "unmetered_energy"}


def test_room_heat_hot_water_and_loss_by_meters() -> None:
    """
    30,000 kWh for 60,000.00: tank 7,500, homes 12,000 + 6,000, so 4,500 are lost.

    Hot water 15,000.00 by 30 : 10 m³, room heat 36,000.00 by 12 : 6, loss 9,000.00 by 100 : 50 m².
    """
    bill = bill_of(a_scheme(hot_water=METERED, loss=LOSS), [supplied()], {"t": 7_500.0, **HOMES})
    assert by_item(bill) == {"heat": 3_600_000, "hot_water": 1_500_000, "loss": 900_000}
    assert {s.tenancy: s.total_ore for s in bill.statements} == {
        "1a": 2_400_000 + 1_125_000 + 600_000, "2a": 1_200_000 + 375_000 + 300_000,
    }  # fmt: skip
    assert [(each.item, each.by, each.energy_kwh) for each in bill.derived] == [
        ("hot_water", "metered_energy", 7_500), ("loss", "unmetered_energy", 4_500),
        ("heat", "rest", 18_000),
    ]  # fmt: skip
    assert bill.findings == ()


def test_every_kind_of_cost_is_divided_and_the_water_itself_is_added() -> None:
    costs = [
        supplied(), cost(YEAR, "heat", 1_000_001, kind="fixed"),
        cost(YEAR, "heat", -400_000, kind="rebate"), cost(YEAR, "hot_water", 123_456, kind="fixed"),
    ]  # fmt: skip
    bill = bill_of(a_scheme(hot_water=METERED), costs, {"t": 7_500.0, **HOMES})
    # A quarter of 66,000.01, and the water.
    assert by_item(bill) == {"heat": 4_950_001, "hot_water": 1_650_000 + 123_456}
    assert bill.total_ore == 6_723_457 == sum(each.amount_ore for each in bill.costs)


def test_vat_is_divided_with_its_amount() -> None:
    costs = [supplied(vat_amount_ore=1_200_000), cost(YEAR, "hot_water", 50_000, vat_amount_ore=0)]
    bill = bill_of(a_scheme(hot_water=METERED), costs, {"t": 7_500.0, **HOMES})
    # Heat 9,000.00 of VAT by 2 : 1; hot water 3,000.00 by 3 : 1.
    assert [s.vat_ore for s in bill.statements] == [600_000 + 225_000, 300_000 + 75_000]
    untold = bill_of(a_scheme(hot_water=METERED), [supplied()], {"t": 7_500.0, **HOMES})
    assert [s.vat_ore for s in untold.statements] == [None, None]


def test_vat_is_kept_where_an_item_nets_to_nothing_or_nearly() -> None:
    """Heat by 12 : 6, whatever a rebate without VAT leaves of it."""
    for rebate in (-6_000_000, -5_999_999):
        costs = [
            supplied(vat_amount_ore=1_200_000),
            cost(YEAR, "heat", rebate, kind="rebate", vat_amount_ore=0),
        ]
        bill = bill_of(a_scheme(), costs, HOMES)
        assert [s.vat_ore for s in bill.statements] == [800_000, 400_000]


GERMAN = {
    "from": "heat", "by": ["metered_energy", "water_temperature", "kwh_per_m2"], "hot_c": 60,
}  # fmt: skip


def test_second_best_way_is_taken_and_told() -> None:
    """The homes' 40 m³ at 60 °C: 2.5 x 40 x 50 = 5,000 of 30,000 kWh."""
    bill = bill_of(a_scheme(hot_water=GERMAN), [supplied()], HOMES)
    assert by_item(bill)["hot_water"] == 1_000_000
    assert names(bill) == {"billing.derive.computed"}


def test_plants_own_water_meter_comes_before_the_homes() -> None:
    """48 m³ at the plant: 6,000 kWh, 1.11 times as much of gas by gross calorific value."""
    bill = bill_of(a_scheme(hot_water=GERMAN), [supplied()], {"p": 48.0, **HOMES})
    assert by_item(bill)["hot_water"] == 1_200_000
    bill = bill_of(
        a_scheme(hot_water=GERMAN), [supplied()], {"p": 48.0, **HOMES}, gross_calorific=True
    )
    assert by_item(bill)["hot_water"] == 1_332_000


def test_area_is_the_last_way_where_nobody_measures_the_water() -> None:
    """32 x 150 m² x 1.11 = 5,328 of 30,000 kWh: 17.76 % of 60,000.00."""
    scheme = a_scheme(loss=GERMAN)
    heat = {name: use for name, use in HOMES.items() if name.startswith("h")}
    bill = bill_of(scheme, [supplied()], heat, gross_calorific=True)
    assert by_item(bill)["loss"] == 1_065_600
    (finding,) = bill.findings
    assert finding.data == {"item": "loss", "by": "kwh_per_m2"}


def test_main_meter_stands_in_for_the_energy_of_the_bill() -> None:
    costs = [supplied(energy_kwh=None)]
    bill = bill_of(a_scheme(hot_water=METERED), costs, {"t": 7_500.0, "x": 25_000.0, **HOMES})
    assert by_item(bill)["hot_water"] == 1_800_000  # 30 %


def test_fixed_fractions_need_no_energy() -> None:
    costs = [supplied(energy_kwh=None)]
    fixed = {"from": "heat", "by": "fixed"}
    scheme = a_scheme(hot_water=fixed | {"fraction": 0.35}, loss=fixed | {"fraction": 0.25})
    bill = bill_of(scheme, costs, HOMES)
    assert by_item(bill) == {"heat": 2_400_000, "hot_water": 2_100_000, "loss": 1_500_000}
    assert [each.energy_kwh for each in bill.derived] == [None, None, None]


@pytest.mark.parametrize(
    ("derive", "costs", "uses", "name"),
    [
        ({"hot_water": METERED}, [supplied(energy_kwh=None)], {"t": 1.0}, "no_energy"),
        ({"hot_water": METERED}, [supplied()], {}, "unmeasured"),
        ({"hot_water": METERED}, [supplied()], {"t": 30_001.0}, "exceeds"),
        ({"hot_water": METERED, "loss": LOSS}, [supplied()], {"t": 12_001.0}, "exceeds"),
    ],
)
def test_bill_that_cannot_be_divided_is_refused(
    derive: dict[str, Any], costs: list[Any], uses: dict[str, float], name: str
) -> None:
    with pytest.raises(DataError) as caught:
        bill_of(a_scheme(**derive), costs, {**uses, **HOMES})
    assert f"billing.derive.{name}" in {finding.name for finding in caught.value.findings}


def test_scheme_derives_only_what_it_splits() -> None:
    for derive in ({"lift": METERED}, {"heat": METERED}, {"hot_water": METERED | {"from": "gas"}}):
        with pytest.raises(ValueError, match="derive"):
            a_scheme(**derive)
