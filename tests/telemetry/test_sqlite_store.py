"""What is special about the store in a SQLite file."""

from __future__ import annotations

import resource
import signal
import sqlite3
import struct
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from estate.errors import StoreUnavailable, UsageError
from telemetry.readings import Reading
from telemetry.stores import sqlite as sqlite_store
from telemetry.stores import sqlite_tables
from telemetry.stores.late import Late
from telemetry.stores.sqlite import SqliteStore
from telemetry.stores.sqlite_tables import LIST_LATE

ROOT = Path(__file__).parents[2]
BATCH = 500

WRITER = """
import sys
from telemetry.readings import Reading
from telemetry.stores.sqlite import SqliteStore

store = SqliteStore(sys.argv[1])
batch = 0
while True:
    store.write([Reading("b", "d", "heat_kwh", batch * 500 + n, n / 3, 0, 0) for n in range(500)])
    batch += 1
    print(batch, flush=True)
"""


def reading(time_ms: int, device: str = "d") -> Reading:
    return Reading("b", device, "heat_kwh", time_ms, time_ms / 3, 0, 0)


def test_the_disk_is_told_to_keep_what_was_committed(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite")
    connection = store._connection
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    full = 2
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == full
    store.close()


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(20)][-1]
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.strip())])
    store = SqliteStore(path)
    stored = store.count("b")
    store.close()
    # The batch under way may be there too, whole.
    assert stored in (acknowledged * BATCH, (acknowledged + 1) * BATCH)


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))


def test_a_full_disk_is_unavailable_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        preexec_fn=limit_file_size,
        check=False,
    )
    assert "StoreUnavailable" in done.stderr.splitlines()[-1]
    acknowledged = int(done.stdout.split()[-1])
    assert acknowledged > 0
    store = SqliteStore(path)
    assert store.count("b") == acknowledged * BATCH
    store.write([reading(10**9)])
    store.close()


def test_a_locked_file_is_unavailable_and_usable_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_store, "BUSY_SECONDS", 0.05)
    path = tmp_path / "x.sqlite"
    store = SqliteStore(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked"):
        store.write([reading(1)])
    with pytest.raises(StoreUnavailable, match="locked"):
        store.ping()
    assert store.count("b") == 0
    other.execute("ROLLBACK")
    other.close()
    store.ping()
    store.write([reading(1)])
    assert store.count("b") == 1
    store.close()


def test_a_series_of_a_batch_that_failed_is_not_taken_as_known(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite")
    broken = Reading("b", "new", "heat_kwh", 1, 1.0, 0, 2**63)
    with pytest.raises(OverflowError):
        store.write([broken])
    store.write([reading(1, device="other")])
    store.write([reading(2, device="new")])
    assert store.samples("b", ["new", "other"], "heat_kwh", 0, 10).time_ms.tolist() == [2, 1]
    store.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreUnavailable, match="not a database"):
        SqliteStore(path)


def test_a_number_that_became_a_text_is_told_to_whoever_reads_or_seals_it(tmp_path: Path) -> None:
    path = tmp_path / "readings.db"
    with closing(SqliteStore(path)) as store:
        store.write([Reading("b", "d", "temperature_c", 1000, 20.5, 0, 1000)])
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("UPDATE readings SET value = 'x'")
            connection.commit()
        with pytest.raises(StoreUnavailable, match="its file is damaged"):
            store.samples("b", ["d"], "temperature_c", 0, 2000)
        with pytest.raises(StoreUnavailable, match="its file is damaged"):
            store.records("b", "d", "temperature_c", 0, 2000)


def test_a_directory_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="unable to open"):
        SqliteStore(tmp_path / "nowhere" / "x.sqlite")


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    SqliteStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UsageError, match="newer version"):
        SqliteStore(path)


