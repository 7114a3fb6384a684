"""
The boxes in a process of their own, which lives through every kill, with their ledger.

One connection for all boxes: what is repeated after a lost connection is the latest thousand
messages of all of them together, the fewest that can be.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.faults.messages import Ledger, message_of, readings_of

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized

# A killed broker may have acknowledged what it had not delivered and not saved: the worker's window
# and the changes between two saves. Of what is repeated, so much must be beyond the boxes' window.
WINDOW = 200
REPEATED = 1000
APART = 20
"""Boxes with connections of their own."""
RECONNECT_SECONDS = 0.2
PATIENCE_SECONDS = 90.0
POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Progress:
    """Numbers that the sender and the one who kills share."""

    sent: Synchronized[int]
    waiting: Synchronized[int]
    limit: Synchronized[int]


class Sender:
    """Sends messages with QoS 1; its ledger holds what the broker has acknowledged."""

    def __init__(self, port: int, repeated: int, progress: Progress) -> None:
        self.ledger: Ledger = {}
        self.repeats = 0
        self._port = port
        self._progress = progress
        self._latest: deque[int] = deque(maxlen=repeated)
        self._waiting: dict[int, int] = {}
        self._acknowledged: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._connections = 0
        self._lost = threading.Event()
        self._client = self._make_client()

    def send(self, numbers: range) -> None:
        """Send messages and return when the broker has acknowledged each of them."""
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        for number in numbers:
            self._wait_while(lambda: number >= self._progress.limit.value)  # noqa: B023  in the turn
            self._repeat_if_lost()
            self._send_one(number)
            self._latest.append(number)
            self._progress.sent.value = number + 1
        self._wait_while(lambda: bool(self._waiting))
        while self._repeat_if_lost():
            self._wait_while(lambda: bool(self._waiting))
        self._client.disconnect()
        self._client.loop_stop()

    def _send_one(self, number: int) -> None:
        self._wait_while(lambda: len(self._waiting) >= WINDOW)
        info = self._client.publish(*message_of(readings_of(number)), qos=1)
        self._waiting[info.mid] = number

    def _repeat_if_lost(self) -> bool:
        if not self._lost.is_set():
            return False
        self._lost.clear()
        for number in list(self._latest):
            self._send_one(number)
            self.repeats += 1
        return True

    def _wait_while(self, holds: Any) -> None:  # noqa: ANN401
        """Take in acknowledgements at least once, and on until something holds no more."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        self._settle(0.0)
        while holds():
            assert time.monotonic() < deadline, "the broker acknowledges nothing"
            self._settle(POLL_SECONDS)

    def _settle(self, seconds: float) -> None:
        with suppress(queue.Empty):
            mid = self._acknowledged.get(timeout=seconds) if seconds else None
            while True:
                if mid is not None:
                    self.ledger |= readings_of(self._waiting.pop(mid))
                mid = self._acknowledged.get_nowait()
        self._progress.waiting.value = len(self._waiting)

    def _make_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2)
        client.max_inflight_messages_set(WINDOW)
        client.reconnect_delay_set(RECONNECT_SECONDS, RECONNECT_SECONDS)  # type: ignore[arg-type]  # a pause may be shorter than 1 s
        client.on_connect = self._on_connect
        client.on_publish = lambda _client, _userdata, mid, *_: self._acknowledged.put(mid)
        return client

    def _on_connect(self, *_: Any) -> None:  # noqa: ANN401
        self._connections += 1
        if self._connections > 1:
            self._lost.set()


def send(port: int, messages: int, repeated: int, progress: Progress, answer: Connection) -> None:
    """Run the boxes; answer with the ledger and the number of repeats."""
    sender = Sender(port, repeated, progress)
    sender.send(range(messages))
    answer.send((sender.ledger, sender.repeats))


def send_apart(
    port: int, messages: int, repeated: int, progress: Progress, answer: Connection
) -> None:
    """Run boxes as `send` does, each with a connection of its own that repeats what it sent."""
    senders = [Sender(port, repeated, progress) for _ in range(APART)]
    with ThreadPoolExecutor(APART) as threads:
        parts = [range(number, messages, APART) for number in range(APART)]
        list(threads.map(lambda sender, part: sender.send(part), senders, parts))
    ledger: Ledger = {}
    for sender in senders:
        ledger |= sender.ledger
    answer.send((ledger, sum(sender.repeats for sender in senders)))
