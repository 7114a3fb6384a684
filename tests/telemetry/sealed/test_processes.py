"""Sealing in processes of their own: killed at any moment, and beside a worker that writes."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

from telemetry.readings import Reading
from tests.support.sealed_months import AFTER_MS, BUILDING, START_MS, as_rows, filled, opened, rows
from tests.support.sealed_months import readings as made

KILLS = 8
CONTEXT = multiprocessing.get_context("spawn")
WORKER = """
import sys
from pathlib import Path
from telemetry.readings import Reading
from telemetry.stores.open import open_store
from telemetry.stores.sealed.store import SealedStore

folder = Path(sys.argv[1])
store = SealedStore(open_store(f"sqlite:///{folder}/readings.db"), folder / "sealed")
store.write([Reading("b", "d", "temperature_c", 1, 20.0, 0, 1)])
store.ping()
print(sorted({"numpy", "pyarrow", "pandas"} & set(sys.modules)))
"""


def late(number: int) -> Reading:
    return Reading(BUILDING, "box-0101", "temperature_c", START_MS + number, 19.0, 0, AFTER_MS)


def seal_and_write(directory: Path, ready: object) -> None:
    """Seal again and again, with something new to seal each time."""
    store = opened(directory)
    ready.set()  # type: ignore[attr-defined]  # an event
    for number in range(1000):
        store.write([late(number)])
        list(store.seal(BUILDING, AFTER_MS, AFTER_MS))


def test_killed_at_any_moment_it_loses_nothing(tmp_path: Path) -> None:
    written = made()
    filled(tmp_path, written).close()
    for turn in range(KILLS):
        ready = CONTEXT.Event()
        process = CONTEXT.Process(target=seal_and_write, args=(tmp_path, ready))
        process.start()
        assert ready.wait(60)
        time.sleep(0.05 + 0.11 * turn)
        process.kill()
        process.join()
        found = rows(opened(tmp_path))
        sent = [each for each in found if each[2] < START_MS + 1000 and each[3] == 19.0]
        assert [each for each in found if each not in sent] == as_rows(written)
        # Each was written after the one before it was acknowledged.
        assert [each[2] - START_MS for each in sent] == list(range(len(sent)))


def test_a_worker_that_only_writes_loads_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
