"""
Every finding of a bill's inputs, by one small spoiling of good files, through the real command.

The exit code is the one that docs/findings.md says for it: a warning leaves a bill behind, a
disqualification none, unless it may be allowed and was.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from estate.findings import Severity, finding_kinds
from fairvarme.cli import main
from tests.support.broken_cases import CASES
from tests.support.broken_inputs import Inputs, good_days, good_year

KINDS = finding_kinds()
ALWAYS = {"billing.law.statement"}
"""These files hold no year before to compare with."""
TESTS = Path(__file__).parents[1]
REMEDIES = {
    "add", "allow", "begin", "bill", "change", "check", "choose", "correct", "define", "export",
    "fill", "fit", "give", "hand", "have", "install", "leave", "load", "look", "lower", "make",
    "nothing", "put", "raise", "remove", "rename", "repay", "replace", "replay", "save", "say",
    "send", "set", "settle", "shows", "split", "start", "use", "write",
}  # fmt: skip
"""What the end of a message tells somebody to do."""


def run(inputs: Inputs, *words: str) -> Result:
    return CliRunner().invoke(main, [*inputs.arguments(), *words])


def findings_of(inputs: Inputs) -> list[dict[str, Any]]:
    document = json.loads((inputs.out / "findings.json").read_text("utf-8"))
    return list(document["findings"])


def spoiled(name: str, directory: Path) -> Inputs:
    make, spoil, _ = CASES[name]
    inputs = make(directory)
    spoil(inputs)
    return inputs


def test_good_files_raise_nothing(tmp_path: Path) -> None:
    for make, expected in ((good_year, ALWAYS), (good_days, set())):
        inputs = make(tmp_path / make.__name__)
        result = run(inputs)
        assert result.exit_code == 0, result.output
        assert {each["name"] for each in findings_of(inputs)} == expected


@pytest.fixture(scope="module", params=CASES)
def spoiled_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Inputs, Result]:
    name: str = request.param
    inputs = spoiled(name, tmp_path_factory.mktemp("inputs"))
    return name, inputs, run(inputs)


def test_finding_and_exit_code_are_those_of_the_table(
    spoiled_run: tuple[str, Inputs, Result],
) -> None:
    name, inputs, result = spoiled_run
    found = findings_of(inputs)
    messages = [each["message"] for each in found if each["name"] == name]
    assert any(CASES[name][2] in message for message in messages), found
    stops = any(KINDS[each["name"]].severity is Severity.DISQUALIFICATION for each in found)
    assert stops == (KINDS[name].severity is Severity.DISQUALIFICATION)
    assert result.exit_code == int(stops), result.output
    assert (inputs.out / "bill.csv").exists() == (not stops)
    assert all(message in result.output for message in messages[:1])


def test_messages_name_the_place_and_end_in_the_remedy(
    spoiled_run: tuple[str, Inputs, Result],
) -> None:
    _, inputs, _ = spoiled_run
    for finding in findings_of(inputs):
        message, data = finding["message"], finding["data"]
        assert str(data.get("file", "")) in message
        assert f"row {data['row']}" in message if "row" in data else True
        end = re.split(r"; |\. |: ", message)[-1]
        assert REMEDIES & set(re.findall(r"[a-z]+", end.lower())), message


@pytest.mark.parametrize("name", [name for name in CASES if KINDS[name].allow])
def test_allowed_finding_is_recorded_everywhere(name: str, tmp_path: Path) -> None:
    inputs = spoiled(name, tmp_path)
    run(inputs)
    stopping = sorted({each["name"] for each in findings_of(inputs) if not each["allowed"]})
    stopping = [each for each in stopping if KINDS[each].severity is Severity.DISQUALIFICATION]
    result = run(inputs, *(word for each in stopping for word in ("--allow", each)))
    assert result.exit_code == 0, result.output
    assert "Allowed: " in result.output
    assert sorted({each["name"] for each in findings_of(inputs) if each["allowed"]}) == stopping
    written = {
        file: json.loads((inputs.out / file).read_text("utf-8"))
        for file in ("run.json", "statements.json")
    }
    assert written["run.json"]["allowed"] == stopping
    assert all(each["allowed"] == stopping for each in written["statements.json"]["statements"])


@pytest.mark.parametrize("name", ["billing.costs.beyond", "billing.law.late", "no.such.finding"])
def test_what_cannot_be_allowed_is_wrong_usage(name: str, tmp_path: Path) -> None:
    """A bill that would not add up, a warning that stops nothing, and a slip of the pen."""
    result = run(good_year(tmp_path), "--allow", name)
    assert result.exit_code == 2
    assert f"'{name}' cannot be allowed" in result.output
    assert "billing.law.metered_fraction" in result.output


def test_nothing_that_a_bill_needs_may_be_allowed() -> None:
    computed = ("estate.", "readings.", "billing.derive.", "billing.flat.", "billing.item.")
    never = {"billing.costs.missing", "billing.costs.beyond", "billing.costs.vat"}
    never |= {"billing.scheme.missing", "billing.scheme.changes"}
    for kind in KINDS.values():
        if kind.allow:
            assert kind.severity is Severity.DISQUALIFICATION
            assert not kind.name.startswith(computed)
            assert not kind.name.endswith(".missing")
            assert kind.name not in never


def test_there_are_fifty_and_none_of_a_bill_is_forgotten() -> None:
    """Whoever adds a finding adds files that raise it."""
    assert len(CASES) >= 50
    ours = {name for name in KINDS if name.startswith(("estate.", "readings.", "billing."))}
    # Of the installation, not of a bill: tests/operations/test_sealed_months.py harms its files.
    ours -= {"readings.sealed.damaged"}
    assert ours <= CASES.keys() <= KINDS.keys()


def test_other_findings_are_raised_by_tests_of_their_own() -> None:
    texts = [path.read_text("utf-8") for path in TESTS.rglob("test_*.py")]
    for name in KINDS.keys() - CASES.keys():
        assert any(f'"{name}"' in text for text in texts), f"no test speaks of {name}"
