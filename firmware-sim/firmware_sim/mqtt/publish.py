"""Publishes the messages of many devices, each on its own connection, in one thread."""

from __future__ import annotations

import resource
import selectors
import time
from collections import deque
from typing import TYPE_CHECKING

from firmware_sim.mqtt.broker import BrokerAddress, BrokerProblem
from firmware_sim.mqtt.connection import Connection, Sender
from firmware_sim.mqtt.outbox import Outbox
from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from firmware_sim.mqtt.ledger import Ledger
    from firmware_sim.mqtt.messages import Sent

PATIENCE_SECONDS = 60.0
GOODBYE_SECONDS = 10.0
WAIT_SECONDS = 0.1
TICK_SECONDS = 0.5
"""Interval of keep-alives and reconnects. [s]"""
OPENED_AT_ONCE = 50
"""Connections opened before the others are served again."""
AHEAD = 200
"""Most pending messages per device when running without a clock."""
OTHER_FILES = 200
"""Open files of a process besides its connections, generously."""


class Publisher:
    """
    The devices of a building and a broker.

    Parameters
    ----------
    address : BrokerAddress
    ledger : Ledger
    senders : sequence of Sender
        Every device with a connection of its own.
    patience_seconds : float, optional
        Time without an acknowledgement after which to give up. [s]
    ring_messages : int, optional
        Capacity of a device's ring while the broker is unavailable.
    """

    def __init__(
        self,
        address: BrokerAddress,
        ledger: Ledger,
        senders: Sequence[Sender],
        patience_seconds: float = PATIENCE_SECONDS,
        ring_messages: int | None = None,
    ) -> None:
        self._ledger = ledger
        self._patience_seconds = patience_seconds
        self._selector = selectors.DefaultSelector()
        self._last_progress = time.monotonic()
        values = parameters()
        ring = values.ring_messages if ring_messages is None else ring_messages
        self._connections = {
            sender.name: Connection(
                address,
                sender,
                Outbox(ring, values.repeated_messages),
                self._selector,
                self._settle,
            )
            for sender in senders
        }

    @property
    def repeated(self) -> int:
        """Messages repeated after a lost connection."""
        return sum(each.outbox.repeated for each in self._connections.values())

    @property
    def given_up(self) -> int:
        """Messages never sent: dropped from a full ring, or lost in a reboot."""
        return sum(each.outbox.given_up for each in self._connections.values())

    def publish(
        self,
        messages: Iterable[Sent],
        speed: float,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """
        Publish, and return when the broker has acknowledged everything.

        Parameters
        ----------
        messages : iterable of Sent
            In the order of sending.
        speed : float
            Simulated seconds per second; 0 is as fast as the broker accepts, and then simulated
            time waits while the broker is unavailable.
        on_progress : callable, optional
            Called with the number of messages so far.

        Raises
        ------
        BrokerProblem
            If the broker is unavailable, refuses, or acknowledges nothing for too long.
        """
        _allow_files(len(self._connections))
        try:
            self._open_all()
            self._run(_Pace(speed), messages, on_progress)
            self._say_goodbye()
        finally:
            for connection in self._connections.values():
                connection.close()
            self._selector.close()

    def _open_all(self) -> None:
        unopened = deque(self._connections.values())
        while unopened:
            for _ in range(min(OPENED_AT_ONCE, len(unopened))):
                unopened.popleft().tick()
            self._serve(0)

    def _run(
        self, pace: _Pace, messages: Iterable[Sent], on_progress: Callable[[int], None]
    ) -> None:
        number, next_tick = 0, 0.0
        coming = iter(messages)
        message = next(coming, None)
        while message is not None or not self._all_idle():
            for _ in range(AHEAD):
                if message is None or not self._may_add(message, pace):
                    break
                self._connections[message.sender].add(message)
                number += 1
                message = next(coming, None)
            on_progress(number)
            self._serve(pace.seconds_until(message.time_ms) if message else WAIT_SECONDS)
            if time.monotonic() >= next_tick:
                self._tick()
                next_tick = time.monotonic() + TICK_SECONDS

    def _may_add(self, message: Sent, pace: _Pace) -> bool:
        if pace.is_free:
            return len(self._connections[message.sender].outbox) < AHEAD
        return pace.seconds_until(message.time_ms) <= 0

    def _serve(self, longest_seconds: float) -> None:
        """Read and write what is ready, after at most a short wait."""
        for key, events in self._selector.select(min(longest_seconds, WAIT_SECONDS)):
            connection: Connection = key.data
            connection.ready(events)

    def _tick(self) -> None:
        for connection in self._connections.values():
            connection.tick()
        if self._all_idle():
            self._last_progress = time.monotonic()
        elif time.monotonic() - self._last_progress > self._patience_seconds:
            raise BrokerProblem(
                f"the broker acknowledged nothing for {self._patience_seconds:.0f} s after "
                f"{self._ledger.messages} messages; check its log and run again"
            )

    def _all_idle(self) -> bool:
        return all(connection.idle for connection in self._connections.values())

    def _settle(self, message: Sent) -> None:
        self._last_progress = time.monotonic()
        self._ledger.add(message.samples)

    def _say_goodbye(self) -> None:
        for connection in self._connections.values():
            connection.say_goodbye()
        end = time.monotonic() + GOODBYE_SECONDS
        while not self._all_idle() and time.monotonic() < end:
            self._serve(WAIT_SECONDS)


class _Pace:
    """Paces simulated time against real time, from the first message on."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._started = time.monotonic()
        self._first_ms: int | None = None

    @property
    def is_free(self) -> bool:
        return not self._speed

    def seconds_until(self, time_ms: int) -> float:
        """Return real seconds until an instant, 0 if past; a short wait without a clock."""
        if self.is_free:
            return WAIT_SECONDS
        if self._first_ms is None:
            self._first_ms, self._started = time_ms, time.monotonic()
        due = self._started + (time_ms - self._first_ms) / 1000 / self._speed
        return max(due - time.monotonic(), 0.0)


def _allow_files(connections: int) -> None:
    """Raise the limit of open files to one per connection."""
    wanted = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and wanted > hard:
        raise BrokerProblem(
            f"{connections} connections need {wanted} open files, {hard} are allowed; "
            "raise the limit (`ulimit -Hn`) or simulate fewer devices"
        )
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
