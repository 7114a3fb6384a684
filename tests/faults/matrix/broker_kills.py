"""A broker that is killed with a backlog that it has not saved, while the worker is away."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from tests.faults.matrix.row import Cost, Row
from tests.faults.outcome import Setting, judge
from tests.faults.plan import Victim
from tests.faults.run import Boxes, House
from tests.faults.sender import APART
from tests.support.ingest_parts import wait_until

AUTOSAVE = 10_000
"""What a sector's broker has in docs/performance.md, above what waits at each kill."""
BACKLOG = 2000
PATIENCE_SECONDS = 60.0
HEARD_SECONDS, SETTLED_SECONDS = 0.5, 2.0


def broker_kills(directory: Path, kills: int, seed: int = 1) -> Row:
    """Kill a broker so often, each time with a backlog of boxes with connections of their own."""
    return Row(
        "broker killed with a backlog",
        f"Mosquitto, saved after {AUTOSAVE:,} changes",
        _cost(directory / "repeat", kills, seed, repeating=True),
        "boxes repeat nothing",
        _cost(directory / "forget", kills, seed, repeating=False),
    )


def _cost(directory: Path, kills: int, seed: int, *, repeating: bool) -> Cost:
    directory.mkdir()
    messages = (kills + 1) * BACKLOG
    setting = Setting("sqlite", messages, seed, 0, repeating=repeating)
    with ExitStack() as stack:
        house = House(setting, directory, stack, autosave=AUTOSAVE)
        boxes = Boxes(setting, house.broker.port, stack, apart=True)
        for number in range(kills):
            house.worker.kill()
            house.bury(Victim.WORKER)
            boxes.may_send((number + 1) * BACKLOG)
            _wait_for_backlog(boxes, (number + 1) * BACKLOG)
            house.bury(Victim.BROKER)
            house.revive(Victim.BROKER)
            house.revive(Victim.WORKER)
        boxes.may_send(messages)
        ledger, repeats = boxes.finish(lambda _: None)
        _wait_for_rest(house)
        house.settle()
        found = judge(ledger, *house.stored(), house.quarantined(ledger))
    note = f"{messages} messages, {repeats} repeated, {found.duplicates} duplicate keys"
    return Cost(kills, found.missing, note)


def _wait_for_rest(house: House) -> None:
    """Wait until nothing more comes: of several boxes the last message is not the last to come."""
    rows, before = 0, -1
    while rows > before:
        time.sleep(SETTLED_SECONDS)
        before, rows = rows, house.stored()[1]


def _wait_for_backlog(boxes: Boxes, messages: int) -> None:
    """Wait until the boxes have sent their parts, and had time to hear of nearly all."""
    wait_until(lambda: boxes.sent > messages - APART, PATIENCE_SECONDS)
    time.sleep(HEARD_SECONDS)
    boxes.check()
