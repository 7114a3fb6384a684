"""One fault run: boxes, broker, worker and store, with kills between them, and what came of it."""

from __future__ import annotations

import multiprocessing
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from estate.quantities import quantities
from telemetry.stores.open import open_store
from tests.faults import sender
from tests.faults.messages import BOXES, Ledger, ReadingKey, is_impossible, readings_of, time_of
from tests.faults.outcome import Killed, Outcome, Setting, judge
from tests.faults.plan import Kill, Victim, limits_of, plan_kills
from tests.faults.worker import Order, WorkerOptions, work
from tests.support.influxdb import Influxdb
from tests.support.ingest_parts import BUILDING, open_quarantine, wait_until
from tests.support.mosquitto import AUTOSAVE, Mosquitto

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerProcess

PATIENCE_SECONDS = 90.0
POLL_SECONDS = 0.005
NUDGE_SECONDS, MORE = 0.5, 20
"""After so long without a write for a kill to fall into, so many more messages may be sent."""
STORES = ("sqlite", "influxdb")


def perform(
    setting: Setting, directory: Path, on_progress: Callable[[int], None] = lambda _: None
) -> Outcome:
    """
    Run once.

    Parameters
    ----------
    setting : Setting
    directory : Path
        An empty one.
    on_progress : callable, optional
        Told the number of messages sent.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        house = House(setting, directory, stack)
        boxes = Boxes(setting, house.broker.port, stack)
        kills = plan_kills(setting.seed, setting.messages, setting.kills_each)
        limits = limits_of(kills, setting.messages)
        killed = [
            _kill(house, boxes, kill, limit, on_progress)
            for kill, limit in zip(kills, limits, strict=True)
        ]
        boxes.may_send(setting.messages)
        ledger, repeats = boxes.finish(on_progress)
        house.settle()
        found = judge(ledger, *house.stored(), house.quarantined(ledger))
    return Outcome(setting, killed, len(ledger), repeats, found, time.monotonic() - started)


def _kill(
    house: House, boxes: Boxes, kill: Kill, limit: int, on_progress: Callable[[int], None]
) -> Killed:
    boxes.may_send(limit)
    while boxes.sent < kill.at_message:
        boxes.check()
        time.sleep(POLL_SECONDS)
        on_progress(boxes.sent)
    in_worker = house.order(kill, boxes.may_send_more)
    killed = Killed(kill, boxes.sent, in_worker, boxes.waiting)
    house.bury(kill.victim)
    time.sleep(kill.down_seconds)
    house.revive(kill.victim)
    return killed


class Boxes:
    """The process of the sender."""

    def __init__(
        self, setting: Setting, port: int, stack: ExitStack, *, apart: bool = False
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        self._messages = setting.messages
        self._progress = sender.Progress(
            context.Value("q", 0), context.Value("q", 0), context.Value("q", 0)
        )
        self._pipe, theirs = context.Pipe()
        repeated = sender.REPEATED if setting.repeating else 0
        arguments = (port, setting.messages, repeated, self._progress, theirs)
        target = sender.send_apart if apart else sender.send
        self._process = context.Process(target=target, args=arguments)
        self._process.start()
        theirs.close()
        stack.callback(_end, self._process)

    @property
    def sent(self) -> int:
        """How many messages are sent."""
        return self._progress.sent.value

    @property
    def waiting(self) -> int:
        """How many messages wait for the broker's acknowledgement."""
        return self._progress.waiting.value

    def may_send(self, messages: int) -> None:
        """Let the boxes send so many messages in all."""
        self._progress.limit.value = messages

    def may_send_more(self) -> None:
        """Let a few more messages be sent than were allowed or are sent."""
        most = max(self._progress.limit.value, self.sent) + MORE
        self._progress.limit.value = min(most, self._messages)

    def check(self) -> None:
        """Fail where the boxes have failed."""
        assert self._process.exitcode in (None, 0), "the sender failed"

    def finish(self, on_progress: Callable[[int], None]) -> tuple[Ledger, int]:
        """Wait until everything is acknowledged; give the ledger and the number of repeats."""
        while not self._pipe.poll(POLL_SECONDS):
            self.check()
            on_progress(self.sent)
        answer: tuple[Ledger, int] = self._pipe.recv()
        self._process.join(PATIENCE_SECONDS)
        on_progress(self.sent)
        return answer


