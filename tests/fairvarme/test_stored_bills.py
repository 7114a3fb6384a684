"""``fairvarme bill BUILDING...``: bills of many buildings from the store."""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from fairvarme.cli import main
from tests.support.portfolio import BY, TOTAL_ORE, Portfolio, contents, portfolio

KILLS = 3


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
    again = houses.told("--approve", *BY)
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
        (["--estate", "x"], "takes --estate DIR, --readings FILE"),
        (["--approve"], "--by NAME"),
        (["--approve", *BY, "--corrects", "1", "--reason", "objection"], "there is no run 1"),
    ],
)
def test_wrong_usage_ends_in_the_remedy(houses: Portfolio, words: list[str], remedy: str) -> None:
    done = houses.run(*words)
    assert done.exit_code == 2, done.output
    assert remedy in done.output


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
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as local:
        done = houses.run("--dask", local.scheduler_address, out=cluster)
    assert done.exit_code == 0, done.output
    assert contents(one) == contents(cluster)


@pytest.mark.slow
def test_killed_at_any_moment_a_run_is_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    houses, rng = portfolio(tmp_path, 6), random.Random(5)  # noqa: S311  of a test
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
        time.sleep(rng.random() * 0.2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        done_before = _billed(houses)
    found = houses.told("--approve", *BY, "--jobs", "2", "--resume")
    assert {row["state"] for row in found.values()} <= {"billed", "left"}
    for name in houses.names:
        assert contents(houses.out / name) == contents(clean / name)
    listed = CliRunner().invoke(main, ["runs", "verify", "--config", str(houses.config)])
    assert listed.exit_code == 0, listed.output
    again = houses.told("--approve", *BY, "--resume")
    assert sorted(row["number"] for row in again.values()) == list(range(1, 7))


def _billed(houses: Portfolio) -> int:
    return sum((houses.out / name / "run.json").exists() for name in houses.names)
