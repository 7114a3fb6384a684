"""
Start-up: the processor time of whole commands, beside an interpreter that imports pandas alone.

    .venv/bin/python -m benchmarks.start_up

`ingest` runs until it has subscribed at a real Mosquitto and is told to end. The last column is a
run that finds no compiled modules and leaves none, as the first one of a set-up without them.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from operations.database import migrate
from tests.support.ingest_parts import BUILDING
from tests.support.ingest_process import write_settings
from tests.support.mosquitto import Mosquitto
from tests.support.shipped_broker import SAMPLE
from tests.support.start_up import telling, telling_command, told

ROUNDS = 5
NAME = "worker"
TARGET_SECONDS = {"alerts list": 0.6, "ingest": 0.8}


class Run(NamedTuple):
    """One run of a command."""

    seconds: float
    mib: float
    modules: int


def run(command: list[str], *, ends_when_ready: bool, environment: dict[str, str]) -> Run:
    """Run a command to its end and take its figures."""
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
    )
    assert process.stdout is not None
    with process.stdout as output:
        if ends_when_ready:
            assert '"ready"' in output.readline()
            process.send_signal(signal.SIGTERM)
        printed = output.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, printed
    _, modules, peak_mib = told(printed)
    return Run(usage.ru_utime + usage.ru_stime, peak_mib, len(modules))


def measure(command: list[str], *, ends_when_ready: bool) -> tuple[Run, Run]:
    """Return the best of some runs, and one without compiled modules."""
    rounds = [run(command, ends_when_ready=ends_when_ready, environment={}) for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as empty:
        bare = {"PYTHONPYCACHEPREFIX": empty, "PYTHONDONTWRITEBYTECODE": "1"}
        uncompiled = run(command, ends_when_ready=ends_when_ready, environment=bare)
    return min(rounds), uncompiled


def commands(config: Path) -> dict[str, list[str]]:
    """Return what is measured, by name."""
    at = ["--config", str(config)]
    return {
        "import pandas": telling("import pandas"),
        "--help": telling_command(["--help"]),
        "alerts list": telling_command(["alerts", "list", *at]),
        "quarantine list": telling_command(["quarantine", "list", *at]),
        "ingest": telling_command(["ingest", "--json", *at]),
    }


def main() -> int:
    """Print the table; 1 where a command is above its target."""
    slow = False
    with tempfile.TemporaryDirectory() as directory:
        broker = Mosquitto(Path(directory))
        broker.start()
        store = "sqlite:///readings.db"
        config = write_settings(Path(directory), NAME, store, SAMPLE, BUILDING, broker)
        migrate(f"sqlite:///{directory}/{NAME}.db").dispose()
        heading = f"{'':24}{'s':>7}{'target':>8}{'of pandas':>11}{'MiB':>6}{'modules':>9}"
        print(f"{heading}{'uncompiled, s':>15}")
        pandas_seconds = 0.0
        for name, command in commands(config).items():
            best, uncompiled = measure(command, ends_when_ready=name == "ingest")
            pandas_seconds = pandas_seconds or best.seconds
            target = TARGET_SECONDS.get(name)
            slow = slow or (target is not None and best.seconds > target)
            ratio = best.seconds / pandas_seconds
            print(
                f"{name:24}{best.seconds:7.2f}{target or '':>8}{ratio:11.2f}{best.mib:6.0f}"
                f"{best.modules or '':>9}{uncompiled.seconds:15.2f}"
            )
        broker.stop()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
