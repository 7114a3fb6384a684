"""
The worker: receives messages, stores their readings, then acknowledges them.

This order is the delivery guarantee (docs/delivery.md): decode, store, quarantine, and only then
acknowledge, in order of arrival. Anything that fails before the last step is redelivered, and a
repeated write changes nothing.
"""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from estate.errors import StoreUnavailable
from ingest.intake import Intake, Taken
from ingest.mqtt.client import SessionSettings
from ingest.mqtt.session import BrokerSession
from ingest.quarantine.refused import refused_entry
from ingest.watch.clock import ClockWatch
from ingest.watch.counts import Counts

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping, Sequence

    from ingest.mqtt.inbox import Received
    from ingest.quarantine.store import Quarantine
    from ingest.remarks import Remarks
    from ingest.sources import Source
    from ingest.validation.validation import ReadingRules
    from ingest.watch.statuses import Status
    from telemetry.readings import Reading
    from telemetry.stores.store import Store

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400.0
TELL_SECONDS = 60.0
# How often store and quarantine are maintained while idle.
TEND_SECONDS = 1.0


@dataclass(frozen=True)
class BatchSettings:
    """
    Settings of batching, and of retries while a store is unavailable.

    Attributes
    ----------
    messages, bytes : int
        Most messages in one write, and their total size. [byte]
    seconds : float
        Longest wait for more messages. [s]
    entries : int
        Target number of quarantine entries per write: after a batch with many of them
        fewer messages are taken.
    drain_seconds : float
        How long a stopping worker continues with what it has received. [s]
    retry_seconds, longest_retry_seconds : float
        First and longest pause before a retry; it doubles in between. [s]
    """

    messages: int = 2000
    # 1 MiB is decoded in a quarter of a second, whatever it contains: the longest delay of a
    # message behind it.
    bytes: int = 1 << 20
    seconds: float = 0.1
    entries: int = 1000
    drain_seconds: float = 10.0
    retry_seconds: float = 0.5
    longest_retry_seconds: float = 30.0


