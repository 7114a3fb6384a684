"""Messages from packets: what is put in comes out, whatever the properties hold."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.exception import MalformedPacket

from ingest.mqtt.publish_packet import read_publish

TOPICS = st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))


def number_of(length: int) -> bytes:
    """Write a variable byte integer, as section 1.5.5 of MQTT 5.0 has it."""
    rest, digit = divmod(length, 128)
    return bytes([digit | 0x80]) + number_of(rest) if rest else bytes([digit])


def packet(
    topic: bytes, quality: int, message_id: int, properties: bytes | None, data: bytes
) -> bytes:
    return b"".join(
        [
            struct.pack("!H", len(topic)),
            topic,
            struct.pack("!H", message_id) if quality else b"",
            b"" if properties is None else number_of(len(properties)) + properties,
            data,
        ]
    )


@given(
    topic=TOPICS,
    quality=st.sampled_from([0, 1]),
    message_id=st.integers(1, 65_535),
    properties=st.none() | st.binary(max_size=20_000),
    data=st.binary(max_size=300),
    flags=st.tuples(st.booleans(), st.booleans()),
)
def test_what_is_put_in_comes_out(
    topic: bytes,
    quality: int,
    message_id: int,
    properties: bytes | None,
    data: bytes,
    flags: tuple[bool, bool],
) -> None:
    again, retained = flags
    command = 0x30 | again << 3 | quality << 1 | retained
    body = packet(topic, quality, message_id, properties, data)
    message = read_publish(command, bytearray(body), properties is not None)
    assert message.topic.encode() == topic
    assert (message.qos, message.dup, message.retain) == (quality, again, retained)
    assert message.mid == (message_id if quality else 0)
    assert message.payload == data


@given(body=st.binary(max_size=40), command=st.integers(0x30, 0x3F), v5=st.booleans())
def test_any_bytes_are_a_message_or_malformed(body: bytes, command: int, v5: bool) -> None:
    try:
        message = read_publish(command, body, v5)
    except MalformedPacket:
        return
    assert message.qos < 2
    assert body.endswith(bytes(message.payload))


@pytest.mark.parametrize("cut", range(1, 10))
def test_what_ends_too_soon_is_malformed(cut: int) -> None:
    body = packet(b"topic", 1, 7, b"", b"")
    with pytest.raises(MalformedPacket):
        read_publish(0x32, body[:-cut], has_properties=True)


def test_quality_two_is_malformed() -> None:
    with pytest.raises(MalformedPacket):
        read_publish(0x34, packet(b"topic", 2, 7, b"", b"data"), has_properties=True)
