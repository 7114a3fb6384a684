"""`fairvarme run`: parts live, jobs run at their times, and an end is one in order."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from importlib import resources
from pathlib import Path

import pytest
import yaml

from estate.errors import UsageError
from fairvarme.cli import ROOMS
from fairvarme.doctor.examine import examine
from operations.service.plan import plan_of
from operations.service.record import is_running
from operations.settings import read_settings
from tests.support.ingest_parts import wait_until
from tests.support.service import (
    RUN,
    SETTINGS,
    calls,
    is_alive,
    kill,
    record_of,
    service_process,
    write_installation,
)


def doctor_says(config: Path) -> list[tuple[str, str]]:
    return [(each.state, each.detail) for each in examine(config) if each.name == "service"]


@pytest.mark.slow
def test_sigterm_ends_every_part_in_order(tmp_path: Path) -> None:
    config = write_installation(tmp_path)
    with service_process(config) as process:
        assert is_running(tmp_path)
        ((state, detail),) = doctor_says(config)
        jobs = len(plan_of(read_settings(config)).jobs)
        assert (state, detail) == ("ok", f"1 parts run, and {jobs} jobs at their times")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert (tmp_path / "ended-in-order").exists()
    assert record_of(config).parts["worker"].state == "stopped"
    assert not is_running(tmp_path)
    assert doctor_says(config) == [("fault", f"{tmp_path}: nothing runs")]


@pytest.mark.slow
def test_a_part_that_dies_is_started_again_and_the_doctor_tells(tmp_path: Path) -> None:
    config = write_installation(tmp_path)
    with service_process(config):
        (first,) = calls(config, "ingest")
        kill(first)
        wait_until(lambda: len(calls(config, "ingest")) == 2, 60)
        wait_until(lambda: record_of(config).parts["worker"].state == "running", 60)
        (end,) = record_of(config).parts["worker"].ends
        assert end.code == -signal.SIGKILL
        ((state, detail),) = doctor_says(config)
    assert (state, detail[:33]) == ("warning", "worker ended 1 times in a day, la")
    # The next service knows of it too.
    (tmp_path / "up").unlink()
    with service_process(config):
        assert record_of(config).parts["worker"].ends == [end]


@pytest.mark.slow
def test_parts_end_when_the_service_is_killed(tmp_path: Path) -> None:
    config = write_installation(tmp_path)
    with service_process(config) as process:
        (worker,) = calls(config, "ingest")
        process.kill()
        process.wait(60)
        wait_until(lambda: not is_alive(worker), 60)
    assert (tmp_path / "ended-in-order").exists()


@pytest.mark.slow
def test_a_second_service_is_refused(tmp_path: Path) -> None:
    config = write_installation(tmp_path)
    with service_process(config):
        second = subprocess.run(
            [sys.executable, "-c", RUN, str(config)], capture_output=True, text=True, check=False
        )
        assert len(calls(config, "ingest")) == 1
    assert second.returncode == 1
    assert "another `fairvarme run` holds" in second.stderr


def restart_with_due(config: Path, job: str, due_ms: int) -> None:
    """Set back for what time a job last ended well, as after a machine was off."""
    record = record_of(config)
    record.jobs[job].due_ms = due_ms
    record.write(config.parent)
    config.with_name("up").unlink()


@pytest.mark.slow
def test_a_job_that_failed_is_told_and_runs_again(tmp_path: Path) -> None:
    config = write_installation(tmp_path)
    (tmp_path / "alerts-run.fails").touch()
    with service_process(config):
        assert calls(config, "alerts-run") == []  # an installation waits for the first time
    restart_with_due(config, "alerts", 0)
    with service_process(config):
        wait_until(lambda: record_of(config).jobs["alerts"].failures > 0, 60)
        assert record_of(config).jobs["alerts"].code == 1
        ((state, detail),) = doctor_says(config)
    assert (state, detail.startswith("alerts failed 1 times in a row")) == ("warning", True)
    (tmp_path / "alerts-run.fails").unlink()
    (tmp_path / "up").unlink()
    with service_process(config):
        wait_until(lambda: record_of(config).jobs["alerts"].failures == 0, 60)
    assert record_of(config).jobs["alerts"].due_ms > 0


# Off since long ago, and once set years ahead: either way the newest time counts.
@pytest.mark.slow
@pytest.mark.parametrize("due_ms", [1_700_000_000_000, 4_000_000_000_000])
def test_a_time_that_was_missed_is_made_good_once(tmp_path: Path, due_ms: int) -> None:
    config = write_installation(tmp_path)
    with service_process(config):
        pass
    restart_with_due(config, "alerts", due_ms)
    with service_process(config):
        wait_until(lambda: record_of(config).jobs["alerts"].code == 0, 60)
        time.sleep(1.5)
    assert len(calls(config, "alerts-run")) == 1


@pytest.mark.slow
def test_a_record_that_lost_its_end_is_begun_anew(tmp_path: Path) -> None:
    config = write_installation(tmp_path)
    (tmp_path / "service.json").write_text('{"pid": 1, "par')
    with service_process(config):
        assert record_of(config).parts["worker"].state == "running"


def test_settings_leave_parts_out_and_move_times(tmp_path: Path) -> None:
    text = SETTINGS.replace(
        "[service]\n", '[service]\nwithout = ["worker"]\ntimezone = "Europe/Warsaw"\n'
    )
    plan = plan_of(read_settings(write_installation(tmp_path, text)))
    assert plan.parts == ()
    times = {job.name: (job.times.expression, job.times.zone) for job in plan.jobs}
    assert times["outbox"] == ("59 4 * * *", "Europe/Warsaw")


def test_a_part_without_its_settings_is_left_out(tmp_path: Path) -> None:
    text = 'store = "sqlite:///r.db"\ndatabase = "sqlite:///f.db"\nestates = []\n'
    assert plan_of(read_settings(write_installation(tmp_path, text))).parts == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('without = ["wroker"]', "there is no wroker; choose from alerts"),
        ('times = {alerts = "at night"}', '"at night" is no time of cron'),
        ('times = {alerts = "0 0 30 2 *"}', "Bad day-of-month"),
        ('timezone = "Europe/Kobenhavn"', "service.timezone: no such time zone"),
    ],
)
def test_what_is_wrong_with_the_plan_is_said(tmp_path: Path, line: str, said: str) -> None:
    text = SETTINGS.replace('times = {outbox = "59 4 * * *"}', line)
    with pytest.raises(UsageError, match=said):
        plan_of(read_settings(write_installation(tmp_path, text)))


def test_every_command_of_the_table_is_one_of_ours() -> None:
    text = resources.files("operations.service").joinpath("service.yaml").read_text("utf-8")
    table = yaml.safe_load(text)
    commands = [row["command"][0] for name in ("parts", "jobs") for row in table[name].values()]
    assert set(commands) <= set(ROOMS)