class Worker:
    """
    One worker on one broker.

    Parameters
    ----------
    session : SessionSettings
    sources : sequence of Source
    rules : ReadingRules
    store : Store
    quarantine : Quarantine
    batch : BatchSettings, optional
    remarks : Remarks, optional
        Store of status words; if None they are not kept.
    current_rules : callable, optional
        Called before each batch for the current rules; by default those at the start are used.
    """

    def __init__(
        self,
        session: SessionSettings,
        sources: Sequence[Source],
        rules: ReadingRules,
        store: Store,
        quarantine: Quarantine,
        batch: BatchSettings | None = None,
        remarks: Remarks | None = None,
        current_rules: Callable[[], ReadingRules] | None = None,
    ) -> None:
        filters = [source.topic_filter for source in sources]
        statuses = [each.status_filter for each in sources if each.status_filter is not None]
        self._session = BrokerSession(session, filters, statuses)
        self._intake = Intake(sources, rules)
        self._current_rules = current_rules or (lambda: rules)
        self._store = store
        self._quarantine = quarantine
        self._remarks = remarks
        self._batch = batch or BatchSettings()
        # Replaced as a whole by one thread, so any thread may read it at any time.
        self._counts = Counts()
        self._online: dict[tuple[str, str], bool] = {}
        self._clock = ClockWatch()
        self._tidy_at = 0.0
        self._entries = 0
        self._most_messages = self._batch.messages
        self._tidied: Counter[str] = Counter()
        self._told_at = 0.0
        self._tend_at = 0.0

    @property
    def counts(self) -> Counts:
        """Counters so far."""
        return replace(
            self._counts,
            reconnects=max(self._session.connections - 1, 0),
            sessions_lost=self._session.sessions_lost,
            takeovers=self._session.takeovers,
            missed=self._session.missed,
            dropped_unpromised=self._session.dropped_unpromised,
            queued=self._session.queued,
            subscribed=self._session.subscribed,
        )

    def run(self, stop: threading.Event, on_ready: Callable[[], None] = lambda: None) -> None:
        """
        Run until `stop` is set, then store and acknowledge what was received.

        Parameters
        ----------
        stop : threading.Event
        on_ready : callable, optional
            Called once, by another thread, when the subscriptions are granted.

        Raises
        ------
        FairvarmeError
            If the broker refuses the log-in or a subscription.
        """
        self._session.start(on_ready)
        try:
            while not stop.is_set():
                self._session.check()
                self._work_once(stop)
                self._tend_when_due()
                self._tidy_when_due()
            self._drain(stop)
            self._session.check()
        finally:
            self._session.stop()

    def _drain(self, stop: threading.Event) -> None:
        """Process what was received; the broker redelivers what is left after a while."""
        self._session.stop_receiving()
        deadline = time.monotonic() + self._batch.drain_seconds
        while time.monotonic() < deadline and self._work_once(stop):
            self._tidy_when_due()

    def _receive(self) -> list[Received]:
        batch = self._batch
        return self._session.receive(self._most_messages, batch.bytes, batch.seconds)

    def _work_once(self, stop: threading.Event) -> bool:
        """Process one batch; False if there was none or it could not be written."""
        batch = self._receive()
        if not batch:
            return False
        self._count(received=len(batch), at_work=len(batch))
        rules = self._current_rules()
        if rules is not self._intake.rules:
            self._intake = Intake(self._intake.sources, rules)
        taken = self._intake.take([each.message for each in batch])
        if not self._keep(taken, stop):
            return False
        # A batch delays the messages behind it, and entries take the longest.
        fewer = self._batch.entries * len(batch) // max(self._entries, 1)
        self._most_messages = max(min(fewer, self._batch.messages), 1)
        now_ms = time.time_ns() // 1_000_000
        delay_ms = sum(max(now_ms - each.message.arrival_ms, 0) for each in batch)
        acknowledged = self._session.acknowledge(batch)
        self._count(
            acknowledged=acknowledged, kept=len(batch), delay_ms=delay_ms, at_work=-len(batch)
        )
        return True

    def _keep(self, taken: Taken, stop: threading.Event) -> bool:
        """Write until it is durable; False if the worker must stop before that."""
        pause = self._batch.retry_seconds
        while True:
            try:
                self._write(taken)
            except StoreUnavailable as error:
                more = {"event": "store_away", "store": error.store, "pause_seconds": pause}
                log.warning("%s", error, extra=more)
                self._count(retries=1)
                self._note(writing=False)
            else:
                self._note_back()
                return True
            self._session.check()
            # Jitter, so that several workers do not retry at the same moment.
            if stop.wait(pause * random.uniform(0.5, 1.0)):  # noqa: S311  no secret
                return False
            pause = min(2 * pause, self._batch.longest_retry_seconds)

    def _note_back(self) -> None:
        if not self._counts.writing:
            log.info("writes succeed again", extra={"event": "store_back"})
            self._note(writing=True)

    def _tend_when_due(self) -> None:
        """Notice a replaced file while idle: its log must not stay next to the new file."""
        now = time.monotonic()
        if now < self._tend_at:
            return
        self._tend_at = now + TEND_SECONDS
        if step := self._clock.step():
            more = {"event": "clock_set", "seconds": round(step)}
            log.warning("the machine's clock was set by %d s", step, extra=more)
        try:
            self._store.tend()
            self._quarantine.ping()
        except StoreUnavailable as error:
            if self._counts.writing:
                log.warning("%s", error, extra={"event": "store_away", "store": error.store})
            self._note(writing=False)
        else:
            self._note_back()

    def _write(self, taken: Taken) -> None:
        rejected = self._store.write(taken.readings) if taken.readings else []
        entries = [*taken.entries, *(refused_entry(each) for each in rejected)]
        if entries:
            self._quarantine.put(entries)
            self._entries += len(entries)
        if taken.remarks and self._remarks is not None:
            self._remarks.keep(taken.remarks)
        # Check again, since the quarantine may have taken some time.
        self._store.check_place()
        reasons: Counter[str] = Counter()
        for entry in entries:
            reasons[str(entry.reject.reason)] += entry.times
        refused = {each.reading for each in rejected}
        stored = (
            [each for each in taken.readings if each not in refused] if refused else taken.readings
        )
        self._note(
            quarantined=Counter(self._counts.quarantined) + reasons,
            newest_ms=_newest(self._counts.newest_ms, stored),
        )
        self._count(stored=len(stored))
        if taken.statuses:
            self._remember(taken.statuses)

    def _remember(self, statuses: Sequence[Status]) -> None:
        """Keep the last status of each device; only known ones, so the number is bounded."""
        for building, device, online in statuses:
            before = self._online.pop((building, device), None)
            if online is not None:
                self._online[building, device] = online
            if online is False and before:
                more = {"event": "device_offline", "building": building, "device": device}
                log.info("device %s of %s is offline", device, building, extra=more)
        number = sum(self._online.values())
        self._note(devices_online=number, devices_offline=len(self._online) - number)

    def _tidy_when_due(self) -> None:
        """Once a day, and after entries, remove expired messages from the quarantine."""
        now = time.monotonic()
        if now < self._tidy_at and not self._entries:
            return
        # By a clock that is a year ahead everything kept is too old: somebody must look first.
        if self._clock.ahead_seconds > DAY_SECONDS:
            self._tidy_at, self._entries = now + DAY_SECONDS, 0
            return
        try:
            done = self._quarantine.tidy(time.time_ns() // 1_000_000)
        except StoreUnavailable as error:
            self._tidy_at, self._entries = now + DAY_SECONDS, 0
            log.warning("%s", error, extra={"event": "store_away", "store": error.store})
            return
        self._tidy_at, self._entries = (now if done.due else now + DAY_SECONDS), 0
        self._tidied.update(old=done.old, surplus=done.surplus)
        if self._tidied.total() and now >= self._told_at:
            self._told_at = now + TELL_SECONDS
            more = {"event": "quarantine_tidied", **self._tidied}
            log.warning(
                "removed %(old)d old messages from the quarantine, %(surplus)d beyond its size",
                self._tidied,
                extra=more,
            )
            self._tidied.clear()

    def _count(self, **more: int) -> None:
        self._note(**{name: getattr(self._counts, name) + more[name] for name in more})

    def _note(self, **facts: Any) -> None:  # noqa: ANN401  fields of Counts
        self._counts = replace(self._counts, **facts)


def _newest(newest_ms: Mapping[str, int], readings: Sequence[Reading]) -> Mapping[str, int]:
    found = dict(newest_ms)
    for reading in readings:
        if reading.time_ms > found.get(reading.building, -1):
            found[reading.building] = reading.time_ms
    return found
