"""
The thread that talks with the broker, and waits for nothing else.

It connects, reads while there is room, and writes. Where there is no room, what the broker has sent
waits in the connection, and keep-alives go out meanwhile; paho's own thread would read on, and it
asks the system anew before every packet.
"""

from __future__ import annotations

import logging
import random
import select
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from paho.mqtt.client import Client

    from ingest.mqtt.inbox import Inbox

log = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
TURN_SECONDS, REST_SECONDS = 1.0, 0.1
# After so many messages acknowledgements have their turn.
MOST_IN_A_TURN = 100
# A connection that has lasted so long is a good one: the next loss is not of the same cause.
STEADY_SECONDS = 5.0
FULL, BACK_AT = 1.0, 0.5


class NetworkLoop:
    """
    Keeps a client connected.

    Parameters
    ----------
    client : Client
        Not connected yet; nobody else may drive its loop.
    arguments : dict
        What `Client.connect_async` takes.
    inbox : Inbox
        Where the client's callback puts what it receives. While it is full nothing is read.
    before_connecting : callable
        Called before each attempt, by the thread.
    longest_full_seconds : float
        How long it may be full before the broker is left, which keeps the session, until half of
        the room is free. Shorter than two keep-alives, whose answers are not read meanwhile. [s]

    Attributes
    ----------
    failure : Exception or None
        What has ended the thread before its time.
    """

    def __init__(
        self,
        client: Client,
        arguments: dict[str, Any],
        inbox: Inbox,
        before_connecting: Callable[[], None],
        longest_full_seconds: float,
    ) -> None:
        self._client = client
        self._broker = f"{arguments['host']}:{arguments['port']}"
        self._inbox = inbox
        self._before_connecting = before_connecting
        self._longest_full_seconds = longest_full_seconds
        self._waker, self._woken = socket.socketpair()
        for each in (self._waker, self._woken):
            each.setblocking(False)
        client.connect_async(**arguments)
        # Without it paho would write from the thread that acknowledges.
        client.on_socket_register_write = lambda *_: self._wake()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._ended = False
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self._wants_room = False
        self._full_since: float | None = None
        self._said_goodbye = False
        self.failure: Exception | None = None

    def start(self) -> None:
        """Connect in the background, and again whenever the connection is lost."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is to be written, say goodbye and end."""
        self._ended = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join()
        # Where the thread has failed nobody has closed it.
        if (connected := self._client.socket()) is not None:
            connected.close()
        self._waker.close()
        self._woken.close()

    def room_made(self) -> None:
        """Tell that there may be room again."""
        if self._wants_room:
            self._wake()

    def _wake(self) -> None:
        # A full pair wakes as well; a closed one has nobody to wake.
        with suppress(OSError):
            self._waker.send(b"\0")

    def _run(self) -> None:
        try:
            while not self._ended:
                self._serve_once()
                self._rest()
        except Exception as error:
            log.exception("the network thread has ended", extra={"event": "network_failed"})
            self.failure = error

    def _serve_once(self) -> None:
        """Connect and serve the connection until it ends."""
        self._full_since, self._said_goodbye = None, False
        self._before_connecting()
        try:
            self._client.reconnect()
            started = time.monotonic()
            self._serve()
        # A host that no address can be made of is a fault of its text.
        except (OSError, UnicodeError) as error:
            log.warning(
                "no connection to a broker at %s that is trusted (%s); trying again",
                self._broker,
                str(error),  # the error itself would keep the socket
                extra={"event": "broker_away", "broker": self._broker},
            )
        else:
            if time.monotonic() - started > STEADY_SECONDS:
                self._pause_seconds = FIRST_PAUSE_SECONDS

    def _serve(self) -> None:
        while (connected := self._client.socket()) is not None:
            reading = self._has_room()
            self._say_goodbye_when_due()
            if self._is_readable(connected, reading):
                self._read()
            # Even where nothing waits: paho tells of the next packet only once that is seen.
            self._client.loop_write()
            self._client.loop_misc()

    def _say_goodbye_when_due(self) -> None:
        since = self._full_since
        full = since is not None and time.monotonic() - since > self._longest_full_seconds
        if self._said_goodbye or not (full or self._ended):
            return
        if full:
            log.warning(
                "the memory for messages is full; left the broker until there is room",
                extra={"event": "broker_left", "broker": self._broker},
            )
        self._said_goodbye = True
        self._client.disconnect()

    def _is_readable(self, connected: Any, reading: bool) -> bool:  # noqa: ANN401  one of several kinds of paho's
        """Wait until there is something to do; tell whether that is to read."""
        # What TLS has deciphered already no system call tells of.
        pending = reading and bool(getattr(connected, "pending", int)())
        write = [connected] if self._client.want_write() else []
        seconds = 0.0 if pending else min(TURN_SECONDS, self._longest_full_seconds)
        return self._wait([connected] if reading else [], write, seconds) or pending

    def _wait(self, read: list[Any], write: list[Any], seconds: float) -> bool:
        """Wait until one may be read or written or somebody wakes; tell whether to read."""
        readable, _, _ = select.select([self._woken, *read], write, [], seconds)
        if self._woken in readable:
            self._woken.recv(4096)
            readable.remove(self._woken)
        return bool(readable)

    def _has_room(self) -> bool:
        self._wants_room = True
        # Asked after that is said, so that room which is made in between wakes this thread.
        if self._inbox.holds(FULL) and not self._ended:
            self._full_since = self._full_since or time.monotonic()
            return False
        self._wants_room, self._full_since = False, None
        return True

    def _read(self) -> None:
        """Read until nothing comes, there is no room, or others must have their turn."""
        for _ in range(MOST_IN_A_TURN):
            before = self._inbox.arrived
            self._client.loop_read()
            if self._inbox.arrived == before or self._inbox.holds(FULL):
                return

    def _rest(self) -> None:
        """Wait before the next attempt, and for room."""
        # Jitter, so that workers which lost one broker do not come back at one moment.
        until = time.monotonic() + self._pause_seconds * random.uniform(0.5, 1.0)  # noqa: S311  no secret
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
        back_at = FULL if self._full_since is None else BACK_AT
        while not self._ended and (time.monotonic() < until or self._inbox.holds(back_at)):
            self._wait([], [], REST_SECONDS)
