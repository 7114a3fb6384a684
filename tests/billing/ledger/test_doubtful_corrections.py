"""A correction that corrects nothing, or leaves somebody out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from billing.ledger.model import Account, State, StateChange
from billing.ledger.posting import by_tenancy
from billing.ledger.store import Ledger
from estate.database.engine import open_database
from estate.errors import DataError
from tests.support.ledger import DEADLINE, NOW_MS, package

HOMES = {"A-1": (1_000_00, 800_00), "B-1": (500_00, 700_00)}
BY = "the approver"


@pytest.fixture
def ledger(migrated_url: str) -> Iterator[Ledger]:
    """Return a ledger in which a year is approved as run 1."""
    engine = open_database(migrated_url)
    kept = Ledger(engine)
    kept.keep_approved(package(HOMES), BY, NOW_MS)
    yield kept
    engine.dispose()


def test_a_correction_that_corrects_nothing_stops(ledger: Ledger) -> None:
    late = DEADLINE + timedelta(days=1)
    # Of A-1 nothing is claimed any more, which is no change by the correction.
    ledger.change([StateChange(1, State.SERVED, late, "A-1", "letter")], BY, NOW_MS)
    same = package(HOMES, corrects=1, reason="wrong_estate")
    with pytest.raises(DataError, match="changes no amount"):
        ledger.keep_approved(same, BY, NOW_MS)
    assert len(ledger.runs()) == 1
    name = "ledger.correction.nothing"
    allowed = ledger.keep_approved(same, BY, NOW_MS, [name])
    assert [(each.name, each.allowed) for each in allowed.findings] == [(name, True)]


def test_who_has_no_part_in_a_correction_is_named(ledger: Ledger) -> None:
    renamed = package({"A-2": HOMES["A-1"], "B-1": HOMES["B-1"]}, corrects=1, reason="wrong_estate")
    approval = ledger.keep_approved(renamed, BY, NOW_MS)
    told = ("ledger.correction.dropped", {"tenancy": "A-1", "cost_before_ore": 1_000_00})
    assert [(each.name, each.data) for each in approval.findings] == [told]
    owed = by_tenancy(ledger.postings(approval.run), Account.BALANCE)
    assert owed == {"A-1": 0, "A-2": 200_00, "B-1": -200_00}
