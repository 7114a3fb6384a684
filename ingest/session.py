"""
The connection to the broker: what arrives is put into a bounded queue, acknowledgements go back.

The broker sends at most `receive_maximum` messages that are not acknowledged (with protocol 3.1.1
its own limit holds), so that the queue is bounded and the network thread waits for no store. Two
windows fit into the queue: what was received before a reconnect, and what is sent again after it.
A broker that sends more than that, as Mosquitto 2.0.11 does with a backlog, is not read until there
is room.

An acknowledgement belongs to the connection on which its message came: after a disconnect it is
dropped, and the broker sends the message again.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from estate.errors import FairvarmeError
from ingest.client import connect_arguments, new_client
from ingest.intake import Message
from ingest.limits import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

log = logging.getLogger(__name__)

QOS = 1
RECONNECT_SECONDS = (1, 60)
WINDOWS = 2
ROOM_SECONDS = 0.01
# Server unavailable, server busy, connection rate exceeded: MQTT 5.0, table 3-1.
TRY_AGAIN = frozenset({0x88, 0x89, 0x9F})


@dataclass(frozen=True)
class SessionSettings:
    """
    How the broker is reached.

    Attributes
    ----------
    client_id : str
        Names the session that the broker keeps; two workers with one id push each other out.
    receive_maximum : int
        Messages that may wait for their acknowledgement; bounds the memory.
    ca_file, certificate_file, key_file : str, optional
        For TLS: the authority of the broker's certificate (the system's without it), and the
        worker's own certificate and key.
    session_expiry_seconds : int
        How long the broker keeps the session of an absent worker. [s]
    """

    host: str
    port: int = 1883
    tls: bool = False
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    protocol: Literal["5", "3.1.1"] = "5"
    client_id: str = "fairvarme-ingest"
    receive_maximum: int = 4000
    session_expiry_seconds: int = 30 * 86_400


class Received(NamedTuple):
    """A message with what its acknowledgement needs."""

    message: Message
    mid: int
    qos: int
    connection: int


class BrokerSession:
    """
    A persistent session with manual acknowledgement.

    Parameters
    ----------
    settings : SessionSettings
    topic_filters : sequence of str
        What to subscribe to.

    Attributes
    ----------
    refusal : FairvarmeError or None
        Why the broker does not let the worker in.
    connections : int
        How often it was let in.
    subscribed : bool
        Whether the subscriptions are granted now.
    dropped_unpromised : int
        Messages of quality 0 for which there was no room.
    """

    def __init__(self, settings: SessionSettings, topic_filters: Sequence[str]) -> None:
        self._settings = settings
        self._topic_filters = list(dict.fromkeys(topic_filters))
        self._queue: queue.SimpleQueue[Received] = queue.SimpleQueue()
        self._connection = 0
        self._acknowledging = threading.Lock()
        self._client = self._make_client()
        self._on_ready: Callable[[], None] | None = None
        self.refusal: FairvarmeError | None = None
        self.connections = 0
        self.subscribed = False
        self.dropped_unpromised = 0
        self._receiving = True

    def start(self, on_ready: Callable[[], None]) -> None:
        """
        Connect in the background, and again whenever the connection is lost.

        Parameters
        ----------
        on_ready : callable
            Called once, by the network thread, when the subscriptions are granted.
        """
        self._on_ready = on_ready
        self._client.connect_async(**connect_arguments(self._settings))
        self._client.loop_start()

    def stop_receiving(self) -> None:
        """Take no further message: what comes now is not acknowledged, so it is sent again."""
        self._receiving = False

    def stop(self) -> None:
        """Say goodbye to the broker, which keeps the session; what is queued stays readable."""
        client = self._client
        client.disconnect()
        client.loop_stop()
        # paho closes its own sockets when it is let go of, which a ring of references puts off.
        client.on_connect = client.on_connect_fail = client.on_disconnect = None
        client.on_subscribe = client.on_message = None

    def receive(self, most: int, seconds: float) -> list[Received]:
        """
        Wait for messages.

        Returns
        -------
        list of Received
            At most `most`, in the order of arrival; what there is once the first one is `seconds`
            old, or none if none came within `seconds`.
        """
        batch: list[Received] = []
        with suppress(queue.Empty):
            batch.append(self._queue.get(timeout=seconds))
            deadline = time.monotonic() + seconds
            while len(batch) < most:
                batch.append(self._queue.get(timeout=max(deadline - time.monotonic(), 0)))
        return batch

    @property
    def _address(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    @property
    def queued(self) -> int:
        """How many messages wait in memory."""
        return self._queue.qsize()

    def acknowledge(self, batch: Iterable[Received]) -> int:
        """Acknowledge messages in the order given; returns how many came on this connection."""
        number = 0
        with self._acknowledging:
            for each in batch:
                if each.connection == self._connection and each.qos:
                    self._client.ack(each.mid, each.qos)
                    number += 1
        return number

    def _make_client(self) -> Client:
        client = new_client(self._settings)
        client.reconnect_delay_set(*RECONNECT_SECONDS)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        client.on_connect_fail = self._on_connect_fail
        return client

    def _on_connect(
        self, client: Client, _userdata: object, _flags: object, reason: ReasonCode, _p: object
    ) -> None:
        if reason.is_failure:
            self._on_refusal(reason)
            return
        self.connections += 1
        client.subscribe([(topic_filter, QOS) for topic_filter in self._topic_filters])

    def _on_connect_fail(self, _client: Client, _userdata: object) -> None:
        log.warning(
            "no connection to a broker at %s that is trusted; trying again",
            self._address,
            extra={"event": "broker_away", "broker": self._address},
        )

    def _on_refusal(self, reason: ReasonCode) -> None:
        if reason.value in TRY_AGAIN:
            more = {"event": "broker_busy", "broker": self._address, "reason": str(reason)}
            log.warning("the broker at %s: %s", self._address, reason, extra=more)
            return
        self.refusal = FairvarmeError(
            f"the broker at {self._address} refused the log-in: {reason}. "
            "Mend the name and password of the worker"
        )

    def _on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _p: object
    ) -> None:
        refused = [
            topic_filter
            for topic_filter, reason in zip(self._topic_filters, reasons, strict=True)
            if reason.is_failure
        ]
        if refused:
            self.refusal = FairvarmeError(
                f"the broker refused the subscription to {', '.join(refused)}. "
                "Allow it in the broker's access list, or mend the source"
            )
            return
        self.subscribed = True
        log.info("subscribed at %s", self._address, extra={"event": "subscribed"})
        if self._on_ready is not None:
            on_ready, self._on_ready = self._on_ready, None
            on_ready()

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if not message.qos and self._queue.qsize() >= self._settings.receive_maximum:
            # Quality 0 promises nothing, and no limit of the broker's holds it back.
            self.dropped_unpromised += 1
            return
        while self._receiving and self._queue.qsize() >= WINDOWS * self._settings.receive_maximum:
            time.sleep(ROOM_SECONDS)
        if not self._receiving:
            return
        payload = message.payload
        arrived = Message(
            message.topic,
            bytes(payload[: limits().payload_bytes]),
            len(payload),
            time.time_ns() // 1_000_000,
        )
        self._queue.put(Received(arrived, message.mid, message.qos, self._connection))

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _p: object
    ) -> None:
        with self._acknowledging:
            self._connection += 1
        self.subscribed = False
        more = {"event": "disconnected", "broker": self._address, "reason": str(reason)}
        log.info("disconnected from the broker: %s", reason, extra=more)
