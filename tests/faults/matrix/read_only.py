"""
A disk that the kernel makes read-only after an error, under a worker, and that is mended.

A file system of its own in a file (root, a loop device). The kernel is asked for an error of ext4,
after which it lets nobody write; who mends it stops the worker, checks the file system and mounts
it again.
"""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from estate.errors import StoreUnavailable
from telemetry.stores.sqlite import SqliteStore
from tests.faults.matrix.row import Cost, Row
from tests.faults.messages import Ledger, message_of, readings_of
from tests.support.ingest_parts import (
    BUILDING,
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

MIB = 32
PART = 50
LOOKED_SECONDS = 0.5
"""How long the worker has to acknowledge what it cannot write."""


class ForgetfulStore(SqliteStore):
    """The control: takes what could not be written for written."""

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        try:
            return super().write(readings)
        except StoreUnavailable:
            return []

    def check_place(self) -> None:
        """Do nothing."""


class Ext4:
    """A file system in a file; skips the test where none can be mounted."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "disk"
        self.path.mkdir()
        self._image = directory / "image"
        with self._image.open("wb") as file:
            file.truncate(MIB << 20)
        if os.geteuid() != 0 or not _done("mkfs.ext4", "-q", str(self._image)):
            pytest.skip("only root may make a disk that becomes read-only, with mkfs.ext4")
        if not self.mount() or not self._switch().exists():
            pytest.skip("a loop device cannot be mounted here")

    def mount(self) -> bool:
        """Mount it, as after each start."""
        return _done("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.path))

    def fail(self) -> None:
        """Let the kernel find an error."""
        self._switch().write_text("1")

    def mend(self) -> None:
        """Check it, and mount it again."""
        self.leave()
        _done("e2fsck", "-fy", str(self._image))
        assert self.mount()

    def leave(self) -> None:
        """Take it away."""
        assert _done("umount", str(self.path))

    def _switch(self) -> Path:
        for line in Path("/proc/mounts").read_text().splitlines():
            device, place = line.split()[:2]
            if place == str(self.path):
                return Path("/sys/fs/ext4") / Path(device).name / "trigger_fs_error"
        return Path("/nowhere")


def _done(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def read_only_disk(directory: Path, rounds: int) -> Row:
    """Make the disk of store and quarantine read-only so often, and mend it."""
    costs = []
    for kind in (SqliteStore, ForgetfulStore):
        (folder := directory / kind.__name__).mkdir()
        costs.append(_cost(folder, rounds, kind))
    return Row("read-only disk", "SQLite", costs[0], "errors of a write are ignored", costs[1])


def _cost(directory: Path, rounds: int, kind: type[SqliteStore]) -> Cost:
    broker = Mosquitto(directory, inflight=0)
    broker.start()
    disk, sent, meanwhile = Ext4(directory), Ledger(), 0
    try:
        for number in range(rounds):
            more, acknowledged = _round(broker, disk, kind, number)
            sent |= more
            meanwhile += acknowledged
            disk.mend()
        stored = _drained(broker, disk, kind)
    finally:
        disk.leave()
        broker.stop()
    return Cost(rounds, len(sent) - stored, f"{meanwhile} messages acknowledged meanwhile")


def _round(
    broker: Mosquitto, disk: Ext4, kind: type[SqliteStore], number: int
) -> tuple[Ledger, int]:
    """Fail between two parts; return what was sent, and how much of the second was acknowledged."""
    quarantine = open_quarantine(disk.path / "quarantine.db")
    with closing(kind(disk.path / "readings.db")) as store:
        worker = make_worker(broker, store, quarantine)
        with running(worker):
            sent = _send(broker, 2 * number)
            wait_until(lambda: worker.counts.acknowledged >= PART)
            wait_until(lambda: worker.counts.queued == worker.counts.at_work == 0)
            disk.fail()
            before = worker.counts.acknowledged
            sent |= _send(broker, 2 * number + 1)
            time.sleep(LOOKED_SECONDS)
            wait_until(lambda: worker.counts.retries > 0 or worker.counts.acknowledged > before)
            meanwhile = worker.counts.acknowledged - before
    quarantine.engine.dispose()
    return sent, meanwhile


def _drained(broker: Mosquitto, disk: Ext4, kind: type[SqliteStore]) -> int:
    """Run a worker on the mended disk, and count what is stored in the end."""
    quarantine = open_quarantine(disk.path / "quarantine.db")
    with closing(kind(disk.path / "readings.db")) as store:
        worker = make_worker(broker, store, quarantine)
        with running(worker):
            last = _send(broker, -1)
            wait_until(lambda: worker.counts.acknowledged >= PART)
            wait_until(lambda: worker.counts.queued == worker.counts.at_work == 0)
    quarantine.engine.dispose()
    with closing(SqliteStore(disk.path / "readings.db")) as whole:
        return whole.count(BUILDING) - len(last)


def _send(broker: Mosquitto, number: int) -> Ledger:
    messages = [readings_of(1_000_000 + number * 1000 + each) for each in range(1, PART + 1)]
    publish(broker, [message_of(each) for each in messages])
    return {key: value for each in messages for key, value in each.items()}
