"""The sample building's month as an ARGE file, byte for byte as a second writer makes it."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from firmware_sim.cli import main as simulate
from tests.support.arge_by_hand import d_lines, file

pytestmark = pytest.mark.slow

SAMPLE = Path(str(resources.files("estate").joinpath("sample")))
TOLD = ("--set", "customer=4711", "--set", "property=7", "--set", "currency=DKK")


@pytest.fixture(scope="module")
def bill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bill the sample building's simulated January."""
    directory = tmp_path_factory.mktemp("sample")
    readings = directory / "readings.csv"
    month = ["--month", "2026-01", "--seed", "1", "--readings", str(readings)]
    truth = ["--truth", str(directory / "truth.json")]
    done = CliRunner().invoke(simulate, ["write", "--estate", str(SAMPLE), *month, *truth])
    assert done.exit_code == 0, done.output
    words = [
        "bill", "--estate", str(SAMPLE), "--readings", str(readings), "--issued", "2026-02-10",
        "--period", "2026-01-01/2026-02-01", "--out", str(directory / "bill"),
    ]  # fmt: skip
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return directory / "bill"


def test_d_records_of_every_home_equal_those_written_by_hand(bill: Path, tmp_path: Path) -> None:
    out = tmp_path / "sample.dat"
    words = ["export", str(bill), "--format", "arge-d", *TOLD, "--out", str(out)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    document = json.loads((bill / "statements.json").read_text("utf-8"))
    dwelling = {each["flat"]: each["flat"] for each in document["statements"]}
    by_hand = file(*d_lines(document, dwelling, "2026-01-01/2026-02-01", set()))
    assert out.read_bytes() == by_hand
    assert len(by_hand) > 10_000
