"""A draft is not approved unseen after its estate has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fairvarme.cli import main
from tests.support.broken_inputs import Inputs, good_year

BY = ["--by", "An Accountant"]


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """Return a year of which a draft is kept."""
    made = good_year(tmp_path)
    made.directory.joinpath("fairvarme.toml").write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///books.db"\nestates = ["estate"]\n'
    )
    kept = run(made, *made.arguments(), "--draft", *BY)
    assert kept.exit_code == 0, kept.output
    return made


def run(inputs: Inputs, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--config", str(inputs.directory / "fairvarme.toml")])


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("costs.csv", "10000.00,2000.00", "11000.00,2200.00"),
        ("aconto.csv", "2000.00", "2500.00"),
        ("tenancies.csv", "A-1,A,2020-01-01,,", "A-1,A,2020-01-01,2025-06-01,"),
        ("devices.csv", "heat-B,heat,B,2020-01-01,,", "heat-B,heat,B,2025-03-01,,"),
        ("flats.csv", "A,Street 1 A,30,", "A,Street 1 A,31,"),
        ("building.yaml", "monthly_information: yes", "monthly_information: no"),
    ],
)
def test_what_counts_in_the_period_was_changed(
    inputs: Inputs, file: str, old: str, new: str
) -> None:
    inputs.spoil(file, old, new)
    refused = run(inputs, "runs", "approve", "1", *BY)
    assert refused.exit_code == 1
    assert f"{file} of house changed after draft 1 was made" in refused.output
    allowed = run(inputs, "runs", "approve", "1", "--allow", "ledger.draft.outdated", *BY)
    assert allowed.exit_code == 0, allowed.output
    assert file in allowed.output


def test_what_comes_after_the_period_changes_no_draft(inputs: Inputs) -> None:
    inputs.spoil("tenancies.csv", "A-1,A,2020-01-01,,", "A-1,A,2020-01-01,2026-02-01,")
    inputs.add("tenancies.csv", "A-2,A,2026-02-01,,paper")
    inputs.add("aconto.csv", "A-1,2026-01-01,2026-02-01,170.00")
    inputs.spoil("building.yaml", '"00 00 00 00"', '"11 11 11 11"')
    approved = run(inputs, "runs", "approve", "1", *BY)
    assert approved.exit_code == 0, approved.output
