"""
A process that writes into a store and says each time that it is written.

``python -m tests.faults.matrix.writing KIND FILE NUMBER [careless]``; a careless one lets SQLite
synchronise nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
from sqlalchemy import Engine, event

import tests.support.tables  # noqa: F401  the tables of the ledger
from billing.ledger.store import Ledger
from estate.database.engine import open_database
from ingest.intake import Intake
from ingest.message import Message
from ingest.quarantine.store import Quarantine
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore
from tests.faults.messages import BOXES, readings_of
from tests.faults.messages import Ledger as Sent
from tests.support.ingest_parts import BUILDING, RULES, SOURCES, T0, TOPIC
from tests.support.ledger import NOW_MS, package

KINDS = ("readings", "quarantine", "ledger")
MESSAGES = 20
"""In one write."""
HOMES = {f"T-{number:03d}": (100_00 + number, 90_00) for number in range(5)}
FIRST_YEAR = 1000


def sent(number: int) -> Sent:
    """Return the readings of one write; each has a value that tells it from every other."""
    first = number * MESSAGES
    messages = [readings_of(each) for each in range(first, first + MESSAGES)]
    return {key: value for each in messages for key, value in each.items() if key[1] != "battery_v"}


def complaint(number: int) -> Message:
    """Return the message of one write into the quarantine."""
    payload = b"not json %d" % number
    return Message(TOPIC.replace("box-0101", BOXES[0]), payload, len(payload), T0 + number)


def _writer(kind: str, path: Path, careless: bool) -> Callable[[int], None]:
    if kind == "readings":
        store = SqliteStore(path)
        if careless:
            store._connection.execute("PRAGMA synchronous = OFF")
        return lambda number: _write_readings(store, number)
    engine = open_database(f"sqlite:///{path}")
    if careless:
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
        engine.dispose()
    if kind == "quarantine":
        quarantine, intake = Quarantine(engine), Intake(SOURCES, RULES)
        return lambda number: quarantine.put(intake.take([complaint(number)]).entries)
    ledger = Ledger(engine)
    return lambda number: _approve(ledger, number)


def _write_readings(store: SqliteStore, number: int) -> None:
    rejected = store.write(
        [
            Reading(BUILDING, device, quantity, time_ms, value, 0, time_ms)
            for (device, quantity, time_ms), value in sent(number).items()
        ]
    )
    assert rejected == []


def _approve(ledger: Ledger, number: int) -> None:
    year = FIRST_YEAR + number
    bill = package(
        HOMES,
        {"evidence": b"%d" % number * 1000},
        building="house",
        period_start=date(year, 1, 1),
        period_end=date(year + 1, 1, 1),
    )
    ledger.approve(ledger.keep(bill, "a", NOW_MS), "a", NOW_MS)


@contextmanager
def disposed(engine: Engine) -> Iterator[Engine]:
    """Close an engine with the block."""
    try:
        yield engine
    finally:
        engine.dispose()


def main(kind: str, path: Path, number: int, careless: bool) -> None:
    """Write so many times."""
    write = _writer(kind, path, careless)
    click.echo("open")
    for each in range(number):
        write(each)
        click.echo(each)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:] == ["careless"])
