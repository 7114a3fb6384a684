"""
The worker in a process of its own, with a store that kills at a moment of a write.

Nothing of this can be reached from the shipped command: the store is wrapped and the worker's order
of steps is turned round here only.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.mqtt.client import SessionSettings
from ingest.mqtt.session import BrokerSession
from ingest.worker import BatchSettings, Worker
from telemetry.stores.open import open_store
from telemetry.stores.sqlite import SqliteStore
from tests.faults.plan import Moment, Victim
from tests.support.ingest_parts import RULES, SOURCES, open_quarantine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from multiprocessing.connection import Connection

    from ingest.mqtt.inbox import Received
    from ingest.mqtt.packets import Publish
    from telemetry.readings import Reading, Rejected
    from telemetry.stores.store import Store

BATCH = BatchSettings(messages=500, seconds=0.05, retry_seconds=0.05, longest_retry_seconds=0.5)

ROWS = "INTO readings"
# Of SQLite's machine, as its progress handler counts them.
STEPS_PER_ROW = 25


@dataclass(frozen=True)
class WorkerOptions:
    """What a worker of a fault run is told."""

    port: int
    store: str
    quarantine: Path
    protocol: str
    ack_early: bool


class Order(NamedTuple):
    """To kill a process at a moment of the next write."""

    victim: Victim
    moment: Moment
    fraction: float
    process: int


class EarlySession(BrokerSession):
    """Acknowledges a message as soon as it is received, as client libraries do by themselves."""

    def _on_packet(self, publish: Publish) -> None:
        super()._on_packet(publish)
        self._client.acknowledge([publish.mid])

    def acknowledge(self, batch: Iterable[Received]) -> int:
        """Do it no more."""
        return sum(1 for _ in batch)


class EarlyWorker(Worker):
    """The control: acknowledges before it writes."""

    def __init__(self, session: SessionSettings, *others: Any) -> None:  # noqa: ANN401  a worker's
        super().__init__(session, *others)
        self._session.stop()
        self._session = EarlySession(session, self._session._topic_filters)


class KillingStore:
    """A real store that carries out one order at a time."""

    def __init__(self, store: Store, tell: Callable[[Order, int], None]) -> None:
        self._store = store
        self._tell = tell
        self._order: Order | None = None
        self._killing = threading.Lock()
        self._write_seconds = 0.01
        self.in_flight: Callable[[], int] = lambda: 0

    def obey(self, order: Order) -> None:
        """Carry out an order at the next write."""
        self._order = order

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        order = self._order
        if order is None:
            return self._store.write(readings)
        if order.victim is Victim.STORE and isinstance(self._store, SqliteStore):
            return self._write_and_die_within(self._store, readings, order)
        if order.moment is Moment.BEFORE:
            self._kill(order)
        started = time.monotonic()
        timer = threading.Timer(order.fraction * self._write_seconds, self._kill, [order])
        if order.moment is Moment.DURING:
            timer.start()
        try:
            rejected = self._store.write(readings)
        finally:
            timer.cancel()
        # Should the write have been quicker than the last one, the next one's turn comes sooner.
        self._write_seconds = time.monotonic() - started
        if order.moment is Moment.AFTER:
            self._kill(order)
        return rejected

    def _kill(self, order: Order) -> None:
        with self._killing:
            if self._order is None:
                return
            self._order = None
            # What is told is in the pipe before the kill, which may be one's own.
            self._tell(order, self.in_flight())
            with suppress(ProcessLookupError):  # who is told buries the dead, and may be quicker
                os.kill(order.process, signal.SIGKILL)

    def _write_and_die_within(
        self, store: SqliteStore, readings: Sequence[Reading], order: Order
    ) -> list[Rejected]:
        """Die within the transaction: before its first row, among them, or before the commit."""
        connection = store._connection
        steps = 1 + int(order.fraction * len(readings) * STEPS_PER_ROW)

        def at_statement(statement: str) -> None:
            if statement == "COMMIT" or (order.moment is Moment.BEFORE and ROWS in statement):
                self._kill(order)
            elif order.moment is Moment.DURING and ROWS in statement:
                connection.set_progress_handler(lambda: self._kill(order), steps)

        connection.set_trace_callback(at_statement)
        return store.write(readings)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the store's own
        return getattr(self._store, name)


def work(options: WorkerOptions, pipe: Connection) -> None:
    """Run a worker until the pipe says ``None``, or is gone."""
    logging.getLogger("ingest").setLevel(logging.ERROR)
    store = KillingStore(
        open_store(options.store), lambda order, number: pipe.send((order, number))
    )
    settings = SessionSettings(
        "127.0.0.1",
        options.port,
        protocol=options.protocol,  # type: ignore[arg-type]  # a Literal
    )
    kind = EarlyWorker if options.ack_early else Worker
    worker = kind(settings, SOURCES, RULES, store, open_quarantine(options.quarantine), BATCH)
    store.in_flight = lambda: worker.counts.at_work + worker.counts.queued
    stop = threading.Event()

    def listen() -> None:
        try:
            while (order := pipe.recv()) is not None:
                store.obey(order)
        except EOFError:
            os._exit(1)
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    worker.run(stop, lambda: pipe.send("ready"))
    store.close()
    pipe.send(worker.counts)
