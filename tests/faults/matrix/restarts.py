"""A broker that is restarted in good order again and again, while boxes send and none repeats."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

from tests.faults.matrix.row import Cost, Row
from tests.faults.outcome import Setting, judge
from tests.faults.run import Boxes, House

POLL_SECONDS = 0.005
SETTLED_SECONDS = 3.0
"""After the last start, so that also a worker whose session was forgotten has subscribed again."""


def broker_restarts(directory: Path, restarts: int, messages: int, seed: int = 1) -> Row:
    """Restart a broker so often among so many messages."""
    cost = _cost(directory / "saves", restarts, messages, seed, persistence=True)
    control = _cost(directory / "forgets", restarts, messages, seed, persistence=False)
    return Row(
        "broker restarted",
        "Mosquitto",
        cost,
        "the broker saves nothing (persistence false)",
        control,
    )


def _cost(directory: Path, restarts: int, messages: int, seed: int, *, persistence: bool) -> Cost:
    directory.mkdir()
    setting = Setting("sqlite", messages, seed, 0, repeating=False)
    with ExitStack() as stack:
        house = House(setting, directory, stack, persistence)
        boxes = Boxes(setting, house.broker.port, stack)
        for number in range(restarts):
            boxes.may_send((number + 1) * messages // (restarts + 1))
            _wait_for(boxes, number * messages // (restarts + 1) + 1)
            house.broker.stop()
            house.broker.start()
        time.sleep(SETTLED_SECONDS)
        boxes.may_send(messages)
        ledger, _ = boxes.finish(lambda _: None)
        house.settle()
        found = judge(ledger, *house.stored(), house.quarantined(ledger))
    note = f"{messages} messages, {found.duplicates} duplicate keys, {found.wrong} wrong values"
    return Cost(restarts, found.missing, note)


def _wait_for(boxes: Boxes, messages: int) -> None:
    while boxes.sent < messages:
        boxes.check()
        time.sleep(POLL_SECONDS)
