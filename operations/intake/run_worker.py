"""Runs the worker of an installation until it is stopped."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING

from estate.errors import UsageError
from estate.files.file_place import in_use
from ingest.mqtt.client import SessionSettings
from ingest.quarantine.store import Quarantine
from ingest.remarks import Remarks
from ingest.worker import Worker
from operations.database import ask_database
from operations.intake.watch_estates import watched
from operations.wiring import opened_database, opened_estates, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from ingest.watch.counts import Counts
    from operations.settings import BrokerSettings, Settings
    from telemetry.stores.store import Store

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run_worker(settings: Settings, on_ready: Callable[[], None] = lambda: None) -> dict[str, int]:
    """
    Ingest readings until SIGTERM or SIGINT.

    Returns
    -------
    dict
        Number of messages and readings by outcome.

    Raises
    ------
    UsageError
        If the settings have no broker or no source, or a file is being restored.
    FairvarmeError
        If the broker refuses the log-in or a subscription.
    """
    if settings.broker is None or not settings.sources:
        raise UsageError("the settings have no [broker] or no [[sources]]; add both")
    stop = stop_on_signals()
    with (
        _files_in_use(settings),
        opened_estates(settings) as estates,
        watched(estates) as watch,
        opened_store(settings) as store,
        opened_database(settings) as engine,
    ):
        session = worker_session(settings.broker)
        quarantine, remarks = Quarantine(engine), Remarks(engine)
        worker = Worker(
            session,
            settings.sources,
            watch.rules,
            store,
            quarantine,
            remarks=remarks,
            current_rules=lambda: watch.rules,
        )
        with _told_to_monitors(settings, worker, store, engine):
            worker.run(stop, on_ready)
        return _told(worker.counts)


def stop_on_signals() -> threading.Event:
    """
    Return an event that SIGTERM and SIGINT set.

    Returns
    -------
    threading.Event
        Set by a thread of its own: a handler that sets it could interrupt the main thread inside
        the event's lock, and wait for it for ever. `SimpleQueue.put` may be called in a handler.
    """
    stop = threading.Event()
    came: SimpleQueue[int] = SimpleQueue()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda signal_number, _frame: came.put(signal_number))

    def wait() -> None:
        came.get()
        stop.set()

    threading.Thread(target=wait, name="stop-signal", daemon=True).start()
    return stop


@contextmanager
def _files_in_use(settings: Settings) -> Iterator[None]:
    """Prevent a restore of files that the worker has open, until the block ends."""
    with ExitStack() as marks:
        for path in settings.files():
            marks.enter_context(in_use(path))
        yield


@contextmanager
def _told_to_monitors(
    settings: Settings, worker: Worker, store: Store, engine: Engine
) -> Iterator[None]:
    """Serve the worker's health until the block ends, if configured."""
    if settings.health is None:
        yield
        return
    from operations.intake.health import Health, Probe, served

    probes = {
        "store": Probe(lambda: _ask_store(settings, store)),
        "database": Probe(lambda: ask_database(engine)),
    }
    health = Health(lambda: worker.counts, probes)
    with served(health, settings.health.host, settings.health.port):
        yield


def _ask_store(settings: Settings, store: Store) -> None:
    store.check_place()
    # Opened for each check: the worker's own connection is single-threaded.
    with opened_store(settings, create=False) as opened:
        opened.ping()


def worker_session(broker: BrokerSettings) -> SessionSettings:
    """Return the worker's session settings."""
    address = broker.address()
    return SessionSettings(
        host=address.host,
        port=address.port,
        tls=address.tls,
        ca_file=_text(broker.ca_file),
        certificate_file=_text(broker.certificate_file),
        key_file=_text(broker.key_file),
        username=address.username,
        password=address.password,
        protocol=broker.protocol,
        client_id=broker.client_id,
        receive_maximum=broker.receive_maximum,
        shared_group=broker.shared_group,
    )


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _told(counts: Counts) -> dict[str, int]:
    return {
        "received": counts.received,
        "acknowledged": counts.acknowledged,
        "stored": counts.stored,
        "quarantined": sum(counts.quarantined.values()),
    }
