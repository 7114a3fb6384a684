"""
The numbers that a broker gives the messages of a session, for whoever has the session.

Mosquitto counts them up from one connection to the next. Between the last number of a connection
and the first new one of the next lies what went to another client, who had come under the same id,
and was acknowledged there. Of a broker that gives numbers again as soon as they are free nothing
can be told.
"""

from __future__ import annotations

NUMBERS = 65_535
"""From 1 on: MQTT 5.0, section 2.2.1."""


class Numbering:
    """Follows the numbers; for one thread."""

    def __init__(self) -> None:
        self._newest: int | None = None
        self._is_first = True
        self._counts_up = True

    def connected(self, *, resumed: bool) -> None:
        """Begin a connection, in the session of the last one or in a new one."""
        self._is_first = True
        if not resumed:
            self._newest = None

    def missed_before(self, number: int) -> int:
        """Return how many messages before this one, which has come now, went elsewhere."""
        if self._newest is None:
            self._newest, self._is_first = number, False
            return 0
        steps = (number - self._newest) % NUMBERS
        if steps > NUMBERS // 2 or not steps:
            # At first it is what was not acknowledged before; later, a number that is given again.
            self._counts_up = self._counts_up and self._is_first
            return 0
        missed = steps - 1 if self._is_first and self._counts_up else 0
        self._newest, self._is_first = number, False
        return missed
