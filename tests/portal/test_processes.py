"""Several processes behind one port are one portal: limits, sessions and changes hold for all."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from uvicorn.supervisors import Multiprocess

from estate.files.writer import write_folder
from estate.periods import MINUTE_MS
from fairvarme.cli import main
from operations.access.limits import access_limits
from operations.access.sessions import begin_session, end_session
from operations.clock import now_ms
from operations.serving import serving
from operations.settings import CONFIG_VARIABLE, read_settings
from portal.process import SHARED_VARIABLE, check_port, serve
from tests.support.ingest_parts import wait_until
from tests.support.portal_house import house
from tests.support.ports import free_port

PROCESSES = 2
START_SECONDS = 60.0


@pytest.fixture
def config(tmp_path: Path) -> Path:
    write_folder(tmp_path / "house", house())
    path = tmp_path / "fairvarme.toml"
    path.write_text(
        'store = "sqlite:///readings.db"\ndatabase = "sqlite:///fairvarme.db"\n'
        f'estates = ["house"]\n[portal]\nurl = "http://127.0.0.1"\nport = {free_port()}\n'
    )
    return path


def test_a_port_that_is_taken_is_told_with_the_setting(config: Path) -> None:
    portal = read_settings(config).portal
    assert portal is not None
    with socket.create_server(("127.0.0.1", portal.port)):
        done = CliRunner().invoke(main, ["serve", "--config", str(config)])
    assert done.exit_code == 2
    assert f"cannot listen on 127.0.0.1:{portal.port}" in done.output
    assert "set another portal.port" in done.output
    assert "is served" not in done.output
    check_port("127.0.0.1", portal.port)


@contextmanager
def served(config: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve by two processes until the block ends; yield the one that keeps them, and the port."""
    portal = read_settings(config).portal
    assert portal is not None
    command = ["serve", "--processes", str(PROCESSES), "--config", str(config)]
    process = subprocess.Popen(
        [sys.executable, "-m", "fairvarme", *command], stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: answers(portal.port), START_SECONDS)
        yield process, portal.port
    finally:
        process.terminate()
        process.wait(30)


def answers(port: int) -> bool:
    try:
        return ask(port, "/readyz") == http.client.OK
    except OSError:
        return False


def ask(port: int, path: str, **headers: str) -> int:
    """Ask by a connection of its own, which any of the processes may answer; return the status."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


@pytest.mark.integration
def test_tries_are_counted_over_all_processes(config: Path) -> None:
    window = access_limits().windows["token_of_visitor"]
    paths = ["/api/v1/buildings"] * (window.most + 10)
    with served(config) as (_, port):
        of = begun = -1
        while of == begun - 1 or of < 0:
            # Once more where a new window began meanwhile.
            of = now_ms() // (window.minutes * MINUTE_MS)
            found = [ask(port, path, Authorization="Bearer wrong") for path in paths]
            begun = now_ms() // (window.minutes * MINUTE_MS)
    assert found == [401] * window.most + [429] * 10


@pytest.mark.integration
def test_a_session_is_known_to_every_process_and_over_for_every_one(config: Path) -> None:
    with served(config) as (_, port):
        with serving(read_settings(config)) as installation:
            token = begin_session(installation, "mail:anna@residents.example")
            cookie = f"fairvarme={token}"
            path = "/home/house/0101-1/fault"
            assert {ask(port, path, Cookie=cookie) for _ in range(20)} == {200}
            end_session(installation, token)
        assert {ask(port, path, Cookie=cookie) for _ in range(20)} == {401}


@pytest.mark.integration
def test_who_is_killed_leaves_the_port_to_the_next(config: Path) -> None:
    with served(config) as (process, port):
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_until(lambda: not answers(port), START_SECONDS)
        with served(config):
            assert answers(port)


def test_an_answer_waits_for_no_acknowledgement_of_its_beginning(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared: list[socket.socket] = []
    monkeypatch.setattr(Multiprocess, "__init__", lambda *_, sockets, **__: shared.extend(sockets))
    monkeypatch.setattr(Multiprocess, "run", lambda _: None)
    for name in (CONFIG_VARIABLE, SHARED_VARIABLE):
        monkeypatch.setenv(name, "put back after the test")
    serve(config, "127.0.0.1", free_port(), PROCESSES)
    (listening,) = shared
    with listening:
        listening.listen()
        with socket.create_connection(listening.getsockname(), timeout=10):
            connection, (address, _) = listening.accept()
            with connection:
                assert address == "127.0.0.1"
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
