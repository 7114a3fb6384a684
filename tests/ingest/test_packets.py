"""Packets from bytes, and messages from packets: what is put in comes out, however it was cut."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.exception import MalformedPacket

from ingest.mqtt.packets import PacketReader, read_publish

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
    message = read_publish(command, body, properties is not None)
    assert message.topic == topic
    assert message.qos == quality
    assert message.mid == (message_id if quality else 0)
    assert message.payload == data
    assert message.retained == retained


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


def framed(command: int, body: bytes) -> bytes:
    return bytes([command]) + number_of(len(body)) + body


@given(
    packets=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=400)), max_size=8),
    cuts=st.lists(st.integers(1, 500), min_size=1, max_size=40),
)
def test_packets_come_out_however_the_stream_is_cut(
    packets: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(framed(*each) for each in packets)
    reader, found = PacketReader(), []
    for length in cuts:
        piece, stream = stream[:length], stream[length:]
        found += list(reader.feed(piece))
    found += list(reader.feed(stream))
    assert found == packets


def test_packet_is_given_when_its_last_byte_is_there() -> None:
    reader, stream = PacketReader(), framed(0x30, b"x" * 20_000) + b"\x30"
    for byte in stream[:20_000]:
        assert list(reader.feed(bytes([byte]))) == []
    assert list(reader.feed(stream[20_000:])) == [(0x30, b"x" * 20_000)]
    assert list(reader.feed(b"\x00")) == [(0x30, b"")]


def test_packets_before_one_whose_length_never_ends_are_given() -> None:
    taking = PacketReader().feed(framed(0x30, b"good") + b"\x30\xff\xff\xff\xff")
    assert next(taking) == (0x30, b"good")
    with pytest.raises(MalformedPacket):
        next(taking)


def test_rest_is_kept_when_the_taker_stops_in_the_middle() -> None:
    reader = PacketReader()
    taking = reader.feed(framed(0x30, b"a") + framed(0x30, b"b"))
    assert next(taking) == (0x30, b"a")
    taking.close()
    assert list(reader.feed(b"")) == [(0x30, b"b")]
