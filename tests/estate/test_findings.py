"""The table of findings, its page, and that every name in the code stands in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from estate.errors import DataError
from estate.findings import (
    Finding,
    Severity,
    allow,
    disqualifications,
    finding_kinds,
    findings_page,
)

ROOT = Path(__file__).parents[2]
PACKAGES = ["estate", "telemetry", "ingest", "billing", "alerts", "reports", "fairvarme"]


def test_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "findings.md").read_text("utf-8")
    assert page == findings_page(), "run `make docs`"


def test_every_finding_in_the_code_is_in_the_table() -> None:
    pattern = re.compile(r"Finding\(\s*\"([a-z_.]+)\"")
    named = {
        name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for name in pattern.findall(path.read_text("utf-8"))
    }
    assert "estate.file.missing" in named
    assert named <= finding_kinds().keys()


def test_unknown_name_is_a_slip() -> None:
    with pytest.raises(KeyError):
        _ = Finding("no.such.finding", "message").severity


def test_severity_comes_from_the_table() -> None:
    warning = Finding("reports.address.missing", "m")
    stop = Finding("estate.file.missing", "m", {"file": "x"})
    assert disqualifications([warning, stop]) == [stop]
    assert stop.as_dict() == {
        "name": "estate.file.missing",
        "severity": Severity.DISQUALIFICATION,
        "allowed": False,
        "message": "m",
        "data": {"file": "x"},
    }


def test_error_shows_twenty_and_counts_the_rest() -> None:
    error = DataError([Finding("estate.file.missing", f"message {n}") for n in range(23)])
    assert str(error).splitlines()[-1] == "... and 3 more findings"
    assert len(error.findings) == 23


@pytest.mark.parametrize(
    ("name", "may"), [("ledger.period.overlaps", True), ("estate.file.missing", False)]
)
def test_only_what_the_table_lets_be_allowed_is(name: str, may: bool) -> None:
    (found,) = allow([Finding(name, "correct it")], [name])
    assert found.allowed is may
    assert disqualifications([found]) == ([] if may else [found])
