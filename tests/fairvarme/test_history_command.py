"""Last year from another meter company stands beside this one, for the tenancy that was there."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from estate.errors import DataError
from fairvarme.cli import main
from operations.exchange.take_history import take_history
from tests.support.broken_inputs import Inputs, good_year

HISTORY = """\
flat,quantity,period_start,period_end,use,origin
A,heat_kwh,2024-01-01,2024-07-01,1500.5,Another company
A,heat_kwh,2024-07-01,2025-01-01,1099.5,Another company
A,hot_water_m3,2024-01-01,2025-01-01,18.25,Another company
B,hot_water_m3,2024-01-01,2025-01-01,30,Another company
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """Return a year of meters that came with it, and of weather that was as the year before."""
    inputs = good_year(tmp_path / "year")
    for device in ("heat-A", "heat-B", "water-A", "water-B"):
        text = (inputs.estate / "devices.csv").read_text("utf-8")
        lines = [
            line.replace(",2020-01-01,", ",2025-01-01,") if line.startswith(f"{device},") else line
            for line in text.splitlines()
        ]
        (inputs.estate / "devices.csv").write_text("\n".join(lines) + "\n", "utf-8")
    # The tenant of B moved in when the year before was over.
    inputs.spoil("tenancies.csv", "B-1,B,2020-01-01,", "B-1,B,2025-01-01,")
    with (inputs.estate / "devices.csv").open("a") as file:
        file.write("out,outdoor,,2020-01-01,,,\n")
    weather = [
        f"{(datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).isoformat()},out,"
        "temperature_c,5.0"
        for hour in range(-24, 24 * 732)
    ]
    with inputs.readings.open("a") as file:
        file.write("\n".join(weather) + "\n")
    (tmp_path / "history.csv").write_text(HISTORY, "utf-8")
    return inputs


def taken(inputs: Inputs, tmp_path: Path) -> Result:
    return run(
        "exchange", "history", tmp_path / "history.csv", "--estate", inputs.estate, "--out",
        tmp_path / "taken",
    )  # fmt: skip


def test_a_statement_compares_with_what_another_company_measured(
    inputs: Inputs, tmp_path: Path
) -> None:
    done = taken(inputs, tmp_path)
    assert done.exit_code == 0, done.output
    billed = run(
        "bill", "--estate", tmp_path / "taken" / "estate", "--readings", inputs.readings,
        "--readings", tmp_path / "taken" / "readings.csv", "--period", "2025-01-01/2026-01-01",
        "--issued", "2026-03-01", "--out", tmp_path / "bill",
    )  # fmt: skip
    assert billed.exit_code == 0, billed.output
    statements = json.loads((tmp_path / "bill" / "statements.json").read_text("utf-8"))
    compared = {
        (each["tenancy"], year["quantity"]): year
        for each in statements["statements"]
        for year in each["year_before"]
    }
    assert compared["A-1", "heat_kwh"]["before"] == 1500.5 + 1099.5
    assert compared["A-1", "hot_water_m3"]["before"] == 18.25
    # Nobody sees what the tenant before used.
    assert not [key for key in compared if key[0] == "B-1"]


def test_a_statement_says_who_measured_the_year_before(inputs: Inputs, tmp_path: Path) -> None:
    assert taken(inputs, tmp_path).exit_code == 0
    billed = run(
        "bill", "--estate", tmp_path / "taken" / "estate", "--readings", inputs.readings,
        "--readings", tmp_path / "taken" / "readings.csv", "--period", "2025-01-01/2026-01-01",
        "--issued", "2026-03-01", "--out", tmp_path / "bill", "--statements", "pdf",
    )  # fmt: skip
    assert billed.exit_code == 0, billed.output
    origin = "The figures of the year before were measured by Another company."
    pages = {
        name: " ".join(
            PdfReader(tmp_path / "bill" / "statements" / f"{name}.pdf")
            .pages[0]
            .extract_text()
            .split()
        )
        for name in ("A-1", "B-1")
    }
    assert pages["A-1"].count(origin) == 1
    # What is not compared with has no origin either.
    assert "Another company" not in pages["B-1"]


def test_the_meters_that_were_there_name_their_origin(inputs: Inputs, tmp_path: Path) -> None:
    assert "3 meters" in taken(inputs, tmp_path).output
    devices = (tmp_path / "taken" / "estate" / "devices.csv").read_text("utf-8")
    assert "past-A-heat_kwh,heat,A,2024-01-01,2025-01-01" in devices
    assert devices.count("Another company") == 3


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("A,hot_water_m3", "C,hot_water_m3", "row 4, column flat holds 'C'"),
        ("hot_water_m3", "warmth", "row 4, column quantity holds 'warmth'"),
        ("18.25", "-1", "row 4, column use holds '-1'"),
        ("2024-07-01,2025-01-01", "2024-06-01,2025-01-01", "row 3, column period_start"),
        ("2024-01-01,2025-01-01,30", "2025-01-01,2024-01-01,30", "row 5, column period_end"),
        ("2024-01-01,2025-01-01,30", "2024-01-01,2025-02-01,30", "count the same days from"),
        ("origin", "company", "the column 'company' is not known"),
    ],
)
def test_faults_are_told_by_row_and_column(
    inputs: Inputs, tmp_path: Path, old: str, new: str, problem: str
) -> None:
    (tmp_path / "history.csv").write_text(HISTORY.replace(old, new), "utf-8")
    done = taken(inputs, tmp_path)
    assert done.exit_code == 1
    assert problem in done.output
    assert not (tmp_path / "taken").exists()


def test_an_empty_history_is_a_finding(inputs: Inputs, tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text(HISTORY.splitlines()[0] + "\n", "utf-8")
    with pytest.raises(DataError) as empty:
        take_history(tmp_path / "history.csv", inputs.estate, tmp_path / "taken")
    assert [each.name for each in empty.value.findings] == ["exchange.history.invalid"]
