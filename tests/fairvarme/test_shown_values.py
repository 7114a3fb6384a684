"""Amounts and times as commands show them to people."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from fairvarme.output import as_local, money


@pytest.fixture
def in_copenhagen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Copenhagen")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_copenhagen")
def test_a_time_is_the_machines_own_and_names_its_zone() -> None:
    assert as_local(1_772_445_600_000) == "2026-03-02 11:00 CET"
    assert as_local(1_782_900_000_000) == "2026-07-01 12:00 CEST"


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
