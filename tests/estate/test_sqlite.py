"""Files that several open at one moment, which SQLite itself does not wait for."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from estate.database.sqlite import make_durable

ROUNDS, OPENERS = 40, 8


def test_many_turn_on_the_log_of_a_new_file_at_once(tmp_path: Path) -> None:
    modes: list[tuple[str, int]] = []
    start = threading.Barrier(OPENERS)

    def use(number: int) -> None:
        start.wait()
        connection = sqlite3.connect(tmp_path / f"{number}.sqlite", timeout=10.0)
        make_durable(connection)
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = connection.execute("PRAGMA synchronous").fetchone()
        modes.append((mode, synchronous))
        connection.close()

    for number in range(ROUNDS):
        threads = [threading.Thread(target=use, args=(number,)) for _ in range(OPENERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert modes == [("wal", 2)] * ROUNDS * OPENERS


def test_file_that_cannot_be_written_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite"
    path.write_text("no database" * 100)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        make_durable(connection)
    connection.close()
