"""
Checks whether a broker accepts the worker, without disturbing the worker.

A broker may bind one session to each user (`use_username_as_clientid`). Then a check
with the worker's log-in enters the worker's session, which must stay as it was. So the check asks
for a persistent session, acknowledges nothing, and ends a session only if it is the check's
own and new.

A broker that binds sessions only to client ids lets any client with a log-in take
over the worker's. A second client of the check detects that: if it does not enter the
first one's session, client ids are not bound to users.
"""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.mqtt.client import connect_arguments, new_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paho.mqtt.client import Client
    from paho.mqtt.reasoncodes import ReasonCode

    from ingest.mqtt.client import SessionSettings
    from ingest.mqtt.packets import Publish

ANSWER_SECONDS = 10.0
COUNT_SECONDS = 1.0
# In the worker's session the check must end before the worker reconnects.
HASTY_COUNT_SECONDS = 0.2
# Of OpenSSL's X509_V_ERR_...: not yet valid, expired, another host's, another address's.
REMEDIES_OF_TRUST = {
    9: "clock",
    10: "broker_expired",
    62: "broker_name",
    64: "broker_name",
}
SUFFIX, SECOND_SUFFIX = "-doctor", "-doctor-2"
CLIENT_ID_REFUSED = 0x85
"""Client identifier not valid: MQTT 5.0, table 3-1."""
DROPPED = "$SYS/broker/publish/messages/dropped"
"""Topic on which Mosquitto publishes the number of dropped messages."""


@dataclass
class BrokerAnswer:
    """
    Result of the broker check.

    Attributes
    ----------
    failure : str
        Why the connection failed; empty if it did not.
    remedy : str
        Of that failure, by its name in ``doctor.yaml``.
    refusal : str
        Why the log-in was refused; empty if it was not.
    taken_over : bool
        Whether the check entered an existing session.
    bound : bool or None
        Whether the broker binds each user to one client id; None if not checked.
    refused_filters : list of str
    dropped : int or None
        Messages that the broker reports as dropped; None if it does not report.
    """

    failure: str = ""
    remedy: str = "broker_away"
    refusal: str = ""
    taken_over: bool = False
    bound: bool | None = None
    refused_filters: list[str] | None = None
    dropped: int | None = None


def ask_broker(worker: SessionSettings, topic_filters: Sequence[str]) -> BrokerAnswer:
    """
    Log in and subscribe like the worker, with another client id.

    Raises
    ------
    UsageError
        If a file for TLS cannot be used.
    """
    settings = replace(worker, client_id=worker.client_id + SUFFIX)
    answer = BrokerAnswer()
    check = _Check(answer, list(dict.fromkeys(topic_filters)))
    try:
        with _connected(settings, check) as client:
            if check.let_in():
                _examine(worker, check, client)
            own = check.is_up and not answer.taken_over
            if own:
                _end_session(client, settings)
        if own and settings.protocol != "5":
            _forget(settings)
    except ssl.SSLCertVerificationError as error:
        answer.failure = f"certificate verify failed: {error.verify_message}"
        answer.remedy = REMEDIES_OF_TRUST.get(error.verify_code, "broker_authority")
    except (ssl.SSLError, ConnectionResetError) as error:
        answer.failure = f"it ended the connection at its beginning ({error.strerror})"
        answer.remedy = "broker_tls"
    except OSError as error:
        answer.failure = error.strerror or str(error)
    return answer


def _examine(worker: SessionSettings, check: _Check, client: Client) -> None:
    answer = check.answer
    if answer.taken_over:
        answer.bound = True
        check.count_dropped(client)
    else:
        check.subscribe(client)
        answer.bound = _is_bound(worker, check)


def _is_bound(worker: SessionSettings, first: _Check) -> bool:
    """Log in again with a third client id, and return whether it is the same session."""
    settings = replace(worker, client_id=worker.client_id + SECOND_SUFFIX)
    second = _Check(BrokerAnswer(), [])
    own = first.is_up
    with _connected(settings, second) as client:
        if not second.let_in():
            return second.answer.bound is True
        bound = second.answer.taken_over
        # The first one's session, unless the worker reconnected in between.
        if own:
            _end_session(client, settings)
    if own and settings.protocol != "5":
        _forget(settings)
    return bound


class _Check:
    """Collects the broker's responses; paho calls it from its own thread."""

    def __init__(self, answer: BrokerAnswer, topic_filters: list[str]) -> None:
        self.answer = answer
        self._topic_filters = topic_filters
        self._connected = threading.Event()
        self._granted = threading.Event()
        self._counted = threading.Event()
        self._gone = threading.Event()

    @property
    def is_up(self) -> bool:
        """Whether it is connected and was not taken over."""
        return self._connected.is_set() and not self._gone.is_set() and not self.answer.refusal

    def let_in(self) -> bool:
        if not self._connected.wait(ANSWER_SECONDS):
            self.answer.failure = "it closed the connection, or did not respond"
            self.answer.remedy = "broker_tls"
        return not (self.answer.failure or self.answer.refusal)

    def subscribe(self, client: Client) -> None:
        # QoS 0: messages here are the worker's, and must not be queued for this check.
        client.subscribe([(each, 0) for each in (*self._topic_filters, DROPPED)])
        if not self._granted.wait(ANSWER_SECONDS):
            self.answer.failure = "it did not respond to the subscription"
        self._counted.wait(COUNT_SECONDS)

    def count_dropped(self, client: Client) -> None:
        """Query one number in the worker's session, and leave nothing behind."""
        client.subscribe(DROPPED, 0)
        self._granted.wait(HASTY_COUNT_SECONDS)
        self._counted.wait(HASTY_COUNT_SECONDS)
        client.unsubscribe(DROPPED)

    def on_connect(
        self, _client: Client, _userdata: object, flags: object, reason: ReasonCode, _p: object
    ) -> None:
        if reason.value == CLIENT_ID_REFUSED:
            self.answer.bound = True
        if reason.is_failure:
            self.answer.refusal = str(reason)
        self.answer.taken_over = bool(getattr(flags, "session_present", False))
        self._connected.set()

    def on_disconnect(self, client: Client, *_: object) -> None:
        self._gone.set()
        # Otherwise paho reconnects, and takes over from whoever took over this check.
        client.disconnect()

    def on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _p: object
    ) -> None:
        pairs = zip(self._topic_filters, reasons, strict=False)
        self.answer.refused_filters = [each for each, reason in pairs if reason.is_failure]
        self._granted.set()

    def on_packet(self, publish: Publish) -> None:
        if publish.topic == DROPPED.encode() and publish.payload.isdigit():
            self.answer.dropped = int(publish.payload)
            self._counted.set()


@contextmanager
def _connected(
    settings: SessionSettings, check: _Check, *, lasting: bool = True
) -> Iterator[Client]:
    client = new_client(settings, lasting=lasting)
    client.connect_timeout = ANSWER_SECONDS
    client.on_connect, client.on_subscribe = check.on_connect, check.on_subscribe
    client.on_packet, client.on_disconnect = check.on_packet, check.on_disconnect
    client.connect(**connect_arguments(settings))
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()
        client.on_connect = client.on_subscribe = client.on_disconnect = None


def _end_session(client: Client, settings: SessionSettings) -> None:
    if settings.protocol == "5":
        properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 0
        client.disconnect(properties=properties)


def _forget(settings: SessionSettings) -> None:
    """With 3.1.1 a session ends when its client reconnects with a clean session."""
    again = _Check(BrokerAnswer(), [])
    with _connected(settings, again, lasting=False):
        again.let_in()
