"""Every row, document and entry that is changed, added or taken out behind the ledger's back."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from billing.ledger.database.tables import SEALED, LedgerEntry
from billing.ledger.model import Payment, State, StateChange
from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from estate.database.engine import open_database
from operations.database import migrate
from tests.support.ledger import ISSUED, NOW_MS, package

HOMES = {"A-1": (1_000_00, 800_00), "B-1": (500_00, 700_00)}
CHAIN, DOCUMENT, SUM, UNSEALED = (
    "ledger.chain.broken", "ledger.document.changed", "ledger.postings.sum", "ledger.rows.unsealed",
)  # fmt: skip
UNEXPLAINED = "ledger.amount.unexplained"
TAMPERED = {
    "UPDATE ledger_posting SET amount_ore = amount_ore + 1 WHERE entry = 2 AND number = 1": SUM,
    "UPDATE ledger_posting SET tenancy = 'B-1' WHERE entry = 1 AND item = 'heat'": UNEXPLAINED,
    "UPDATE ledger_posting SET item = 'water' WHERE entry = 1 AND item = 'heat'": CHAIN,
    "UPDATE billing_run SET deadline = '2027-01-01' WHERE run = 1": CHAIN,
    "UPDATE billing_run SET reason = 'wrong_split' WHERE run = 2": CHAIN,
    "UPDATE billing_run SET total_ore = total_ore - 1 WHERE run = 1": CHAIN,
    "UPDATE run_document SET content = x'7b7d' WHERE name = 'evidence' AND entry = 1": DOCUMENT,
    "UPDATE run_document SET sha256 = '00' WHERE name = 'evidence' AND entry = 1": CHAIN,
    "UPDATE run_state SET day = '2026-03-09' WHERE state = 'served'": CHAIN,
    "UPDATE run_state SET note = 'another' WHERE state = 'objected'": CHAIN,
    "UPDATE ledger_payment SET amount_ore = 1": CHAIN,
    "UPDATE ledger_entry SET made_by = 'somebody else' WHERE position = 1": CHAIN,
    "UPDATE ledger_entry SET made_ms = made_ms + 1 WHERE position = 2": CHAIN,
    "DELETE FROM ledger_posting WHERE entry = 1 AND number = 1": SUM,
    "DELETE FROM run_document WHERE name = 'evidence' AND entry = 2": CHAIN,
    "DELETE FROM run_state WHERE state = 'objected'": CHAIN,
    "DELETE FROM ledger_payment": CHAIN,
    "DELETE FROM ledger_entry WHERE position = 2": UNSEALED,
    "INSERT INTO ledger_posting VALUES (1, 9, 'house', 1, 'A', 'bank', 'balance', '', '', 5)": SUM,
    "INSERT INTO ledger_posting VALUES (77, 1, 'house', 1, 'A', 'bank', 'balance', '', '', 5)": (
        UNSEALED
    ),
    "INSERT INTO run_document VALUES (1, 'more', '00', x'00')": CHAIN,
}
"""What is changed, and a finding that tells it."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a ledger of two runs, two steps and a payment."""
    path = tmp_path_factory.mktemp("written") / "fairvarme.db"
    engine = migrate(f"sqlite:///{path}")
    ledger = Ledger(engine)
    evidence = {"evidence": b"registers"}
    moved = {"A-1": (900_00, 800_00), "B-1": (600_00, 700_00)}
    again = package(moved, evidence, corrects=1, reason="late_reading")
    for each in (package(HOMES, evidence), again):
        ledger.approve(ledger.keep(each, "a", NOW_MS), "a", NOW_MS)
    for state in (State.SERVED, State.OBJECTED):
        ledger.change([StateChange(2, state, ISSUED, "A-1", note="it")], "a", NOW_MS)
    ledger.pay([Payment("house", "A-1", ISSUED, 100, "balance", "k")], "a", NOW_MS)
    engine.dispose()
    return path


@pytest.fixture
def path(written: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "fairvarme.db"
    with closing(sqlite3.connect(written)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def tamper(path: Path, statement: str) -> None:
    """Change the file as somebody would who may write to it, and knows of the triggers."""
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        assert connection.execute(statement).rowcount > 0


def test_what_was_written_is_found_whole(engine: Engine) -> None:
    verified = verify(engine)
    assert verified.findings == ()
    assert verified.entries == 5
    assert verify(engine, [verified.head]).findings == ()


@pytest.mark.slow
@pytest.mark.parametrize(("statement", "name"), TAMPERED.items())
def test_a_row_that_was_tampered_with_is_found(
    engine: Engine, path: Path, statement: str, name: str
) -> None:
    tamper(path, statement)
    assert name in {each.name for each in verify(engine).findings}


def test_a_sum_that_was_mended_too_is_found(engine: Engine, path: Path) -> None:
    tamper(path, "UPDATE ledger_posting SET amount_ore = amount_ore + 1 WHERE entry = 2")
    tamper(path, "UPDATE ledger_entry SET posted_ore = posted_ore + postings WHERE position = 2")
    names = {each.name for each in verify(engine).findings}
    assert names == {"ledger.chain.broken", "ledger.amount.unexplained"}


def test_a_newest_entry_that_was_taken_out_is_found_by_its_digest(
    engine: Engine, path: Path
) -> None:
    head = verify(engine).head
    for table, column in (
        ("ledger_posting", "entry"), ("ledger_payment", "entry"), ("ledger_entry", "position"),
    ):  # fmt: skip
        tamper(path, f"DELETE FROM {table} WHERE {column} = 5")  # noqa: S608  names of the test
    assert verify(engine).findings == (), "what is left hangs together"
    (finding,) = verify(engine, [head]).findings
    assert finding.name == "ledger.chain.broken"
    assert finding.data == {"digest": head}


NO_VALUES = ("'zz'", "x'00ff'", "9223372036854775807")
COLUMNS = [
    (table.__tablename__, column.name)
    for table in (LedgerEntry, *SEALED)
    for column in table.__table__.columns
]


@pytest.mark.slow
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_whatever_a_column_holds_is_found_and_ends_no_look(
    path: Path, table: str, column: str
) -> None:
    held = 0
    for value in NO_VALUES:
        copy = path.with_name(f"{NO_VALUES.index(value)}.db")
        shutil.copy(path, copy)
        try:
            tamper(copy, f"UPDATE {table} SET {column} = {value} WHERE rowid = 1")  # noqa: S608  names of the test
        except sqlite3.IntegrityError:
            continue
        engine = open_database(f"sqlite:///{copy}")
        changed = rows_of(path, table) != rows_of(copy, table)
        assert bool(verify(engine).findings) == changed, value
        engine.dispose()
        held += 1
    assert held, "the database takes no value of any other kind"


def rows_of(path: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  names of the test
