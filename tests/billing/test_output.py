"""The files of a bill: safe in a spreadsheet, complete, and enough to compute it again."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from billing.bill.bill import Bill, BillRow, Ground, RegisterUse, Statement
from billing.bill.files import kroner, write_bill
from billing.money import MICRO, split
from estate.files.spreadsheet import guarded
from estate.findings import Finding
from estate.periods import Period

WEIGHTS = {"a": 1.25, "b": 2.5, "c": 2.5}
AMOUNTS = split(10_001, [round(weight * MICRO) for weight in WEIGHTS.values()])


def a_bill() -> Bill:
    rows = {
        name: BillRow(
            tenancy=name,
            flat=f"={name}",
            item="heat",
            component="heat-1",
            key="area",
            fraction=1.0,
            weight=weight,
            weight_total=6.25,
            amount_ore=amount,
        )
        for (name, weight), amount in zip(WEIGHTS.items(), AMOUNTS, strict=True)
    }
    register = RegisterUse(
        device="12345678",
        quantity="heat_kwh",
        serial=None,
        start_register=float("nan"),
        end_register=90.0,
        use=12.5,
        estimated_hours=3,
    )
    statements = tuple(
        Statement(
            tenancy=name,
            flat=row.flat,
            start=date(2026, 1, 1),
            end=date(2026, 2, 1),
            resident=name != "c",
            rows=(row,),
            registers=(register,),
            climate_hours=744,
            climate_hours_measured=700,
            shadow_ore=None,
        )
        for name, row in rows.items()
    )
    finding = Finding("billing.costs.provisional", "told", {"item": "heat"})
    period = Period.month("2026-01")
    return Bill(
        building="house",
        period=period,
        scheme="own",
        scheme_version="2026-01-01",
        ground=Ground(kind="decision", reference="decided"),
        trial=False,
        statements=statements,
        total_ore=10_001,
        findings=(finding,),
    )


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_bill(tmp_path / "out", a_bill(), {"readings.csv": "f" * 64})
    return tmp_path / "out"


def test_rows_alone_compute_the_bill_again(written: Path) -> None:
    with (written / "bill.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    weights = [round(float(row["weight"]) * MICRO) for row in rows]
    assert sum(weights) == round(float(rows[0]["weight_total"]) * MICRO)
    ore = [round(float(row["amount"]) * 100) for row in rows]
    assert ore == split(sum(ore), weights) == AMOUNTS


@pytest.mark.parametrize("fraction", [0.6, 0.125, 0.3333333, 0.33333333, 0.123456789])
def test_fractions_have_all_their_digits(tmp_path: Path, fraction: float) -> None:
    bill = a_bill()
    statements = tuple(
        each.replace(rows=tuple(row.replace(fraction=fraction) for row in each.rows))
        for each in bill.statements
    )
    write_bill(tmp_path, bill.replace(statements=statements), {})
    with (tmp_path / "bill.csv").open(encoding="utf-8", newline="") as file:
        assert {float(row["fraction"]) for row in csv.DictReader(file)} == {fraction}


def test_no_cell_is_a_formula(written: Path) -> None:
    text = (written / "bill.csv").read_text("utf-8")
    assert "'=a" in text
    assert all(not cell.startswith("=") for line in text.splitlines() for cell in line.split(","))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\n=1", "\uff1d1", "'=1"])
def test_formula_signs_are_escaped(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert guarded(f"x{text}") == f"x{text}"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56"), (-100, "-1.00")],
)
def test_kroner(amount: int, text: str) -> None:
    assert kroner(amount) == text


def test_statements_hold_integers_and_null_for_the_unknown(written: Path) -> None:
    statements = json.loads((written / "statements.json").read_text("utf-8"))["statements"]
    assert [statement["total_ore"] for statement in statements] == AMOUNTS
    assert [statement["resident"] for statement in statements] == [True, True, False]
    assert statements[0]["registers"][0]["start_register"] is None
    assert statements[0]["ground"] == {
        "kind": "decision", "reference": "decided", "from": None, "to": None,
    }  # fmt: skip


def test_run_names_its_inputs_and_rules(written: Path) -> None:
    run = json.loads((written / "run.json").read_text("utf-8"))
    assert run["inputs_sha256"] == {"readings.csv": "f" * 64}
    assert run["scheme"] == {"id": "own", "version": "2026-01-01"}
    assert run["ground"]["reference"] == "decided"
    assert run["program"]["version"]
    findings = json.loads((written / "findings.json").read_text("utf-8"))["findings"]
    assert [finding["name"] for finding in findings] == ["billing.costs.provisional"]
