"""Amounts and times as commands show them to people."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from fairvarme.output import as_local, money


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server whose own clock is in UTC, as most are."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_utc")
def test_a_time_is_by_the_clock_of_its_zone_and_names_it() -> None:
    assert as_local(1_772_445_600_000, "Europe/Copenhagen") == "2026-03-02 11:00 CET"
    assert as_local(1_782_900_000_000, "Europe/Copenhagen") == "2026-07-01 12:00 CEST"


@pytest.mark.usefixtures("in_utc")
def test_tables_of_an_installation_are_in_its_own_time(tmp_path: Path) -> None:
    config = tmp_path / "fairvarme.toml"
    config.write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///main.db"\nestates = []\n'
        '[service]\ntimezone = "America/Godthab"\n'
    )

    def lines(*words: str) -> list[str]:
        done = CliRunner().invoke(main, [*words, "--config", str(config)])
        return done.stdout.splitlines()

    jobs = [each for each in lines("run", "--plan") if " next " in each]
    assert jobs
    assert all(
        re.search(r"next \d{4}-\d\d-\d\d \d\d:\d\d -0[123]  fairvarme", each) for each in jobs
    )
    (clock,) = [each for each in lines("doctor") if " clock" in each]
    assert re.search(r"\d\d:\d\d -0[123]$", clock.rstrip()), clock


@pytest.mark.parametrize(
    ("ore", "text"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (-5, "-0.05"),
        (1_190_000, "11,900.00"),
        (10**17 + 1, "1,000,000,000,000,000.01"),
    ],
)
def test_an_amount_has_its_ore_and_its_thousands(ore: int, text: str) -> None:
    assert money(ore) == text
