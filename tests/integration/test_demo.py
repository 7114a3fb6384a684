"""The demo: the whole job, judged by the simulator's own truth and ledger."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from fairvarme.cli import main
from fairvarme.demo import broker as embedded_broker
from tests.support.mosquitto import find_program

pytestmark = pytest.mark.integration
FIELDS = [
    "published", "stored", "quarantined", "missing", "bill_total", "bill_sum", "alerts", "reports",
    "seconds",
]  # fmt: skip


def run_demo(directory: Path, *more: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["demo", "--out", str(directory), "--json", *more])
    assert result.exit_code == 0, result.output
    summary: dict[str, Any] = json.loads((directory / "summary.json").read_text("utf-8"))
    assert json.loads(result.stdout) == summary
    return summary


def read_json(path: Path) -> Any:  # noqa: ANN401  JSON
    return json.loads(path.read_text("utf-8"))


def check(summary: dict[str, Any], directory: Path) -> None:
    """Check what holds of every run, from the files and not from the summary's own code."""
    assert list(summary) == FIELDS
    with (directory / "ledger.csv").open() as file:
        keys = {tuple(row.values()) for row in csv.DictReader(file)}
    assert summary["published"] == summary["stored"] == len(keys)
    assert summary["missing"] == summary["quarantined"] == 0
    with (directory / "estate" / "costs.csv").open() as file:
        costs = sum(Decimal(row["amount"]) for row in csv.DictReader(file))
    with (directory / "bill" / "bill.csv").open() as file:
        billed = sum(Decimal(row["amount"]) for row in csv.DictReader(file))
    assert summary["bill_total"] == summary["bill_sum"] == costs * 100 == billed * 100
    truth = {
        (event["flat"], event["kind"]) for event in read_json(directory / "truth.json")["events"]
    }
    assert {(alert["flat"], alert["kind"]) for alert in summary["alerts"]} == truth
    statements = read_json(directory / "bill" / "statements.json")["statements"]
    residents = {statement["tenancy"] for statement in statements if statement["resident"]}
    assert {path.stem for path in (directory / "reports").glob("*.pdf")} == residents
    assert summary["reports"] == len(residents)


def test_demo_twice_in_one_folder_with_and_without_events(tmp_path: Path) -> None:
    find_program("mosquitto")
    directory = tmp_path / "demo-out"
    summary = run_demo(directory)
    check(summary, directory)
    assert {alert["kind"] for alert in summary["alerts"]} == {"leak", "mould_risk"}
    assert summary["reports"] == 12
    page = PdfReader(directory / "reports" / "0101-1.pdf").pages[0].extract_text()
    assert "PRØVE" in page
    assert "ikke et krav" in page
    calm = run_demo(directory, "--no-events")
    check(calm, directory)
    assert calm["alerts"] == []
    check_installation(directory)


def check_installation(directory: Path) -> None:
    """The folder serves the other commands; the password of the run stands nowhere in it."""
    config = ["--config", str(directory / "fairvarme.toml")]
    runner = CliRunner()
    listed = runner.invoke(main, ["alerts", "list", "--json", *config])
    assert json.loads(listed.stdout) == {"alerts": []}
    quarantine = runner.invoke(main, ["quarantine", "list", *config])
    assert quarantine.output == "the quarantine is empty\n"
    out = directory / "again"
    arguments = ["report", "solgaarden", "--month", "2026-01", "--out", str(out), "--json"]
    report = runner.invoke(main, [*arguments, *config])
    assert json.loads(report.stdout)["reports"] == len(list(out.rglob("*.pdf"))) == 12
    for path in directory.rglob("*.toml"):
        assert "demo:" not in path.read_text("utf-8")


def test_demo_without_mosquitto_on_another_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_broker, "SEARCH_PATH", str(tmp_path))
    directory = tmp_path / "demo-out"
    check(run_demo(directory, "--flats", "4", "--month", "2025-03", "--seed", "7"), directory)
    assert (directory / "broker" / "amqtt.yaml").is_file()


def test_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "estate").mkdir()
    mine = tmp_path / "estate" / "mine.txt"
    mine.write_text("keep")
    result = CliRunner().invoke(main, ["demo", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "--out" in result.output
    assert mine.read_text() == "keep"
