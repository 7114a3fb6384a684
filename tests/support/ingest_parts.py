"""Parts of an intake for tests: the sample building's devices, sources and a quarantine."""

from __future__ import annotations

import json
import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties

import ingest.quarantine.tables
from estate.database.engine import Base, open_database
from estate.files.folder import read_estate
from ingest.mqtt.client import SessionSettings
from ingest.mqtt.reading_ahead import READ_BYTES
from ingest.quarantine.store import Quarantine
from ingest.remarks import Remarks
from ingest.sources import Source
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules
from ingest.worker import BatchSettings, Worker
from telemetry.readings import Reading, Rejected
from telemetry.stores.sqlite import SqliteStore
from telemetry.stores.store import Store
from tests.support.mosquitto import Mosquitto

BUILDING = "solgaarden"
ESTATE = read_estate(Path(str(resources.files("estate").joinpath("sample"))))
RULES = ReadingRules(device_table([ESTATE]))
SOURCES = [
    Source(topic_filter=topic_filter, decoder=decoder, building=BUILDING)
    for topic_filter, decoder in (
        (f"fairvarme/v1/{BUILDING}/+/readings", "fairvarme"),
        (f"{BUILDING}/wmbusmeters/+", "wmbusmeters"),
    )
]
TOPIC = f"fairvarme/v1/{BUILDING}/box-0101/readings"
# The 14th of January 2026, 07:05 UTC: the boxes of the sample stand there.
T0 = 1_768_374_300_000
WAIT_SECONDS = 180.0
SHORTEST_MESSAGE_BYTES = 90
"""A packet of the shortest message that `payload` makes, on the topic of a box."""
MOST_IN_ONE_READ = READ_BYTES // SHORTEST_MESSAGE_BYTES


def payload(time_ms: int = T0, **values: float) -> bytes:
    """Return one box's message."""
    return json.dumps({"time": time_ms, **(values or {"temperature_c": 21.4})}).encode()


def open_quarantine(path: Path) -> Quarantine:
    """Make a database with the tables of the quarantine."""
    engine = open_database(f"sqlite:///{path}")
    tables = [table.__table__ for table in ingest.quarantine.tables.TABLES]
    Base.metadata.create_all(engine, tables)  # type: ignore[arg-type]  # declared as a wider kind
    return Quarantine(engine)


@contextmanager
def running(worker: Worker) -> Iterator[Callable[[], None]]:
    """Run a worker that has subscribed when the block starts; gives a way to end it in order."""
    stop, ready = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            worker.run(stop, ready.set)
        except BaseException as error:  # noqa: BLE001  raised again where the test sees it
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=work)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive()
        if failures:
            raise failures.pop()

    try:
        assert ready.wait(WAIT_SECONDS)
        yield end
    finally:
        end()


def make_worker(
    broker: Mosquitto,
    store: Store,
    quarantine: Quarantine,
    **session: Any,  # noqa: ANN401
) -> Worker:
    """Make a worker that does not wait long for anything, with `remarks` where they are given."""
    remarks: Remarks | None = session.pop("remarks", None)
    settings = SessionSettings(broker.host, broker.port, **session)
    batch = BatchSettings(messages=500, seconds=0.05, retry_seconds=0.05, longest_retry_seconds=0.2)
    return Worker(settings, SOURCES, RULES, store, quarantine, batch, remarks)


def publish(
    broker: Mosquitto,
    messages: Sequence[tuple[str, bytes]],
    qos: int = 1,
    retain: bool = False,
    properties: Properties | None = None,
    **login: str | None,
) -> None:
    """Publish, and return when all is sent, and acknowledged by the broker with QoS 1."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5 if properties else MQTTv311)
    client.max_inflight_messages_set(1000)
    if login:
        client.username_pw_set(**login)
    client.connect(broker.host, broker.port)
    client.loop_start()
    sent = [client.publish(topic, data, qos, retain, properties) for topic, data in messages]
    for each in sent:
        each.wait_for_publish(WAIT_SECONDS)
    assert all(each.is_published() for each in sent)
    client.disconnect()
    client.loop_stop()


class AwayStore:
    """A real store that goes away after some writes, for some writes or until it comes back."""

    def __init__(
        self,
        store: Store,
        error: Callable[[], Exception],
        times: float = math.inf,
        after: int = 0,
    ) -> None:
        self._store = store
        self._error = error
        self._times = times
        self._after = after
        self.failures = 0

    def come_back(self) -> None:
        self._times = 0

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        if self._after:
            self._after -= 1
        elif self.failures < self._times:
            self.failures += 1
            raise self._error()
        return self._store.write(readings)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the store's own
        return getattr(self._store, name)


def write_once_and_die(host: str, port: int, path: Path) -> None:
    """Run a worker in this process, and kill the process when its first write has returned."""

    class DyingStore(SqliteStore):
        def write(self, readings: Sequence[Reading]) -> list[Rejected]:
            super().write(readings)
            os.kill(os.getpid(), signal.SIGKILL)
            raise AssertionError("still alive")

    quarantine = open_quarantine(path.with_name("killed.db"))
    settings = SessionSettings(host, port)
    Worker(settings, SOURCES, RULES, DyingStore(path), quarantine).run(threading.Event())


class RefusingStore:
    """A real store that refuses some readings for good."""

    def __init__(self, store: Store, refuses: Callable[[Reading], bool]) -> None:
        self._store = store
        self._refuses = refuses

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        rejected = [Rejected(each, "for a test") for each in readings if self._refuses(each)]
        return rejected + self._store.write([each for each in readings if not self._refuses(each)])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the store's own
        return getattr(self._store, name)


def wait_until(holds: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Wait until something holds; fail after a while."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.02)
