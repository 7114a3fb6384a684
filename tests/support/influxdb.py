"""
A real InfluxDB 1.6 as a subprocess on 127.0.0.1, with its own directories and free ports.

Debian's 1.6.7 stores and queries as 1.8 does, but lacks ``/api/v2/write``, which 1.8 and later map
to ``/write`` themselves and take ``Token user:password``. A small proxy does both here, and
nothing else.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import urllib3

from tests.support.ports import free_port

START_SECONDS = 60.0
PRECISIONS = {"ms": "ms", "ns": "n", "us": "u", "s": "s"}
PASSED_HEADERS = ("Content-Type", "X-Influxdb-Error", "X-Influxdb-Version")

CONFIGURATION = """\
reporting-disabled = true
bind-address = "127.0.0.1:{rpc_port}"
[meta]
dir = "{directory}/meta"
[data]
dir = "{directory}/data"
wal-dir = "{directory}/wal"
query-log-enabled = false
{data}
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{http_port}"
log-enabled = false
{http}
"""


class Influxdb:
    """
    One server with the proxy before it; both keep their ports over restarts.

    Parameters
    ----------
    directory : Path
        For the configuration, the log and the data.
    http, data : str
        More lines of those parts of the configuration.
    """

    def __init__(self, directory: Path, http: str = "", data: str = "") -> None:
        self.host = "127.0.0.1"
        self._program = find_influxd()
        self._directory = directory
        http_port, rpc_port = free_port(), free_port()
        self._configuration = directory / "influxdb.conf"
        self._configuration.write_text(
            CONFIGURATION.format(
                directory=directory, http_port=http_port, rpc_port=rpc_port, http=http, data=data
            ),
            encoding="utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._proxy = _Proxy(http_port)
        self.port = self._proxy.server_port
        self._pool = urllib3.PoolManager(retries=False)
        self._numbers = count(1)

    @property
    def pid(self) -> int | None:
        """The process, where it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start, and wait until queries are answered."""
        with (self._directory / "influxd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, "-config", str(self._configuration)], stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"influxd did not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server in good order; the proxy stays and answers 502."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the server without notice."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End everything."""
        self.stop()
        self._proxy.shutdown()
        self._proxy.server_close()
        self._pool.clear()

    def create_database(self) -> str:
        """Make a database with a name of its own, and give the name."""
        name = f"test{next(self._numbers)}"
        self.query(f'CREATE DATABASE "{name}"')
        return name

    def query(self, influxql: str, database: str = "", **more: str) -> list[list[object]]:
        """Run InfluxQL and give the rows of the first series, times in milliseconds."""
        response = self._request("/query", {"q": influxql, "db": database, "epoch": "ms", **more})
        result = response.json()["results"][0]
        assert "error" not in result, result["error"]
        rows: list[list[object]] = result.get("series", [{"values": []}])[0].get("values", [])
        return rows

    def write(self, line: str, database: str) -> None:
        """Write a line of line protocol by hand, times in milliseconds."""
        response = self._request("/write", {"db": database, "precision": "ms"}, line)
        assert response.status == 204, response.data

    def log(self) -> str:
        """Return what the server has written so far."""
        return (self._directory / "influxd.log").read_text(encoding="utf-8")

    def _request(
        self, path: str, parameters: dict[str, str], body: str = ""
    ) -> urllib3.BaseHTTPResponse:
        url = f"{self._proxy.target}{path}?{urlencode(parameters)}"
        return self._pool.request("POST", url, body=body.encode())

    def _answers(self) -> bool:
        with suppress(urllib3.exceptions.HTTPError):
            return self._pool.request("GET", f"{self._proxy.target}/ping").status == 204
        return False

    def _end(self, signal_number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal_number)
            self._process.wait(timeout=START_SECONDS)
            self._process = None


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, target_port: int) -> None:
        self.target = f"http://127.0.0.1:{target_port}"
        self.pool = urllib3.PoolManager(maxsize=8, retries=False)
        super().__init__(("127.0.0.1", 0), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that is killed breaks its connection."""

    def server_close(self) -> None:
        super().server_close()
        self.pool.clear()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Proxy

    def do_POST(self) -> None:  # the name that the base class calls
        self._forward()

    def do_GET(self) -> None:  # the name that the base class calls
        self._forward()

    def do_HEAD(self) -> None:  # the name that the base class calls
        self._forward()

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = _log_in(self.headers.get("Authorization"))
        try:
            answer = self.server.pool.request(
                self.command, self.server.target + _mapped(self.path), body=body, headers=headers
            )
        except urllib3.exceptions.HTTPError:
            self._answer(502, {}, b"the server behind the proxy is gone")
            return
        passed = {name: answer.headers[name] for name in PASSED_HEADERS if name in answer.headers}
        self._answer(answer.status, passed, answer.data)

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        pass


def _mapped(path: str) -> str:
    parts = urlsplit(path)
    if parts.path != "/api/v2/write":
        return path
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    asked = {"db": given["bucket"], "precision": PRECISIONS[given.get("precision", "ns")]}
    return f"/write?{urlencode(asked)}"


def _log_in(authorization: str | None) -> dict[str, str]:
    if authorization is None:
        return {}
    scheme, _, token = authorization.partition(" ")
    assert scheme == "Token", authorization
    return {"Authorization": f"Basic {b64encode(token.encode()).decode()}"}


def find_influxd() -> str:
    """Find the server; skip the test where it is absent, fail in CI."""
    program = shutil.which("influxd")
    if program is None:
        reason = "influxd is not installed (`make servers` brings it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


@pytest.fixture(scope="session")
def influxdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxdb]:
    """Yield a running server for the whole session; each test makes a database of its own."""
    yield from _running(tmp_path_factory.mktemp("influxdb"))


@pytest.fixture
def own_influxdb(tmp_path: Path) -> Iterator[Influxdb]:
    """Yield a server that the test may stop and kill."""
    directory = tmp_path / "influxdb"
    directory.mkdir()
    yield from _running(directory)


def _running(directory: Path) -> Iterator[Influxdb]:
    server = Influxdb(directory)
    try:
        server.start()
        yield server
    finally:
        server.close()
