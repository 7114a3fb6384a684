"""``fairvarme bill BUILDING...``: bills of many buildings from the store."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from billing.ledger.store import Ledger
from billing.measured.evidence import Evidence
from billing.measured.gather import gather
from estate.model import Estate
from fairvarme.cli import main
from operations.portfolio import pools
from operations.portfolio.task import BillTask, Outcome
from operations.settings import read_settings
from operations.wiring import opened_database
from tests.support.portfolio import BY, TOTAL_ORE, Portfolio, contents, portfolio

KILLS = int(os.environ.get("BATCH_KILLS", "3"))
"""`make approvals` asks for 50."""
SCHEME = Path(__file__).parents[2] / "billing/schemes/dk-metered/2022-01-01.yaml"


@pytest.fixture
def houses(tmp_path: Path) -> Portfolio:
    return portfolio(tmp_path, 3)


def test_the_bill_from_the_store_is_the_one_from_files(houses: Portfolio, tmp_path: Path) -> None:
    name = houses.names[1]
    assert houses.told(name)[name]["state"] == "billed"
    files = tmp_path / "files"
    words = [
        "bill", "--estate", str(houses.estate(name)), "--readings",
        str(tmp_path / name / "readings.csv"), "--period", "2025-01-01/2026-01-01",
        "--issued", "2026-03-01", "--out", str(files),
    ]  # fmt: skip
    assert CliRunner().invoke(main, words).exit_code == 0
    for document in ("bill.csv", "statements.json", "findings.json"):
        assert (houses.out / name / document).read_bytes() == (files / document).read_bytes()


def test_all_buildings_are_billed_and_summed_up(houses: Portfolio) -> None:
    found = houses.told()
    assert {name: row["total_ore"] for name, row in found.items()} == dict.fromkeys(
        houses.names, TOTAL_ORE
    )
    with (houses.out / "summary.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["building"], row["state"], row["amount"]) for row in rows] == [
        (name, "billed", "11900.00") for name in houses.names
    ]


@pytest.mark.slow
def test_a_dry_run_writes_nothing(houses: Portfolio) -> None:
    words = ["bill", "--period", "2025-01-01/2026-01-01", "--dry-run"]
    before = contents(houses.directory)
    done = CliRunner().invoke(main, [*words, "--config", str(houses.config)])
    assert done.exit_code == 0, done.output
    assert "house-002: 11,900.00 over 2 statements" in done.output
    after = contents(houses.directory)
    assert {path for path in after if "readings.db" not in path} == {
        path for path in before if "readings.db" not in path
    }


def test_bad_buildings_stop_no_other(houses: Portfolio) -> None:
    first, second, third = houses.names
    (houses.estate(first) / "costs.csv").write_text("period_start,period_end,item,amount\n")
    (houses.estate(second) / "building.yaml").write_text("id: [\n")
    found = houses.told()
    assert found[third]["state"] == "billed"
    assert found[first]["state"] == "refused"
    assert (houses.out / first / "findings.json").exists()
    assert not (houses.out / first / "bill.csv").exists()
    assert found["estate"]["state"] == "refused"
    assert houses.run().exit_code == 1


def test_what_lay_there_is_replaced_whole(houses: Portfolio) -> None:
    name = houses.names[0]
    houses.told(name, "--statements", "pdf")
    assert list((houses.out / name / "statements").glob("*.pdf"))
    houses.told(name)
    assert not (houses.out / name / "statements").exists()
    assert [each.name for each in houses.out.iterdir() if each.name.startswith(f".{name}")] == []


def test_bills_are_approved_in_the_ledger(houses: Portfolio) -> None:
    found = houses.told("--approve", *BY)
    assert sorted(row["number"] for row in found.values()) == [1, 2, 3]
    before = contents(houses.out / houses.names[0])
    again = houses.told("--approve", *BY)
    assert contents(houses.out / houses.names[0]) == before, "what was approved lies there still"
    with opened_database(read_settings(houses.config)) as engine:
        assert Ledger(engine).drafts() == []
    assert {row["state"] for row in again.values()} == {"failed"}
    assert all("approved already" in row["message"] for row in again.values())
    resumed = houses.told("--approve", *BY, "--resume")
    assert {row["state"] for row in resumed.values()} == {"left"}
    verified = CliRunner().invoke(main, ["runs", "verify", "--config", str(houses.config)])
    assert verified.exit_code == 0, verified.output


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (["--dry-run"], "--out"),
        (["nowhere"], "choose from house-000"),
        (["--resume"], "leave out --resume"),
        (["--estate", "."], "takes --estate DIR, --readings FILE"),
        (["--approve"], "--by NAME"),
        (["--approve", *BY, "--corrects", "1", "--reason", "objection"], "there is no run 1"),
    ],
)
def test_wrong_usage_ends_in_the_remedy(houses: Portfolio, words: list[str], remedy: str) -> None:
    done = houses.run(*words)
    assert done.exit_code == 2, done.output
    assert remedy in done.output


def test_a_fault_of_our_own_stops_no_other(
    houses: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = houses.names

    def broken(estate: Estate, *more: object) -> Evidence:
        if estate.building.id == first:
            raise ZeroDivisionError("of a test")
        return gather(estate, *more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr("operations.portfolio.task.gather", broken)
    found = houses.told("--jobs", "1")
    assert "ZeroDivisionError: of a test" in found[first]["message"]
    assert {name: row["state"] for name, row in found.items()} == {
        first: "failed", **dict.fromkeys(others, "billed"),
    }  # fmt: skip


def test_no_room_for_findings_stops_no_other(
    houses: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *others = houses.names
    (houses.estate(first) / "costs.csv").write_text("period_start,period_end,item,amount\n")

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("operations.portfolio.task.write_findings", full)
    found = houses.told("--jobs", "1")
    assert found[first]["message"] == "no space left on device"
    assert {found[name]["state"] for name in others} == {"billed"}
    assert {each.name for each in houses.out.iterdir()} == {*others, "summary.csv", ".batch.json"}


@pytest.mark.parametrize("left", ["", "{", "[]", '{"period": "2025"}', '{"issued": 7}'])
def test_a_run_that_left_half_of_what_it_was_asked_is_not_gone_on_with(
    houses: Portfolio, left: str
) -> None:
    houses.out.mkdir()
    (houses.out / ".batch.json").write_text(left)
    done = houses.run("--resume")
    assert done.exit_code == 2, done.output
    assert "leave out --resume" in done.output


def test_a_scheme_file_that_changed_is_another_option(houses: Portfolio, tmp_path: Path) -> None:
    scheme = tmp_path / "own.yaml"
    shipped = SCHEME.read_text("utf-8")
    scheme.write_text(shipped)
    houses.told("--scheme", str(scheme))
    assert houses.run("--resume", "--scheme", str(scheme)).exit_code == 0
    scheme.write_text(shipped.replace("0.60", "0.50").replace("0.40", "0.50"))
    assert houses.run("--resume", "--scheme", str(scheme)).exit_code == 2


class BrokenPool:
    """A pool whose process ends after the first task, before the next is handed out."""

    tasks = 0

    def __init__(self, *_: object, **__: object) -> None: ...

    def __enter__(self) -> BrokenPool:
        return self

    def __exit__(self, *_: object) -> None: ...

    def submit(self, do: Callable[[BillTask], Outcome], task: BillTask) -> Future[Outcome]:
        BrokenPool.tasks += 1
        if BrokenPool.tasks == 2:
            raise BrokenProcessPool
        future: Future[Outcome] = Future()
        future.set_result(do(task))
        return future


def test_a_pool_that_breaks_between_two_tasks_loses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "ProcessPoolExecutor", BrokenPool)
    monkeypatch.setattr(pools, "do_task", lambda task: Outcome(task, "billed"))
    tasks: list[Any] = [f"house-{number}" for number in range(9)]
    done = sorted(each.building for each in pools.done_by_processes(tasks, 2))
    assert done == tasks


def test_a_resumed_run_is_that_of_its_options(houses: Portfolio) -> None:
    houses.told()
    assert houses.run("--resume", "--statements", "pdf").exit_code == 2
    assert {row["state"] for row in houses.told("--resume").values()} == {"left"}


@pytest.mark.slow
def test_processes_give_the_bytes_that_one_gives(houses: Portfolio, tmp_path: Path) -> None:
    one, pool = tmp_path / "one", tmp_path / "pool"
    assert houses.run("--jobs", "1", out=one).exit_code == 0
    assert houses.run("--jobs", "2", out=pool).exit_code == 0
    assert contents(one) == contents(pool)


@pytest.mark.slow
def test_a_dask_cluster_of_two_processes_gives_the_same_bytes(
    houses: Portfolio, tmp_path: Path
) -> None:
    distributed = pytest.importorskip("distributed", reason="fairvarme[dask] is not installed")
    one, cluster = tmp_path / "one", tmp_path / "cluster"
    assert houses.run("--jobs", "1", out=one).exit_code == 0
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as local:
        done = houses.run("--dask", local.scheduler_address, out=cluster)
    assert done.exit_code == 0, done.output
    assert contents(one) == contents(cluster)


@pytest.mark.slow
def test_killed_at_any_moment_a_run_is_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    # More than are done before each kill: a calm machine bills one in some hundredths of a second.
    buildings, killed = 6 * KILLS, 0
    houses, rng = portfolio(tmp_path, buildings), random.Random(5)  # noqa: S311  of a test
    clean = tmp_path / "clean"
    assert houses.run("--jobs", "1", out=clean).exit_code == 0
    words = houses.words("--approve", *BY, "--jobs", "2")
    command = [sys.executable, "-m", "fairvarme", *words]
    done_before = 0
    for number in range(KILLS):
        resumed = [*command, "--resume"] if number else command
        process = subprocess.Popen(resumed, stdout=subprocess.DEVNULL, start_new_session=True)
        while process.poll() is None and _billed(houses) <= done_before:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.05)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        done_before = _billed(houses)
    assert killed
    found = houses.told("--approve", *BY, "--jobs", "2", "--resume")
    assert {row["state"] for row in found.values()} <= {"billed", "left"}
    for name in houses.names:
        assert contents(houses.out / name) == contents(clean / name)
    listed = CliRunner().invoke(main, ["runs", "verify", "--config", str(houses.config)])
    assert listed.exit_code == 0, listed.output
    with opened_database(read_settings(houses.config)) as engine:
        assert Ledger(engine).drafts() == []
    again = houses.told("--approve", *BY, "--resume")
    assert sorted(row["number"] for row in again.values()) == list(range(1, buildings + 1))


def _billed(houses: Portfolio) -> int:
    return sum((houses.out / name / "run.json").exists() for name in houses.names)
