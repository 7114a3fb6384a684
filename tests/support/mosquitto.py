"""A real Mosquitto as a subprocess on 127.0.0.1, with its own configuration and a free port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.ports import free_port

# Debian installs the broker where the search path of an ordinary user does not reach.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
QUEUED_BYTES = 1 << 30
START_SECONDS = 60.0
RELOADING = "Reloading config"
SAVING = "Saving in-memory database"
RUNNING = " running\n"

# An unlimited count with a limit of bytes: the default of 1,000 messages drops the rest in silence.
CONFIGURATION = f"""\
listener {{port}} 127.0.0.1
max_queued_messages 0
max_queued_bytes {QUEUED_BYTES}
max_inflight_messages {{inflight}}
allow_anonymous {{anonymous}}
set_tcp_nodelay true
log_dest file {{directory}}/broker.log
"""
# Saved after every hundredth change unless told: after each one, a backlog of 40,000 takes minutes.
AUTOSAVE = 100
PERSISTENCE = """\
persistence true
persistence_location {directory}/
autosave_on_changes true
autosave_interval {autosave}
"""


def find_program(name: str) -> str:
    """Find a program of Mosquitto; skip the test where it is absent, fail in CI."""
    program = shutil.which(name, path=SEARCH_PATH)
    if program is None:
        reason = f"{name} is not installed (`make servers` brings it)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


class MosquittoProcess:
    """
    One broker with a configuration; it keeps its port and its directory over restarts.

    Parameters
    ----------
    directory : Path
        For the configuration, the log and, where it persists, the sessions.
    port : int
        A listener without TLS on 127.0.0.1.
    configuration : str
    """

    def __init__(self, directory: Path, port: int, configuration: str) -> None:
        self.host = "127.0.0.1"
        self.port = port
        self.directory = directory
        self._program = find_program("mosquitto")
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            # Started by root it would become `mosquitto`, who may not read the test's directory.
            configuration += "user root\n"
        self._configuration = directory / "mosquitto.conf"
        self._configuration.write_text(configuration, encoding="utf-8")

    @property
    def pid(self) -> int | None:
        """The process, where it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start, and wait until connections and signals are taken."""
        before = self.log().count(RUNNING)
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._configuration)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        # It listens before it has set its handlers: a signal in between would end it.
        while self.log().count(RUNNING) == before or not self._takes_connections():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"mosquitto did not start:\n{self.log()}")
            time.sleep(0.01)

    def reload(self) -> None:
        """Let it read its files anew, as ``systemctl reload`` does."""
        self._signal(signal.SIGHUP, RELOADING)

    def save(self) -> None:
        """Let a persistent broker save now."""
        self._signal(signal.SIGUSR1, SAVING)

    def _signal(self, signal_number: signal.Signals, told: str) -> None:
        assert self._process is not None
        before = self.log().count(told)
        self._process.send_signal(signal_number)
        deadline = time.monotonic() + START_SECONDS
        while self.log().count(told) == before:
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.01)

    def _takes_connections(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((self.host, self.port)) == 0

    def stop(self) -> None:
        """End it in good order, so that a persistent broker saves its sessions."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it without notice."""
        self._end(signal.SIGKILL)

    def _end(self, signal_number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(signal_number)
            self._process.wait(timeout=START_SECONDS)
            self._process = None

    def log(self) -> str:
        """Return what the broker has written so far."""
        path = self.directory / "broker.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""


class Mosquitto(MosquittoProcess):
    """
    A broker for tests of what comes after it.

    Parameters
    ----------
    directory : Path
        For the configuration, the log and, where it persists, the sessions.
    inflight : int
        Messages sent to a v3.1.1 client without an acknowledgement; 0 has no limit.
    persistence : bool
        Whether sessions outlive the broker.
    autosave : int
        After how many changes a persistent broker saves.
    users : dict of str to str
        Passwords by user name; empty: anyone may connect.
    """

    def __init__(
        self,
        directory: Path,
        *,
        inflight: int = 20,
        persistence: bool = False,
        autosave: int = AUTOSAVE,
        users: dict[str, str] | None = None,
    ) -> None:
        port = free_port()
        settings = CONFIGURATION.format(
            port=port,
            directory=directory,
            inflight=inflight,
            anonymous="false" if users else "true",
        )
        if persistence:
            settings += PERSISTENCE.format(directory=directory, autosave=autosave)
        if users:
            settings += f"password_file {_write_passwords(directory, users)}\n"
        super().__init__(directory, port, settings)


def _write_passwords(directory: Path, users: dict[str, str]) -> Path:
    path = directory / "passwords"
    path.touch(mode=0o600)
    for user, password in users.items():
        command = [find_program("mosquitto_passwd"), "-b", str(path), user, password]
        subprocess.run(command, check=True, capture_output=True)
    return path


MosquittoFactory = Callable[..., Mosquitto]


@pytest.fixture
def start_mosquitto(tmp_path: Path) -> Iterator[MosquittoFactory]:
    """Start brokers with options of `Mosquitto`; all end with the test."""
    brokers: list[Mosquitto] = []

    def start(**options: object) -> Mosquitto:
        directory = tmp_path / f"mosquitto-{len(brokers)}"
        directory.mkdir()
        broker = Mosquitto(directory, **options)  # type: ignore[arg-type]  # options of Mosquitto
        broker.start()
        brokers.append(broker)
        return broker

    yield start
    for broker in brokers:
        broker.stop()


@pytest.fixture
def mosquitto(start_mosquitto: MosquittoFactory) -> Mosquitto:
    """Return a running broker with the usual options."""
    return start_mosquitto()
