"""
A process that keeps and approves one bill after the other, and says each before and after.

``python -m tests.support.approving URL BUILDING [MOST_BYTES]``; with MOST_BYTES no file grows
beyond them, as on a disk that is full.
"""

from __future__ import annotations

import os
import resource
import sys
from datetime import date
from itertools import count
from typing import Any

import click

from billing.ledger.store import Ledger
from estate.database.engine import open_database
from estate.errors import StoreUnavailable
from tests.support.ledger import NOW_MS, package

HOMES = {f"T-{number:03d}": (100_00 + number, 90_00) for number in range(60)}
FIRST_YEAR = 1000
DOCUMENT_BYTES = 200_000
FULL = 3
"""Exit code where the database took no more."""


def main(url: str, building: str, most_bytes: int | None = None) -> int:
    ledger = Ledger(open_database(url))
    if most_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    try:
        for year in count(FIRST_YEAR):
            evidence = {"evidence": os.urandom(DOCUMENT_BYTES)}
            days: dict[str, Any] = {
                "period_start": date(year, 1, 1),
                "period_end": date(year + 1, 1, 1),
            }
            bill = package(HOMES, evidence, building=building, **days)
            draft = ledger.keep(bill, "a", NOW_MS)
            click.echo(f"draft {draft}")
            run = ledger.approve(draft, "a", NOW_MS).run
            click.echo(f"run {run.number}")
    except StoreUnavailable:
        return FULL
    return 0


if __name__ == "__main__":
    most = int(sys.argv[3]) if sys.argv[3:] else None
    sys.exit(main(sys.argv[1], sys.argv[2], most))
