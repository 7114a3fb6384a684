"""
A flood by one log-in, and what it costs another: how late its readings are stored.

    .venv/bin/python -m tests.faults.flood

The shipped broker configuration with provisioned log-ins, the worker and the client that floods in
processes of their own, and one box that sends a reading every 20 ms. Each flood is bounded in time
and in number, and speaks to 127.0.0.1 only.
"""

from __future__ import annotations

import ctypes
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from estate.database.engine import Base
from ingest.remarks import DeviceWord, Remarks
from ingest.worker import Worker
from operations.intake.run_worker import worker_session
from operations.settings import PASSWORD_VARIABLE, read_settings
from telemetry.stores.sqlite import SqliteStore
from tests.faults.flooder import KINDS, OF_A_GATEWAY, Flood, Login, flood
from tests.faults.outage import resident_mib
from tests.support.ingest_parts import BUILDING, RULES, open_quarantine
from tests.support.shipped_broker import (
    CERTIFICATE_PORT,
    DEPLOY,
    PASSWORD_PORT,
    Installation,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

    from telemetry.readings import Reading, Rejected

QUIET, LOUD, GATEWAY = "box-0102", "box-0101", "cellar"
INTERVAL_SECONDS = 0.02
PATIENCE_SECONDS = 240.0
POLL_SECONDS = 0.25
SETTLED_SECONDS = 10.0
LIMITS = DEPLOY.parent / "nftables" / "fairvarme.nft"
CLONE_NEWNET = 0x4000_0000
CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Flooded:
    """
    What a flood has shown.

    Attributes
    ----------
    kind : str
    messages, megabytes : float
        That the broker took from the one who floods.
    per_s : float
        Of these messages. [1/s]
    quiet : int
        Readings that the other box sent.
    missing : int
        Of these, not stored at the end.
    p50_ms, p99_ms, most_ms : float
        From the sending of the other box's readings until they are durable. [ms]
    resident_mib : list of float
        Memory of the worker, at the start, at the middle and at the most. [MiB]
    stop_seconds : float
        From the signal to stop, after all is done, until the worker has ended. [s]
    disk_mib : float
        Size of the quarantine's files at the end. [MiB]
    """

    kind: str
    messages: int
    megabytes: float
    per_s: float
    quiet: int
    missing: int
    p50_ms: float
    p99_ms: float
    most_ms: float
    resident_mib: list[float]
    stop_seconds: float
    disk_mib: float


class TimedStore:
    """A real store that notes how old the quiet box's readings are once they are durable."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.delays_ms: list[int] = []

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        rejected = self._store.write(readings)
        now_ms = time.time_ns() // 1_000_000
        self.delays_ms += [now_ms - each.time_ms for each in readings if each.device == QUIET]
        return rejected

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  the store's own
        return getattr(self._store, name)


def work(directory: Path, password: str, quarantine_bytes: int | None, pipe: Connection) -> None:
    """Run the worker until the pipe says so; tell the delays."""
    logging.getLogger("ingest").setLevel(logging.ERROR)
    os.environ[PASSWORD_VARIABLE] = password
    settings = read_settings(directory / "fairvarme.toml")
    assert settings.broker is not None
    store = TimedStore(SqliteStore(directory / "readings.db"))
    quarantine = open_quarantine(directory / "fairvarme.db")
    if quarantine_bytes is not None:
        quarantine = replace(quarantine, most_bytes=quarantine_bytes)
    session = worker_session(settings.broker)
    Base.metadata.create_all(quarantine.engine, [DeviceWord.__table__])  # type: ignore[list-item]  # declared as a wider kind
    remarks = Remarks(quarantine.engine)
    worker = Worker(session, settings.sources, RULES, store, quarantine, remarks=remarks)
    stop = threading.Event()

    def listen() -> None:
        while (asked := pipe.recv()) is not None:
            progress = (len(store.delays_ms), worker.counts.acknowledged)
            pipe.send(progress if asked == "progress" else store.delays_ms)
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    worker.run(stop, lambda: pipe.send("ready"))
    pipe.send("stopped")


def perform_flood(
    directory: Path,
    what: Flood,
    quiet_seconds: float,
    *,
    limited: bool = False,
    quarantine_bytes: int | None = None,
) -> Flooded:
    """
    Flood while another box sends for so many seconds.

    Parameters
    ----------
    directory : Path
    what : Flood
    quiet_seconds : float
        [s]
    limited : bool, optional
        Load the shipped limits of each connection; only in a network of its own.
    quarantine_bytes : int, optional
        What the quarantine may take, in place of the shipped limit. [byte]
    """
    site = Installation(directory)
    site.provision("--broker", "127.0.0.1")
    password = site.password("--worker")
    quiet = _login(site, f"{BUILDING}/{QUIET}")
    loud = _login(site, f"{BUILDING}/{LOUD}")
    if what.kind in OF_A_GATEWAY:
        loud = _login(site, GATEWAY, "--gateway")
    if limited:
        load_limits([site.ports[PASSWORD_PORT], site.ports[CERTIFICATE_PORT]])
    broker = site.broker()
    broker.start()
    try:
        with _process(work, directory, password, quarantine_bytes) as (worker, pipe):
            return _measure(directory, what, quiet_seconds, (quiet, loud), (worker.pid, pipe))
    finally:
        broker.stop()


def _measure(
    directory: Path,
    what: Flood,
    quiet_seconds: float,
    logins: tuple[Login, Login],
    worker: tuple[int | None, Connection],
) -> Flooded:
    pid, pipe = worker
    quiet, loud = logins
    memory = [resident_mib(pid)]
    with _process(flood, loud, what) as (_, flooding), _box(quiet) as send:
        flooding.send("go")
        sent, started = 0, time.monotonic()
        while time.monotonic() - started < quiet_seconds:
            send()
            sent += 1
            time.sleep(max(started + sent * INTERVAL_SECONDS - time.monotonic(), 0))
            if sent % 50 == 0:
                memory.append(resident_mib(pid))
        number, taken, seconds = _answer(flooding)
        stored = _wait_for(pipe, sent, sent + number, memory, pid)
    pipe.send("delays")
    delays = sorted(_answer(pipe))
    stopping = time.monotonic()
    pipe.send(None)
    _answer(pipe)
    disk = sum(each.stat().st_size for each in directory.glob("fairvarme.db*"))
    return Flooded(
        what.kind, number, taken / 1e6, number / seconds, sent, sent - stored,
        _at(delays, 0.5), _at(delays, 0.99), _at(delays, 1.0),
        [memory[0], memory[len(memory) // 2], max(memory)],
        time.monotonic() - stopping, disk / 2**20,
    )  # fmt: skip


def _wait_for(
    pipe: Connection, quiet: int, messages: int, memory: list[float], pid: int | None
) -> int:
    """Wait until all is stored and acknowledged, or nothing has come for a while."""
    stored = acknowledged = 0
    since = time.monotonic()
    while stored < quiet or acknowledged < messages:
        pipe.send("progress")
        before, (stored, acknowledged) = acknowledged, _answer(pipe)
        if acknowledged > before:
            since = time.monotonic()
        elif time.monotonic() - since > SETTLED_SECONDS:
            break
        memory.append(resident_mib(pid))
        time.sleep(POLL_SECONDS)
    return stored


def _at(values: Sequence[int], fraction: float) -> float:
    return float(values[min(int(fraction * len(values)), len(values) - 1)]) if values else -1.0


def _answer(pipe: Connection) -> Any:  # noqa: ANN401  whatever the other process says
    assert pipe.poll(PATIENCE_SECONDS), "a process does not answer"
    return pipe.recv()


def leave_for_a_network_of_its_own() -> None:
    """Take this process into a network namespace with a loopback alone; needs root."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "no network of its own; only root may have one")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def load_limits(ports: Sequence[int]) -> None:
    """Load the shipped rules for some ports in place of the broker's."""
    rules = LIMITS.read_text("utf-8")
    shipped = f"{PASSWORD_PORT}, {CERTIFICATE_PORT}"
    assert shipped in rules
    rules = rules.replace(shipped, ", ".join(map(str, ports)))
    subprocess.run(["nft", "-f", "-"], input=rules.encode(), check=True)


@contextmanager
def _process(target: Any, *arguments: object) -> Iterator[tuple[Any, Connection]]:  # noqa: ANN401
    """Run a process that has said that it is ready; it ends with the block."""
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=target, args=(*arguments, theirs))
    process.start()
    try:
        assert _answer(ours) == "ready"
        yield process, ours
    finally:
        process.join(1.0)
        process.kill()
        process.join()


