"""What a file holds never steers the terminal, or the page, that shows what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from estate.findings import Finding
from estate.printable import printable, printable_lines
from fairvarme.cli import main
from tests.estate.test_documents import an_estate

STEERING = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2028\r\nsolgaarden is in order"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Brøndby, 21,5 °C – “æøå”", "Brøndby, 21,5 °C – “æøå”"),
        ("12\N{NO-BREAK SPACE}kWh", "12\N{NO-BREAK SPACE}kWh"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("\u202eø", "\\u202eø"),
        ("a\r\nb", "a\\r\\nb"),
        ("\ud800", "\\ud800"),
        ("", ""),
    ],
)
def test_text(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters()))
def test_any_text_is_one_line_and_can_be_encoded(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    assert printable_lines(f"{text}\nx").endswith("\nx")
    shown.encode()


def test_a_finding_is_one_line() -> None:
    assert Finding("estate.cell.invalid", f"holds '{STEERING}'").message.isprintable()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("flats.csv", "\n0101,", f'\n"{STEERING}0101",'),
        ("flats.csv", "flat,", "\x1b[2J\u202e,flat,"),
        ("building.yaml", "tenure: ", 'tenure: "\\e[2J\\u202e" # '),
    ],
)
def test_what_the_check_of_an_estate_prints(tmp_path: Path, file: str, old: str, new: str) -> None:
    path = an_estate(tmp_path) / file
    text = path.read_text("utf-8")
    assert old in text
    with path.open("w", encoding="utf-8", newline="") as target:
        target.write(text.replace(old, new, 1))
    result = CliRunner().invoke(main, ["estate", "check", str(tmp_path)], color=True)
    assert result.exit_code == 1
    assert "\\u202e" in result.output
    assert all(line.isprintable() for line in result.output.split("\n"))
    assert "solgaarden is in order" not in result.output.splitlines()


def test_what_a_scheme_or_a_map_calls_itself(tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.yaml"
    hostile.write_text('"\\e[2J\\u202e": 1\n')
    readings = tmp_path / "r.csv"
    readings.write_text("time,device,quantity,value\n")
    for option in ("--scheme", "--column-map"):
        arguments = ["bill", "--estate", str(an_estate(tmp_path)), "--readings", str(readings)]
        arguments += ["--period", "2026-01-01/2026-02-01", "--out", str(tmp_path / "out")]
        result = CliRunner().invoke(main, [*arguments, option, str(hostile)], color=True)
        assert result.exit_code == 2
        assert "\\u202e" in result.output
        assert all(line.isprintable() for line in result.output.split("\n"))
