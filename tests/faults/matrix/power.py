"""Power cuts at any moment: what was said to be written is there, and nothing is half there."""

from __future__ import annotations

import random
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from billing.ledger.store import Ledger
from billing.ledger.verify import verify
from estate.database.engine import open_database
from estate.errors import FairvarmeError
from ingest.quarantine.store import Quarantine, Selection
from operations.database import migrate
from telemetry.stores.sqlite import SqliteStore
from tests.faults.matrix.row import Cost, Row
from tests.faults.matrix.writing import complaint, disposed, sent
from tests.faults.matrix.written import Call, cut_power, record, said_before
from tests.support.ingest_parts import BUILDING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[3]
FILE = "store.db"
WRITES = 12


def power_cuts(kind: str, directory: Path, cuts: int, seed: int = 1) -> Row:
    """Cut the power of a process that writes so many times, and hold what is left against it."""
    cost = _cost(kind, directory / "careful", cuts, seed)
    control = _cost(kind, directory / "careless", cuts, seed, "careless")
    return Row("power cut", kind, cost, "SQLite synchronises nothing", control)


def _cost(kind: str, directory: Path, cuts: int, seed: int, *more: str) -> Cost:
    directory.mkdir()
    path = directory / FILE
    if kind != "readings":
        migrate(f"sqlite:///{path}").dispose()
    before = {each.name: each.read_bytes() for each in directory.iterdir()}
    command = [sys.executable, "-m", "tests.faults.matrix.writing", kind, str(path), str(WRITES)]
    calls = record([*command, *more], directory, ROOT)
    rng = random.Random(seed)  # noqa: S311  no secret
    lost, synchronised = 0, sum(call.name == "synchronise" for call in calls)
    for cut in _chosen(calls, cuts, rng):
        for torn in (None, rng):
            with TemporaryDirectory() as left:
                for name, content in before.items():
                    (Path(left) / name).write_bytes(content)
                cut_power(calls, cut, Path(left), torn, before)
                lost += _missing(kind, Path(left) / FILE, _said(calls, cut))
    return Cost(2 * cuts, lost, f"{WRITES} writes, {synchronised} synchronisations")


def _chosen(calls: Sequence[Call], cuts: int, rng: random.Random) -> Iterator[int]:
    """Yield moments: half of them just after a word was said, where most is promised."""
    words = [place + 1 for place, call in enumerate(calls) if call.name == "say"]
    for number in range(cuts):
        yield rng.choice(words) if number % 2 else rng.randrange(len(calls) + 1)


def _said(calls: Sequence[Call], cut: int) -> list[int]:
    return [int(line) for line in said_before(calls, cut) if line.isdigit()]


def _missing(kind: str, path: Path, said: list[int]) -> int:
    """Count the promised writes that are not there, each one if the file cannot be used."""
    try:
        _check_file(path)
        return {"readings": _readings, "quarantine": _quarantine, "ledger": _ledger}[kind](
            path, said
        )
    except (FairvarmeError, sqlite3.DatabaseError):
        return max(len(said), 1)


def _check_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        (word,) = connection.execute("PRAGMA integrity_check").fetchone()
    if word != "ok":
        raise sqlite3.DatabaseError(word)


def _readings(path: Path, said: list[int]) -> int:
    with closing(SqliteStore(path)) as store:
        held = [number for number in range(WRITES) if _holds(store, number)]
        whole = store.count(BUILDING) == sum(len(sent(number)) for number in held)
    return len(set(said) - set(held)) + (not whole)


def _holds(store: SqliteStore, number: int) -> bool:
    for (device, quantity, time_ms), value in sent(number).items():
        found = store.samples(BUILDING, [device], quantity, time_ms, time_ms + 1)
        if found.value.tolist() != [value]:
            return False
    return True


def _quarantine(path: Path, said: list[int]) -> int:
    with disposed(open_database(f"sqlite:///{path}")) as engine:
        kept = {
            each.message.payload
            for some in Quarantine(engine).messages(Selection())
            for each in some
        }
    return sum(complaint(number).payload not in kept for number in said)


def _ledger(path: Path, said: list[int]) -> int:
    with disposed(open_database(f"sqlite:///{path}")) as engine:
        found = verify(engine).findings
        runs, drafts = len(Ledger(engine).runs()), len(Ledger(engine).drafts())
    # At most the one that was under way is there without having been said, as run or as draft.
    unsaid = runs + drafts - len(said)
    return len(found) + max(len(said) - runs, 0) + max(unsaid - 1, 0)
