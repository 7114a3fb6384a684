"""Outbox of a device: a bounded ring buffer, and the latest messages for repetition."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware_sim.mqtt.messages import Sent


class Outbox:
    """
    Messages of one device, in order of measurement.

    A broker acknowledges before it saves: if killed, it may lose what it has just acknowledged. So
    after a lost connection the latest messages are repeated before new ones. The key of a
    reading makes repetitions harmless.

    Parameters
    ----------
    ring : int
        Most pending messages; beyond that the oldest is dropped.
    latest : int
        Number of messages repeated after a lost connection.

    Attributes
    ----------
    given_up : int
        Messages never sent: dropped from the ring, or lost in a reboot.
    repeated : int
        Messages sent again.
    """

    def __init__(self, ring: int, latest: int) -> None:
        self._ring = ring
        self._waiting: deque[Sent] = deque()
        self._again: deque[Sent] = deque()
        self._latest: deque[Sent] = deque(maxlen=latest)
        self.given_up = 0
        self.repeated = 0

    def __len__(self) -> int:
        """Return the number of messages to send."""
        return len(self._again) + len(self._waiting)

    def add(self, message: Sent) -> None:
        """Add a new message; a full ring drops its oldest."""
        if len(self._waiting) == self._ring:
            self._waiting.popleft()
            self.given_up += 1
        self._waiting.append(message)

    def take(self) -> Sent | None:
        """Return the next message: repetitions first, in order."""
        if self._again:
            message = self._again.popleft()
            self.repeated += 1
        elif self._waiting:
            message = self._waiting.popleft()
        else:
            return None
        self._latest.append(message)
        return message

    def rewind(self) -> None:
        """After a lost connection: schedule the latest messages for repetition."""
        self._again.extendleft(reversed(self._latest))
        self._latest.clear()

    def forget(self) -> None:
        """After a reboot: drop everything."""
        self.given_up += len(self._waiting)
        for kept in (self._waiting, self._again, self._latest):
            kept.clear()
