"""
Floods over the shipped broker configuration with provisioned log-ins, bounded in number.

How late another's reading is stored, and what a larger flood does, is measured by `make flood`.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from estate.database.engine import answering
from ingest.decoders import Reject
from ingest.limits import limits
from ingest.message import Entry, Message
from ingest.quarantine.store import Quarantine
from ingest.quarantine.tables import TABLES
from ingest.reasons import Reason
from tests.faults.flood import perform_flood
from tests.faults.flooder import Flood
from tests.support.ingest_parts import open_quarantine
from tests.support.mosquitto import find_program

pytestmark = pytest.mark.integration
BOUND = 1 << 20


@pytest.fixture(autouse=True)
def _servers() -> None:
    find_program("mosquitto")


def number_of_rows(quarantine: Quarantine) -> int:
    with answering(quarantine.engine) as session:
        counts = [session.scalar(select(func.count()).select_from(table)) for table in TABLES]
    return sum(count or 0 for count in counts)


def test_sixty_messages_of_thousands_of_names_are_a_few_rows(tmp_path: Path) -> None:
    flooded = perform_flood(tmp_path, Flood("names", 30.0, 60), quiet_seconds=1.0)
    assert (flooded.messages, flooded.missing) == (60, 0)
    quarantine = open_quarantine(tmp_path / "fairvarme.db")
    # The first names of each message, and a number for the others.
    assert quarantine.counts() == {"quantity_unknown": 60 * (limits().unknown_names + 1)}
    most = limits().complaints + 2
    assert number_of_rows(quarantine) <= 60 * (1 + 2 * most) + 1
    assert flooded.disk_mib * 2**20 <= 3 * flooded.megabytes * 1e6
    quarantine.engine.dispose()


def test_gateway_that_fills_the_quarantine_pushes_no_other_out(tmp_path: Path) -> None:
    """It writes to a topic of its own with each message, and one other has long been there."""
    quarantine = open_quarantine(tmp_path / "fairvarme.db")
    now_ms, missing = time.time_ns() // 1_000_000, Reject(Reason.TIME_MISSING)
    for n, sender in enumerate(["roof", "roof", "solgaarden/box-0102"]):
        message = Message("a/roof", b"x" * 1000 + b"%d" % n, 1001, now_ms)
        quarantine.put([Entry("a/+", message, missing, sender)])
    before = quarantine.taken_bytes()
    flood = Flood("nonsense", 60.0, 6000)
    flooded = perform_flood(tmp_path, flood, quiet_seconds=1.0, quarantine_bytes=BOUND)
    assert (flooded.messages, flooded.missing) == (6000, 0)
    assert quarantine.counts()["time_missing"] == 3
    assert before < BOUND // 2 < quarantine.taken_bytes() <= BOUND
    assert flooded.disk_mib * 2**20 <= 2 * BOUND + (8 << 20)
    quarantine.engine.dispose()
