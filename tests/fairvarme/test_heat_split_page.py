"""The worked numbers of docs/heat-split.md are those that the program gives."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from billing.bill.bill import Bill, BillRow
from billing.costs.derive import Measured, derived_kwh, divide
from billing.derivation import Derivation
from billing.keys import position_factors, position_needs
from billing.measured.meters.user_groups import grouped_weights
from billing.money import micro, split
from billing.rules import billing_rules
from estate.files.folder import read_estate
from firmware_sim.cli import main as simulator
from operations.bill_files import bill_files

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "estate" / "sample"
PAGE = " ".join((ROOT / "docs" / "heat-split.md").read_text("utf-8").split())
FLAT = "0111"


def assert_told(sentence: str) -> None:
    assert " ".join(sentence.split()) in PAGE, f"docs/heat-split.md has to say: {sentence}"


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Bill:
    directory = tmp_path_factory.mktemp("january")
    readings, truth = directory / "january.csv", directory / "truth.json"
    arguments = ["write", "--estate", str(SAMPLE), "--month", "2026-01", "--even-days"]
    arguments += ["--readings", str(readings), "--truth", str(truth)]
    assert CliRunner().invoke(simulator, arguments).exit_code == 0
    return bill_files(SAMPLE, readings, "2026-01-01/2026-02-01", None, directory / "out")


def costs() -> list[Decimal]:
    with (SAMPLE / "costs.csv").open(encoding="utf-8", newline="") as file:
        return [Decimal(row["amount"]) for row in csv.DictReader(file) if row["item"] == "heat"]


def of_component(bill: Bill) -> list[BillRow]:
    return [row for row in bill.rows if row.component == "heat-1"]


def kroner(ore: int) -> str:
    return f"{ore / 100:,.2f}"


def test_the_item_and_its_component(bill: Bill) -> None:
    energy, fixed, rebate = costs()
    part_ore = sum(row.amount_ore for row in of_component(bill))
    assert_told(
        f"The item heat is {energy:,} + {fixed:,} - {-rebate:,} = {energy + fixed + rebate:,}. "
        f"Its first component is {of_component(bill)[0].fraction:.0%}".replace("%", " %")
        + f": {kroner(part_ore)}."
    )


def test_the_flat_and_its_tenancies(bill: Bill) -> None:
    rows = of_component(bill)
    first, second = (row for row in rows if row.flat == FLAT)
    part_ore, of_flat = sum(row.amount_ore for row in rows), first.weight + second.weight
    flat_ore = first.amount_ore + second.amount_ore
    assert_told(
        f"add up to {first.weight_total:,.6f} (`weight_total`). Flat {FLAT} weighs "
        f"{first.weight:.6f} + {second.weight:.6f} = {of_flat:.6f}, so its part is "
        f"{kroner(part_ore)} x {of_flat:.6f} / {first.weight_total:,.6f} = {kroner(flat_ore)}."
    )
    assert_told(
        "share that by their own weights: "
        f"{kroner(first.amount_ore)} and {kroner(second.amount_ore)}."
    )


def test_the_position_factor_of_the_flat(bill: Bill) -> None:
    flats, rules = read_estate(SAMPLE).flats, billing_rules()
    loss = np.array([flat.heat_loss_w_per_k for flat in flats])
    area = np.array([flat.area_m2 for flat in flats])
    warmer_k = rules.position_indoor_c - rules.position_outdoor_c
    needs = position_needs(loss, np.zeros(len(flats)), area, warmer_k, 0.0)
    own = [flat.flat for flat in flats].index(FLAT)
    least, factor = int(needs.argmin()), position_factors(needs)[own]
    assert_told(
        f"flat {FLAT} needs {loss[own]} W/K x {warmer_k:g} K / {area[own]:g} m² = "
        f"{needs[own]:.2f} W/m², the best-placed home ({flats[least].flat}) {needs[least]:.2f}: "
        f"f = {factor:.4f}."
    )
    use = sum(
        register.use
        for statement in bill.statements
        for register in statement.registers
        if statement.flat == FLAT and register.quantity == "heat_kwh"
    )
    weight = sum(row.weight for row in of_component(bill) if row.flat == FLAT)
    assert weight == pytest.approx(use * factor, abs=2e-6)
    assert_told(f"Its meter's {use:,.2f} kWh weigh {weight:,.2f}.")


def test_hot_water_out_of_one_bill_by_its_temperature() -> None:
    rule = Derivation.model_validate({"from": "heat", "by": "water_temperature", "hot_c": 60})
    measured = Measured(supplied_kwh=20_000, hot_water_m3=40)
    heat_kwh = derived_kwh("water_temperature", rule, measured)
    assert heat_kwh is not None
    parts = divide(1_200_000, "heat", 20_000, {"hot_water": heat_kwh})
    assert_told(
        f"12,000.00 for 20,000 kWh, 40 m³ of hot water at 60 °C. 2.5 x 40 x 50 = {heat_kwh:,.0f} "
        f"kWh, a quarter: hot water {kroner(parts['hot_water'])}, heat {kroner(parts['heat'])}."
    )


def test_hot_water_and_loss_out_of_one_bill_by_meters() -> None:
    rule = Derivation.model_validate({"from": "heat", "by": "unmetered_energy"})
    measured = Measured(supplied_kwh=30_000, hot_water_kwh=7_500, room_heat_kwh=18_000)
    lost_kwh = derived_kwh("unmetered_energy", rule, measured, 7_500)
    assert lost_kwh is not None
    parts = divide(6_000_000, "heat", 30_000, {"hot_water": 7_500, "loss": lost_kwh})
    assert_told(
        "60,000.00 for 30,000 kWh, the tank 7,500, the homes 18,000, so "
        f"{lost_kwh:,.0f} are lost: {kroner(parts['hot_water'])}, {kroner(parts['heat'])} and "
        f"{kroner(parts['loss'])}."
    )


def test_groups_of_users_on_one_scale() -> None:
    own, group = np.array([400.0, 600.0, 30.0, 10.0]), np.array([0, 0, 1, 1])
    area = np.array([50.0, 100.0, 90.0, 60.0])
    weights = grouped_weights(own, area, group, np.array([150.0, 150.0]))
    ore = split(300_000, [micro(weight) for weight in weights])
    assert_told(
        "homes of 50 and 100 m² with 400 and 600 kWh, homes of 90 and 60 m² with 30 and 10 units, "
        f"3,000.00: {kroner(ore[0])} and {kroner(ore[1])}, {kroner(ore[2])} and {kroner(ore[3])}; "
        f"a unit weighs {weights[2] / own[2]:g} kWh."
    )