def test_a_closed_store_is_a_slip_of_the_caller(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite")
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        store.write([reading(1)])


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    start = threading.Barrier(8)
    counts: list[int] = []

    def use(number: int) -> None:
        start.wait()
        store = SqliteStore(tmp_path / "x.sqlite")
        store.write([reading(number)])
        counts.append(store.count("b"))
        store.close()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 8
    assert max(counts) == 8


def test_a_store_opened_in_one_thread_is_used_in_another(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "x.sqlite")
    thread = threading.Thread(target=store.write, args=([reading(1)],))
    thread.start()
    thread.join()
    assert store.count("b") == 1
    store.close()


def test_a_moved_file_takes_no_write_until_it_is_back(tmp_path: Path) -> None:
    path, moved = tmp_path / "x.sqlite", tmp_path / "moved.sqlite"
    store = SqliteStore(path)
    store.write([reading(0)])
    path.rename(moved)
    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            store.write([reading(1)])
        with pytest.raises(StoreUnavailable):
            store.check_place()
    assert not path.exists()
    moved.rename(path)
    store.write([reading(1)])
    store.check_place()
    assert store.count("b") == 2
    store.close()


def test_another_file_numbers_its_series_otherwise(tmp_path: Path) -> None:
    path, other = tmp_path / "x.sqlite", tmp_path / "other.sqlite"
    with closing(SqliteStore(other)) as made:
        made.write([reading(0, "another")])
    store = SqliteStore(path)
    store.write([reading(0)])
    other.replace(path)
    with pytest.raises(StoreUnavailable, match="replaced or removed"):
        store.write([reading(0)])
    store.write([reading(0)])
    samples = store.samples("b", ["another", "d"], "heat_kwh", 0, 10)
    assert samples.device_index.tolist() == [0, 1]
    store.close()


def test_a_file_that_is_replaced_within_a_write_is_not_taken_for_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, backup = tmp_path / "x.sqlite", tmp_path / "backup.sqlite"
    SqliteStore(backup).close()
    store = SqliteStore(path)

    original = sqlite_tables.upsert_of

    def replace_and_give(rows: int) -> str:
        backup.replace(path)
        return original(rows)

    store.write([reading(0)])
    monkeypatch.setattr(sqlite_store, "upsert_of", replace_and_give)
    with pytest.raises(StoreUnavailable, match="replaced or removed"):
        store.write([reading(1)])
    store.close()


def test_only_a_file_of_readings_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    store = SqliteStore(path)
    path.unlink()
    for content in (b"", b"no database, but long enough to be looked at" * 100):
        path.write_bytes(content)
        with pytest.raises(StoreUnavailable):
            store.tend()
        with pytest.raises(StoreUnavailable):
            store.tend()
    assert path.read_bytes().startswith(b"no database")
    with pytest.raises(StoreUnavailable):
        SqliteStore(tmp_path / "absent.sqlite", create=False)
    store.close()


def test_forgotten_values_are_in_no_file(tmp_path: Path) -> None:
    """A value is found by its bytes, as whoever gets hold of the disk would find it."""
    canary = 20.015625137
    mark = struct.pack(">d", canary)
    writer, eraser = (SqliteStore(tmp_path / "readings.db") for _ in range(2))
    writer.write([*map(reading, range(500)), reading(250)._replace(value=canary)])
    assert found(tmp_path, mark)
    assert eraser.forget("b", ["d"], "heat_kwh", 250, 251) == 1
    assert not found(tmp_path, mark)
    assert writer.count("b") == 499
    # A worker that has it open goes on.
    writer.write([reading(250)])
    assert writer.count("b") == 500
    writer.close()
    eraser.close()


def found(directory: Path, mark: bytes) -> list[str]:
    return [each.name for each in directory.iterdir() if mark in each.read_bytes()]


def test_tells_what_came_late_or_was_corrected_and_nothing_else(tmp_path: Path) -> None:
    store, hour_ms = SqliteStore(tmp_path / "readings.db"), 3_600_000
    day_ms = 24 * hour_ms

    def came(device: str, time_ms: int, arrival_ms: int, value: float = 1.0) -> None:
        store.write([Reading("b", device, "heat_kwh", time_ms, value, 0, arrival_ms)])

    came("timely", day_ms, day_ms + hour_ms)
    came("late", day_ms, day_ms + 7 * hour_ms)
    came("late", day_ms + hour_ms, day_ms + 8 * hour_ms)
    assert store.late_since(0) == [
        Late("b", "late", "heat_kwh", day_ms, day_ms + 7 * hour_ms),
        Late("b", "late", "heat_kwh", day_ms + hour_ms, day_ms + 8 * hour_ms),
    ]
    assert [each.first_ms for each in store.late_since(day_ms + 8 * hour_ms)] == [day_ms + hour_ms]
    came("timely", day_ms, 9 * day_ms)
    assert store.late_since(8 * day_ms) == []
    came("timely", day_ms, 9 * day_ms, value=2.0)
    assert [each.device for each in store.late_since(8 * day_ms)] == ["timely"]
    plan = store._connection.execute(f"EXPLAIN QUERY PLAN {LIST_LATE}", (0,)).fetchall()
    assert any("readings_late" in row[-1] for row in plan)
    store.close()


def test_a_store_that_is_not_made_yet_is_told_with_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="`fairvarme load` make one"):
        SqliteStore(tmp_path / "x.sqlite", create=False)
    assert list(tmp_path.iterdir()) == []
