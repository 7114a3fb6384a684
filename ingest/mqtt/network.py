"""
The network thread, which serves only the connection to the broker.

It connects, reads while there is room, and writes. If there is no room, what the broker has sent
waits in the socket while keep-alives go out; paho's own thread would read on, and
polls the system before every packet.
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
# A connection that has lasted this long is good: the next loss has another cause.
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
        Arguments of `Client.connect_async`.
    inbox : Inbox
        Receives the messages. While it is full nothing is read: it holds only what one read brings
        beyond its capacity.
    before_connecting : callable
        Called before each attempt, by the thread.
    longest_full_seconds : float
        How long it may be full before disconnecting (the broker keeps the session) until half
        of it is free. Shorter than two keep-alives, whose answers are not read in the meantime. [s]

    Attributes
    ----------
    failure : Exception or None
        The error that ended the thread.
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
        # Otherwise paho would write from the acknowledging thread.
        client.on_socket_register_write = lambda *_: self._wake()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._ended = False
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self._wants_room = False
        self._full_since: float | None = None
        self._said_goodbye = False
        self.failure: Exception | None = None

    def start(self) -> None:
        """Connect in the background, and reconnect whenever the connection is lost."""
        self._thread.start()

    def stop(self) -> None:
        """Flush pending packets, disconnect and end."""
        self._ended = True
        self._wake()
        if self._thread.is_alive():
            self._thread.join()
        # If the thread has failed, the socket is still open.
        if (connected := self._client.socket()) is not None:
            connected.close()
        self._waker.close()
        self._woken.close()

    def room_made(self) -> None:
        """Signal that there may be room again."""
        if self._wants_room:
            self._wake()

    def _wake(self) -> None:
        # A full socket pair wakes the thread too; a closed one has no thread to wake.
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
        # An invalid host name.
        except (OSError, UnicodeError) as error:
            log.warning(
                "no trusted connection to a broker at %s (%s); trying again",
                self._broker,
                str(error),  # the exception would keep the socket alive
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
                self._client.loop_read()
            # Even if nothing is queued: paho reports the next packet only after that.
            self._client.loop_write()
            self._client.loop_misc()

    def _say_goodbye_when_due(self) -> None:
        since = self._full_since
        full = since is not None and time.monotonic() - since > self._longest_full_seconds
        if self._said_goodbye or not (full or self._ended):
            return
        if full:
            log.warning(
                "the memory for messages is full; disconnected until there is room",
                extra={"event": "broker_left", "broker": self._broker},
            )
        self._said_goodbye = True
        self._client.disconnect()

    def _is_readable(self, connected: Any, reading: bool) -> bool:  # noqa: ANN401  one of several kinds of paho's
        """Wait until there is something to do; return whether to read."""
        # Data already decrypted by TLS is invisible to select.
        pending = reading and bool(getattr(connected, "pending", int)())
        write = [connected] if self._client.want_write() else []
        seconds = 0.0 if pending else min(TURN_SECONDS, self._longest_full_seconds)
        return self._wait([connected] if reading else [], write, seconds) or pending

    def _wait(self, read: list[Any], write: list[Any], seconds: float) -> bool:
        """Wait for the socket or a wake-up; return whether to read."""
        readable, _, _ = select.select([self._woken, *read], write, [], seconds)
        if self._woken in readable:
            self._woken.recv(4096)
            readable.remove(self._woken)
        return bool(readable)

    def _has_room(self) -> bool:
        self._wants_room = True
        # Checked after setting the flag, so that room made in between wakes this thread.
        if self._inbox.holds(FULL) and not self._ended:
            self._full_since = self._full_since or time.monotonic()
            return False
        self._wants_room, self._full_since = False, None
        return True

    def _rest(self) -> None:
        """Wait before the next attempt, and for room."""
        # Jitter, so that workers do not all reconnect at the same moment.
        until = time.monotonic() + self._pause_seconds * random.uniform(0.5, 1.0)  # noqa: S311  no secret
        self._pause_seconds = min(2 * self._pause_seconds, LONGEST_PAUSE_SECONDS)
        back_at = FULL if self._full_since is None else BACK_AT
        while not self._ended and (time.monotonic() < until or self._inbox.holds(back_at)):
            self._wait([], [], REST_SECONDS)
