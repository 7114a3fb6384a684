"""
Broker session: received messages go into a bounded queue, acknowledgements go back.

The broker sends at most `receive_maximum` messages that are not acknowledged (with protocol 3.1.1
its own limit applies). Two windows fit into the queue: those received before a reconnect, and those
redelivered after it. A broker that sends more than that, as Mosquitto 2.0.11 does with a backlog,
is not read until there is room (`ingest.mqtt.network`).

An acknowledgement belongs to the connection on which its message arrived: after a disconnect it is
dropped, and the broker redelivers the message.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from estate.errors import FairvarmeError
from ingest.limits import limits
from ingest.message import Message
from ingest.mqtt.client import SessionSettings, connect_arguments, new_client
from ingest.mqtt.inbox import Inbox, Received
from ingest.mqtt.network import NetworkLoop
from ingest.mqtt.numbering import Numbering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from paho.mqtt.client import Client, ConnectFlags
    from paho.mqtt.reasoncodes import ReasonCode

    from ingest.mqtt.packets import Publish
    from ingest.mqtt.reading_ahead import ReadingAheadClient

log = logging.getLogger(__name__)

QOS = 1
WINDOWS = 2
INBOX_BYTES = 64 << 20
# Server unavailable, server busy, connection rate exceeded: MQTT 5.0, table 3-1.
TRY_AGAIN = frozenset({0x88, 0x89, 0x9F})
# Session taken over: MQTT 5.0, table 3-13. MQTT 3.1.1 has no such code.
TAKEN_OVER = 0x8E


class BrokerSession:
    """
    A persistent session with manual acknowledgement.

    Parameters
    ----------
    settings : SessionSettings
    topic_filters : sequence of str
        Filters to subscribe to.
    unshared_filters : sequence of str, optional
        Filters that every worker of a group subscribes to.

    Attributes
    ----------
    refusal : FairvarmeError or None
        Why the broker refused the worker.
    connections : int
        Number of connections.
    sessions_lost : int
        Number of reconnects at which the broker had forgotten the session.
    takeovers : int
        Number of takeovers by another client with this id, if reported (MQTT 5).
    missed : int
        Messages delivered to another client with this id, where the broker counts its
        messages up; see `ingest.mqtt.numbering`.
    subscribed : bool
        Whether the subscriptions are granted now.
    dropped_unpromised : int
        QoS 0 messages for which there was no room.
    """

    def __init__(
        self,
        settings: SessionSettings,
        topic_filters: Sequence[str],
        unshared_filters: Sequence[str] = (),
    ) -> None:
        self._settings = settings
        prefix = f"$share/{settings.shared_group}/" if settings.shared_group else ""
        shared = [f"{prefix}{topic_filter}" for topic_filter in topic_filters]
        self._topic_filters = list(dict.fromkeys([*shared, *unshared_filters]))
        self._inbox = Inbox(WINDOWS * settings.receive_maximum, INBOX_BYTES)
        self._connection = 0
        self._acknowledging = threading.Lock()
        self._client = self._make_client()
        self._network = NetworkLoop(
            self._client,
            connect_arguments(settings),
            self._inbox,
            self._forget_connection,
            settings.longest_full_seconds,
        )
        self._on_ready: Callable[[], None] | None = None
        self.refusal: FairvarmeError | None = None
        self.connections = 0
        self._answered = False
        self.sessions_lost = 0
        self.takeovers = 0
        self.missed = 0
        self._numbering = Numbering()
        self.subscribed = False
        self.dropped_unpromised = 0
        self._receiving = True
        self._payload_bytes = limits().payload_bytes

    def start(self, on_ready: Callable[[], None]) -> None:
        """
        Connect in the background, and reconnect whenever the connection is lost.

        Parameters
        ----------
        on_ready : callable
            Called once, by the network thread, when the subscriptions are granted.
        """
        self._on_ready = on_ready
        self._network.start()

    def stop_receiving(self) -> None:
        """Accept no further messages: they are not acknowledged, so they are redelivered."""
        self._receiving = False

    def stop(self) -> None:
        """Disconnect; the broker keeps the session, and queued messages stay available."""
        self._network.stop()

    def check(self) -> None:
        """Raise a permanent connection error, or one that ended the thread."""
        for each in (self.refusal, self._network.failure):
            if each is not None:
                raise each

    def receive(self, most: int, most_bytes: int, seconds: float) -> list[Received]:
        """Wait for messages; see `Inbox.take`."""
        # One window at most: there may be no more until these are taken out.
        batch = self._inbox.take(min(most, self._settings.receive_maximum), most_bytes, seconds)
        self._network.room_made()
        return batch

    @property
    def _address(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    @property
    def queued(self) -> int:
        """Number of messages waiting in memory."""
        return len(self._inbox)

    def acknowledge(self, batch: Iterable[Received]) -> int:
        """Acknowledge messages in order; return how many were received on this connection."""
        with self._acknowledging:
            now = self._connection
            mids = [each.mid for each in batch if each.connection == now and each.qos]
            self._client.acknowledge(mids)
        return len(mids)

    def _make_client(self) -> ReadingAheadClient:
        client = new_client(self._settings)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_packet = self._on_packet
        client.on_disconnect = self._on_disconnect
        return client

    def _on_connect(
        self, client: Client, _userdata: object, flags: ConnectFlags, reason: ReasonCode, _p: object
    ) -> None:
        self._answered = True
        if reason.is_failure:
            self._on_refusal(reason)
            return
        self.connections += 1
        self._numbering.connected(resumed=flags.session_present)
        if self.connections > 1 and not flags.session_present:
            self._on_session_lost()
        client.subscribe([(topic_filter, QOS) for topic_filter in self._topic_filters])

    def _on_session_lost(self) -> None:
        self.sessions_lost += 1
        log.error(
            "the broker at %s has forgotten the session: messages sent while this worker was "
            "away are lost unless devices repeat them. Configure the broker to persist sessions",
            self._address,
            extra={"event": "session_lost", "broker": self._address},
        )

    def _on_taken_over(self) -> None:
        self.takeovers += 1
        log.error(
            "another client logged in at %s with this worker's client id: messages that it "
            "acknowledges are lost. Configure the broker to bind each user to one client id, one "
            "per worker",
            self._address,
            extra={"event": "session_taken_over", "broker": self._address},
        )

    def _note_number(self, mid: int) -> None:
        missed = self._numbering.missed_before(mid)
        if missed:
            self.missed += missed
            log.error(
                "%d messages went to another client that logged in at %s with this worker's client "
                "id, and are lost unless it stored them",
                missed,
                self._address,
                extra={"event": "messages_missed", "broker": self._address, "messages": missed},
            )

    def _on_refusal(self, reason: ReasonCode) -> None:
        if reason.value in TRY_AGAIN:
            more = {"event": "broker_busy", "broker": self._address, "reason": str(reason)}
            log.warning("the broker at %s: %s", self._address, reason, extra=more)
            return
        self.refusal = FairvarmeError(
            f"the broker at {self._address} refused the log-in: {reason}. "
            "Correct the name and password of the worker"
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
                "Allow it in the broker's access list, or correct the source"
            )
            return
        self.subscribed = True
        log.info("subscribed at %s", self._address, extra={"event": "subscribed"})
        if self._on_ready is not None:
            on_ready, self._on_ready = self._on_ready, None
            on_ready()

    def _on_packet(self, publish: Publish) -> None:
        topic, payload, mid, qos, retained = publish
        if qos:
            self._note_number(mid)
        if not self._receiving:
            return
        if not qos and self._inbox.holds(1 / WINDOWS):
            # QoS 0 has no delivery guarantee, and no broker limit bounds it.
            self.dropped_unpromised += 1
            return
        # A message too large to decode is truncated.
        whole = len(payload) <= self._payload_bytes
        kept = payload if whole else payload[: limits().kept_bytes]
        now_ms = time.time_ns() // 1_000_000
        # Invalid bytes of a faulty broker become a text that matches no source.
        text = topic.decode("utf-8", "backslashreplace")
        message = Message(text, kept, len(payload), now_ms, retained)
        self._inbox.put(Received(message, mid, qos, self._connection))

    def _forget_connection(self) -> None:
        """Drop pending acknowledgements: they must not go out on the next connection."""
        with self._acknowledging:
            self._connection += 1
        self.subscribed = False

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _p: object
    ) -> None:
        self._forget_connection()
        answered, self._answered = self._answered, False
        if reason.value == TAKEN_OVER:
            self._on_taken_over()
        if reason.is_failure and not answered:
            log.warning(
                "%s closed the connection before it answered as a broker; trying again. "
                "A port with TLS needs mqtts:// in broker.url, any other mqtt://",
                self._address,
                extra={"event": "broker_away", "broker": self._address},
            )
            return
        more = {"event": "disconnected", "broker": self._address, "reason": str(reason)}
        log.info("disconnected from the broker: %s", reason, extra=more)
