"""Times of jobs, and ends by force."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.service.child import Child
from operations.service.keepers import JobKeeper, PartKeeper
from operations.service.plan import Job, Limits, Part
from operations.service.record import JobState, PartState
from operations.service.times import Times
from tests.support.ingest_parts import wait_until

LIMITS = Limits(
    first_wait_seconds=0.1, growth=2, longest_wait_seconds=1, settled_seconds=60,
    first_retry_seconds=3600, longest_retry_seconds=3600, stop_seconds=0.2, kept_ends=3,
)  # fmt: skip
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def start(command: Sequence[str]) -> Child:
    return Child([sys.executable, "-c", *command], {})


def test_a_part_that_does_not_end_is_ended_by_force() -> None:
    state = PartState()
    keeper = PartKeeper(Part("deaf", (DEAF,), 0.2), LIMITS, state, start)
    keeper.look()
    wait_until(lambda: not keeper.end(), 30)
    assert state.state == "stopped"


def test_a_part_that_always_ends_is_started_less_and_less_often() -> None:
    state = PartState()
    keeper = PartKeeper(Part("brief", ("import sys; sys.exit(3)",), 1), LIMITS, state, start)

    def ended(times: int) -> bool:
        keeper.look()
        return len(state.ends) >= times

    wait_until(lambda: ended(3), 30)
    one, two, three = state.ends
    assert {each.code for each in state.ends} == {3}
    assert two.at_ms - one.at_ms >= 100
    assert three.at_ms - two.at_ms >= 200


def test_a_job_that_hangs_is_ended_and_counts_as_failed() -> None:
    job = Job("deaf", (DEAF,), Times("* * * * *", "UTC"), most_minutes=0.2 / 60)
    state = JobState(due_ms=0)
    keeper = JobKeeper(job, LIMITS, state, start)

    def failed() -> bool:
        keeper.look()
        return state.failures > 0

    wait_until(failed, 30)
    assert state.code is not None
    assert state.code < 0
    wait_until(lambda: not keeper.end(), 30)


def test_a_job_that_failed_waits_for_its_retry_or_its_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = datetime(2026, 1, 15, 12, 30, tzinfo=UTC).timestamp() * 1000
    monkeypatch.setattr("operations.service.keepers.now_ms", lambda: round(clock))
    started: list[int] = []

    def counted(command: Sequence[str]) -> Child:
        started.append(1)
        return start(command)

    job = Job("fails", ("import sys; sys.exit(1)",), Times("7 * * * *", "UTC"), most_minutes=1)
    state = JobState(due_ms=0)
    keeper = JobKeeper(job, LIMITS, state, counted)

    def failures(number: int) -> bool:
        keeper.look()
        return state.failures == number

    wait_until(lambda: failures(1), 30)
    for _ in range(5):
        keeper.look()
    assert len(started) == 1
    clock += 3_600_000
    wait_until(lambda: failures(2), 30)
    assert len(started) == 2


EXPRESSIONS = st.sampled_from(["7 * * * *", "*/5 * * * *", "30 2 * * *", "0 6 2 * *", "15 3 * * 0"])
ZONES = st.sampled_from(["Europe/Copenhagen", "UTC", "Europe/Warsaw"])


@given(
    expression=EXPRESSIONS,
    zone=ZONES,
    now_ms=st.integers(1_700_000_000_000, 2_000_000_000_000),
)
def test_now_lies_between_two_times_that_follow_each_other(
    expression: str, zone: str, now_ms: int
) -> None:
    times = Times(expression, zone)
    latest, following = times.latest_ms(now_ms), times.next_ms(now_ms)
    assert latest <= now_ms < following
    assert times.latest_ms(latest) == latest
    assert times.latest_ms(following) == following


@pytest.mark.parametrize(
    ("day", "runs"), [((2026, 3, 29), 1), ((2026, 10, 25), 1), ((2026, 6, 1), 1)]
)
def test_a_nightly_job_runs_once_in_the_night_of_the_change(
    day: tuple[int, int, int], runs: int
) -> None:
    nightly = Times("30 2 * * *", "Europe/Copenhagen")
    noon_ms = round(datetime(*day, 10, tzinfo=UTC).timestamp() * 1000)
    found = {nightly.latest_ms(noon_ms - minutes * 60_000) for minutes in range(20 * 60)}
    assert len(found) == runs + 1  # that of the day before among them


def test_limits_read_as_they_grow() -> None:
    grown = replace(LIMITS, longest_wait_seconds=300, first_wait_seconds=1)
    assert [grown.wait_seconds(failures) for failures in (1, 2, 3)] == [1, 2, 4]
