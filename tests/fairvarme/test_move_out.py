"""A home is left: read once, for the bill, the utility and the resident; or not at all."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from estate.errors import DataError
from estate.periods import Period
from fairvarme.cli import main
from operations.bill_building import bill_building
from operations.exchange.move_out import Inspection, move_out
from operations.settings import read_settings
from operations.wiring import open_estates, opened_store
from tests.support.broken_inputs import good_year

AT = "2025-08-15T10:30"
HEAT, WATER = "heat-A=3100.5", "water-A=1015.25"
"""Registers between those of July and October."""


class Site:
    """An installation with a house whose meters send a reading every quarter."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        inputs = good_year(directory / "inputs")
        inputs.spoil("tenancies.csv", "A-1,A,2020-01-01,,", "A-1,A,2020-01-01,2025-08-16,")
        with (inputs.estate / "tenancies.csv").open("a") as file:
            file.write("A-2,A,2025-08-16,,digital\n")
        store, database = (f"sqlite:///{directory / each}" for each in ("readings.db", "main.db"))
        self.config = directory / "fairvarme.toml"
        self.config.write_text(
            f'store = "{store}"\ndatabase = "{database}"\nestates = ["inputs/estate"]\n'
        )
        loaded = self.run("load", inputs.readings, "--building", "house")
        assert loaded.exit_code == 0, loaded.output

    def run(self, *arguments: str | Path) -> Result:
        words = [*map(str, arguments), "--config", str(self.config)]
        return CliRunner().invoke(main, words)

    def leave(self, *more: str | Path, at: str = AT, tenancy: str = "A-1") -> Result:
        return self.run(
            "move-out", tenancy, "--building", "house", "--at", at, "--by", "Vicevært Åge",
            "--out", self.directory / "out", *more, "--json",
        )  # fmt: skip

    def uses(self) -> dict[str, dict[str, tuple[float, str]]]:
        """Return what each tenancy used by the bill of the year, and how it is known."""
        settings = read_settings(self.config)
        with opened_store(settings) as store:
            year = Period(date(2025, 1, 1), date(2026, 1, 1))
            estate = open_estates(settings)["house"]
            bill = bill_building(estate, store, year, issued=date(2026, 3, 1))
        return {
            statement.tenancy: {
                each.device: (each.use, each.method) for each in statement.registers
            }
            for statement in bill.statements
        }


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.mark.slow
def test_one_reading_serves_bill_utility_and_resident(site: Site, tmp_path: Path) -> None:
    (tmp_path / "heat.jpg").write_bytes(b"a photo")
    before = site.uses()["A-1"]["heat-A"]
    done = site.leave(
        "--reading", HEAT, "--reading", WATER, "--photo", f"heat-A={tmp_path / 'heat.jpg'}"
    )
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)

    with Path(told["utility"]).open(encoding="utf-8-sig", newline="") as file:
        heat, water = csv.DictReader(file, delimiter=";")
    assert (heat["device"], heat["value"], heat["day"]) == ("heat-A", "3100,5", "15-08-2025")
    assert (heat["clock"], heat["read"], heat["photo"]) == ("10:30", "by_hand", "heat.jpg")
    assert heat["photo_sha256"] == hashlib.sha256(b"a photo").hexdigest()
    assert (water["quantity"], water["value"]) == ("hot_water_m3", "1015,25")

    (page,) = PdfReader(told["receipt"]).pages
    text = " ".join(page.extract_text().split())
    for part in ("Resident A", "3,100.5 kWh", "photo heat.jpg", "1,015.25 m³", "Vicevært Åge"):
        assert part in text

    # 15 August 10:30 is half a day from the move, so that the register counts as read there.
    use, method = site.uses()["A-1"]["heat-A"]
    assert (use, method) != before
    assert use == pytest.approx(3100.5 - 1000, abs=10)
    assert site.leave("--reading", HEAT, "--reading", WATER).exit_code == 0  # changes nothing
    assert site.uses()["A-1"]["heat-A"] == (use, method)


def test_a_meter_that_sends_tells_its_own_register(site: Site) -> None:
    # 1 October 02:00 is when the quarter's readings of this house come.
    done = site.leave(at="2025-10-01T12:00")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert {each["by_hand"] for each in told["readings"]} == {False}
    (page,) = PdfReader(told["receipt"]).pages
    assert "sent by the meter on" in page.extract_text()


def test_nothing_is_written_unless_every_meter_has_a_reading(site: Site, tmp_path: Path) -> None:
    done = site.leave("--reading", HEAT)
    assert done.exit_code == 1
    assert "meter water-A sent nothing since 2025-07" in done.output
    assert "--reading water-A=VALUE" in done.output
    assert not (tmp_path / "out").exists()
    assert site.uses() == Site.uses(site)


def inspection(registers: dict[str, float]) -> Inspection:
    at = datetime.fromisoformat(AT)
    return Inspection("house", "A-1", at, "A Caretaker", registers, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("heat", "water", "finding"),
    [
        (3100.5, None, "exchange.move_out.missing"),
        (999.0, 1015.0, "exchange.move_out.lower"),
        (1e12, 1015.0, "exchange.move_out.refused"),
    ],
)
def test_faults_are_findings(
    site: Site, tmp_path: Path, heat: float, water: float | None, finding: str
) -> None:
    registers = {"heat-A": heat} | ({} if water is None else {"water-A": water})
    with pytest.raises(DataError) as fault:
        move_out(read_settings(site.config), inspection(registers), tmp_path / "out")
    assert {each.name for each in fault.value.findings} == {finding}
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--reading", "heat-B=5"), "heat-B is no meter of the home; it has heat-A, water-A"),
        (("--reading", "heat-A=1,5"), "write it as 12345.6"),
        (("--reading", "heat-A"), "write it as METER=..."),
        (("--reading", HEAT, "--photo", "heat-A=none.jpg"), "none.jpg cannot be read"),
        (("--profile", "csv"), "take a profile of readings"),
    ],
)
def test_wrong_usage_is_told(site: Site, options: tuple[str, ...], problem: str) -> None:
    done = site.leave(*options)
    assert done.exit_code == 2
    assert problem in " ".join(done.output.split())


def test_who_is_not_there_does_not_leave(site: Site) -> None:
    assert "no tenancy A-9 in house" in site.leave(tenancy="A-9").output
