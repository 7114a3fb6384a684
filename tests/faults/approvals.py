"""
Kills a process while it approves, again and again, and looks at the ledger after each.

``python -m tests.faults.approvals --kills 50 [--url URL]``
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy import Engine

from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from operations.database import migrate

ROOT = Path(__file__).parents[2]
LONGEST_SECONDS = 0.4
"""A few approvals long, so that a kill meets any moment of one."""


@dataclass
class Tally:
    """
    What the kills met.

    Attributes
    ----------
    met : Counter
        Number of kills by what the process had said last: ``draft``: it was about to approve.
    """

    kills: int = 0
    runs: int = 0
    met: Counter[str] = field(default_factory=Counter)


def kill_approvals(url: str, kills: int, seed: int = 0) -> Tally:
    """Kill approvals at random moments; an assertion fails where the ledger is not whole after."""
    rng, tally = random.Random(seed), Tally()  # noqa: S311  no secret
    engine = migrate(url)
    try:
        for number in range(kills):
            said = _killed(url, f"house-{number}", rng.uniform(0, LONGEST_SECONDS))
            tally.kills += 1
            tally.met[said[-1].split()[0]] += 1
            tally.runs = _check(engine, said, tally.runs)
    finally:
        engine.dispose()
    return tally


def _killed(url: str, building: str, seconds: float) -> list[str]:
    words = [sys.executable, "-m", "tests.support.approving", url, building]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        said = [first, *process.stdout.read().splitlines()]
    assert process.returncode == -signal.SIGKILL
    return [line.strip() for line in said if line.strip()]


def _check(engine: Engine, said: list[str], before: int) -> int:
    """Look whether everything that was said is there, and nothing by halves."""
    verified = verify(engine)
    assert verified.findings == ()
    ledger = Ledger(engine)
    runs, drafts = ledger.runs(), ledger.drafts()
    approved = sum(line.startswith("run") for line in said)
    # The last one may be there without having been said.
    assert len(runs) - before in (approved, approved + 1)
    assert verified.entries == len(runs)
    for run in runs[before:]:
        assert {"evidence", "statements.json"} == ledger.documents(run).keys()
    waiting = {(each.facts.building, each.facts.period_start) for each in drafts}
    there = {(run.facts.building, run.facts.period_start) for run in runs}
    assert not waiting & there, "approved, and still a draft"
    return len(runs)


@click.command()
@click.option("--kills", default=50, show_default=True)
@click.option("--url", help="An empty database. [default: a SQLite file of its own]")
@click.option("--seed", default=0, show_default=True)
def main(kills: int, url: str | None, seed: int) -> None:
    """Kill approvals, and say what the kills met."""
    with TemporaryDirectory() as directory:
        tally = kill_approvals(url or f"sqlite:///{directory}/fairvarme.db", kills, seed)
    click.echo(f"{tally.kills} kills, {tally.runs} runs, the ledger whole after each")
    click.echo(", ".join(f"{count} after '{last}'" for last, count in tally.met.items()))


if __name__ == "__main__":
    main()
