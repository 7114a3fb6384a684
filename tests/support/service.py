"""`run_service` as a process of its own, whose parts are a stand-in for `fairvarme`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from operations.service.record import Record, read_record
from tests.support.ingest_parts import wait_until

SETTINGS = """\
store = "sqlite:///readings.db"
database = "sqlite:///fairvarme.db"
estates = []

[broker]
url = "mqtt://127.0.0.1:1"

[[sources]]
topic_filter = "fairvarme/v1/solgaarden/+/readings"
decoder = "fairvarme"
building = "solgaarden"

[service]
times = {outbox = "59 4 * * *"}
"""
# Writes what it was called with; the worker then waits for SIGTERM, as the real one does.
STAND_IN = """\
import os, signal, sys, time
here = os.path.dirname(os.environ["FAIRVARME_CONFIG"])
name = "-".join(sys.argv[1:])
with open(f"{here}/{name}.calls", "a") as calls:
    calls.write(f"{os.getpid()}\\n")
if name != "ingest":
    sys.exit(os.path.exists(f"{here}/{name}.fails"))
def end(*_):
    open(f"{here}/ended-in-order", "w").close()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
open(f"{here}/up", "w").close()
while True:
    time.sleep(60)
"""
RUN = """\
import sys
from pathlib import Path
from operations.service.run import run_service
from operations.settings import read_settings
config = Path(sys.argv[1])
run_service(read_settings(config), config, (sys.executable, str(config.with_name("stand_in.py"))))
"""


def write_installation(directory: Path, settings: str = SETTINGS) -> Path:
    """Write settings, and the program that stands in for ours."""
    config = directory / "fairvarme.toml"
    config.write_text(settings)
    (directory / "stand_in.py").write_text(STAND_IN)
    return config


@contextmanager
def service_process(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service until the block ends; its worker is up when the block starts."""
    with config.with_name("service.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(config)], stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_until(lambda: config.with_name("up").exists() or process.poll() is not None, 60)
        assert process.poll() is None, config.with_name("service.log").read_text()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def record_of(config: Path) -> Record:
    """Return the record beside the settings."""
    found = read_record(config.parent)
    assert found is not None
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that ended and waits to be reaped does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def calls(config: Path, name: str) -> list[int]:
    """Return the process ids of a command's calls."""
    path = config.with_name(f"{name}.calls")
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def kill(pid: int) -> None:
    """Kill a process of ours."""
    os.kill(pid, signal.SIGKILL)
