"""
Ten minutes without a store, scaled: a minute takes fewer seconds, and more is sent in each of them.

The pauses of the worker before it asks again are scaled alike. What counts is its memory, how often
it connects, and how fast it drains once the store is back.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from estate.errors import StoreUnavailable
from ingest.mqtt.client import LONGEST_FULL_SECONDS, SessionSettings
from ingest.worker import BatchSettings, Worker
from telemetry.stores.sqlite import SqliteStore
from tests.faults.messages import message_of, readings_of
from tests.support.ingest_parts import (
    BUILDING,
    RULES,
    SOURCES,
    AwayStore,
    open_quarantine,
    publish,
)
from tests.support.mosquitto import Mosquitto

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

MINUTES = 10
SETTLED_MINUTE = 2
MOST_GROWTH_MIB = 20.0
READINGS = ("temperature_c", "humidity_pct", "co2_ppm")
PATIENCE_SECONDS = 120.0
CLIENT = "outage"
POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Outage:
    """
    What an outage has shown.

    Attributes
    ----------
    resident_mib : list of float
        Memory of the worker at the end of each minute. [MiB]
    connects : int
        How often the worker connected to the broker, the first time among them.
    waited : int
        Messages sent during the outage.
    drained_per_s : float
        Of these, stored and acknowledged in a second, once the store was back. [1/s]
    stored : int
        Readings in the store at the end.
    """

    resident_mib: list[float]
    connects: int
    waited: int
    drained_per_s: float
    stored: int

    @property
    def growth_mib(self) -> float:
        """Growth from minute 2 to minute 10. [MiB]"""
        return self.resident_mib[-1] - self.resident_mib[SETTLED_MINUTE - 1]

    def faults(self) -> list[str]:
        """Tell what is not as it must be."""
        told = []
        if self.growth_mib >= MOST_GROWTH_MIB:
            told.append(f"the worker grew by {self.growth_mib:.0f} MiB")
        if self.connects != 1:
            told.append(f"the worker connected {self.connects} times")
        if self.stored != len(READINGS) * self.waited:
            told.append(f"{self.stored} readings are stored of {len(READINGS) * self.waited}")
        return [f"without a store: {each}" for each in told]


def perform_outage(
    directory: Path,
    minute_seconds: float,
    messages_per_minute: int,
    on_minute: Callable[[int], None] = lambda _: None,
) -> Outage:
    """Take the store away for ten minutes of so many seconds, while messages come."""
    folder = directory / "broker"
    folder.mkdir()
    broker = Mosquitto(folder, inflight=0)
    broker.start()
    context = multiprocessing.get_context("forkserver")
    pipe, theirs = context.Pipe()
    arguments = (broker.port, directory, minute_seconds / 60, theirs)
    worker = context.Process(target=work, args=arguments)
    worker.start()
    try:
        _expect(pipe)
        resident = []
        for minute in range(MINUTES):
            _send_for_a_minute(broker, minute, minute_seconds, messages_per_minute)
            resident.append(resident_mib(worker.pid))
            on_minute(minute + 1)
        waited = MINUTES * messages_per_minute
        seconds = _drain(pipe, waited)
        worker.join(PATIENCE_SECONDS)
        connects = broker.log().count(f"as {CLIENT} ")
    finally:
        worker.kill()
        worker.join()
        broker.stop()
    return Outage(resident, connects, waited, waited / seconds, _stored(directory))


def _send_for_a_minute(broker: Mosquitto, minute: int, seconds: float, messages: int) -> None:
    started = time.monotonic()
    numbers = range(minute * messages, (minute + 1) * messages)
    # Without the hundredth one's impossible value: only readings are counted.
    publish(broker, [message_of(_possible(number)) for number in numbers])
    time.sleep(max(started + seconds - time.monotonic(), 0))


def _drain(pipe: Connection, waited: int) -> float:
    """Bring the store back, and end the worker when it is done; give the seconds until then."""
    started = time.monotonic()
    pipe.send(waited)
    _expect(pipe)
    seconds = time.monotonic() - started
    pipe.send(None)
    return seconds


def _stored(directory: Path) -> int:
    store = SqliteStore(directory / "readings.db")
    try:
        return store.count(BUILDING)
    finally:
        store.close()


def work(port: int, directory: Path, scale: float, pipe: Connection) -> None:
    """Run a worker whose store is away until it is told how much to drain, and then to end."""
    logging.getLogger("ingest").setLevel(logging.ERROR)
    usual = BatchSettings()
    batch = BatchSettings(
        retry_seconds=usual.retry_seconds * scale,
        longest_retry_seconds=usual.longest_retry_seconds * scale,
    )
    session = SessionSettings(
        "127.0.0.1", port, client_id=CLIENT, longest_full_seconds=LONGEST_FULL_SECONDS * scale
    )
    store = AwayStore(
        SqliteStore(directory / "readings.db"), lambda: StoreUnavailable("test", "away")
    )
    quarantine = open_quarantine(directory / "quarantine.db")
    stop = threading.Event()

    worker = Worker(session, SOURCES, RULES, store, quarantine, batch)

    def listen() -> None:
        while (waited := pipe.recv()) is not None:
            store.come_back()
            while worker.counts.acknowledged < waited:
                time.sleep(POLL_SECONDS)
            pipe.send("drained")
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    worker.run(stop, lambda: pipe.send("ready"))


def _possible(number: int) -> dict[tuple[str, str, int], float]:
    return {key: value for key, value in readings_of(number).items() if key[1] in READINGS}


def _expect(pipe: Connection) -> None:
    assert pipe.poll(PATIENCE_SECONDS), "the worker is not ready, or drains too slowly"
    pipe.recv()


def resident_mib(process: int | None) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return int(kib) / 1024
