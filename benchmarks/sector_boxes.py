"""
Ten thousand connections that publish at a steady rate, in one process: plain sockets, no library.

MQTT 3.1.1 with QoS 1, to 127.0.0.1 only; each connection speaks for some homes in turn.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

HOST = "127.0.0.1"
FLATS = 75
"""Of a building."""
MOST_WAITING = 50_000
"""Messages that the broker may owe an acknowledgement before the boxes wait."""
TICK_SECONDS = 0.01
CONNECTIONS_AT_ONCE = 200
PATIENCE_SECONDS = 120.0
ANSWER_BYTES = 4
"""Of CONNACK and PUBACK alike."""


class Load(NamedTuple):
    """
    What is sent.

    Attributes
    ----------
    rate : float
        Messages in a second. [1/s]
    seconds : float
        How long. [s]
    connections, homes : int
    """

    rate: float
    seconds: float
    connections: int
    homes: int

    @property
    def messages(self) -> int:
        """How many messages that is."""
        return round(self.rate * self.seconds)


class Sent(NamedTuple):
    """
    What was sent.

    Attributes
    ----------
    acknowledged : int
        Messages that the broker acknowledged.
    seconds : float
        From the first message to the last acknowledgement. [s]
    longest_behind : float
        How far the boxes fell behind their rate. [s]
    processor_seconds : float
    """

    acknowledged: int
    seconds: float
    longest_behind: float
    processor_seconds: float


def building_of(home: int) -> str:
    """Return the building of a home."""
    return f"b{home // FLATS}"


def device_of(home: int) -> str:
    """Return the box of a home."""
    return f"h{home}"


def publish(port: int, load: Load, pipe: Connection) -> None:
    """Connect, say so, wait for a word, publish, and answer with `Sent`."""
    pipe.send(asyncio.run(_publish(port, load, pipe)))


class _Box(asyncio.Protocol):
    answers = 0

    def __init__(self, number: int) -> None:
        self._name = f"boxes-{number}".encode()
        self._rest = 0
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        head = b"\x00\x04MQTT\x04\x02\x00\x00"
        body = head + len(self._name).to_bytes(2, "big") + self._name
        transport.write(b"\x10" + _length(len(body)) + body)

    def data_received(self, data: bytes) -> None:
        whole, self._rest = divmod(self._rest + len(data), ANSWER_BYTES)
        _Box.answers += whole


async def _publish(port: int, load: Load, pipe: Connection) -> Sent:
    boxes = await _connected(port, load.connections)
    pipe.send("connected")
    await asyncio.to_thread(pipe.recv)
    _Box.answers = 0
    started, behind, number = time.monotonic(), 0.0, 0
    used = time.process_time()
    while number < load.messages:
        due = min(int((time.monotonic() - started) * load.rate), load.messages)
        if number - _Box.answers < MOST_WAITING:
            for each in range(number, due):
                _send(boxes[each % len(boxes)], each % load.homes, each)
            number = max(due, number)
        else:
            behind = max(behind, (due - number) / load.rate)
        await asyncio.sleep(TICK_SECONDS)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _Box.answers < number and time.monotonic() < deadline:
        await asyncio.sleep(TICK_SECONDS)
    seconds = time.monotonic() - started
    for box in boxes:
        assert box.transport is not None
        box.transport.close()
    return Sent(_Box.answers, seconds, behind, time.process_time() - used)


async def _connected(port: int, connections: int) -> deque[_Box]:
    loop, boxes = asyncio.get_running_loop(), deque[_Box]()
    for first in range(0, connections, CONNECTIONS_AT_ONCE):
        numbers = range(first, min(first + CONNECTIONS_AT_ONCE, connections))
        made = [loop.create_connection(lambda n=n: _Box(n), HOST, port) for n in numbers]  # type: ignore[misc]  # bound in the turn
        boxes.extend([box for _, box in await asyncio.gather(*made)])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while _Box.answers < connections:
        assert time.monotonic() < deadline, f"{_Box.answers} of {connections} connected"
        await asyncio.sleep(TICK_SECONDS)
    return boxes


def _send(box: _Box, home: int, number: int) -> None:
    topic = f"fairvarme/v1/{building_of(home)}/{device_of(home)}/readings".encode()
    values = {
        "time": time.time_ns() // 1_000_000,
        "temperature_c": 18 + number % 60 / 10,
        "humidity_pct": 35 + number % 200 / 10,
        "co2_ppm": 400.0 + number % 900,
    }
    identifier = (number % 65_535 + 1).to_bytes(2, "big")
    body = len(topic).to_bytes(2, "big") + topic + identifier + json.dumps(values).encode()
    assert box.transport is not None
    box.transport.write(b"\x32" + _length(len(body)) + body)


def _length(number: int) -> bytes:
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(out)
