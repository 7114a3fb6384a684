"""A building leaves an installation and comes into an empty one: its bill stays, to the byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from billing.bill.files import write_bill
from estate.errors import DataError
from estate.periods import Period
from fairvarme.cli import main
from operations.bill_building import bill_building
from operations.exchange.manifest import Manifest, checked_manifest, digests
from operations.settings import read_settings
from operations.wiring import open_estates, opened_store
from tests.support.broken_inputs import good_year

YEAR = Period(date(2025, 1, 1), date(2026, 1, 1))
ISSUED = date(2026, 3, 1)
BILL = ("bill.csv", "statements.json", "findings.json")


@dataclass(frozen=True)
class Site:
    """An installation with its estates in the database."""

    directory: Path

    @classmethod
    def new(cls, directory: Path) -> Site:
        directory.mkdir()
        store, database = (f"sqlite:///{directory / each}" for each in ("readings.db", "main.db"))
        (directory / "fairvarme.toml").write_text(
            f'store = "{store}"\ndatabase = "{database}"\nestates = "database"\n'
        )
        return cls(directory)

    def run(self, *arguments: str | Path) -> Result:
        words = [*map(str, arguments), "--config", str(self.directory / "fairvarme.toml")]
        return CliRunner().invoke(main, words)

    def bill(self, out: str) -> dict[str, bytes]:
        """Compute the bill from database and store; return its files."""
        settings = read_settings(self.directory / "fairvarme.toml")
        estate = open_estates(settings)["house"]
        with opened_store(settings) as store:
            bill = bill_building(estate, store, YEAR, issued=ISSUED)
        write_bill(self.directory / out, bill, {})
        return {name: (self.directory / out / name).read_bytes() for name in BILL}


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Path]:
    """Return an installation with a year of readings and an approved run, and its export."""
    directory = tmp_path_factory.mktemp("site")
    inputs = good_year(directory / "inputs")
    site = Site.new(directory / "old")
    steps = [
        ("estate", "import", inputs.estate),
        ("load", inputs.readings, "--building", "house"),
        (
            "bill", "--estate", inputs.estate, "--readings", inputs.readings, "--period",
            str(YEAR), "--out", directory / "bill", "--issued", str(ISSUED), "--approve",
            "--by", "An Accountant",
        ),
        ("building", "export", "house", "--out", directory / "house"),
    ]  # fmt: skip
    for step in steps:
        done = site.run(*step)
        assert done.exit_code == 0, (step, done.output)
    return site, directory / "house"


@pytest.mark.slow
def test_the_bill_of_an_empty_installation_is_the_same_to_the_byte(
    exported: tuple[Site, Path], tmp_path: Path
) -> None:
    old, folder = exported
    new = Site.new(tmp_path / "new")
    done = new.run("building", "import", folder, "--by", "An Administrator", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["building"] == "house"
    assert told["readings"] > 20
    again = new.run("building", "import", folder, "--by", "An Administrator")
    assert again.exit_code == 0, again.output
    ours = old.bill("bill")
    assert new.bill("bill") == ours
    # And so is the bill that was approved, which lies in the export itself.
    assert (folder / "runs" / "1" / "bill.csv").read_bytes() == ours["bill.csv"]


def test_an_export_of_the_import_is_the_same_estate_and_readings(
    exported: tuple[Site, Path], tmp_path: Path
) -> None:
    _, folder = exported
    new = Site.new(tmp_path / "new")
    assert new.run("building", "import", folder, "--by", "An Administrator").exit_code == 0
    assert new.run("building", "export", "house", "--out", tmp_path / "again").exit_code == 0
    first = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    second = json.loads((tmp_path / "again" / "manifest.json").read_text("utf-8"))["files"]
    assert second == {name: each for name, each in first.items() if not name.startswith("runs/")}


def test_an_exported_run_is_a_bill_for_other_systems(exported: tuple[Site, Path]) -> None:
    site, folder = exported
    out = folder.parent / "rows.csv"
    done = site.run("export", folder / "runs" / "1", "--format", "csv", "--out", out)
    assert done.exit_code == 0, done.output
    postings = (folder / "runs" / "1" / "postings.csv").read_text("utf-8")
    assert postings.startswith("tenancy,debit,credit,item,component,amount\nA-1,")


@pytest.mark.parametrize(
    ("file", "problem"),
    [
        ("estate/flats.csv", "estate/flats.csv was changed"),
        ("runs/1/bill.csv", "runs/1/bill.csv was changed"),
        ("estate/more.csv", "estate/more.csv was added"),
    ],
)
def test_a_folder_that_was_changed_is_refused(
    exported: tuple[Site, Path], tmp_path: Path, file: str, problem: str
) -> None:
    _, folder = exported
    before = (folder / file).read_bytes() if (folder / file).exists() else None
    (folder / file).write_bytes((before or b"") + b"x")
    try:
        done = Site.new(tmp_path / "new").run("building", "import", folder, "--by", "A")
    finally:
        if before is None:
            (folder / file).unlink()
        else:
            (folder / file).write_bytes(before)
    assert done.exit_code == 1
    assert problem in done.output
    assert not (tmp_path / "new" / "readings.db").exists()


def test_the_fault_is_a_finding(exported: tuple[Site, Path]) -> None:
    _, folder = exported
    (folder / "more").write_text("x")
    try:
        with pytest.raises(DataError) as changed:
            checked_manifest(folder)
    finally:
        (folder / "more").unlink()
    assert [each.name for each in changed.value.findings] == ["exchange.building.changed"]


def test_what_is_no_export_is_told(exported: tuple[Site, Path], tmp_path: Path) -> None:
    site, folder = exported
    assert "has no manifest.json" in site.run("building", "import", tmp_path, "--by", "A").output
    (tmp_path / "manifest.json").write_text('{"schema": "other"}')
    assert "schema, building" in site.run("building", "import", tmp_path, "--by", "A").output
    occupied = site.run("building", "export", "house", "--out", folder)
    assert occupied.exit_code == 2
    assert "is not empty" in occupied.output


def test_readings_that_are_none_are_a_finding(exported: tuple[Site, Path], tmp_path: Path) -> None:
    # The manifest fits, so that only the content is wrong: "exchange.building.refused".
    _, folder = exported
    for name in ("building.yaml", "flats.csv", "tenancies.csv", "devices.csv"):
        path = tmp_path / "sent" / "estate" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((folder / "estate" / name).read_bytes())
    (tmp_path / "sent" / "readings.parquet").write_bytes(b"none")
    manifest = Manifest(
        building="house", readings=0, runs=(), files=digests(tmp_path / "sent")
    ).model_dump_json(by_alias=True)
    (tmp_path / "sent" / "manifest.json").write_text(manifest)
    done = Site.new(tmp_path / "new").run("building", "import", tmp_path / "sent", "--by", "A")
    assert done.exit_code == 1
    assert "readings.parquet cannot be read" in done.output
