"""A Dask cluster that loses workers and outcomes costs no building its bill."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from operations.portfolio.cluster import FORGOTTEN
from operations.portfolio.run import Wanted, bill_buildings
from operations.portfolio.task import Keep
from operations.settings import read_settings
from tests.support.portfolio import TOTAL_ORE, YEAR, Portfolio, contents, portfolio

BUILDINGS = 16
ISSUED = date(2026, 3, 1)
dask = pytest.importorskip("dask", reason="fairvarme[dask] is not installed")
distributed = pytest.importorskip("distributed", reason="fairvarme[dask] is not installed")
pytestmark = pytest.mark.slow


@contextmanager
def cluster_of(workers: int) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as found:
        yield found


def wanted_of(houses: Portfolio, keep: Keep | None = None) -> Wanted:
    return Wanted(read_settings(houses.config), YEAR, houses.out, issued=ISSUED, keep=keep)


@pytest.mark.parametrize("approve", [False, True])
def test_a_worker_killed_at_work_costs_no_bill(tmp_path: Path, *, approve: bool) -> None:
    houses = portfolio(tmp_path, BUILDINGS)
    assert houses.run("--jobs", "1", out=tmp_path / "clean").exit_code == 0
    wanted = wanted_of(houses, Keep("An Accountant", approve=True) if approve else None)
    killed: list[int] = []
    with cluster_of(2) as found:

        def kill(done: int, _: int) -> None:
            if done in (2, 6):
                # Its nanny starts another in its place.
                pids = [each.process.pid for each in found.workers.values() if each.process]
                os.kill(pids[0], signal.SIGKILL)
                killed.append(pids[0])

        outcomes = bill_buildings(wanted, [], dask=found.scheduler_address, on_done=kill)
    assert len(killed) == 2
    assert {each.state for each in outcomes} == {"billed"}, outcomes
    if approve:
        assert sorted(each.number or 0 for each in outcomes) == list(range(1, BUILDINGS + 1))
    for name in houses.names:
        assert contents(houses.out / name) == contents(tmp_path / "clean" / name)


def test_what_a_restarted_cluster_has_forgotten_is_done_again(tmp_path: Path) -> None:
    houses = portfolio(tmp_path, BUILDINGS)
    with cluster_of(1) as found, distributed.Client(found) as another:

        def restart(done: int, _: int) -> None:
            if done == 2:
                another.restart()

        outcomes = bill_buildings(
            wanted_of(houses), [], dask=found.scheduler_address, on_done=restart
        )
    assert {(each.state, each.total_ore) for each in outcomes} == {("billed", TOTAL_ORE)}, outcomes


def test_a_cluster_that_is_gone_leaves_a_run_that_is_resumed(tmp_path: Path) -> None:
    houses = portfolio(tmp_path, BUILDINGS)
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}), cluster_of(1) as found:

        def close(done: int, _: int) -> None:
            if done == 2:
                found.close()

        outcomes = bill_buildings(
            wanted_of(houses), [], dask=found.scheduler_address, on_done=close
        )
    assert len(outcomes) == BUILDINGS
    failed = [each for each in outcomes if each.state == "failed"]
    assert failed
    assert {each.message for each in failed} == {FORGOTTEN}
    again = bill_buildings(wanted_of(houses), [], resume=True)
    assert {each.state for each in again} == {"left", "billed"}
