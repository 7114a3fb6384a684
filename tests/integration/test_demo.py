"""The demo: the whole job, judged by the simulator's own truth and ledger."""

from __future__ import annotations

import csv
import json
import re
import shlex
from datetime import datetime
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
README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
FIELDS = [
    "published", "stored", "quarantined", "missing", "bill_total", "bill_sum", "currency", "alerts",
    "reports", "seconds",
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


def check_readme(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the README shows is what the demo gives, and its commands run as they stand there."""
    check_sample(directory)
    table = dict(re.findall(r"^([a-z ]+?)  +(\S.*)$", README, flags=re.MULTILINE))
    summary = read_json(directory / "summary.json")
    for name, field in (
        ("readings published", "published"), ("stored", "stored"),
        ("in quarantine", "quarantined"), ("missing", "missing"),
    ):  # fmt: skip
        assert table[name] == str(summary[field])
    for name, field in (("costs", "bill_total"), ("sum of the bill", "bill_sum")):
        assert table[name] == f"DKK {summary[field] / 100:,.2f}"
    alerts = [f"{each['flat']} {each['kind']}" for each in summary["alerts"]]
    assert table["alerts"] == ", ".join(alerts)
    assert table["reports"] == f"{summary['reports']} PDFs in demo-out/reports"
    monkeypatch.chdir(directory.parent)
    for command in re.findall(r"^fairvarme ((?:estate|bill) .*)$", README, flags=re.MULTILINE):
        result = CliRunner().invoke(main, shlex.split(command))
        assert result.exit_code == 0, result.output
    again = directory.parent / "january" / "bill.csv"
    assert again.read_bytes() == (directory / "bill" / "bill.csv").read_bytes()


def check_sample(directory: Path) -> None:
    """The message of a box and the amounts of its home, at the head of the README."""
    topic, payload = re.findall(r"^(?:topic|payload) +(\S.*)$", README, flags=re.MULTILINE)[:2]
    box, sent = topic.split("/")[3], json.loads(payload)
    time = datetime.fromisoformat(sent.pop("time").replace("Z", "+00:00"))
    with (directory / "readings.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["device"] == box]
    at = [row for row in rows if datetime.fromisoformat(row["time"][:-1] + "+00:00") == time]
    assert {row["quantity"]: float(row["value"]) for row in at} == sent
    statements = read_json(directory / "bill" / "statements.json")["statements"]
    (home,) = [each for each in statements if box == f"box-{each['flat']}"]
    head = README.partition("readings published")[0]
    shown = [Decimal(each.replace(",", "")) for each in re.findall(r"DKK ([\d,]+\.\d\d)", head)]
    ore = [part["amount_ore"] for part in home["components"]]
    total, shadow = home["total_ore"], home["shadow_ore"]
    assert [amount * 100 for amount in shown] == [*ore, total, shadow, shadow - total]
    shares = [int(each) for each in re.findall(r" (\d+)%  ", README)]
    assert shares == [round(100 * each / total) for each in ore]
    assert sum(shares) == 100
    hours = f"{home['climate_hours_measured']} of {home['climate_hours']} hours of the box"
    assert hours in README


def test_demo_twice_in_one_folder_with_events_and_smaller_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_program("mosquitto")
    directory = tmp_path / "demo-out"
    summary = run_demo(directory)
    check(summary, directory)
    assert {alert["kind"] for alert in summary["alerts"]} == {"leak", "mould_risk"}
    assert summary["reports"] == 12
    page = PdfReader(directory / "reports" / "0101-1.pdf").pages[0].extract_text()
    assert "PRØVE" in page
    assert "ikke et krav" in page
    check_readme(directory, monkeypatch)
    calm = run_demo(directory, "--no-events", "--flats", "2")
    check(calm, directory)
    assert calm["alerts"] == []
    assert calm["reports"] == 2
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
    assert json.loads(report.stdout)["reports"] == len(list(out.rglob("*.pdf"))) == 2
    for path in directory.rglob("*.toml"):
        assert "demo:" not in path.read_text("utf-8")


def test_demo_without_mosquitto_on_another_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_broker, "SEARCH_PATH", str(tmp_path))
    directory = tmp_path / "demo-out"
    check(run_demo(directory, "--flats", "2", "--month", "2025-03", "--seed", "7"), directory)
    assert (directory / "broker" / "amqtt.yaml").is_file()


def test_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "estate").mkdir()
    mine = tmp_path / "estate" / "mine.txt"
    mine.write_text("keep")
    result = CliRunner().invoke(main, ["demo", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "--out" in result.output
    assert mine.read_text() == "keep"
