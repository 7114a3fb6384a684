"""Queue of received messages, bounded in number and in bytes."""

from __future__ import annotations

import queue
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ingest.message import Message

# Waking up for every message would cost as much as receiving it.
PAUSE_SECONDS = 0.005


class Received(NamedTuple):
    """A message with the data for its acknowledgement."""

    message: Message
    mid: int
    qos: int
    connection: int

    @property
    def bytes(self) -> int:
        """Its size in memory, beyond a fixed overhead. [byte]"""
        return len(self.message.payload) + len(self.message.topic)


class Inbox:
    """
    A queue between two threads; the producer checks for room before it puts.

    Parameters
    ----------
    most_messages, most_bytes : int
        Capacity.

    Attributes
    ----------
    arrived : int
        Total number of messages put in.
    """

    def __init__(self, most_messages: int, most_bytes: int) -> None:
        self._most_messages = most_messages
        self._most_bytes = most_bytes
        # Not SimpleQueue: a signal at the end of its timed wait makes that endless (CPython 3.11).
        self._queue: queue.Queue[Received] = queue.Queue()
        # Each is written by only one thread, so none needs a lock.
        self.arrived = 0
        self._bytes_in = 0
        self._bytes_out = 0

    def __len__(self) -> int:
        return self._queue.qsize()

    def holds(self, fraction: float) -> bool:
        """Whether this fraction of the capacity is in use, in messages or bytes."""
        return (
            len(self) >= fraction * self._most_messages
            or self._bytes_in - self._bytes_out >= fraction * self._most_bytes
        )

    def put(self, received: Received) -> None:
        """Put one message in."""
        self.arrived += 1
        self._bytes_in += received.bytes
        self._queue.put(received)

    def take(self, most: int, most_bytes: int, seconds: float) -> list[Received]:
        """
        Wait for messages.

        Returns
        -------
        list of Received
            In the order of arrival, at most `most`, and no more after `most_bytes` are reached;
            what there is once the first one is `seconds` old, or none if none came within
            `seconds`.
        """
        batch: list[Received] = []
        taken = 0
        with suppress(queue.Empty):
            batch.append(self._queue.get(timeout=seconds))
            taken = batch[0].bytes
        deadline = time.monotonic() + seconds
        while batch and len(batch) < most and taken < most_bytes:
            try:
                received = self._queue.get_nowait()
            except queue.Empty:
                if time.monotonic() > deadline:
                    break
                time.sleep(min(PAUSE_SECONDS, seconds))
            else:
                batch.append(received)
                taken += received.bytes
        self._bytes_out += taken
        return batch
