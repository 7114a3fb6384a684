"""statements.json alone proves what is to pay."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest

from billing.bill.bill import Bill, BillRow, RegisterUse, Statement
from billing.bill.documents import SCHEMA
from billing.bill.explanations import Comparison, HalfDegree, NeighbourHeat, Withheld
from billing.bill.files import write_bill
from billing.bill.prices import price_ore, unit_of
from billing.money import MICRO, split
from billing.schemes import Key
from estate.periods import Period

JANUARY = Period.month("2026-01")
WEIGHTS = {"a": 120.0, "b": 80.0, "c": 0.0}
AMOUNTS = split(30_001, [round(weight * MICRO) for weight in WEIGHTS.values()])


def statement(name: str, key: str = "heat_units", quantity: str = "heat_kwh") -> Statement:
    amount = AMOUNTS[list(WEIGHTS).index(name)]
    row = BillRow(
        tenancy=name,
        flat=name,
        item="heat",
        component="heat-1",
        key=key,
        fraction=1.0,
        weight=WEIGHTS[name],
        weight_total=200.0,
        amount_ore=amount,
    )
    register = RegisterUse(
        device="m1",
        quantity=quantity,
        serial="S-1",
        start_register=10.0,
        end_register=130.0,
        use=120.0,
        factor=1.5,
    )
    return Statement(
        tenancy=name,
        flat=name,
        start=JANUARY.start,
        end=JANUARY.end,
        resident=True,
        rows=(row,),
        registers=(register,),
        climate_hours=744,
        climate_hours_measured=744,
        aconto_ore=20_000 if name == "b" else None,
    )


def bill(*statements: Statement) -> Bill:
    return Bill(
        building="house",
        period=JANUARY,
        scheme="own",
        scheme_version="2026-01-01",
        ground=None,
        trial=False,
        statements=statements,
        total_ore=30_001,
    )


def written(tmp_path: Path, given: Bill) -> list[dict[str, Any]]:
    write_bill(tmp_path, given, {})
    document = json.loads((tmp_path / "statements.json").read_text("utf-8"))
    assert document["schema"] == SCHEMA == "fairvarme.statements/1"
    return list(document["statements"])


def test_price_and_weight_give_the_amount_and_a_conto_the_balance(tmp_path: Path) -> None:
    """150.005 øre a kWh: 18,000.6 and 12,000.4 øre; b paid 200.00 and gets 80.00 back."""
    statements = written(tmp_path, bill(*(statement(name) for name in WEIGHTS)))
    rows = [each["components"][0] for each in statements]
    assert [row["component_ore"] for row in rows] == [30_001] * 3
    assert [row["price_ore_per_unit"] for row in rows] == [150.005] * 3
    assert [row["unit"] for row in rows] == ["kWh"] * 3
    for row in rows:
        assert abs(row["weight"] * row["price_ore_per_unit"] - row["amount_ore"]) < 1
    assert [each["aconto_ore"] for each in statements] == [None, 20_000, None]
    assert [each["balance_ore"] for each in statements] == [18_001, -8_000, 0]
    register = statements[0]["registers"][0]
    assert (register["unit"], register["factor"], register["serial"]) == ("kWh", 1.5, "S-1")


def test_what_explains_is_told(tmp_path: Path) -> None:
    told = statement("a").replace(
        half_degree=HalfDegree(step_k=0.5, warmer_ore=1_200, colder_ore=-1_100),
        neighbour_heat=NeighbourHeat.SOME,
        comparison=(Comparison(item="heat", key="heat_units", own=12.0, others=9.1, homes=6),),
    )
    (first,) = written(tmp_path, bill(told))
    assert first["half_degree"] == {"step_k": 0.5, "warmer_ore": 1_200, "colder_ore": -1_100}
    assert first["neighbour_heat"] == "some"
    assert first["comparison"] == [
        {"item": "heat", "key": "heat_units", "own": 12.0, "others": 9.1, "homes": 6}
    ]
    assert first["comparison_withheld"] is None


def test_what_is_withheld_says_why(tmp_path: Path) -> None:
    (first,) = written(tmp_path, bill(statement("a").replace(comparison=Withheld.FEW_HOMES)))
    assert (first["comparison"], first["comparison_withheld"]) == ([], "few_homes")
    assert first["half_degree"] is None


def test_days_that_the_law_asks_for(tmp_path: Path) -> None:
    given = bill(statement("a")).replace(deadline=date(2026, 5, 31), late=True)
    (first,) = written(tmp_path, given)
    assert (first["deadline"], first["late"]) == ("2026-05-31", True)
    assert first["supplier_bill_received"] is None


def test_allocators_count_units() -> None:
    given = bill(statement("a", quantity="allocator_units"))
    assert unit_of(given, given.rows[0]) == "unit"


@pytest.mark.parametrize("key", get_args(Key))
def test_every_key_has_a_unit(key: str) -> None:
    given = bill(statement("a", key))
    assert unit_of(given, given.rows[0])


def test_nothing_that_weighs_has_no_price() -> None:
    empty = statement("a").rows[0].replace(weight=0.0, weight_total=0.0)
    assert price_ore(bill(statement("a")), empty) is None
