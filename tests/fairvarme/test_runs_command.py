"""A year's account by the commands: approved, served, objected to, corrected, closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from fairvarme.cli import main
from tests.support.broken_inputs import Inputs, good_year

BY = ["--by", "An Accountant"]


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return good_year(tmp_path)


@pytest.fixture
def config(inputs: Inputs) -> list[str]:
    path = inputs.directory / "fairvarme.toml"
    files = ("readings.db", "fairvarme.db")
    store, database = (f"sqlite:///{inputs.directory / each}" for each in files)
    path.write_text(f'store = "{store}"\ndatabase = "{database}"\nestates = ["estate"]\n')
    return ["--config", str(path)]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def done(*words: str) -> str:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return result.output


def told(*words: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(done(*words, "--json").splitlines()[-1])
    return answer


def test_a_year_is_settled(inputs: Inputs, config: list[str]) -> None:
    first = told(*inputs.arguments(), "--approve", *BY, *config)
    assert (first["run"], first["total_ore"]) == (1, 1_190_000)
    again = run(*inputs.arguments(), "--approve", *BY, *config)
    assert again.exit_code == 2
    assert "approved already, as run 1" in again.output
    serve = ["runs", "serve", "1", "--on", "2026-03-02", "--channel", "digital", *BY, *config]
    assert told(*serve)["state"] == "served"
    step = ["--tenancy", "A-1", *BY, *config]
    done("runs", "object", "1", "--on", "2026-03-20", "--note", "the meter", *step)
    too_soon = run("runs", "close", "1", "--on", "2026-06-01", *BY, *config)
    assert too_soon.exit_code == 2
    assert "1 statements are objected" in too_soon.output

    end = "2026-01-01T00:00:00+01:00,heat-A,heat_kwh,"
    inputs.spoil("readings.csv", f"{end}4000.000", f"{end}3900.000")
    inputs.options[1] = "2026-05-20"
    correct = ["--approve", "--corrects", "1", "--reason", "objection", *BY, *config]
    second = told(*inputs.arguments(), *correct)
    assert (second["run"], second["corrects"], second["deadline"]) == (2, 1, first["deadline"])
    shown = told("runs", "show", "2", *config)
    changes = {each["tenancy"]: each for each in shown["differences"]}
    assert changes["A-1"]["cost_ore"] != changes["A-1"]["cost_before_ore"]
    assert sum(each["cost_ore"] for each in shown["differences"]) == 1_190_000
    assert {"bill.csv", "estate.json", "run.json", "statements.json"} <= shown["documents"].keys()
    statement = json.loads((inputs.out / "statements.json").read_text())["statements"][0]
    assert (statement["corrects"], statement["deadline"]) == ("2026-03-01", first["deadline"])
    assert statement["late"] is False, "the first came in time"
    states = [each["state"] for each in told("runs", "list", *config)["runs"]]
    assert states == ["corrected", "approved"]
    done("runs", "serve", "2", "--on", "2026-05-21", "--channel", "letter", *BY, *config)
    assert told("runs", "close", "2", "--on", "2026-07-03", *BY, *config)["state"] == "closed"
    assert told("runs", "verify", *config)["entries"] == 6
