"""Connection of one device: last will, send window, and a new client after each loss."""

from __future__ import annotations

import random
import selectors
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from paho.mqtt.client import Client, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from firmware_sim.mqtt.broker import BrokerProblem

if TYPE_CHECKING:
    from collections.abc import Callable

    from paho.mqtt.reasoncodes import ReasonCode

    from firmware_sim.mqtt.broker import BrokerAddress
    from firmware_sim.mqtt.messages import Sent
    from firmware_sim.mqtt.outbox import Outbox

WINDOW = 20
"""Most unacknowledged messages; as many as Mosquitto allows."""
KEEPALIVE_SECONDS = 60
RETRY_SECONDS = (1.0, 8.0)
"""First and longest pause before reconnecting; it doubles in between."""
ONLINE, OFFLINE = "online", "offline"


class Sender(NamedTuple):
    """A device with a connection of its own; `status_topic` is for its last will, if any."""

    name: str
    status_topic: str | None


class Connection:
    """
    The connection of one device to the broker.

    A lost connection is replaced by a new client, so that messages in flight are resent in
    order from the outbox, not by the client first.

    Parameters
    ----------
    address : BrokerAddress
    sender : Sender
    outbox : Outbox
    selector : selectors.BaseSelector
        Selector with the socket registered; its data is this connection.
    on_acknowledged : callable
        Called with each message that the broker acknowledged.
    """

    def __init__(
        self,
        address: BrokerAddress,
        sender: Sender,
        outbox: Outbox,
        selector: selectors.BaseSelector,
        on_acknowledged: Callable[[Sent], None],
    ) -> None:
        self.outbox = outbox
        self._address = address
        self._sender = sender
        self._selector = selector
        self._on_acknowledged = on_acknowledged
        self._client: Client | None = None
        self._on_the_way: dict[int, Sent | None] = {}
        self._greeted = False
        self._connected = False
        self._failures = 0
        self._retry_at = 0.0

    @property
    def idle(self) -> bool:
        """Whether the broker has acknowledged everything."""
        return not self._on_the_way and not len(self.outbox)

    def tick(self) -> None:
        """Reconnect if due, else keep the connection alive."""
        if self._client is not None:
            self._client.loop_misc()
        elif time.monotonic() >= self._retry_at:
            self._open()

    def add(self, message: Sent) -> None:
        """Queue a message, and send it if the window allows."""
        if message.after_reboot:
            self._lose()
            self.outbox.forget()
        self.outbox.add(message)
        self.pump()

    def pump(self) -> None:
        """Send as many messages as the window allows."""
        while self._connected and len(self._on_the_way) < WINDOW:
            message = self.outbox.take()
            if message is None:
                return
            self._publish(message.topic, message.payload, message)

    def ready(self, events: int) -> None:
        """Read and write what the socket is ready for, then send more."""
        if self._client is not None and events & selectors.EVENT_READ:
            self._client.loop_read()
        if self._client is not None and events & selectors.EVENT_WRITE:
            self._client.loop_write()
        self.pump()
        self._watch()

    def say_goodbye(self) -> None:
        """Publish that the device is switched off; idle once that is acknowledged."""
        if self._connected and self._sender.status_topic:
            self._publish(self._sender.status_topic, OFFLINE, None, retain=True)

    def close(self) -> None:
        """Disconnect cleanly: the broker discards the last will."""
        if self._client is not None:
            self._client.disconnect()
            self._lose()

    def _open(self) -> None:
        client = self._new_client()
        try:
            client.connect(self._address.host, self._address.port, KEEPALIVE_SECONDS)
        except OSError as error:
            if not self._greeted:
                raise BrokerProblem(
                    f"no broker at {self._address}: {error}. Start one, or correct --broker"
                ) from error
            self._pause()
        else:
            self._client = client

    def _pause(self) -> None:
        """Schedule the next attempt, with jitter, so that devices do not reconnect at once."""
        first, longest = RETRY_SECONDS
        pause = min(first * 2**self._failures, longest)
        self._retry_at = time.monotonic() + pause * random.uniform(0.5, 1.0)  # noqa: S311  no secret
        self._failures += 1

    def _new_client(self) -> Client:
        v5 = self._address.protocol == "5"
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._sender.name,
            protocol=MQTTv5 if v5 else MQTTv311,
        )
        client.max_inflight_messages_set(WINDOW)
        if self._address.username:
            client.username_pw_set(self._address.username, self._address.password)
        if self._sender.status_topic:
            client.will_set(self._sender.status_topic, OFFLINE, qos=1, retain=True)
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.on_disconnect = lambda *_: self._lose()
        return client

    def _on_socket_open(self, _client: Client, _userdata: Any, opened: Any) -> None:  # noqa: ANN401
        self._selector.register(opened, selectors.EVENT_READ, self)

    def _on_socket_close(self, _client: Client, _userdata: Any, closed: Any) -> None:  # noqa: ANN401
        self._selector.unregister(closed)

    def _on_connect(self, _c: Client, _u: Any, _f: Any, reason: ReasonCode, _p: Any) -> None:  # noqa: ANN401
        if reason.is_failure:
            if not self._greeted:
                raise BrokerProblem(
                    f"the broker at {self._address} refused {self._sender.name}: {reason}. "
                    "Correct name and password"
                )
            return
        self._greeted = self._connected = True
        self._failures = 0
        if self._sender.status_topic:
            self._publish(self._sender.status_topic, ONLINE, None, retain=True)

    def _publish(
        self, topic: str, payload: str, message: Sent | None, *, retain: bool = False
    ) -> None:
        client = self._client
        if client is None:
            return
        info = client.publish(topic, payload, qos=1, retain=retain)
        # The write itself may have detected that the connection is lost.
        if self._client is client:
            self._on_the_way[info.mid] = message

    def _on_publish(self, _client: Client, _userdata: Any, mid: int, *_: Any) -> None:  # noqa: ANN401
        message = self._on_the_way.pop(mid, None)
        if message is not None:
            self._on_acknowledged(message)

    def _watch(self) -> None:
        """Watch the socket for writing while data is pending."""
        if self._client is None:
            return
        opened: Any = self._client.socket()
        wanted = selectors.EVENT_READ
        if self._client.want_write():
            wanted |= selectors.EVENT_WRITE
        if self._selector.get_key(opened).events != wanted:
            self._selector.modify(opened, wanted, self)

    def _lose(self) -> None:
        """Drop the connection without disconnecting."""
        client, self._client = self._client, None
        if client is None:
            return
        opened: Any = client.socket()
        if opened is not None:
            client.on_socket_close = client.on_disconnect = None
            self._selector.unregister(opened)
            opened.close()
        self._connected = False
        self._on_the_way.clear()
        self.outbox.rewind()
        self._pause()
