"""
The connection to the broker: what arrives is put into a bounded queue, acknowledgements go back.

The broker sends at most `receive_maximum` messages that are not acknowledged (with protocol 3.1.1
its own limit holds). Two windows fit into the queue: what was received before a reconnect, and what
is sent again after it. A broker that sends more than that, as Mosquitto 2.0.11 does with a backlog,
is not read until there is room (`ingest.mqtt.network`).

An acknowledgement belongs to the connection on which its message came: after a disconnect it is
dropped, and the broker sends the message again.
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

    from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

log = logging.getLogger(__name__)

QOS = 1
WINDOWS = 2
INBOX_BYTES = 64 << 20
# Server unavailable, server busy, connection rate exceeded: MQTT 5.0, table 3-1.
TRY_AGAIN = frozenset({0x88, 0x89, 0x9F})
# Session taken over: MQTT 5.0, table 3-13. With 3.1.1 no broker says it.
TAKEN_OVER = 0x8E


class BrokerSession:
    """
    A persistent session with manual acknowledgement.

    Parameters
    ----------
    settings : SessionSettings
    topic_filters : sequence of str
        What to subscribe to.
    unshared_filters : sequence of str, optional
        What every worker of a group is told.

    Attributes
    ----------
    refusal : FairvarmeError or None
        Why the broker does not let the worker in.
    connections : int
        How often it was let in.
    sessions_lost : int
        How often the broker had forgotten the session when it came back.
    takeovers : int
        How often another client came under this one's id, where the broker tells (MQTT 5).
    missed : int
        Messages that went to another client under this one's id, where the broker counts its
        messages up; see `ingest.mqtt.numbering`.
    subscribed : bool
        Whether the subscriptions are granted now.
    dropped_unpromised : int
        Messages of QoS 0 for which there was no room.
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
        self.sessions_lost = 0
        self.takeovers = 0
        self.missed = 0
        self._numbering = Numbering()
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
        self._network.start()

    def stop_receiving(self) -> None:
        """Take no further message: what comes now is not acknowledged, so it is sent again."""
        self._receiving = False

    def stop(self) -> None:
        """Say goodbye to the broker, which keeps the session; what is queued stays readable."""
        self._network.stop()

    def check(self) -> None:
        """Raise what keeps this session from the broker for good, or has ended its thread."""
        for each in (self.refusal, self._network.failure):
            if each is not None:
                raise each

    def receive(self, most: int, most_bytes: int, seconds: float) -> list[Received]:
        """Wait for messages; see `Inbox.take`."""
        # A window at once: more there may not be, where this one must be taken out first.
        batch = self._inbox.take(min(most, self._settings.receive_maximum), most_bytes, seconds)
        self._network.room_made()
        return batch

    @property
    def _address(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"

    @property
    def queued(self) -> int:
        """How many messages wait in memory."""
        return len(self._inbox)

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
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _on_connect(
        self, client: Client, _userdata: object, flags: ConnectFlags, reason: ReasonCode, _p: object
    ) -> None:
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
            "the broker at %s has forgotten the session: what came while this worker was away is "
            "lost unless devices send it again. Let the broker save its sessions",
            self._address,
            extra={"event": "session_lost", "broker": self._address},
        )

    def _on_taken_over(self) -> None:
        self.takeovers += 1
        log.error(
            "another client logged in at %s under this worker's client id: what it acknowledges is "
            "lost. Let the broker hold each user to one client id, and give each worker its own",
            self._address,
            extra={"event": "session_taken_over", "broker": self._address},
        )

    def _note_number(self, message: MQTTMessage) -> None:
        missed = self._numbering.missed_before(message.mid)
        if missed:
            self.missed += missed
            log.error(
                "%d messages went to another client that logged in at %s under this worker's "
                "client id, and are lost unless it stored them",
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

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.qos:
            self._note_number(message)
        if not self._receiving:
            return
        if not message.qos and self._inbox.holds(1 / WINDOWS):
            # QoS 0 promises nothing, and no limit of the broker's holds it back.
            self.dropped_unpromised += 1
        else:
            # What cannot be decoded anyway is not kept whole.
            whole = len(message.payload) <= limits().payload_bytes
            payload = message.payload if whole else message.payload[: limits().kept_bytes]
            now_ms = time.time_ns() // 1_000_000
            arrived = Message(_topic_of(message), bytes(payload), len(message.payload), now_ms)
            self._inbox.put(Received(arrived, message.mid, message.qos, self._connection))

    def _forget_connection(self) -> None:
        """Let no acknowledgement of what has come so far go out on the next connection."""
        with self._acknowledging:
            self._connection += 1
        self.subscribed = False

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: object, reason: ReasonCode, _p: object
    ) -> None:
        self._forget_connection()
        if reason.value == TAKEN_OVER:
            self._on_taken_over()
        more = {"event": "disconnected", "broker": self._address, "reason": str(reason)}
        log.info("disconnected from the broker: %s", reason, extra=more)


def _topic_of(message: MQTTMessage) -> str:
    """Return the topic; where a faulty broker hands on other bytes, a text that fits no source."""
    try:
        return message.topic
    except UnicodeDecodeError as error:
        return error.object.decode("utf-8", "backslashreplace")
