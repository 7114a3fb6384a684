"""An InfluxDB behind a proxy that answers as overloaded and broken servers do."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from enum import StrEnum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import urllib3
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from estate.errors import StoreUnavailable
from ingest.intake import Intake
from ingest.quarantine.requeue import requeue
from ingest.quarantine.store import Selection
from telemetry.stores import influx
from telemetry.stores.influx import InfluxStore
from tests.faults.matrix.row import Cost, Row
from tests.faults.messages import message_of, readings_of
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import (
    BUILDING,
    RULES,
    SOURCES,
    make_worker,
    open_quarantine,
    publish,
    running,
    wait_until,
)
from tests.support.mosquitto import Mosquitto

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telemetry.readings import Reading, Rejected

SHARE = 0.6
"""Of the writes that are answered so; the others are passed on."""
WRITTEN_SHARE = 0.5
"""Of those, where it is left to chance whether they were written."""
SLOW_SECONDS, PATIENCE_SECONDS = 1.5, 1.0
WAIT_SECONDS = 120.0


class Answer(StrEnum):
    """What the proxy makes of a write."""

    BUSY = "503"
    """Nothing is written."""
    TOO_MANY = "429"
    """Nothing is written; to be asked again later."""
    SLOW = auto()
    """Told after the client has given up: whether all is written or nothing."""
    CUT = auto()
    """The connection breaks before anything is told: whether all is written or nothing."""
    PARTIAL = "partial 400"
    """Half of the lines are written, and 400 is said of all."""


class CarelessStore(InfluxStore):
    """The control: takes every answer for success, as a writer that does not look does."""

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        with suppress(StoreUnavailable):
            return super().write(readings)
        return []

    def _post(self, body: str) -> None:
        with suppress(ApiException, HTTPError):
            super()._post(body)


def bad_answers(directory: Path, answer: Answer, messages: int, seed: int = 1) -> Row:
    """Send so many messages through a worker whose store answers so."""
    costs = []
    for kind in (InfluxStore, CarelessStore):
        (folder := directory / kind.__name__).mkdir()
        costs.append(_cost(folder, answer, messages, seed, kind))
    name, control = f"store answers {answer}", "any answer counts as written"
    return Row(name, "InfluxDB", costs[0], control, costs[1])


def _cost(
    directory: Path, answer: Answer, messages: int, seed: int, kind: type[InfluxStore]
) -> Cost:
    (folder := directory / "influxdb").mkdir()
    (broker_folder := directory / "broker").mkdir()
    broker = Mosquitto(broker_folder, inflight=0)
    quarantine = open_quarantine(directory / "quarantine.db")
    with closing(Influxdb(folder)) as server, _impatient():
        server.start()
        broker.start()
        name = server.create_database()
        with _proxy(server, answer, seed) as proxy:
            store = kind(f"http://127.0.0.1:{proxy.server_port}", name)
            worker = make_worker(broker, store, quarantine)
            with running(worker):
                for first in range(0, messages, PART):
                    numbers = range(first, min(first + PART, messages))
                    publish(broker, [message_of(_possible(number)) for number in numbers])
                wait_until(lambda: worker.counts.acknowledged >= messages, WAIT_SECONDS)
            store.close()
        whole = InfluxStore(f"http://127.0.0.1:{server.port}", name)
        refused = sum(quarantine.counts().values())
        requeue(quarantine, Intake(SOURCES, RULES), whole, Selection())
        lost = sum(len(_possible(number)) for number in range(messages)) - whole.count(BUILDING)
        whole.close()
    broker.stop()
    quarantine.engine.dispose()
    note = f"of {proxy.answered.total()} writes; {refused} readings replayed out of the quarantine"
    return Cost(proxy.answered[answer], lost, note)


PART = 100


def _possible(number: int) -> dict[tuple[str, str, int], float]:
    return {key: value for key, value in readings_of(number).items() if key[1] != "battery_v"}


@contextmanager
def _impatient() -> Iterator[None]:
    """Let the store wait for an answer not as long as usual."""
    before = influx.ANSWER_SECONDS
    influx.ANSWER_SECONDS = PATIENCE_SECONDS
    try:
        yield
    finally:
        influx.ANSWER_SECONDS = before


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target: str, answer: Answer, seed: int) -> None:
        self.target, self.bad = target, answer
        self.pool = urllib3.PoolManager(maxsize=8, retries=False)
        self.answered: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.rng = random.Random(seed)  # noqa: S311  no secret
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that has given up breaks its connection."""


@contextmanager
def _proxy(server: Influxdb, answer: Answer, seed: int) -> Iterator[_Proxy]:
    proxy = _Proxy(f"http://{server.host}:{server.port}", answer, seed)
    threading.Thread(target=proxy.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        proxy.server_close()
        proxy.pool.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Proxy

    def do_POST(self) -> None:  # the name that the base class calls
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            bad = bool(body) and self.server.rng.random() < SHARE
            self.server.answered[self.server.bad if bad else "passed on"] += 1
            written = self.server.rng.random() < WRITTEN_SHARE
        if not bad:
            self._say(*self._passed_on(body))
            return
        match self.server.bad:
            case Answer.BUSY:
                self._say(503, b'{"error":"timeout"}')
            case Answer.TOO_MANY:
                self._say(429, b'{"error":"too many requests"}', ("Retry-After", "1"))
            case Answer.SLOW:
                answer = self._passed_on(body) if written else (204, b"")
                time.sleep(SLOW_SECONDS)
                self._say(*answer)
            case Answer.CUT:
                if written:
                    self._passed_on(body)
                self.close_connection = True
            case Answer.PARTIAL:
                lines = body.split(b"\n")
                self._passed_on(b"\n".join(lines[::2]))
                self._say(400, b'{"error":"partial write: points dropped"}')

    def do_GET(self) -> None:  # the name that the base class calls
        self._say(*self._passed_on(b""))

    def _passed_on(self, body: bytes) -> tuple[int, bytes]:
        answer = self.server.pool.request(
            self.command, self.server.target + self.path, body=body, timeout=30
        )
        return answer.status, answer.data

    def _say(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for header in headers:
            self.send_header(*header)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        pass
