"""What a device keeps for the broker: a bounded ring, and the latest messages to repeat."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firmware_sim.mqtt.messages import Sent


class Outbox:
    """
    Messages of one device, in the order of measuring.

    A broker acknowledges before it saves: killed, it may lose what it has just acknowledged. So
    after a lost connection the latest messages are sent again before anything new. The key of a
    reading makes repeats free.

    Parameters
    ----------
    ring : int
        Most messages that wait to be sent; beyond them the oldest is given up.
    latest : int
        Messages that are sent again after a lost connection.

    Attributes
    ----------
    given_up : int
        Messages that were never sent: pushed out of the ring, or lost in a reboot.
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
        """Count what is to be sent."""
        return len(self._again) + len(self._waiting)

    def add(self, message: Sent) -> None:
        """Keep a new message; a full ring gives up its oldest one."""
        if len(self._waiting) == self._ring:
            self._waiting.popleft()
            self.given_up += 1
        self._waiting.append(message)

    def take(self) -> Sent | None:
        """Return the message to send next: repeats first, each in its order."""
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
        """Take the connection for lost: what was sent last is to be sent again."""
        self._again.extendleft(reversed(self._latest))
        self._latest.clear()

    def forget(self) -> None:
        """Reboot: nothing that was kept is left."""
        self.given_up += len(self._waiting)
        for kept in (self._waiting, self._again, self._latest):
            kept.clear()
