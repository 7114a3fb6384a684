"""Space that sealing leaves free is given back, while others write; what is filled again stays."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from telemetry.readings import Reading
from telemetry.stores import sqlite_space
from telemetry.stores.sqlite import SqliteStore

DAY_MS = 86_400_000
COUNT = 60_000


def fill(store: SqliteStore, start_ms: int, count: int = COUNT) -> None:
    rows = [Reading("b", "d", "q", start_ms + n, n % 97, 0, start_ms + n) for n in range(count)]
    store.write(rows)


def as_earlier_versions_made_it(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA auto_vacuum = NONE")
        connection.execute("VACUUM")


def mode_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA auto_vacuum").fetchone()[0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.db"


@pytest.mark.slow
@pytest.mark.parametrize("earlier", [False, True], ids=["of today", "of an earlier version"])
def test_what_the_first_sealing_frees_is_given_back(path: Path, earlier: bool) -> None:
    store = SqliteStore(path)
    fill(store, 0)
    fill(store, DAY_MS, COUNT // 10)
    store.close()
    if earlier:
        as_earlier_versions_made_it(path)
    store = SqliteStore(path)
    size = path.stat().st_size
    store.forget("b", ["d"], "q", 0, DAY_MS)
    given = store.give_back()
    assert path.stat().st_size == size - given < size / 2
    assert store.count("b") == COUNT // 10
    assert mode_of(path) == sqlite_space.INCREMENTAL
    assert store.give_back() == 0
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.slow
def test_what_the_next_month_fills_again_stays(path: Path) -> None:
    store = SqliteStore(path)
    for month in range(3):
        fill(store, month * DAY_MS)
    store.forget("b", ["d"], "q", 0, DAY_MS)
    assert store.give_back() == 0
    size = path.stat().st_size
    fill(store, 3 * DAY_MS)
    assert path.stat().st_size <= size * 1.01


def test_a_large_file_of_an_earlier_version_is_left_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SqliteStore(path).close()
    as_earlier_versions_made_it(path)
    store = SqliteStore(path)
    fill(store, 0)
    store.forget("b", ["d"], "q", 1, DAY_MS)
    limits = sqlite_space.SpaceLimits(kept_share=0.5, pages_at_once=500, written_anew_bytes=100)
    monkeypatch.setattr(sqlite_space, "space_limits", lambda: limits)
    assert store.give_back() == 0
    assert mode_of(path) == 0


def test_others_write_meanwhile_and_lose_nothing(path: Path) -> None:
    store, done = SqliteStore(path), threading.Event()
    fill(store, 0)
    written = []

    def write_on() -> None:
        other = SqliteStore(path)
        number = 0
        while not done.is_set():
            other.write([Reading("b", "e", "q", number, 1.0, 0, number)])
            number += 1
        written.append(number)
        other.close()

    writer = threading.Thread(target=write_on)
    writer.start()
    store.forget("b", ["d"], "q", 1, DAY_MS)
    assert store.give_back() > 0
    done.set()
    writer.join()
    assert len(store.samples("b", ["e"], "q", 0, DAY_MS)) == written[0] > 0
