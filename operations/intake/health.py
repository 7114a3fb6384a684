"""
``/healthz``, ``/readyz`` and ``/metrics`` of the worker, on a thread of their own.

A process that answers is alive. It is ready if its broker has granted the subscriptions and its
store and database are available, which a second thread checks every few seconds.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from typing_extensions import override

from estate.errors import FairvarmeError, UsageError
from ingest.watch.metrics import WorkerCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ingest.watch.counts import Counts

PROBE_SECONDS = 2.0
# A store that hangs is not ready: its last answer expires after this. SQLite waits up to
# 10 s for another writer.
STALE_SECONDS = 15.0
REQUEST_SECONDS = 5.0
OK = "ok"


@dataclass
class Probe:
    """
    Checks one component periodically.

    Attributes
    ----------
    ask : callable
        Raises `FairvarmeError` if the component is unavailable.
    """

    ask: Callable[[], None]
    _answer: str = "not checked yet"
    _at: float = field(default_factory=time.monotonic)

    @property
    def state(self) -> str:
        """``ok``, or what is wrong."""
        if time.monotonic() - self._at > STALE_SECONDS:
            return "does not respond"
        return self._answer

    def run(self, stop: threading.Event) -> None:
        """Check until stopped."""
        while not stop.is_set():
            self.ask_once()
            stop.wait(PROBE_SECONDS)

    def ask_once(self) -> None:
        """Check, and remember the result."""
        try:
            self.ask()
        except FairvarmeError as error:
            answer = str(error)
        else:
            answer = OK
        self._answer, self._at = answer, time.monotonic()


@dataclass(frozen=True)
class Health:
    """
    Health of a worker.

    Attributes
    ----------
    counts : callable
        Returns the worker's counts.
    probes : mapping of str to Probe
        The components that it needs.
    """

    counts: Callable[[], Counts]
    probes: Mapping[str, Probe]

    def parts(self) -> dict[str, str]:
        """Return the state of each component by name: ``ok``, or what is wrong."""
        counts = self.counts()
        parts = {name: probe.state for name, probe in self.probes.items()}
        parts["broker"] = OK if counts.subscribed else "the subscriptions are not granted"
        parts["writes"] = OK if counts.writing else "the latest write failed"
        return parts

    def registry(self) -> CollectorRegistry:
        """Return the Prometheus registry."""
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(
            WorkerCollector(self.counts, lambda: {k: v == OK for k, v in self.parts().items()})
        )
        return registry


@contextmanager
def served(health: Health, host: str, port: int) -> Iterator[None]:
    """
    Serve until the block ends.

    Raises
    ------
    UsageError
        If the address cannot be listened on.
    """
    try:
        server = _Server(health, host, port)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {host}:{port} ({error.strerror}); set another port in [health]"
        ) from error
    stop = threading.Event()
    threads = [threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)]
    threads += [
        threading.Thread(target=each.run, args=(stop,), daemon=True)
        for each in health.probes.values()
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        for thread in threads:
            # A thread that waits for a hanging store ends with the process.
            thread.join(2 * PROBE_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, health: Health, host: str, port: int) -> None:
        self.health = health
        self.registry = health.registry()
        super().__init__((host, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    timeout = REQUEST_SECONDS
    server: _Server
    server_version = "fairvarme"
    sys_version = ""

    def do_GET(self) -> None:  # name required by the base class
        """Answer one request."""
        path = self.path.partition("?")[0]
        if path == "/healthz":
            self._answer(HTTPStatus.OK, "text/plain; charset=utf-8", b"ok\n")
        elif path == "/readyz":
            parts = self.server.health.parts()
            ready = set(parts.values()) == {OK}
            body = json.dumps({"ready": ready, **parts}).encode() + b"\n"
            status = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json", body)
        elif path == "/metrics":
            body = generate_latest(self.server.registry)
            self._answer(HTTPStatus.OK, CONTENT_TYPE_PLAIN_0_0_4, body)
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"not found\n")

    def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Write no access log."""
