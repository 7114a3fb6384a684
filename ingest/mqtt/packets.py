"""
Splits a stream of bytes into MQTT packets, and reads PUBLISH packets without their properties.

Properties are not used here. paho parses them and treats a message as malformed whose properties
contain a byte order mark, which the standard allows (1.5.4). It would disconnect, and the broker
would send the message again, for ever: one device could stop the intake of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from paho.mqtt.exception import MalformedPacket

if TYPE_CHECKING:
    from collections.abc import Generator

LONGEST_NUMBER_BYTES = 4
CONTINUES = 0x80
RETAINED = 0x01


class Publish(NamedTuple):
    """
    A message of QoS 0 or 1.

    Attributes
    ----------
    mid : int
        Packet identifier; 0 with QoS 0.
    retained : bool
        Whether it was retained before the subscription, for an unknown time.
    """

    topic: bytes
    payload: bytes
    mid: int
    qos: int
    retained: bool = False


class PacketReader:
    """Collects received bytes and returns them as packets, however they were split."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Generator[tuple[int, bytes], None, None]:
        """
        Add what was received, and return the packets that are now complete.

        Yields
        ------
        tuple of int and bytes
            A packet's first byte, and what follows its length.

        Raises
        ------
        MalformedPacket
            If a length has more than four bytes.

        Source: MQTT 5.0, sections 1.5.5 and 2.1.
        """
        self._bytes += data
        start, received = 0, self._bytes
        try:
            while (end_of_length := read_number(received, start + 1)) is not None:
                length, body = end_of_length
                if body + length > len(received):
                    return
                command, start = received[start], body + length
                yield command, bytes(received[body:start])
        finally:
            del received[:start]


def read_number(received: bytes | bytearray, start: int) -> tuple[int, int] | None:
    """
    Read a variable byte integer.

    Returns
    -------
    tuple of int, or None
        The number and the position after it; None if the bytes end before it does.

    Raises
    ------
    MalformedPacket
        If it has more than four bytes.

    Source: MQTT 5.0, section 1.5.5.
    """
    number = 0
    for place, byte in enumerate(received[start : start + LONGEST_NUMBER_BYTES]):
        number |= (byte & ~CONTINUES) << 7 * place
        if byte < CONTINUES:
            return number, start + place + 1
    if len(received) - start >= LONGEST_NUMBER_BYTES:
        raise MalformedPacket("a number of more than four bytes")
    return None


def read_publish(command: int, body: bytes, has_properties: bool) -> Publish:
    """
    Parse a PUBLISH packet of QoS 0 or 1.

    Parameters
    ----------
    command : int
        Its first byte.
    body : bytes
        Bytes after its length.
    has_properties : bool
        True for MQTT 5.

    Raises
    ------
    MalformedPacket
        If it is truncated, or has QoS 2, which is never subscribed to.

    Source: MQTT 5.0 and 3.1.1, section 3.3.
    """
    qos = command >> 1 & 0b11
    topic_end = 2 + int.from_bytes(body[:2])
    start = topic_end + (2 if qos else 0)
    if has_properties:
        length_and_end = read_number(body, start)
        start = len(body) + 1 if length_and_end is None else sum(length_and_end)
    if qos > 1 or start > len(body):
        raise MalformedPacket(f"a message of QoS {qos} and {len(body)} bytes")
    mid = int.from_bytes(body[topic_end : topic_end + 2]) if qos else 0
    return Publish(body[2:topic_end], body[start:], mid, qos, bool(command & RETAINED))
