"""The month as a job: from its day on, once a home, and old print files go."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from estate.periods import Period
from fairvarme.cli import main
from operations.outbox import month_due as job
from operations.outbox import queue_month as queueing
from operations.outbox.month_due import drop_print_files, month_due, send_month_when_due
from operations.settings import read_settings
from tests.fairvarme.test_outbox_command import installation


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = installation(tmp_path, 1)
    path.write_text(path.read_text() + "\n[reports]\nday = 4\nprint_days = 30\n")
    return path


@pytest.mark.parametrize(
    ("now", "month"),
    [
        ("2026-02-03T22:59", None), ("2026-02-03T23:00", "2026-01"),
        ("2026-02-28T12:00", "2026-01"), ("2026-01-04T00:00", "2025-12"),
        ("2026-03-01T00:00", None),
    ],
)  # fmt: skip
def test_a_month_is_due_from_its_day_on_by_the_clock_of_the_installation(
    config: Path, now: str, month: str | None
) -> None:
    expected = None if month is None else Period.month(month)
    assert month_due(read_settings(config), at(now)) == expected


def test_before_its_day_nothing_is_queued(config: Path) -> None:
    assert send_month_when_due(read_settings(config), at("2026-02-02T12:00")) is None


@pytest.mark.slow
def test_every_day_the_same_job_and_each_home_once(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(config)
    first = send_month_when_due(settings, at("2026-02-04T12:00"))
    assert first is not None
    homes = first.queued.total()
    assert homes > 0

    def never(*_: object) -> None:
        raise AssertionError("what every home has is not computed again")

    monkeypatch.setattr(queueing, "building_month", never)
    for day in ("05", "28"):
        again = send_month_when_due(settings, at(f"2026-02-{day}T12:00"))
        assert again is not None
        assert not again.queued
        assert again.known == 12


def print_file(config: Path, name: str) -> Path:
    folder = config.parent / "letters" / "solgaarden" / "print"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(b"%PDF")
    return path


def test_print_files_go_after_their_days_and_their_index_stays(config: Path) -> None:
    old = [print_file(config, f"2026-01-03-ab{end}") for end in (".pdf", ".count.pdf", ".csv")]
    young = print_file(config, "2026-01-04-ab.pdf")
    foreign = print_file(config, "notes.pdf")
    removed = drop_print_files(read_settings(config), at("2026-02-03T12:00"))
    assert sorted(removed) == sorted(old[:2])
    assert [path.exists() for path in (*old, young, foreign)] == [False, False, True, True, True]


@pytest.mark.slow
def test_the_command_does_both(config: Path) -> None:
    old = print_file(config, "2020-01-03-ab.pdf")
    done = CliRunner().invoke(main, ["report", "--due", "--json", "--config", str(config)])
    assert done.exit_code in (0, 1), done.output
    answer = json.loads(done.stdout)
    assert answer["removed"] == 1
    assert not old.exists()
    assert bool(answer["queued"]) is (job.month_due(read_settings(config), now()) is not None)


def now() -> int:
    return round(datetime.now(UTC).timestamp() * 1000)


@pytest.mark.parametrize("words", [["--due", "--month", "2026-01"], ["--send"], []])
def test_a_month_is_named_or_due(config: Path, words: list[str]) -> None:
    done = CliRunner().invoke(main, ["report", *words, "--config", str(config)])
    assert done.exit_code == 2
