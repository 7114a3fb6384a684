"""
Detects messages delivered to another client by the broker's packet identifiers.

Mosquitto counts them up across the connections of a session. Identifiers between the last of one
connection and the first new one of the next were delivered to another client with the same id
and acknowledged there. For a broker that reuses identifiers as soon as they are free this
cannot be detected.
"""

from __future__ import annotations

NUMBERS = 65_535
"""From 1 on: MQTT 5.0, section 2.2.1."""


class Numbering:
    """Tracks packet identifiers; not thread-safe."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._is_first = True
        self._counts_up = True

    def connected(self, *, resumed: bool) -> None:
        """Begin a connection, in the same session or a new one."""
        self._is_first = True
        if not resumed:
            self._newest = None

    def missed_before(self, number: int) -> int:
        """Return how many messages before this one went elsewhere."""
        if self._newest is None:
            self._newest, self._is_first = number, False
            return 0
        steps = (number - self._newest) % NUMBERS
        if steps > NUMBERS // 2 or not steps:
            # First those not acknowledged before; later, a reused identifier.
            self._counts_up = self._counts_up and self._is_first
            return 0
        missed = steps - 1 if self._is_first and self._counts_up else 0
        self._newest, self._is_first = number, False
        return missed
