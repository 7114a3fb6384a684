"""Runs everything of one machine until it is stopped: `fairvarme run`."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from estate.errors import StoreUnavailable
from operations.clock import now_ms
from operations.database import opened_as_it_is, require_current
from operations.service.child import Child
from operations.service.keepers import JobKeeper, PartKeeper
from operations.service.plan import plan_of
from operations.service.record import (
    JobState,
    PartState,
    Record,
    only_one,
    read_record,
    service_directory,
)
from operations.settings import CONFIG_VARIABLE, SQLITE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from operations.service.plan import Plan
    from operations.service.record import End
    from operations.settings import Settings

log = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 0.5
"""How often parts are looked at. [s]"""


def run_service(
    settings: Settings,
    config: Path,
    program: Sequence[str],
    on_ready: Callable[[Plan], None] = lambda _: None,
) -> None:
    """
    Run parts and jobs of an installation until SIGTERM or SIGINT, then end them in order.

    A part that ends is started again, after a wait that grows with each end. A job runs at its
    times, one run at a time; a failed run is retried, and a missed time is made up for.

    Parameters
    ----------
    settings : Settings
    config : Path
        The settings file, which the children read.
    program : sequence of str
        How `fairvarme` is called.
    on_ready : callable
        Called with the plan once everything is started.

    Raises
    ------
    UsageError
        If another service runs in the same folder, the plan is wrong, or another version wrote
        the database.
    """
    plan, directory = plan_of(settings), service_directory(settings, config)
    _refuse_other_tables(settings.database)
    stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: stop.set())
    with only_one(directory):
        record = read_record(directory) or Record()
        record.pid, record.started_ms = os.getpid(), now_ms()
        service = _Service(plan, record, directory, program, config)
        try:
            service.look()
            on_ready(plan)
            while not stop.wait(LOOK_SECONDS):
                service.look()
        finally:
            service.end()


def _refuse_other_tables(url: str) -> None:
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        return
    # A database that is away may come back: parts and jobs wait for it.
    with suppress(StoreUnavailable), opened_as_it_is(url) as engine:
        require_current(engine)


class _Service:
    """The keepers of all parts and jobs, and the record of what they do."""

    def __init__(
        self, plan: Plan, record: Record, directory: Path, program: Sequence[str], config: Path
    ) -> None:
        self._record, self._directory = record, directory
        self._written = ""
        environment = {CONFIG_VARIABLE: str(config.absolute())}

        def start(command: Sequence[str]) -> Child:
            return Child([*program, *command], environment)

        for part in plan.parts:
            record.parts[part.name] = PartState(ends=_ends_of(record, part.name))
        for job in plan.jobs:
            record.jobs.setdefault(job.name, JobState(due_ms=job.times.latest_ms(now_ms())))
        self._keepers: list[PartKeeper | JobKeeper] = [
            *(PartKeeper(each, plan.limits, record.parts[each.name], start) for each in plan.parts),
            *(JobKeeper(each, plan.limits, record.jobs[each.name], start) for each in plan.jobs),
        ]

    def look(self) -> None:
        """Poll every part and job once, and record what changed."""
        for keeper in self._keepers:
            keeper.look()
        self._keep()

    def end(self) -> None:
        """End all of them at once, each within its own time."""
        left = self._keepers
        while left := [keeper for keeper in left if keeper.end()]:
            time.sleep(LOOK_SECONDS / 5)
        self._record.pid = 0
        self._keep()

    def _keep(self) -> None:
        now = self._record.model_dump_json()
        if now == self._written:
            return
        try:
            self._record.write(self._directory)
        except OSError as error:
            # On a full disk everything keeps running; the record is written with the next change.
            log.warning("the record was not written: %s", error, extra={"event": "record_failed"})
        else:
            self._written = now


def _ends_of(record: Record, name: str) -> list[End]:
    return record.parts[name].ends if name in record.parts else []
