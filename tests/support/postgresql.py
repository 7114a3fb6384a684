"""
A real PostgreSQL as a subprocess on 127.0.0.1, with a cluster of its own and a free port.

Its programs refuse to work for root, so root hands them to the user that the package makes, in a
directory of that user's: those of pytest are closed to others.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, text

from tests.support.ports import free_port

START_SECONDS = 60.0
PACKAGES = Path("/usr/lib/postgresql")
SERVER_USER = "postgres"
LOG_IN, PASSWORD = "fairvarme", "a secret/with:signs@in it"
# A killed server loses nothing by them: what it wrote is in the kernel's hands.
FAST = ("-c", "fsync=off", "-c", "full_page_writes=off")
SMALL = ("--wal-segsize=1",)
"""Sixteen times less than usual for the log of writes, so that a cluster takes little room."""


class Postgresql:
    """
    One server; it keeps its port and its data over restarts.

    Parameters
    ----------
    log : Path, optional
        A directory to be made for its log of writes, as on a small disk; else it lies beside the
        rest.

    Attributes
    ----------
    host : str
    port : int
    """

    def __init__(self, log: Path | None = None) -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self._server = find_program("postgres")
        self._directory = Path(mkdtemp(prefix="fairvarme-postgresql-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        if os.geteuid() == 0:
            shutil.chown(self._directory, SERVER_USER, SERVER_USER)
        self._initialise([] if log is None else [f"--waldir={_made(log)}"])

    @property
    def pid(self) -> int | None:
        """The process, where it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start, and wait until connections are taken."""
        place = ["-D", f"{self._directory}/data", "-k", str(self._directory)]
        address = ["-p", str(self.port), "-c", f"listen_addresses={self.host}"]
        with self._log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [self._server, *place, *address, *FAST],
                stdout=log,
                stderr=log,
                cwd=self._directory,
                **_as_server_user(),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._takes_connections():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"postgres did not start:\n{self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in good order; connections are closed."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it without notice."""
        self._end(signal.SIGKILL)

    def close(self) -> None:
        """End it and remove its data."""
        self.stop()
        shutil.rmtree(self._directory)

    def answers(self) -> bool:
        """Whether connections are taken; where it finds no room for its log, it ends itself."""
        return self._takes_connections()

    def create_database(self, template: str = "template1", tablespace: str = "pg_default") -> str:
        """Make a database like another, which is empty unless given, and return its URL."""
        name = f"test{next(self._numbers)}"
        self._outside_transactions(
            f"CREATE DATABASE {name} TEMPLATE {template} TABLESPACE {tablespace}"
        )
        return self.url(name)

    def create_tablespace(self, path: Path) -> str:
        """Let databases have their tables in a directory of their own, and return its name."""
        self._outside_transactions(f"CREATE TABLESPACE {path.name} LOCATION '{_made(path)}'")
        return path.name

    def _outside_transactions(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()

    def url(self, database: str) -> str:
        """Return the URL of a database, as the settings take it."""
        url = URL.create("postgresql", LOG_IN, PASSWORD, self.host, self.port, database)
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)

    def log(self) -> str:
        """Return what the server has written so far."""
        return self._log_file.read_text(encoding="utf-8")

    @property
    def _log_file(self) -> Path:
        return self._directory / "server.log"

    def _initialise(self, more: list[str]) -> None:
        password = self._directory / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        log_in = ["--auth=scram-sha-256", f"--username={LOG_IN}", f"--pwfile={password}"]
        done = subprocess.run(
            [find_program("initdb"), f"{self._directory}/data", "--no-sync", "--encoding=UTF8",
             "--locale=C", *SMALL, *log_in, *more],
            check=False, capture_output=True, text=True, cwd=self._directory, **_as_server_user(),
        )  # fmt: skip
        password.unlink()
        assert done.returncode == 0, done.stderr

    def _takes_connections(self) -> bool:
        asked = [find_program("pg_isready"), "-q", "-h", self.host, "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    def _end(self, signal_number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal_number)
            self._process.wait(timeout=START_SECONDS)
            self._process = None


def find_program(name: str) -> str:
    """Find a program of PostgreSQL; skip the test where it is absent, fail in CI."""
    # Debian keeps those of the server out of the search path, by version.
    versions = sorted(PACKAGES.glob("*/bin"), key=lambda each: int(each.parent.name), reverse=True)
    program = shutil.which(name, path=os.pathsep.join([*map(str, versions), os.environ["PATH"]]))
    if program is None:
        reason = f"{name} is not installed (`make servers` brings it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


def _made(path: Path) -> Path:
    """Make a directory for the server."""
    path.mkdir()
    if os.geteuid() == 0:
        shutil.chown(path, SERVER_USER, SERVER_USER)
    return path


def _as_server_user() -> dict[str, Any]:
    """Return what makes a process the server's user where this one is root."""
    if os.geteuid() != 0:
        return {}
    return {"user": SERVER_USER, "group": SERVER_USER, "extra_groups": []}


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """Yield a running server for the whole session; each test makes a database of its own."""
    yield from _running()


@pytest.fixture
def own_postgresql() -> Iterator[Postgresql]:
    """Yield a server that the test may stop and kill."""
    yield from _running()


def _running() -> Iterator[Postgresql]:
    server = Postgresql()
    try:
        server.start()
        yield server
    finally:
        server.close()
