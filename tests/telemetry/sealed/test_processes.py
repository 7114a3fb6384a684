"""Sealing in processes of their own: killed at any moment, and beside a worker that writes."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from telemetry.readings import Reading
from tests.support.sealed_months import (
    AFTER_MS,
    BUILDING,
    DAY_MS,
    START_MS,
    as_rows,
    filled,
    opened,
    rows,
)
from tests.support.sealed_months import readings as made

KILLS = 8
NOW_MS = AFTER_MS + 3 * DAY_MS
"""When nobody asks for what came at `AFTER_MS` any more, and the hot store lets go of it."""
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


def late(number: int, device: str = "box-0101") -> Reading:
    return Reading(BUILDING, device, "temperature_c", START_MS + number, 19.0, 0, AFTER_MS)


def seal_again(directory: Path, ready: Any) -> None:  # noqa: ANN401  an event
    """Seal again and again, with something new to seal each time."""
    store = opened(directory)
    ready.set()
    for number in range(1000):
        store.write([late(number)])
        list(store.seal(BUILDING, AFTER_MS, NOW_MS))


def write_on(directory: Path, stopped: Any, written: Any) -> None:  # noqa: ANN401
    """Write late readings as a worker does, and say how many are acknowledged."""
    store = opened(directory)
    while not stopped.is_set():
        store.write([late(written.value, "box-late")])
        written.value += 1
        time.sleep(0.01)


@pytest.mark.slow
def test_killed_at_any_moment_beside_a_worker_it_loses_nothing(tmp_path: Path) -> None:
    before, moments = made(), np.random.default_rng(7)
    filled(tmp_path, before).close()
    stopped, written = CONTEXT.Event(), CONTEXT.Value("i", 0)
    worker = CONTEXT.Process(target=write_on, args=(tmp_path, stopped, written))
    worker.start()
    for _ in range(KILLS):
        ready = CONTEXT.Event()
        process = CONTEXT.Process(target=seal_again, args=(tmp_path, ready))
        process.start()
        assert ready.wait(60)
        time.sleep(moments.uniform(0.02, 1))
        process.kill()
        process.join()
        acknowledged = written.value
        found = rows(opened(tmp_path))
        of_worker = [each for each in found if each[0] == "box-late"]
        sent = [each for each in found if each[2] < START_MS + 1000 and each[3] == 19.0]
        sent = [each for each in sent if each not in of_worker]
        assert [each for each in found if each not in {*sent, *of_worker}] == as_rows(before)
        # Each was written after the one before it was acknowledged.
        assert [each[2] - START_MS for each in sent] == list(range(len(sent)))
        assert [each[2] - START_MS for each in of_worker] == list(range(len(of_worker)))
        assert len(of_worker) >= acknowledged
    stopped.set()
    worker.join()
    store = opened(tmp_path)
    list(store.seal(BUILDING, AFTER_MS, NOW_MS))
    assert len([each for each in rows(store) if each[0] == "box-late"]) == written.value > KILLS
    assert (store.hot.count(BUILDING), store.damages(BUILDING)) == (0, [])
    assert not list((tmp_path / "sealed").rglob("*.new"))


def test_a_worker_that_only_writes_loads_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