def _login(site: Installation, name: str, *arguments: str) -> Login:
    device = "" if arguments else name.partition("/")[2]
    topic = f"fairvarme/v1/{BUILDING}/{device}/readings" if device else (
        f"{BUILDING}/{name}/wmbusmeters/"
    )  # fmt: skip
    return Login(
        site.ports[PASSWORD_PORT],
        str(site.credentials / "ca.crt"),
        name,
        site.password(*arguments, name),
        topic,
    )


@contextmanager
def _box(login: Login) -> Iterator[Any]:
    """Connect a box; gives a way to send one reading of now."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.tls_set(login.authority)
    client.username_pw_set(login.username, login.password)
    client.max_inflight_messages_set(1000)
    client.connect("127.0.0.1", login.port)
    client.loop_start()

    def send() -> None:
        now = {"time": time.time_ns() // 1_000_000, "temperature_c": 20.5}
        client.publish(login.topic, json.dumps(now), 1)

    yield send
    client.disconnect()
    client.loop_stop()


@click.command(epilog="Example:  .venv/bin/python -m tests.faults.flood --kind names")
@click.option(
    "--kind", "kinds", type=click.Choice(tuple(KINDS)), multiple=True, default=tuple(KINDS)
)
@click.option("--seconds", default=15.0, show_default=True, help="How long it floods.")
@click.option("--messages", default=200_000, show_default=True, help="The most that it sends.")
@click.option("--rate", type=float, help="Bytes a second that it sends; its best unless given.")
@click.option("--limited", is_flag=True, help="With the shipped limits; needs root and nft.")
@click.option("--json", "as_json", is_flag=True)
def main(
    kinds: tuple[str, ...],
    seconds: float,
    messages: int,
    rate: float | None,
    limited: bool,
    as_json: bool,
) -> None:
    """Flood by each kind in turn, and tell how late another box's readings are stored."""
    if limited:
        leave_for_a_network_of_its_own()
    outcomes = []
    for kind in kinds:
        with tempfile.TemporaryDirectory() as directory:
            what = Flood(kind, seconds, messages, rate)
            outcomes.append(perform_flood(Path(directory), what, seconds + 2, limited=limited))
        if not as_json:
            click.echo(outcomes[-1])
    if as_json:
        click.echo(json.dumps([asdict(each) for each in outcomes]))
    sys.exit(any(each.missing for each in outcomes))


if __name__ == "__main__":
    main()
