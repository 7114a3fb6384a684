"""The life of a year: twelve estimates, the year, an objection, a correction, the next year."""

from __future__ import annotations

import json
import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from billing.law.days import add_months
from fairvarme.cli import main
from tests.support.broken_inputs import REGISTERS, TABLES, Inputs, a_year_back, good_year

BY = ["--by", "An Accountant"]
YEAR = "2024-01-01/2025-01-01"
YEAR_ROWS = YEAR.replace("/", ",")
FINAL = [line for line in a_year_back(TABLES["costs"]).splitlines() if line.startswith(YEAR_ROWS)]
NEXT_YEAR = "2025-01-01/2026-01-01"
MONTHLY_ORE = 800_00


class Installation:
    """The commands of an installation, as an accountant calls them."""

    def __init__(self, inputs: Inputs, database_url: str) -> None:
        self.inputs = inputs
        self.path = inputs.directory / "fairvarme.toml"
        self.store = inputs.directory / "readings.db"
        lines = (
            f'store = "sqlite:///{self.store}"',
            f'database = "{database_url}"',
            'estates = "database"',
        )
        self.path.write_text("\n".join(lines) + "\n")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--config", str(self.path)])

    def told(self, *words: str) -> dict[str, Any]:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        answer: dict[str, Any] = json.loads(result.output.splitlines()[-1])
        return answer

    def import_estate(self) -> dict[str, Any]:
        """Bring the folder into the database, looked at first; return what that said."""
        words = ["estate", "import", str(self.inputs.estate)]
        dry = self.told(*words, "--dry-run")
        self.told(*words)
        return dry

    def load(self) -> None:
        loaded = self.run("load", str(self.inputs.readings), "--building", "house")
        assert loaded.exit_code == 0, loaded.output

    def words(self, period: str, issued: str, *more: str) -> list[str]:
        return ["bill", "house", "--period", period, "--issued", issued, *more]

    def bill(self, period: str, issued: str, *more: str) -> dict[str, Any]:
        (row,) = self.told(*self.words(period, issued, *more))["buildings"]
        assert row["state"] == "billed"
        return dict(row)

    def approve(self, period: str, issued: str, *more: str) -> dict[str, Any]:
        """Approve a bill, and return what the ledger then shows of it."""
        out = ["--out", str(self.inputs.out)]
        row = self.bill(period, issued, *out, "--approve", *BY, *more)
        return self.told("runs", "show", str(row["number"]))

    def serve(self, run: int, day: str) -> None:
        how = ["--on", day, "--channel", "digital", *BY]
        assert self.told("runs", "serve", str(run), *how)["state"] == "served"


def add_estimates(inputs: Inputs) -> list[str]:
    """Put the supplier's monthly estimates before its final bill, and return the months."""
    inputs.drop("costs.csv", YEAR_ROWS)
    first = date(2024, 1, 1)
    found = []
    for start, end in pairwise(add_months(first, number) for number in range(13)):
        rows = (
            f"{start},{end},{item},energy,{MONTHLY_ORE / 100:.2f},,,provisional,"
            for item in ("heat", "hot_water")
        )
        inputs.add("costs.csv", *rows)
        found.append(f"{start}/{end}")
    return found


def add_next_year(inputs: Inputs) -> None:
    """Add a year of readings, its bill with a cost that was forgotten, and what was charged."""
    for device, (quantity, of_a_year) in REGISTERS.items():
        value = 1000 + 2 * of_a_year
        inputs.add("readings.csv", f"2026-01-01T00:00:00+01:00,{device},{quantity},{value:.3f}")
    year = NEXT_YEAR.replace("/", ",")
    inputs.add(
        "costs.csv",
        f"{year},heat,energy,9500.00,1900.00,8800,final,2026-02-01",
        f"{year},heat,carried_over,120.00,24.00,,final,2026-02-01",
        f"{year},hot_water,energy,2100.00,420.00,1500,final,2026-02-01",
    )
    inputs.add("aconto.csv", f"A-1,{year},2400.00")


def read_again(inputs: Inputs) -> None:
    """Put right a reading that B-1 objected to: A's meter counted more."""
    end = "2025-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.spoil("readings.csv", f"{end}4000.000", f"{end}4050.000")


def forget(house: Installation) -> None:
    """Erase what was measured, and the folder it was imported from."""
    house.store.unlink()
    house.inputs.readings.unlink()
    shutil.rmtree(house.inputs.estate)


@pytest.mark.slow
def test_the_life_of_a_year(tmp_path: Path, database_url: str) -> None:
    inputs = good_year(tmp_path)
    inputs.move_a_year_back()
    house = Installation(inputs, database_url)
    months = add_estimates(inputs)
    assert house.import_estate()["new"]
    house.load()
    for month in months:
        row = house.bill(month, "2024-12-31", "--dry-run")
        assert row["total_ore"] == 2 * MONTHLY_ORE
    words = house.words(months[0], "2024-02-10", "--out", str(inputs.out), "--approve", *BY)
    refused = house.run(*words)
    assert refused.exit_code == 1
    assert "shorter than the accounting year" in refused.output

    inputs.add("costs.csv", *FINAL)
    assert {each["file"] for each in house.import_estate()["changes"]} == {"costs"}
    first = house.approve(YEAR, "2025-03-01")
    assert (first["run"], first["total_ore"]) == (1, 1_190_000)
    house.serve(1, "2025-03-02")
    said = ["--tenancy", "B-1", "--on", "2025-03-25", "--note", "heat-A", *BY]
    assert house.told("runs", "object", "1", *said)["state"] == "objected"

    read_again(inputs)
    house.load()
    second = house.approve(YEAR, "2025-05-10", "--corrects", "1", "--reason", "objection")
    assert (second["run"], second["deadline"]) == (2, first["deadline"])
    assert second["total_ore"] == first["total_ore"]
    house.serve(2, "2025-05-11")
    assert house.told("runs", "close", "2", "--on", "2025-06-23", *BY)["state"] == "closed"

    add_next_year(inputs)
    house.import_estate()
    house.load()
    third = house.approve(NEXT_YEAR, "2026-03-01")
    assert (third["run"], third["total_ore"]) == (3, 1_172_000)
    house.serve(3, "2026-03-02")

    forget(house)
    for run, before in ((1, first), (2, second), (3, third)):
        again = house.told("recompute", str(run))
        assert (again["total_ore"], again["same"]) == (before["total_ore"], True)
    verified = house.told("runs", "verify", "--contains", first["digest"])
    assert verified["findings"] == []
    states = [each["state"] for each in house.told("runs", "list")["runs"]]
    assert states == ["corrected", "closed", "served"]
    changes = {each["tenancy"]: each for each in second["differences"]}
    moved = {name: each["cost_ore"] - each["cost_before_ore"] for name, each in changes.items()}
    assert moved["A-1"] > 0
    assert sum(moved.values()) == 0
