"""Those who have moved out get a letter: what was read, what it cost, what is left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from billing.ledger.payments.reference import payment_reference
from fairvarme.cli import main
from tests.support.broken_inputs import good_year

BY = ("--by", "An Accountant")
NEW_ADDRESS = "New Road 7, 8000 Aarhus C"
HEAT, WATER = "3100.5", "1015.25"
"""Registers read on the last day, between those of July and October."""


class Left:
    """An installation with a home that was left in August, whose year is approved."""

    def __init__(self, directory: Path, language: str = "en", address: str = NEW_ADDRESS) -> None:
        self.directory = directory
        inputs = good_year(directory / "inputs")
        inputs.spoil("tenancies.csv", "A-1,A,2020-01-01,,", "A-1,A,2020-01-01,2025-08-16,")
        inputs.spoil("building.yaml", "language: en", f"language: {language}")
        with (inputs.estate / "tenancies.csv").open("a") as file:
            file.write("A-2,A,2025-08-16,,digital\n")
        (inputs.estate / "persons.csv").write_text(
            "tenancy,person,name,post_address\n"
            f'A-1,p1,Resident A,"{address}"\nA-2,p2,Resident C,\nB-1,p3,Resident B,\n'
        )
        store, database = (f"sqlite:///{directory / each}" for each in ("readings.db", "main.db"))
        self.config = directory / "fairvarme.toml"
        self.config.write_text(
            f'store = "{store}"\ndatabase = "{database}"\nestates = ["inputs/estate"]\n'
        )
        self.run("load", inputs.readings, "--building", "house")
        self.run(
            "move-out", "A-1", "--building", "house", "--at", "2025-08-15T10:30", *BY,
            "--reading", f"heat-A={HEAT}", "--reading", f"water-A={WATER}",
            "--out", directory / "read",
        )  # fmt: skip
        year = ("--period", "2025-01-01/2026-01-01", "--issued", "2026-03-01")
        self.run("bill", "house", *year, "--out", directory / "bills", "--approve", *BY)

    def run(self, *arguments: str | Path) -> Result:
        words = [*map(str, arguments), "--config", str(self.config)]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output + repr(done.exception)
        return done

    def statement(self, tenancy: str) -> dict[str, Any]:
        path = self.directory / "bills" / "house" / "statements.json"
        statements: list[dict[str, Any]] = json.loads(path.read_text())["statements"]
        return next(each for each in statements if each["tenancy"] == tenancy)

    def letter(self) -> tuple[str, dict[str, Any]]:
        out = self.directory / "moved-out"
        words = ("runs", "settlements", "1", "--out", out, "--on", "2026-03-02", "--json")
        told = json.loads(self.run(*words).stdout)
        (path,) = told["files"]
        assert Path(path).name == "A-1.pdf", "nobody else has moved out"
        text = " ".join(page.extract_text() for page in PdfReader(path).pages)
        return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split()), told


def test_a_letter_tells_readings_amounts_and_what_is_left(tmp_path: Path) -> None:
    left = Left(tmp_path)
    statement = left.statement("A-1")
    text, told = left.letter()
    assert told["findings"] == []
    owed = statement["balance_ore"]
    assert owed > 0
    reference = payment_reference(1, "A-1", ["A-1", "A-2", "B-1"])
    heat = next(each for each in statement["registers"] if each["device"] == "heat-A")
    items: dict[str, int] = {}
    for row in statement["components"]:
        items[row["item"]] = items.get(row["item"], 0) + row["amount_ore"]
    for part in (
        "Resident A New Road 7",
        "You lived at Street 1 A.",
        "Covers 1 January 2025 to 15 August 2025",
        f"Heat, meter heat-A: from 1,000 to {round(heat['end_register'], 2):,} kWh",
        f"Heat: DKK {items['heat'] / 100:,.2f}",
        f"Hot water: DKK {items['hot_water'] / 100:,.2f}",
        f"Total: DKK {statement['total_ore'] / 100:,.2f}",
        f"Paid in advance (on account): DKK −{statement['aconto_ore'] / 100:,.2f}",
        f"You must pay: DKK {owed / 100:,.2f}",
        reference,
    ):
        assert part in text, (part, text)
    assert "Resident C" not in text
    assert "Street 1 A 8000" not in text


def test_what_was_paid_since_is_taken_off(tmp_path: Path) -> None:
    left = Left(tmp_path)
    owed = left.statement("A-1")["balance_ore"]
    file = tmp_path / "bank.csv"
    file.write_text(
        f"day,amount,key,building,tenancy\n2026-03-10,{(owed + 5000) / 100:.2f},k1,house,A-1\n"
    )
    left.run("payments", "import", file, *BY)
    text, _ = left.letter()
    assert f"Paid since, and other accounts: DKK −{(owed + 5000) / 100:,.2f}" in text
    assert "You get back: DKK 50.00" in text
    assert "bank account" in text


def test_a_letter_is_in_the_language_of_its_reader(tmp_path: Path) -> None:
    text, _ = Left(tmp_path, "da").letter()
    assert "Afregning efter fraflytning" in text
    assert "Varme, måler heat-A: fra 1.000 til 3.1" in text
    assert "Du skal betale:" in text


@pytest.mark.slow
@pytest.mark.parametrize("address", [""])
def test_who_left_no_address_is_told_to_the_accountant(tmp_path: Path, address: str) -> None:
    _, told = Left(tmp_path, address=address).letter()
    (finding,) = told["findings"]
    assert finding["name"] == "reports.address.missing"
    assert finding["data"] == {"tenancy": "A-1"}
