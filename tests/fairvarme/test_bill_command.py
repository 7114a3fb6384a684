"""`fairvarme bill` on files: a building with known answers, and data that allows no bill."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from fairvarme.cli import main
from tests.support.six_flats import (
    PERIOD,
    TEMPERATURE_C,
    heat_kwh,
    write_scheme,
    write_six_flats,
)

# Worked out apart from this program, as the table "a small building with known answers" of the
# domain notes: flats G1, G2, M1, M2, T1, T2 of 60,000.00 kroner.
KNOWN: dict[str, tuple[list[dict[str, object]], list[str]]] = {
    "all-by-units": (
        [{"key": "heat_units", "fraction": 1.0}],
        ["11968.33", "8557.40", "2999.21", "9916.07", "12380.05", "14178.94"],
    ),
    "area-and-units": (
        [{"key": "area", "fraction": 0.6}, {"key": "heat_units", "fraction": 0.4}],
        ["10787.33", "9422.96", "7199.68", "9966.43", "10952.02", "11671.58"],
    ),
    "temperature-area": (
        [{"key": "degree_hours", "fraction": 1.0}],
        ["9949.75", "9648.24", "8743.72", "10552.76", "9949.75", "11155.78"],
    ),
}
POSITION_FACTORS = {"G1": 0.7937, "G2": 0.7937, "M1": 1.0, "M2": 1.0, "T1": 0.7195, "T2": 0.7195}


@pytest.fixture(scope="module")
def six_flats(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_six_flats(tmp_path_factory.mktemp("six"))


def run_bill(estate: Path, readings: Path, scheme: Path | None, out: Path, *more: str) -> Result:
    arguments = ["bill", "--estate", str(estate), "--readings", str(readings), "--out", str(out)]
    if scheme:
        arguments += ["--scheme", str(scheme)]
    if "--period" not in more:
        more = ("--period", PERIOD, *more)
    return CliRunner().invoke(main, [*arguments, *more])


def read_bill(out: Path) -> list[dict[str, str]]:
    with (out / "bill.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", KNOWN)
def test_known_answers_to_the_ore(six_flats: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    components, amounts = KNOWN[name]
    scheme = write_scheme(tmp_path, name, components)
    result = run_bill(*six_flats, scheme, tmp_path / "out")
    assert result.exit_code == 0, result.output
    by_flat: dict[str, Decimal] = defaultdict(Decimal)
    for row in read_bill(tmp_path / "out"):
        by_flat[row["flat"]] += Decimal(row["amount"])
    assert dict(by_flat) == dict(zip(TEMPERATURE_C, map(Decimal, amounts), strict=True))


def test_position_factor_weighs_the_units(six_flats: tuple[Path, Path], tmp_path: Path) -> None:
    condition = "position_condition: {indoor_c: 20, outdoor_c: 4.5, gains: true}"
    components: list[dict[str, object]] = [{"key": "heat_units_position", "fraction": 1.0}]
    scheme = write_scheme(tmp_path, "position", components, condition)
    assert run_bill(*six_flats, scheme, tmp_path / "out").exit_code == 0
    for row in read_bill(tmp_path / "out"):
        factor = float(row["weight"]) / heat_kwh(row["flat"])
        assert factor == pytest.approx(POSITION_FACTORS[row["flat"]], abs=5e-5)


def test_output_has_the_public_columns(six_flats: tuple[Path, Path], tmp_path: Path) -> None:
    components, _ = KNOWN["area-and-units"]
    result = run_bill(
        *six_flats, write_scheme(tmp_path, "s", components), tmp_path / "out", "--json"
    )
    assert json.loads(result.stdout)["total_ore"] == 6_000_000
    assert list(read_bill(tmp_path / "out")[0]) == [
        "building", "period_start", "period_end", "tenancy", "flat", "item", "component", "key",
        "fraction", "weight", "weight_total", "amount",
    ]  # fmt: skip
    run = json.loads((tmp_path / "out" / "run.json").read_text())
    digests = [text for text in json.dumps(run).split('"') if len(text) == 64]
    assert len(digests) >= 7  # the readings and six files of the estate
    statements = json.loads((tmp_path / "out" / "statements.json").read_text())["statements"]
    assert sum(statement["total_ore"] for statement in statements) == 6_000_000


def test_bill_csv_alone_recomputes_the_bill(six_flats: tuple[Path, Path], tmp_path: Path) -> None:
    """Each amount is its share of the component to less than one øre."""
    components, _ = KNOWN["area-and-units"]
    run_bill(*six_flats, write_scheme(tmp_path, "s", components), tmp_path / "out")
    for row in read_bill(tmp_path / "out"):
        share = Decimal(row["weight"]) / Decimal(row["weight_total"])
        exact = Decimal(60_000) * Decimal(row["fraction"]) * share
        assert abs(Decimal(row["amount"]) - exact) < Decimal("0.01")


def test_period_without_readings_ends_with_findings(
    six_flats: tuple[Path, Path], tmp_path: Path
) -> None:
    estate, _ = six_flats
    readings = tmp_path / "other-period.csv"
    readings.write_text("time,device,quantity,value\n2026-06-01T00:00Z,outdoor,temperature_c,9\n")
    components, _ = KNOWN["temperature-area"]
    scheme = write_scheme(tmp_path, "s", components)
    result = run_bill(estate, readings, scheme, tmp_path / "out")
    assert result.exit_code == 1
    findings = json.loads((tmp_path / "out" / "findings.json").read_text())["findings"]
    told = " ".join(finding["message"] for finding in findings)
    assert all(flat in told for flat in TEMPERATURE_C)
    assert "5040" in told
    assert not (tmp_path / "out" / "bill.csv").exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--period", "2026-01"], "END exclusive"),
        (["--scheme", "no-such-scheme"], "no-such-scheme"),
        (["--issued", "2026-03-01", "--first-issued", "2026-03-02"], "cannot correct"),
    ],
)
def test_wrong_usage_is_exit_2(
    six_flats: tuple[Path, Path], tmp_path: Path, more: list[str], told: str
) -> None:
    result = run_bill(*six_flats, None, tmp_path / "out", *more)
    assert result.exit_code == 2
    assert told in result.output


def test_wrong_estate_is_exit_1_with_every_finding(tmp_path: Path) -> None:
    (tmp_path / "estate").mkdir()
    readings = tmp_path / "readings.csv"
    readings.write_text("time,device,quantity,value\n")
    result = run_bill(tmp_path / "estate", readings, None, tmp_path / "out", "--json")
    assert result.exit_code == 1
    names = [each["data"]["file"] for each in json.loads(result.stdout)["findings"]]
    assert names == ["building.yaml", "flats.csv", "tenancies.csv", "devices.csv"]


def test_folder_that_cannot_be_written_is_told(
    six_flats: tuple[Path, Path], tmp_path: Path
) -> None:
    taken = tmp_path / "file"
    taken.write_text("")
    scheme = write_scheme(tmp_path, "s", KNOWN["all-by-units"][0])
    result = run_bill(*six_flats, scheme, taken)
    assert result.exit_code == 1
    assert str(taken) in result.output
    assert "Check the path" in result.output


def test_printed_statements_add_up_to_the_bill(
    six_flats: tuple[Path, Path], tmp_path: Path
) -> None:
    """What each letter says in its largest type, bill.csv says as the sum of its rows."""
    components, _ = KNOWN["area-and-units"]
    scheme, out = write_scheme(tmp_path, "s", components), tmp_path / "out"
    assert run_bill(*six_flats, scheme, out, "--statements", "pdf").exit_code == 0
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in read_bill(out):
        totals[row["tenancy"]] += Decimal(row["amount"])
    assert sum(totals.values()) == Decimal("60000.00")
    letters = sorted((out / "statements").iterdir())
    assert [letter.stem for letter in letters] == sorted(totals)
    for letter in letters:
        page = " ".join(PdfReader(letter).pages[0].extract_text().split())
        assert f"You must pay DKK {totals[letter.stem]:,.2f}" in page


def test_without_being_asked_nothing_is_printed(
    six_flats: tuple[Path, Path], tmp_path: Path
) -> None:
    components, _ = KNOWN["area-and-units"]
    run_bill(*six_flats, write_scheme(tmp_path, "s", components), tmp_path / "out")
    assert not (tmp_path / "out" / "statements").exists()
