"""Spreadsheets that we write, opened by LibreOffice and read back: the amounts are the bill's."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from billing.bill.files import write_bill
from fairvarme.cli import main
from tests.support.exchange_account import a_bill, share, statement, statements

pytestmark = pytest.mark.integration

CSV_AS_OURS = "CSV:59,34,76,1,,1030"
"""Semicolons, quotes, UTF-8, from the first line, in Danish."""
SECONDS = 120


def soffice() -> str:
    program = shutil.which("soffice")
    if program is None:
        reason = "LibreOffice is not installed (`make servers` brings it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


def opened(path: Path, out: Path, *more: str) -> openpyxl.Workbook:
    """Open a file in LibreOffice, have it computed and saved as a workbook of its own."""
    profile = f"-env:UserInstallation={(out / 'profile').as_uri()}"
    subprocess.run(
        [soffice(), profile, "--headless", *more, "--convert-to", "xlsx", "--outdir", out, path],
        check=True,
        capture_output=True,
        timeout=SECONDS,
    )
    # Without data_only a formula would be seen as one.
    return openpyxl.load_workbook(out / f"{path.stem}.xlsx")


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """Write the files of a bill; a component's name is a formula, were it one."""
    trap = share("heat", "area", -12_345_678).replace(component="=1+1", weight=0.000001)
    more = statement("trap", "0103", trap)
    write_bill(tmp_path / "bill", a_bill([*statements(), more]), {})
    return tmp_path / "bill"


def exported(bill: Path, profile: str, out: Path) -> Path:
    done = CliRunner().invoke(main, ["export", str(bill), "--format", profile, "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


def rows_of(bill: Path) -> list[tuple[str, str, Decimal, float]]:
    with (bill / "bill.csv").open(encoding="utf-8", newline="") as file:
        return [
            (
                row["tenancy"],
                row["component"].lstrip("'"),
                Decimal(row["amount"]),
                float(row["weight"]),
            )
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize(
    ("profile", "file", "options"),
    [("xlsx", "ours.xlsx", ()), ("csv", "ours.csv", (f"--infilter={CSV_AS_OURS}",))],
)
def test_amounts_are_those_of_the_bill(
    bill: Path, tmp_path: Path, profile: str, file: str, options: tuple[str, ...]
) -> None:
    path = exported(bill, profile, tmp_path / file)
    (tmp_path / "opened").mkdir()
    (sheet,) = opened(path, tmp_path / "opened", *options).worksheets
    header, *rows = sheet.iter_rows()
    place = {cell.value: number for number, cell in enumerate(header)}
    cells = [{name: row[number] for name, number in place.items()} for row in rows]
    read = [
        (
            str(row["tenancy"].value),
            str(row["component"].value).lstrip("'"),
            Decimal(str(row["amount"].value)).quantize(Decimal("0.01")),
            float(str(row["weight"].value)),
        )
        for row in cells
    ]
    assert read == rows_of(bill)
    assert all(row["amount"].data_type == "n" for row in cells)
    assert all(isinstance(row["period_start"].value, datetime) for row in cells)
    assert {row["component"].data_type for row in cells} == {"s"}
