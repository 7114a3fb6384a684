"""Every golden bill as an ARGE file, byte for byte as a second writer makes it of the same JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from billing.bill.read import read_statements
from billing.exchange.account import Account
from billing.exchange.profile import load_profile
from billing.exchange.read import read_bytes
from billing.exchange.records import records_of
from billing.exchange.write import file_bytes
from estate.periods import Period
from tests.support.arge_by_hand import d_lines, file
from tests.support.golden_bills import GOLDEN

CASES = sorted(path.parent for path in GOLDEN.glob("*/statements.json"))
TOLD = {"customer": "4711", "property": "7", "currency": "DKK"}


def periods_of(statements: Sequence[Mapping[str, Any]]) -> Period:
    """Return the days that all statements together are of."""
    start = min(each["from"] for each in statements)
    return Period.parse(f"{start}/{max(each['to'] for each in statements)}")


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=[each.name for each in CASES])
def test_d_records_equal_those_written_by_hand(case: Path) -> None:
    document = json.loads((case / "statements.json").read_text("utf-8"))
    findings = json.loads((case / "findings.json").read_text("utf-8"))["findings"]
    by_area = {
        each["data"]["item"] for each in findings if each["name"] == "billing.estimate.ceiling"
    }
    period = periods_of(document["statements"])
    told = tuple(each.statement() for each in read_statements(case / "statements.json").statements)
    account = Account("house", period, told, frozenset(by_area))

    flats = sorted({each["flat"] for each in document["statements"]})
    dwelling = {flat: f"{number:04d}" for number, flat in enumerate(flats, 1)}
    by_hand = file(*d_lines(document, dwelling, str(period), by_area))
    profile = load_profile("arge-d")
    written = file_bytes(records_of(account, "amounts"), profile, TOLD)
    assert written == by_hand
    found = read_bytes(written, profile, "file")
    assert found.findings == []
    assert sum(int(str(each["amount"])) for each in found.records) == sum(
        each["total_ore"] for each in document["statements"]
    )
    assert sum(int(str(each["balance"])) for each in found.records) == sum(
        each["balance_ore"] for each in document["statements"]
    )


def test_there_are_cases() -> None:
    assert len(CASES) >= 20
