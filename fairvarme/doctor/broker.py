"""
Asks a broker whether it lets the worker in, without taking anything from the worker.

A broker may give every client of one user one session (`use_username_as_clientid`). Then a check
with the worker's log-in lands in the worker's session: it must end as it began. So the check asks
for a session that lasts, acknowledges nothing, and lets a session end only where it is the check's
own and new.

A broker that gives each client id a session, whoever uses it, lets any client with a log-in take
over the worker's. That is told by a second client of the check's own: where it does not land in the
first one's session, nothing binds a client id to its user.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.mqtt.client import connect_arguments, new_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.reasoncodes import ReasonCode

    from ingest.mqtt.client import SessionSettings

ANSWER_SECONDS = 10.0
COUNT_SECONDS = 1.0
# In the worker's session the check must be gone before the worker comes back.
HASTY_COUNT_SECONDS = 0.2
SUFFIX, SECOND_SUFFIX = "-doctor", "-doctor-2"
CLIENT_ID_REFUSED = 0x85
"""Client identifier not valid: MQTT 5.0, table 3-1."""
DROPPED = "$SYS/broker/publish/messages/dropped"
"""Where Mosquitto tells how many messages it has dropped since it started."""


@dataclass
class BrokerAnswer:
    """
    What the broker answered.

    Attributes
    ----------
    failure : str
        Why no connection came about; empty where one did.
    refusal : str
        Why the log-in was refused; empty where it was not.
    taken_over : bool
        Whether the check landed in a session that was there.
    bound : bool or None
        Whether the broker holds each user to one client id; None where it was not asked.
    refused_filters : list of str
    dropped : int or None
        Messages that the broker says it has dropped; None where it does not say.
    """

    failure: str = ""
    refusal: str = ""
    taken_over: bool = False
    bound: bool | None = None
    refused_filters: list[str] | None = None
    dropped: int | None = None


def ask_broker(worker: SessionSettings, topic_filters: Sequence[str]) -> BrokerAnswer:
    """Log in as the worker does, under another client id, and subscribe as it does."""
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
    except OSError as error:
        answer.failure = str(error)
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
    """Log in once more, under a third client id, and see whose session that is."""
    settings = replace(worker, client_id=worker.client_id + SECOND_SUFFIX)
    second = _Check(BrokerAnswer(), [])
    own = first.is_up
    with _connected(settings, second) as client:
        if not second.let_in():
            return second.answer.bound is True
        bound = second.answer.taken_over
        # The session of the first one, unless the worker has come in between.
        if own:
            _end_session(client, settings)
    if own and settings.protocol != "5":
        _forget(settings)
    return bound


class _Check:
    """Collects what the broker answers; paho calls it from its own thread."""

    def __init__(self, answer: BrokerAnswer, topic_filters: list[str]) -> None:
        self.answer = answer
        self._topic_filters = topic_filters
        self._connected = threading.Event()
        self._granted = threading.Event()
        self._counted = threading.Event()
        self._gone = threading.Event()

    @property
    def is_up(self) -> bool:
        """Whether it was let in, and nobody has pushed it out."""
        return self._connected.is_set() and not self._gone.is_set() and not self.answer.refusal

    def let_in(self) -> bool:
        if not self._connected.wait(ANSWER_SECONDS):
            self.answer.failure = "it ended the connection, or gave no answer"
        return not (self.answer.failure or self.answer.refusal)

    def subscribe(self, client: Client) -> None:
        # QoS 0: what comes here is the worker's, and is not kept for this check.
        client.subscribe([(each, 0) for each in (*self._topic_filters, DROPPED)])
        if not self._granted.wait(ANSWER_SECONDS):
            self.answer.failure = "it did not answer the subscription"
        self._counted.wait(COUNT_SECONDS)

    def count_dropped(self, client: Client) -> None:
        """Ask in the worker's session for one number, and leave nothing behind."""
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
        # Else paho comes back, and pushes out whoever has pushed out this check.
        client.disconnect()

    def on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _p: object
    ) -> None:
        pairs = zip(self._topic_filters, reasons, strict=False)
        self.answer.refused_filters = [each for each, reason in pairs if reason.is_failure]
        self._granted.set()

    def on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        if message.topic == DROPPED and message.payload.isdigit():
            self.answer.dropped = int(message.payload)
            self._counted.set()


@contextmanager
def _connected(
    settings: SessionSettings, check: _Check, *, lasting: bool = True
) -> Iterator[Client]:
    client = new_client(settings, lasting=lasting)
    client.connect_timeout = ANSWER_SECONDS
    client.on_connect, client.on_subscribe = check.on_connect, check.on_subscribe
    client.on_message, client.on_disconnect = check.on_message, check.on_disconnect
    client.connect(**connect_arguments(settings))
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()
        client.on_connect = client.on_subscribe = client.on_message = client.on_disconnect = None


def _end_session(client: Client, settings: SessionSettings) -> None:
    if settings.protocol == "5":
        properties = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = 0
        client.disconnect(properties=properties)


def _forget(settings: SessionSettings) -> None:
    """With 3.1.1 a session ends where its client comes back without it."""
    again = _Check(BrokerAnswer(), [])
    with _connected(settings, again, lasting=False):
        again.let_in()
