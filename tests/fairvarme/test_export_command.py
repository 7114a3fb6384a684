"""`fairvarme export` and `fairvarme exchange`: from a bill's folder to another system, and back."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from estate.errors import DataError
from fairvarme.cli import main
from operations.exchange.export_account import BILL_FILES, export_account, read_bill
from tests.support.arge_by_hand import d_lines, file
from tests.support.broken_inputs import good_year

TOLD = ("--set", "customer=4711", "--set", "property=7", "--set", "currency=DKK")
OPTIONS = {
    "arge-d": TOLD,
    "arge-d-total": TOLD,
    "arge-e898": ("--set", "property=7"),
    "arge-m": TOLD,
    "fixed-position": ("--set", "plant=123"),
}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    inputs = good_year(tmp_path_factory.mktemp("year"))
    done = run(
        "bill", "--estate", inputs.estate, "--readings", inputs.readings, "--period",
        "2025-01-01/2026-01-01", "--out", inputs.directory / "bill", "--issued", "2026-03-01",
        "--statements", "pdf",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return inputs.directory


def export(folder: Path, profile: str, out: Path) -> Result:
    options = OPTIONS.get(profile, ())
    estate = ("--estate", folder / "estate")
    bill = folder / "bill"
    return run("export", bill, "--format", profile, "--out", out, *estate, *options, "--json")


@pytest.mark.parametrize(
    "profile",
    [
        "csv", "xlsx", "balances-csv", "balances-xlsx", "arge-d", "arge-d-total", "arge-e898",
        "arge-m", "fixed-position",
    ],
)  # fmt: skip
def test_every_profile_writes_a_file_that_it_reads_without_fault(
    folder: Path, tmp_path: Path, profile: str
) -> None:
    done = export(folder, profile, tmp_path)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    read = run("exchange", "read", told["file"], "--profile", profile, "--out", tmp_path / "own")
    assert read.exit_code == 0, read.output
    assert f"{told['records']} records without fault" in read.output


def test_csv_holds_the_amounts_of_the_bill(folder: Path, tmp_path: Path) -> None:
    export(folder, "csv", tmp_path / "rows.csv")
    run("exchange", "read", tmp_path / "rows.csv", "--profile", "csv", "--out", tmp_path)
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as own:
        read = [(row["tenancy"], row["component"], row["amount"]) for row in csv.DictReader(own)]
    with (folder / "bill" / "bill.csv").open(encoding="utf-8", newline="") as bill:
        rows = [(row["tenancy"], row["component"], row["amount"]) for row in csv.DictReader(bill)]
    assert read == rows


def test_arge_file_of_a_bill_equals_the_one_written_by_hand(folder: Path, tmp_path: Path) -> None:
    statements = json.loads((folder / "bill" / "statements.json").read_text("utf-8"))
    flats = {"A": "0001", "B": "0002"}
    by_hand = file(*d_lines(statements, flats, "2025-01-01/2026-01-01"))
    export(folder, "arge-d", tmp_path / "d.dat")
    assert (tmp_path / "d.dat").read_bytes() == by_hand
    assert len(by_hand) == 4 * 1026


def test_a_bill_whose_files_were_changed_is_not_exported(folder: Path, tmp_path: Path) -> None:
    for name in ("statements.json", "run.json", "findings.json"):
        text = (folder / "bill" / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace('"total_ore": 422660', '"total_ore": 422661'))
    done = run("export", tmp_path, "--format", "csv", "--out", tmp_path / "x.csv")
    assert done.exit_code == 1
    assert "A-1: its components are 422660 øre and its total is 422661" in done.output
    assert not (tmp_path / "x.csv").exists()


def test_faults_of_a_bills_files_are_findings(folder: Path, tmp_path: Path) -> None:
    for name in BILL_FILES:
        text = (folder / "bill" / name).read_text("utf-8")
        (tmp_path / name).write_text(text.replace('"total_ore": 1190000', '"total_ore": 1190001'))
    with pytest.raises(DataError) as changed:
        read_bill(tmp_path)
    assert [each.name for each in changed.value.findings] == ["exchange.account.invalid"]
    for name in BILL_FILES:
        shutil.copy(folder / "bill" / name, tmp_path / name)
    with pytest.raises(DataError) as unprinted:
        export_account(tmp_path, "arge-e898", parameters={"property": "7"})
    assert [each.name for each in unprinted.value.findings] == ["exchange.documents.missing"]


def test_what_is_missing_is_said(folder: Path, tmp_path: Path) -> None:
    bill = folder / "bill"
    assert "needs customer" in run("export", bill, "--format", "arge-d").output
    assert "add --estate DIR" in run("export", bill, "--format", "arge-m", *TOLD).output
    assert (
        "`fairvarme move-out` writes them" in run("export", bill, "--format", "utility-csv").output
    )
    assert "NAME=VALUE" in run("export", bill, "--format", "csv", "--set", "x").output
    done = run("export", tmp_path, "--format", "csv")
    assert done.exit_code == 2
    assert "statements.json cannot be read" in done.output


def test_nothing_is_written_of_a_file_with_a_fault(folder: Path, tmp_path: Path) -> None:
    export(folder, "fixed-position", tmp_path / "sent.txt")
    sent = (tmp_path / "sent.txt").read_bytes()
    (tmp_path / "sent.txt").write_bytes(sent.replace(b"\r\n10", b"\r\n1X", 1))
    done = run(
        "exchange", "read", tmp_path / "sent.txt", "--profile", "fixed-position", "--out",
        tmp_path / "own",
    )  # fmt: skip
    assert done.exit_code == 1
    assert "sent.txt row 2" in done.output
    assert not (tmp_path / "own").exists()


def test_a_profile_to_change_is_written_once(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    done = run("exchange", "profiles", "fixed-position", "--out", str(own))
    assert (done.exit_code, str(own) in done.output) == (0, True)
    own.write_text("changed by hand", "utf-8")
    again = run("exchange", "profiles", "fixed-position", "--out", str(own))
    assert again.exit_code == 2
    assert "name a new file" in again.output
    assert own.read_text("utf-8") == "changed by hand"


def test_profiles_are_listed_and_shown() -> None:
    assert "arge-e898" in run("exchange", "profiles").output
    assert "place: 58-67" in run("exchange", "profiles", "arge-d").output
    assert json.loads(run("exchange", "profiles", "--json").output)["profiles"]["csv"]


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["csv", "arge-d"])
def test_a_run_of_the_ledger_gives_the_same_bytes(
    folder: Path, tmp_path: Path, profile: str
) -> None:
    config = tmp_path / "fairvarme.toml"
    store, database = (f"sqlite:///{tmp_path / each}" for each in ("readings.db", "kept.db"))
    config.write_text(f'store = "{store}"\ndatabase = "{database}"\nestates = ["estate"]\n')
    approved = run(
        "bill", "--estate", folder / "estate", "--readings", folder / "readings.csv", "--period",
        "2025-01-01/2026-01-01", "--out", tmp_path / "bill", "--issued", "2026-03-01",
        "--approve", "--by", "An Accountant", "--config", config,
    )  # fmt: skip
    assert approved.exit_code == 0, approved.output
    options = ("--format", profile, *OPTIONS.get(profile, ()))
    of_files = run("export", tmp_path / "bill", *options, "--out", tmp_path / "files.dat")
    of_run = run("export", "1", *options, "--out", tmp_path / "run.dat", "--config", config)
    assert (of_files.exit_code, of_run.exit_code) == (0, 0), of_run.output
    assert (tmp_path / "run.dat").read_bytes() == (tmp_path / "files.dat").read_bytes()
    unknown = run("export", "7", *options, "--out", tmp_path / "x.dat", "--config", config)
    assert unknown.exit_code == 2
