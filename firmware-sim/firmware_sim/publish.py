"""
Publishes messages with quality 1, and writes down what the broker has acknowledged.

A broker acknowledges before it saves: killed, it may lose what it has just acknowledged. So after a
lost connection the latest messages are sent again, in order, before anything new. The key of a
reading makes repeats free.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from paho.mqtt.reasoncodes import ReasonCode

    from firmware_sim.messages import Sample, Sent

PORT = 1883
WINDOW = 1000
"""Messages that may wait for their acknowledgement."""
PATIENCE_SECONDS = 60.0
REPEATED = 1000
"""Messages that are sent again after a lost connection."""
RECONNECT_SECONDS = (1, 4)
LEDGER_HEADER = "device,quantity,time_ms\n"


class BrokerProblem(Exception):
    """The broker does not take the messages; the message ends in the remedy."""


@dataclass(frozen=True)
class BrokerAddress:
    """Where a broker listens, with name and password."""

    host: str
    port: int
    username: str | None
    password: str | None = field(repr=False)
    protocol: Literal["5", "3.1.1"] = "5"

    @classmethod
    def parse(cls, url: str, protocol: Literal["5", "3.1.1"]) -> BrokerAddress:
        """Read ``mqtt://[user:password@]host[:port]``; `BrokerProblem` where it is none."""
        parts = urlsplit(url)
        if parts.scheme != "mqtt" or not parts.hostname:
            raise BrokerProblem("write the broker as mqtt://[user:password@]host[:port]")
        name, password = (
            unquote(part) if part else None for part in (parts.username, parts.password)
        )
        return cls(parts.hostname, parts.port or PORT, name, password, protocol)


class Ledger:
    """Writes the key of every acknowledged reading, one a line."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.readings = 0
        file.write(LEDGER_HEADER)

    def add(self, samples: Iterable[Sample]) -> None:
        """Write down the readings of one acknowledged message."""
        with self._lock:
            for sample in samples:
                self._file.write(f"{sample.device},{sample.quantity},{sample.time_ms}\n")
                self.readings += 1


class Publisher:
    """
    One connection for all devices of a building.

    Parameters
    ----------
    address : BrokerAddress
    ledger : Ledger
    """

    def __init__(self, address: BrokerAddress, ledger: Ledger) -> None:
        self._address = address
        self._ledger = ledger
        self._window = threading.BoundedSemaphore(WINDOW)
        self._waiting: dict[int, Sent] = {}
        self._early: set[int] = set()
        self._lock = threading.Lock()
        self._latest: deque[Sent] = deque(maxlen=REPEATED)
        self._lost = threading.Event()
        self.acknowledged = 0
        self.repeated = 0

    def publish(
        self,
        statuses: Iterable[Sent],
        messages: Iterable[Sent],
        speed: float,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """
        Publish, and return when the broker has acknowledged everything.

        Parameters
        ----------
        statuses : iterable of Sent
            Published first, retained.
        messages : iterable of Sent
            In the order of sending.
        speed : float
            Simulated seconds in a second; 0 is as fast as the broker takes it.
        on_progress : callable, optional
            Told the number of messages sent.

        Raises
        ------
        BrokerProblem
        """
        client = self._connect()
        try:
            for status in statuses:
                self._send(client, status, retain=True)
            pace = _Pace(speed)
            for number, message in enumerate(messages, start=1):
                pace.wait_for(message.time_ms)
                self._repeat_after_loss(client)
                self._send(client, message, retain=False)
                self._latest.append(message)
                on_progress(number)
            self._wait_for_all(client)
        finally:
            client.disconnect()
            client.loop_stop()

    def _repeat_after_loss(self, client: Client) -> None:
        """Send the latest messages again if the connection was lost and is back."""
        if not self._lost.is_set():
            return
        self._lost.clear()
        for message in list(self._latest):
            self._send(client, message, retain=False)
            self.repeated += 1

    def _wait_for_all(self, client: Client) -> None:
        """Wait until everything is acknowledged, also what a loss makes repeat meanwhile."""
        for _ in range(WINDOW):
            self._take_place()
        if self._lost.is_set():
            self._window = threading.BoundedSemaphore(WINDOW)
            self._repeat_after_loss(client)
            self._wait_for_all(client)

    def _send(self, client: Client, message: Sent, *, retain: bool) -> None:
        self._take_place()
        info = client.publish(message.topic, message.payload, qos=1, retain=retain)
        with self._lock:
            # The acknowledgement may come before publish() returns.
            acknowledged = info.mid in self._early
            self._early.discard(info.mid)
            if not acknowledged:
                self._waiting[info.mid] = message
        if acknowledged:
            self._settle(message)
        if info.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            raise BrokerProblem(f"the broker did not take a message ({info.rc.name}); try again")

    def _on_publish(self, _client: Client, _userdata: Any, mid: int, *_: Any) -> None:  # noqa: ANN401
        with self._lock:
            message = self._waiting.pop(mid, None)
            if message is None:
                self._early.add(mid)
                return
        self._settle(message)

    def _settle(self, message: Sent) -> None:
        self._ledger.add(message.samples)
        self.acknowledged += 1
        self._window.release()

    def _take_place(self) -> None:
        if not self._window.acquire(timeout=PATIENCE_SECONDS):
            raise BrokerProblem(
                f"the broker acknowledged nothing for {PATIENCE_SECONDS:.0f} s after "
                f"{self.acknowledged} messages; look at its log and run again"
            )

    def _connect(self) -> Client:
        address = self._address
        v5 = address.protocol == "5"
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv5 if v5 else MQTTv311)
        client.max_inflight_messages_set(WINDOW)
        if address.username:
            client.username_pw_set(address.username, address.password)
        answered = threading.Event()
        answers: list[ReasonCode] = []

        def on_connect(_c: Client, _u: Any, _f: Any, reason: ReasonCode, _p: Any) -> None:  # noqa: ANN401
            if answers:
                self._lost.set()
            answers.append(reason)
            answered.set()

        client.reconnect_delay_set(*RECONNECT_SECONDS)
        client.on_connect = on_connect
        client.on_publish = self._on_publish
        where = f"{address.host}:{address.port}"
        try:
            client.connect(address.host, address.port)
        except OSError as error:
            raise BrokerProblem(
                f"no broker at {where}: {error}. Start one, or mend --broker"
            ) from error
        client.loop_start()
        if not answered.wait(PATIENCE_SECONDS) or answers[0].is_failure:
            client.loop_stop()
            told = answers[0] if answers else "no answer"
            raise BrokerProblem(f"the broker at {where} refused: {told}. Mend name and password")
        return client


class _Pace:
    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._started = time.monotonic()
        self._first_ms: int | None = None

    def wait_for(self, time_ms: int) -> None:
        if not self._speed:
            return
        if self._first_ms is None:
            self._first_ms = time_ms
        due = self._started + (time_ms - self._first_ms) / 1000 / self._speed
        time.sleep(max(due - time.monotonic(), 0))
