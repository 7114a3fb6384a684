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
from tests.support.broken_inputs import REGISTERS, TABLES, YEAR, Inputs, good_year

BY = ["--by", "An Accountant"]
YEAR_ROWS = YEAR.replace("/", ",")
FINAL = [line for line in TABLES["costs"].splitlines() if line.startswith(YEAR_ROWS)]
NEXT_YEAR = "2026-01-01/2027-01-01"
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

    def bill(self, *more: str) -> dict[str, Any]:
        return self.told(*self.inputs.arguments(), *more)

    def approve(self, *more: str) -> dict[str, Any]:
        return self.bill("--approve", *BY, *more)

    def serve(self, run: int, day: str) -> None:
        how = ["--on", day, "--channel", "digital", *BY]
        assert self.told("runs", "serve", str(run), *how)["state"] == "served"


def months(inputs: Inputs) -> list[str]:
    """Put the supplier's monthly estimates before its final bill, and return the months."""
    inputs.drop("costs.csv", YEAR_ROWS)
    first = date(2025, 1, 1)
    starts = [add_months(first, number) for number in range(13)]
    found = []
    for start, end in pairwise(starts):
        rows = (f"{start},{end},{item},energy,{MONTHLY_ORE / 100:.2f},,,provisional," for item in
                ("heat", "hot_water"))  # fmt: skip
        inputs.add("costs.csv", *rows)
        found.append(f"{start}/{end}")
    return found


def next_year(inputs: Inputs) -> None:
    """Add a year of readings, its bill with a cost that was forgotten, and what was charged."""
    for device, (quantity, of_a_year) in REGISTERS.items():
        value = 1000 + 2 * of_a_year
        inputs.add("readings.csv", f"2027-01-01T00:00:00+01:00,{device},{quantity},{value:.3f}")
    year = "2026-01-01,2027-01-01"
    inputs.add(
        "costs.csv",
        f"{year},heat,energy,9500.00,1900.00,8800,final,2027-02-01",
        f"{year},heat,carried_over,120.00,24.00,,final,2027-02-01",
        f"{year},hot_water,energy,2100.00,420.00,1500,final,2027-02-01",
    )
    inputs.add("aconto.csv", "A-1,2026-01-01,2027-01-01,2400.00")


@pytest.mark.slow
def test_the_life_of_a_year(tmp_path: Path, database_url: str) -> None:
    inputs = good_year(tmp_path)
    house = Installation(inputs, database_url)
    assert house.run("estate", "import", str(inputs.estate)).exit_code == 0
    loaded = house.run("load", str(inputs.readings), "--building", "house")
    assert loaded.exit_code == 0, loaded.output

    for period in months(inputs):
        inputs.period = period
        month = house.bill()
        assert month["total_ore"] == 2 * MONTHLY_ORE
        refused = house.run(*inputs.arguments(), "--approve", *BY)
        assert refused.exit_code == 1
        assert "shorter than the accounting year" in refused.output

    inputs.period = YEAR
    inputs.add("costs.csv", *FINAL)
    inputs.options[1] = "2026-03-01"
    first = house.approve()
    assert (first["run"], first["total_ore"]) == (1, 1_190_000)
    house.serve(1, "2026-03-02")
    said = ["--tenancy", "B-1", "--on", "2026-03-25", "--note", "heat-A", *BY]
    assert house.told("runs", "object", "1", *said)["state"] == "objected"

    end = "2026-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.spoil("readings.csv", f"{end}4000.000", f"{end}4050.000")
    inputs.options[1] = "2026-05-10"
    second = house.approve("--corrects", "1", "--reason", "objection")
    assert (second["run"], second["deadline"]) == (2, first["deadline"])
    assert second["total_ore"] == first["total_ore"]
    house.serve(2, "2026-05-11")
    assert house.told("runs", "close", "2", "--on", "2026-06-23", *BY)["state"] == "closed"

    next_year(inputs)
    inputs.period = NEXT_YEAR
    inputs.options[1] = "2027-03-01"
    third = house.approve()
    assert (third["run"], third["total_ore"]) == (3, 1_172_000)
    house.serve(3, "2027-03-02")

    house.store.unlink()
    inputs.readings.unlink()
    shutil.rmtree(inputs.estate)
    for run, before in ((1, first), (2, second), (3, third)):
        again = house.told("recompute", str(run))
        assert (again["total_ore"], again["same"]) == (before["total_ore"], True)
    verified = house.told("runs", "verify", "--contains", first["digest"])
    assert verified["findings"] == []
    states = [each["state"] for each in house.told("runs", "list")["runs"]]
    assert states == ["corrected", "closed", "served"]
    changes = {each["tenancy"]: each for each in house.told("runs", "show", "2")["differences"]}
    moved = {name: each["cost_ore"] - each["cost_before_ore"] for name, each in changes.items()}
    assert moved["A-1"] > 0
    assert sum(moved.values()) == 0
