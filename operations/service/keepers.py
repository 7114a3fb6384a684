"""Keeps a part alive, or runs a job at its times; `run` polls each of them."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from operations.clock import now_ms
from operations.service.record import End

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from operations.service.child import Child
    from operations.service.plan import Job, Limits, Part
    from operations.service.record import JobState, PartState

log = logging.getLogger(__name__)


class PartKeeper:
    """Starts a part, and restarts it when it ends."""

    def __init__(
        self, part: Part, limits: Limits, state: PartState, start: Callable[[Sequence[str]], Child]
    ) -> None:
        self._part, self._limits, self._state, self._start = part, limits, state, start
        self._child: Child | None = None
        self._failures, self._not_before = 0, 0.0

    def look(self) -> None:
        """Notice whether it ended, and start it once its wait is over."""
        if self._child is not None and (code := self._child.code()) is not None:
            self._note_end(code, self._child.seconds)
        if self._child is None and time.monotonic() >= self._not_before:
            self._child = self._start(self._part.command)
            state = self._state
            state.state, state.pid, state.since_ms = "running", self._child.pid, now_ms()
            log.info("%s started", self._part.name, extra={"event": "part_started"})

    def end(self) -> bool:
        """Continue to end it; return whether it still runs."""
        if self._child is not None:
            self._child.end(self._part.stop_seconds)
            if self._child.code() is None:
                return True
        self._child = None
        state = self._state
        if state.state != "stopped":
            state.state, state.pid, state.since_ms = "stopped", None, now_ms()
        return False

    def _note_end(self, code: int, seconds: float) -> None:
        limits, state = self._limits, self._state
        self._child = None
        self._failures = 1 if seconds >= limits.settled_seconds else self._failures + 1
        wait = limits.wait_seconds(self._failures)
        self._not_before = time.monotonic() + wait
        state.ends.append(End(at_ms=now_ms(), code=code, seconds=round(seconds, 1)))
        del state.ends[: -limits.kept_ends]
        state.state, state.pid, state.since_ms = "waiting", None, now_ms()
        log.error(
            "%s ended with %d after %.1f s; it starts again in %.0f s",
            self._part.name,
            code,
            seconds,
            wait,
            extra={"event": "part_ended"},
        )


class JobKeeper:
    """Runs a job at its times."""

    def __init__(
        self, job: Job, limits: Limits, state: JobState, start: Callable[[Sequence[str]], Child]
    ) -> None:
        self._job, self._limits, self._state, self._start = job, limits, state, start
        self._child: Child | None = None
        self._due_ms = state.due_ms
        self._tried_ms, self._not_before = state.due_ms, 0.0

    def look(self) -> None:
        """Notice whether it ended, end it if it runs too long, and start it if due."""
        if self._child is not None:
            self._look_at(self._child)
        latest_ms = self._job.times.latest_ms(now_ms())
        # Not "later than": if the clock was once a year ahead, the job would stop for a year.
        due = latest_ms != self._state.due_ms
        waits = latest_ms == self._tried_ms and time.monotonic() < self._not_before
        if self._child is None and due and not waits:
            self._due_ms = self._tried_ms = latest_ms
            self._child = self._start(self._job.command)
            self._state.began_ms = now_ms()

    def end(self) -> bool:
        """Continue to end it, so that the next start reruns it; return whether it still runs."""
        if self._child is None:
            return False
        self._child.end(self._limits.stop_seconds)
        return self._child.code() is None

    def _look_at(self, child: Child) -> None:
        code = child.code()
        if code is not None:
            self._note_end(code)
        elif child.seconds > self._job.most_minutes * 60:
            child.end(self._limits.stop_seconds)

    def _note_end(self, code: int) -> None:
        state = self._state
        self._child = None
        state.ended_ms, state.code = now_ms(), code
        if code == 0:
            state.due_ms, state.failures = self._due_ms, 0
            return
        state.failures += 1
        wait = self._limits.retry_seconds(state.failures)
        self._not_before = time.monotonic() + wait
        log.error(
            "%s ended with %d; it runs again in %.0f s, or at its next time",
            self._job.name,
            code,
            wait,
            extra={"event": "job_failed"},
        )