@dataclass
class House:
    """Broker, worker and store."""

    setting: Setting
    directory: Path
    stack: ExitStack
    persistence: bool = True
    autosave: int = AUTOSAVE
    broker: Mosquitto = field(init=False)
    influxdb: Influxdb | None = field(default=None, init=False)
    worker: ForkServerProcess = field(init=False)
    pipe: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.broker = Mosquitto(
            self._folder("broker"),
            inflight=0,
            persistence=self.persistence,
            autosave=self.autosave,
        )
        self.broker.start()
        self.stack.callback(self.broker.stop)
        self._store_url = f"sqlite:///{self.directory}/readings.db"
        if self.setting.store == "influxdb":
            self.influxdb = Influxdb(self._folder("influxdb"))
            self.stack.callback(self.influxdb.close)
            self.influxdb.start()
            name = self.influxdb.create_database()
            self._store_url = f"influxdb://127.0.0.1:{self.influxdb.port}/{name}"
        self._start_worker()
        self.stack.callback(lambda: _end(self.worker))
        # Mosquitto counts no subscription as a change: a new session is forgotten unless saved.
        if self.persistence:
            self.broker.save()

    def order(self, kill: Kill, more: Callable[[], None]) -> int:
        """
        Have a kill carried out at the next write; return how many messages the worker held.

        Where all that may be sent was written before the order came, `more` makes another write.
        """
        processes = {
            Victim.WORKER: self.worker.pid,
            Victim.BROKER: self.broker.pid,
            Victim.STORE: self.influxdb.pid if self.influxdb else self.worker.pid,
        }
        process = processes[kill.victim]
        assert process is not None
        self.pipe.send(Order(kill.victim, kill.moment, kill.fraction, process))
        patience = round(PATIENCE_SECONDS / NUDGE_SECONDS)
        while patience and not self.pipe.poll(NUDGE_SECONDS):
            more()
            patience -= 1
        _, in_worker = self._receive()
        return int(in_worker)

    def bury(self, victim: Victim) -> None:
        """Wait until the dead are dead."""
        if victim is Victim.BROKER:
            self.broker.kill()
        elif victim is Victim.STORE and self.influxdb:
            self.influxdb.kill()
        else:
            self.worker.join(PATIENCE_SECONDS)
            assert self.worker.exitcode is not None, "the worker lives on"

    def revive(self, victim: Victim) -> None:
        """Start the victim again as it was."""
        if victim is Victim.BROKER:
            self.broker.start()
        elif victim is Victim.STORE and self.influxdb:
            self.influxdb.start()
        else:
            self._start_worker()

    def settle(self) -> None:
        """Wait until the last message is stored, then end the worker in good order."""
        device, quantity, time_ms = next(iter(readings_of(self.setting.messages - 1)))
        store = open_store(self._store_url)
        wait_until(
            lambda: len(store.samples(BUILDING, [device], quantity, time_ms, time_ms + 1)) > 0,
            PATIENCE_SECONDS,
        )
        store.close()
        self.pipe.send(None)
        self._receive()
        self.worker.join(PATIENCE_SECONDS)
        assert self.worker.exitcode == 0, "the worker did not end in good order"

    def stored(self) -> tuple[Ledger, int]:
        """Read everything back, by key, and tell how many rows there are."""
        found: Ledger = {}
        rows = 0
        store = open_store(self._store_url)
        for quantity in quantities():
            end_ms = time_of(self.setting.messages)
            samples = store.samples(BUILDING, BOXES, quantity, time_of(0), end_ms)
            devices = [BOXES[index] for index in samples.device_index]
            times, values = samples.time_ms.tolist(), samples.value.tolist()
            found |= {
                (device, quantity, time_ms): value
                for device, time_ms, value in zip(devices, times, values, strict=True)
            }
            rows += len(samples)
        rows = max(rows, store.count(BUILDING))
        store.close()
        return found, rows

    def quarantined(self, ledger: Ledger) -> set[ReadingKey]:
        """Return the impossible readings that are in quarantine."""
        quarantine = open_quarantine(self.directory / "quarantine.db")
        held = quarantine.holds({key for key in ledger if is_impossible(key)})
        quarantine.engine.dispose()
        return held

    def _folder(self, name: str) -> Path:
        path = self.directory / name
        path.mkdir()
        return path

    def _start_worker(self) -> None:
        context = multiprocessing.get_context("forkserver")
        self.pipe, theirs = context.Pipe()
        setting = self.setting
        options = WorkerOptions(
            self.broker.port,
            self._store_url,
            self.directory / "quarantine.db",
            setting.protocol,
            setting.ack_early,
        )
        self.worker = context.Process(target=work, args=(options, theirs))
        self.worker.start()
        theirs.close()
        assert self._receive() == "ready"

    def _receive(self) -> Any:  # noqa: ANN401
        assert self.pipe.poll(PATIENCE_SECONDS), f"the worker said nothing in {PATIENCE_SECONDS} s"
        return self.pipe.recv()


def _end(process: ForkServerProcess) -> None:
    if process.is_alive():
        process.kill()
    process.join(PATIENCE_SECONDS)
