"""Approvals that are killed, or find the disk full: one consistent state each time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from operations.database import migrate
from tests.faults.approvals import kill_approvals
from tests.support.approving import FULL

ROOT = Path(__file__).parents[2]
KILLS = 4
MIB = 1 << 20


@pytest.mark.slow
def test_a_killed_approval_leaves_the_ledger_whole(database_url: str) -> None:
    # `make approvals` kills 50 times.
    tally = kill_approvals(database_url, KILLS)
    assert tally.kills == KILLS


@pytest.mark.slow
@pytest.mark.parametrize("most_bytes", [400_000, MIB, MIB + 123_457])
def test_a_full_disk_leaves_the_ledger_whole(tmp_path: Path, most_bytes: int) -> None:
    url = f"sqlite:///{tmp_path / 'fairvarme.db'}"
    engine = migrate(url)
    words = [sys.executable, "-m", "tests.support.approving", url, "house", str(most_bytes)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == FULL, done.stderr
    approved = done.stdout.count("run ")
    verified = verify(engine)
    ledger = Ledger(engine)
    waiting = [each.number for each in ledger.drafts()]
    assert verified.findings == ()
    assert len(ledger.runs()) == verified.entries == approved
    for draft in waiting:
        ledger.approve(draft, "a", 0)
    assert len(ledger.runs()) == approved + len(waiting), "with room it goes on"
    assert verify(engine).findings == ()
    engine.dispose()
