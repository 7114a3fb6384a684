"""
Transports the demo's readings: broker, worker and simulator as child processes.

Passwords are passed in the environment, which the process list does not show.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.errors import FairvarmeError
from fairvarme.demo.broker import HOST, BrokerAccess, embedded_broker, stop_process
from fairvarme.demo.summary import read_ledger, stored_keys, write_ledger
from ingest.quarantine.store import Quarantine
from operations.settings import CONFIG_VARIABLE, PASSWORD_VARIABLE, read_settings
from operations.wiring import opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fairvarme.demo.summary import ReadingKey
    from telemetry.stores.store import Store

    Progress = Callable[[int, int | None], None]

# Generous for a busy machine; a worker that has ended is noticed at once.
READY_SECONDS = 120.0
# Idle time after which no more is expected, with and without redelivery.
ARRIVAL_SECONDS = 60.0
UNPROMISED_ARRIVAL_SECONDS = 10.0
MOST_ROUNDS_IN_VAIN = 3
POLL_SECONDS = 0.25
SIMULATOR_BROKER_VARIABLE = "FAIRVARME_SIM_BROKER"
SETTINGS_FILE = "fairvarme.toml"

SETTINGS = """\
# Written by the demo. The broker and its password are gone with the run.
store = "sqlite:///data/readings.db"
database = "sqlite:///data/fairvarme.db"
estates = ["estate"]

[broker]
url = "mqtt://{username}@{host}:{port}"
protocol = "{protocol}"

[[sources]]
topic_filter = "fairvarme/v1/{building}/+/readings"
decoder = "fairvarme"
building = "{building}"

[[sources]]
topic_filter = "{building}/wmbusmeters/+"
decoder = "wmbusmeters"
building = "{building}"
"""


@dataclass(frozen=True)
class Transport:
    """
    One run of the simulator through a broker and the worker.

    Attributes
    ----------
    directory : Path
        Contains the estate; settings, logs, ledger and truth are written there.
    building, month : str
    seed : int
    events : bool
        Whether a leak and a damp home occur.
    """

    directory: Path
    building: str
    month: str
    seed: int
    events: bool

    def run(self, on_progress: Progress) -> None:
        """
        Publish the month, and return when all of it has arrived or nothing more is expected.

        If the broker does not redeliver, boxes repeat what is missing.

        Parameters
        ----------
        on_progress : callable
            Called with the number of readings that arrived, and the total once known.

        Raises
        ------
        FairvarmeError
            If a child process fails; the message names its log.
        """
        with ExitStack() as children:
            broker = children.enter_context(embedded_broker(self.directory / "broker"))
            self._write_settings(broker)
            children.enter_context(self._worker(broker))
            settings = read_settings(self.directory / SETTINGS_FILE)
            store = children.enter_context(opened_store(settings))
            engine = children.enter_context(opened_database(settings))
            arrivals = Arrivals(store, Quarantine(engine), self.building)
            ledger = self.directory / "ledger.csv"
            self._simulate(broker, ["--ledger", str(ledger)], arrivals, on_progress)
            keys = read_ledger(ledger)
            if broker.redelivers:
                arrivals.wait_for(keys, ARRIVAL_SECONDS, on_progress)
            else:
                self._repeat(broker, keys, arrivals, on_progress)

    def _repeat(
        self, broker: BrokerAccess, keys: set[ReadingKey], arrivals: Arrivals, on_progress: Progress
    ) -> None:
        """Wait, and let boxes repeat what is missing, as long as that helps."""
        wanted = self.directory / "data" / "missing.csv"
        least, in_vain = len(keys) + 1, 0
        while missing := arrivals.wait_for(keys, UNPROMISED_ARRIVAL_SECONDS, on_progress):
            in_vain = 0 if len(missing) < least else in_vain + 1
            if in_vain == MOST_ROUNDS_IN_VAIN:
                return
            least = min(least, len(missing))
            write_ledger(wanted, missing)
            self._simulate(broker, ["--only", str(wanted)], arrivals, on_progress)

    def _simulate(
        self, broker: BrokerAccess, more: list[str], arrivals: Arrivals, on_progress: Progress
    ) -> None:
        """Run the simulator to its end."""
        with self._simulator(broker, more) as simulator:
            while simulator.poll() is None:
                on_progress(arrivals.count(), None)
                time.sleep(POLL_SECONDS)
        if simulator.returncode:
            raise FairvarmeError(f"the simulator failed; read {self._log('simulator')}")

    def _write_settings(self, broker: BrokerAccess) -> None:
        text = SETTINGS.format(
            username=broker.username,
            host=HOST,
            port=broker.port,
            protocol=broker.protocol,
            building=self.building,
        )
        (self.directory / SETTINGS_FILE).write_text(text, "utf-8")

    @contextmanager
    def _worker(self, broker: BrokerAccess) -> Iterator[None]:
        """Run the worker, subscribed, until the block ends."""
        config = str(self.directory / SETTINGS_FILE)
        environment = {CONFIG_VARIABLE: config, PASSWORD_VARIABLE: broker.password}
        log = self._log("worker")
        with _child("fairvarme", ["ingest", "--json"], environment, log) as process:
            deadline = time.monotonic() + READY_SECONDS
            while '"ready"' not in log.read_text("utf-8"):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise FairvarmeError(f"the worker did not start; read {log}")
                time.sleep(POLL_SECONDS)
            yield

    @contextmanager
    def _simulator(
        self, broker: BrokerAccess, more: list[str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        directory = self.directory
        arguments = [
            "run", "--estate", str(directory / "estate"), "--month", self.month,
            "--seed", str(self.seed), "--truth", str(directory / "truth.json"),
            "--protocol", broker.protocol, "--events" if self.events else "--no-events", "--json",
            *more,
        ]  # fmt: skip
        environment = {SIMULATOR_BROKER_VARIABLE: broker.url}
        with _child("firmware_sim", arguments, environment, self._log("simulator")) as process:
            yield process

    def _log(self, name: str) -> Path:
        return self.directory / "data" / f"{name}.log"


@dataclass(frozen=True)
class Arrivals:
    """Counts the readings that arrived, in the store and in quarantine."""

    store: Store
    quarantine: Quarantine
    building: str

    def count(self) -> int:
        """Count the readings that have arrived so far."""
        return self.store.count(self.building) + sum(self.quarantine.counts().values())

    def missing(self, keys: set[ReadingKey]) -> set[ReadingKey]:
        """Query which of the keys have not arrived."""
        left = keys - stored_keys(self.store, self.building, keys)
        return left - self.quarantine.holds(left)

    def wait_for(
        self, keys: set[ReadingKey], seconds: float, on_progress: Progress
    ) -> set[ReadingKey]:
        """Wait until all keys arrived, or none did for some time; return the missing ones."""
        last, deadline = -1, 0.0
        while (count := self.count()) < len(keys) or self.missing(keys):
            if count > last:
                last, deadline = count, time.monotonic() + seconds
            if time.monotonic() > deadline:
                break
            on_progress(min(count, len(keys)), len(keys))
            time.sleep(POLL_SECONDS)
        missing = self.missing(keys)
        on_progress(len(keys) - len(missing), len(keys))
        return missing


@contextmanager
def _child(
    module: str, arguments: list[str], environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", module, *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  our own modules
            command, stdout=output, stderr=subprocess.STDOUT, env=os.environ | environment
        )
    try:
        yield process
    finally:
        stop_process(process)
