"""
A client that floods: with a log-in of the shipped broker it writes what that allows, at its best.

It speaks MQTT 3.1.1 by itself, so that it is as fast as a socket, and heeds no acknowledgement.
"""

from __future__ import annotations

import json
import random
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    Messages = Iterator[tuple[bytes, bytes]]

HOST = "127.0.0.1"
CONNECT, PUBLISH_QOS_1 = 0x10, 0x32
WITH_NAME_AND_PASSWORD = 0xC2
LAST_MID = 65_535
BLOCK_BYTES = 64 << 10
SOCKET_SECONDS = 120.0
NAMES_OF_40_KB = 4090
METER = "64000101"
"""Which the gateway of the installation may speak for."""


@dataclass(frozen=True)
class Flood:
    """
    What is sent, and how much of it at most.

    Attributes
    ----------
    kind : str
        A key of `KINDS`.
    seconds : float
        How long. [s]
    most_messages : int
    bytes_per_s : float or None
        What is sent in a second, after as much at once; as fast as it goes without. [byte/s]
    """

    kind: str
    seconds: float
    most_messages: int
    bytes_per_s: float | None = None


@dataclass(frozen=True)
class Login:
    """Where and as whom; `topic` is what the log-in may write to, a prefix for a gateway."""

    port: int
    authority: str
    username: str
    password: str
    topic: str


def readings(topic: str, first_ms: int) -> Messages:
    """Yield good readings, each with a time of its own."""
    where = topic.encode()
    for n in count():
        yield where, b'{"time":%d,"temperature_c":21.4}' % (first_ms + n)


def names(topic: str, first_ms: int) -> Messages:
    """Yield a reading each, in 40 KB of names that nobody knows."""
    where, rng = topic.encode(), random.Random(first_ms)  # noqa: S311  no secret
    for n in count():
        unknown = {f"{rng.getrandbits(20):x}": 1 for _ in range(NAMES_OF_40_KB)}
        yield where, json.dumps({"time": first_ms + n, **unknown}, separators=(",", ":")).encode()


def few_names(topic: str, first_ms: int) -> Messages:
    """Yield as many complaints to a byte as there can be: ten new names in each message."""
    where, rng = topic.encode(), random.Random(first_ms)  # noqa: S311  no secret
    for n in count():
        body = ",".join(f'"{rng.getrandbits(40):x}":1' for _ in range(10))
        yield where, b'{"time":%d,%s}' % (first_ms + n, body.encode())


def nonsense(topic: str, _first_ms: int) -> Messages:
    """Yield messages that are none, each on a topic of its own where that is allowed."""
    for n in count():
        yield f"{topic}{n}".encode() if topic.endswith("/") else topic.encode(), b"%d?" % n


def words(topic: str, first_ms: int) -> Messages:
    """Yield telegrams of a meter that says another word of itself each time."""
    where, rng = f"{topic}{METER}".encode(), random.Random(first_ms)  # noqa: S311  no secret
    for n in count():
        yield (
            where,
            (
                f'{{"id":"{METER}","media":"heat","timestamp":{first_ms + n},'
                f'"status":"{rng.getrandbits(40):x}","total_energy_consumption_kwh":1000}}'
            ).encode(),
        )


KINDS = {
    "readings": readings,
    "names": names,
    "few_names": few_names,
    "nonsense": nonsense,
    "words": words,
}
OF_A_GATEWAY = frozenset({"nonsense", "words"})


def packet(kind: int, body: bytes) -> bytes:
    """Return a packet with its remaining length in front."""
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([kind]) + length + body


def text(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def connect(login: Login) -> ssl.SSLSocket:
    """Log in with a password over TLS."""
    context = ssl.create_default_context(cafile=login.authority)
    plain = socket.create_connection((HOST, login.port), SOCKET_SECONDS)
    connection = context.wrap_socket(plain, server_hostname=HOST)
    variable = text(b"MQTT") + bytes([4, WITH_NAME_AND_PASSWORD]) + (0).to_bytes(2, "big")
    name = login.username.encode()
    connection.sendall(
        packet(CONNECT, variable + text(name) + text(name) + text(login.password.encode()))
    )
    answer = connection.recv(4)
    assert answer[3:] == b"\0", f"the broker refused the log-in: {answer.hex()}"
    return connection


def flood(login: Login, what: Flood, pipe: Connection) -> None:
    """Send until time or number is reached; tell how many messages and bytes that were."""
    connection = connect(login)
    messages, sent, sent_bytes = KINDS[what.kind](login.topic, time.time_ns() // 1_000_000), 0, 0
    pipe.send("ready")
    pipe.recv()
    started = time.monotonic()
    with suppress(OSError):
        while sent < what.most_messages and time.monotonic() - started < what.seconds:
            block, number = _block(messages, sent, what.most_messages - sent)
            connection.sendall(block)
            _swallow_what_came(connection)
            sent, sent_bytes = sent + number, sent_bytes + len(block)
            if what.bytes_per_s is not None:
                due = started + (sent_bytes - what.bytes_per_s) / what.bytes_per_s
                time.sleep(max(due - time.monotonic(), 0))
    pipe.send((sent, sent_bytes, time.monotonic() - started))
    # Closed with answers unread, the connection would be reset, and what is under way lost.
    _swallow(connection)


def _block(messages: Messages, sent: int, most: int) -> tuple[bytes, int]:
    parts: list[bytes] = []
    size = number = 0
    for topic, payload in messages:
        mid = (sent + number) % LAST_MID + 1
        parts.append(packet(PUBLISH_QOS_1, text(topic) + mid.to_bytes(2, "big") + payload))
        size, number = size + len(parts[-1]), number + 1
        if size >= BLOCK_BYTES or number >= most:
            break
    return b"".join(parts), number


def _swallow_what_came(connection: ssl.SSLSocket) -> None:
    """Take answers in the thread that sends: one TLS connection serves no two at a time."""
    connection.settimeout(0)
    with suppress(ssl.SSLWantReadError):
        while connection.recv(BLOCK_BYTES):
            pass
    connection.settimeout(SOCKET_SECONDS)


def _swallow(connection: ssl.SSLSocket) -> None:
    with suppress(OSError, ValueError):
        while connection.recv(BLOCK_BYTES):
            pass
