"""The queue of received messages: order, and bounds in number and in bytes."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ingest.message import Message
from ingest.mqtt.inbox import Inbox, Received

ROOMY = 1 << 40


def received(number: int, length: int = 10) -> Received:
    return Received(Message("t", b"x" * (length - 1), length - 1, 0), number, 1, 0)


def filled(inbox: Inbox, number: int, length: int = 10) -> Inbox:
    for each in range(number):
        inbox.put(received(each, length))
    return inbox


def mids(batch: list[Received]) -> list[int]:
    return [each.mid for each in batch]


def test_order_of_arrival_and_no_more_than_asked() -> None:
    inbox = filled(Inbox(100, ROOMY), 5)
    assert mids(inbox.take(3, ROOMY, 0.0)) == [0, 1, 2]
    assert mids(inbox.take(3, ROOMY, 0.0)) == [3, 4]
    assert inbox.take(3, ROOMY, 0.0) == []


@pytest.mark.parametrize(("most_bytes", "number"), [(1, 1), (10, 1), (11, 2), (30, 3), (999, 5)])
def test_batch_ends_where_its_bytes_are_reached(most_bytes: int, number: int) -> None:
    assert len(filled(Inbox(100, ROOMY), 5).take(100, most_bytes, 0.0)) == number


def test_full_by_number() -> None:
    inbox = filled(Inbox(4, ROOMY), 2)
    assert inbox.holds(0.5)
    assert not inbox.holds(1.0)
    assert filled(inbox, 2).holds(1.0)
    inbox.take(1, ROOMY, 0.0)
    assert not inbox.holds(1.0)


def test_full_by_bytes() -> None:
    inbox = filled(Inbox(1000, 100), 2, length=50)
    assert len(inbox) == 2
    assert inbox.holds(1.0)
    inbox.take(1, ROOMY, 0.0)
    assert inbox.holds(0.5)
    assert not inbox.holds(0.51)
    inbox.take(1, ROOMY, 0.0)
    assert not inbox.holds(0.01)


# A signal shortly before and after the end of each wait, as SIGTERM may come.
SIGNALS_AT_THE_END = """
import random, signal
from ingest.mqtt.inbox import Inbox

signal.signal(signal.SIGALRM, lambda *_: None)
inbox = Inbox(10, 1000)
for _ in range(1500):
    signal.setitimer(signal.ITIMER_REAL, 0.001 + random.uniform(-3e-5, 1.2e-4))
    assert inbox.take(1, 1000, 0.001) == []
"""


def test_wait_ends_when_a_signal_comes_at_its_end() -> None:
    subprocess.run([sys.executable, "-c", SIGNALS_AT_THE_END], check=True, timeout=60)
