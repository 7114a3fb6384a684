"""
600,000 homes: 2,000 messages a second over 10,000 connections, and how late they are durable.

    .venv/bin/python -m benchmarks.sector                        # ten minutes
    .venv/bin/python -m benchmarks.sector --seconds 30 --workers 2

Each home has a box that sends three quantities every five minutes. Broker, boxes and each worker
have a process of their own, on one machine; a worker knows every device of its part. Workers share
the buildings by topic: each has its own sources, client id and store.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np

from benchmarks.sector_boxes import FLATS, Load, Sent, building_of, device_of, publish
from ingest.mqtt.client import SessionSettings
from ingest.sources import Source
from ingest.validation.devices import FOR_EVER_MS, DeviceSpan
from ingest.validation.validation import ReadingRules
from ingest.worker import Worker
from telemetry.stores.open import open_store
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import open_quarantine
from tests.support.mosquitto import Mosquitto

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    import numpy.typing as npt

    from telemetry.readings import Reading, Rejected
    from telemetry.stores.store import Store

FULL = Load(rate=2000, seconds=600, connections=10_000, homes=600_000)
SHORT_SECONDS = 20.0
# Five seconds of messages, of which each box has sent one at most. The broker writes all that waits
# at each save: at the hundred changes that suit a house it would do little else.
AUTOSAVE = 10_000
# With the index in memory, 1.x's default, it refuses the 100,001st device.
INDEX = 'index-version = "tsi1"'
BIN_MS, BINS = 10, 60_000
PATIENCE_SECONDS = 600.0
PERCENTILES = (50, 99, 100)
SPARE_FILES = 200
MIB = 1 << 20


class Part(NamedTuple):
    """
    What one worker did.

    Attributes
    ----------
    messages : int
        Durable and acknowledged.
    refused : int
        Readings that the store did not take, which are in the quarantine.
    lags : array
        Messages by how late they were durable, in bins of 10 ms.
    devices_mib, most_mib : float
        Memory with its devices, before the first message; and at most. [MiB]
    processor_seconds : float
    """

    messages: int
    refused: int
    lags: npt.NDArray[np.int64]
    devices_mib: float
    most_mib: float
    processor_seconds: float


class TimedStore:
    """A real store, and how old each message is when it is durable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.lags = np.zeros(BINS, dtype=np.int64)
        self.refused = 0

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        rejected = self._store.write(readings)
        self.refused += len(rejected)
        now_ms = time.time_ns() // 1_000_000
        ages = [now_ms - each.time_ms for each in readings if each.quantity == "temperature_c"]
        bins = np.clip(np.array(ages, dtype=np.int64) // BIN_MS, 0, BINS - 1)
        self.lags += np.bincount(bins, minlength=BINS)
        return rejected

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def work(port: int, number: int, of: int, homes: int, store_url: str, pipe: Connection) -> None:
    """Run one of several workers until it is told to end; answer with its `Part`."""
    logging.getLogger("ingest").setLevel(logging.ERROR)
    buildings = range(number, -(-homes // FLATS), of)
    span = (DeviceSpan(0, FOR_EVER_MS, "climate", ()),)
    devices = {
        (building_of(home), device_of(home)): span
        for building in buildings
        for home in range(building * FLATS, min((building + 1) * FLATS, homes))
    }
    sources = [
        Source(
            topic_filter=f"fairvarme/v1/b{each}/+/readings",
            decoder="fairvarme",
            building=f"b{each}",
        )
        for each in buildings
    ]
    store = TimedStore(open_store(store_url))
    with tempfile.TemporaryDirectory() as directory:
        quarantine = open_quarantine(Path(directory) / "quarantine.db")
        session = SessionSettings("127.0.0.1", port, client_id=f"worker-{number}")
        worker = Worker(session, sources, ReadingRules(devices), store, quarantine)  # type: ignore[arg-type]  # wrapped
        stop, before = threading.Event(), memory_mib(os.getpid())

        def listen() -> None:
            while pipe.recv() is not None:
                pipe.send(worker.counts.acknowledged)
            stop.set()

        threading.Thread(target=listen, daemon=True).start()
        worker.run(stop, lambda: pipe.send("ready"))
    used, most = time.process_time(), memory_mib(os.getpid(), "VmHWM")
    pipe.send(Part(worker.counts.acknowledged, store.refused, store.lags, before, most, used))


def memory_mib(process: int | None, field: str = "VmRSS") -> float:
    """Return the memory of a process. [MiB]"""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (kib,) = (line.split()[1] for line in lines if line.startswith(f"{field}:"))
    return int(kib) / 1024


def processor_seconds(process: int | None) -> float:
    """Return the processor time of a process so far. [s]"""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Run:
    """Broker, boxes and workers of one run."""

    def __init__(self, load: Load, workers: int, store: str, directory: Path) -> None:
        self._load, self._workers, self._store = load, workers, store
        self._directory = directory
        self._context = multiprocessing.get_context("spawn")
        self._stack = ExitStack()
        self._servers: list[Influxdb] = []

    def perform(self) -> list[str]:
        """Run, print what it came to, and return what is not as it must be."""
        with self._stack:
            (folder := self._directory / "broker").mkdir()
            broker = Mosquitto(folder, inflight=0, persistence=True, autosave=AUTOSAVE)
            broker.start()
            self._stack.callback(broker.stop)
            pipes = [self._worker(broker.port, number) for number in range(self._workers)]
            boxes = self._started(publish, (broker.port, self._load))
            connected, used = memory_mib(broker.pid), processor_seconds(broker.pid)
            boxes.send("go")
            sent = _expect(boxes, self._load.seconds + PATIENCE_SECONDS)
            assert isinstance(sent, Sent)
            self._wait_for(pipes)
            used = processor_seconds(broker.pid) - used
            parts = [_finished(pipe) for pipe in pipes]
            self._print_boxes(sent)
            for part in parts:
                _print_part(part)
            print(
                f"broker: {connected:.0f} MiB with all connections, at most "
                f"{memory_mib(broker.pid, 'VmHWM'):.0f}; {_us(used, self._load.messages)} a message"
            )
            self._print_stores()
        missing = self._load.messages - sum(part.messages for part in parts)
        refused = sum(part.refused for part in parts)
        told = (missing, "messages are missing"), (refused, "readings were refused by the store")
        return [f"{number} {what}" for number, what in told if number]

    def _worker(self, port: int, number: int) -> Connection:
        url = f"sqlite:///{self._directory}/readings-{number}.db"
        if self._store == "influxdb":
            url = self._influxdb(number)
        arguments = (port, number, self._workers, self._load.homes, url)
        return self._started(work, arguments)

    def _influxdb(self, number: int) -> str:
        (folder := self._directory / f"influxdb-{number}").mkdir()
        server = Influxdb(folder, data=INDEX)
        self._stack.callback(server.close)
        server.start()
        self._servers.append(server)
        return f"influxdb://127.0.0.1:{server.port}/{server.create_database()}"

    def _started(self, target: Callable[..., None], arguments: tuple[object, ...]) -> Connection:
        pipe, theirs = self._context.Pipe()
        process = self._context.Process(target=target, args=(*arguments, theirs), daemon=True)
        process.start()
        theirs.close()
        _expect(pipe)
        return pipe

    def _wait_for(self, pipes: Sequence[Connection]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for pipe in pipes:
                pipe.send("count")
            if sum(int(str(_expect(pipe))) for pipe in pipes) >= self._load.messages:
                return
            time.sleep(0.2)

    def _print_boxes(self, sent: Sent) -> None:
        each = _us(sent.processor_seconds, sent.acknowledged)
        print(
            f"{self._load.connections} connections, {sent.acknowledged} messages in "
            f"{sent.seconds:.0f} s: {sent.acknowledged / sent.seconds:.0f}/s, at most "
            f"{sent.longest_behind:.1f} s behind the rate; boxes {each} a message"
        )

    def _print_stores(self) -> None:
        print(f"stores: {self._stored_mib():.0f} MiB")
        for server in self._servers:
            used = _us(processor_seconds(server.pid) * self._workers, self._load.messages)
            print(f"InfluxDB: {used} a message, at most {memory_mib(server.pid, 'VmHWM'):.0f} MiB")

    def _stored_mib(self) -> float:
        folders = (each for each in self._directory.rglob("*") if each.is_file())
        return sum(each.stat().st_size for each in folders if "broker" not in each.parts) / MIB


def _finished(pipe: Connection) -> Part:
    pipe.send(None)
    part = _expect(pipe)
    assert isinstance(part, Part)
    return part


def _print_part(part: Part) -> None:
    reached = np.searchsorted(np.cumsum(part.lags), [part.messages * p / 100 for p in PERCENTILES])
    half, most, last = ((each + 1) * BIN_MS / 1000 for each in reached)
    print(
        f"worker: {part.messages} messages, durable after {half:.2f} s (half), {most:.2f} s "
        f"(99 %), {last:.2f} s (all); {_us(part.processor_seconds, part.messages)} a message; "
        f"{part.devices_mib:.0f} MiB with its devices, at most {part.most_mib:.0f}"
    )


def _us(seconds: float, messages: int) -> str:
    return f"{seconds / max(messages, 1) * 1e6:.0f} us of processor"


def _expect(pipe: Connection, seconds: float = PATIENCE_SECONDS) -> object:
    """Return what a process says within a time."""
    assert pipe.poll(seconds), f"nothing within {seconds} s"
    return pipe.recv()


def run(load: Load, workers: int, store: str) -> int:
    """Run once; 1 where a message is missing or a reading was refused."""
    # Each connection is a file of the boxes and one of the broker.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = load.connections + SPARE_FILES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    print(
        f"{load.homes} homes, {load.rate:.0f} messages/s for {load.seconds:.0f} s, {workers} "
        f"workers, {store}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.0f}"
    )
    with tempfile.TemporaryDirectory() as directory:
        faults = Run(load, workers, store, Path(directory)).perform()
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def main() -> int:
    """Run for a short while, as `make bench` does."""
    return run(FULL._replace(seconds=SHORT_SECONDS), 1, "sqlite")


@click.command(epilog="Example:  .venv/bin/python -m benchmarks.sector --seconds 30 --workers 2")
@click.option("--rate", default=FULL.rate, show_default=True, help="Messages a second.")
@click.option("--seconds", default=FULL.seconds, show_default=True)
@click.option("--connections", default=FULL.connections, show_default=True)
@click.option("--homes", default=FULL.homes, show_default=True)
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True)
@click.option(
    "--store",
    "stores",
    type=click.Choice(["sqlite", "influxdb"]),
    multiple=True,
    default=["sqlite"],
    show_default=True,
    help="Repeatable: one after the other.",
)
def command(
    rate: float, seconds: float, connections: int, homes: int, workers: int, stores: tuple[str, ...]
) -> None:
    """Send a sector's load for a while."""
    load = Load(rate, seconds, connections, homes)
    sys.exit(max(run(load, workers, store) for store in stores))


if __name__ == "__main__":
    command()
