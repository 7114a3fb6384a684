"""
paho's client, reading many packets in one system call and acknowledging many in one.

paho reads a packet's first byte, each byte of its length and its rest in a call of its own, and
sends each acknowledgement in another.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from paho.mqtt.client import Client, MQTTv5
from paho.mqtt.enums import MessageType, MQTTErrorCode
from paho.mqtt.exception import MalformedPacket

from ingest.mqtt.packets import PacketReader, Publish, read_publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

READ_BYTES = 1 << 16
PACKET_TYPE = 0xF0
PUBACK_OF_TWO_BYTES = b"\x40\x02"


class ReadingAheadClient(Client):
    """
    paho's client for receiving messages of QoS 0 and 1.

    Attributes
    ----------
    on_packet : callable
        Called with each message, by the thread that reads.
    """

    on_packet: Callable[[Publish], None] = staticmethod(lambda _: None)
    _ahead: PacketReader

    def acknowledge(self, mids: Iterable[int]) -> None:
        """Send the acknowledgements of QoS 1 messages, in order and together."""
        packets = b"".join([PUBACK_OF_TWO_BYTES + mid.to_bytes(2) for mid in mids])
        if packets:
            self._packet_queue(MessageType.PUBACK, packets, 0, 1)

    def reconnect(self) -> MQTTErrorCode:
        """Connect anew; an unfinished packet belongs to the connection before."""
        self._ahead = PacketReader()
        return super().reconnect()

    def _packet_read(self) -> MQTTErrorCode:
        """Read what has arrived, and handle all complete packets."""
        try:
            data = self._sock_recv(READ_BYTES)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_AGAIN
        except OSError:
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        if not data:
            return MQTTErrorCode.MQTT_ERR_CONN_LOST
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        try:
            return self._handle_packets(data)
        except MalformedPacket:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL

    def _handle_packets(self, data: bytes) -> MQTTErrorCode:
        is_v5 = self._protocol == MQTTv5
        for command, body in self._ahead.feed(data):
            if command & PACKET_TYPE == MessageType.PUBLISH:
                self.on_packet(read_publish(command, body, is_v5))
                continue
            outcome = self._handle_other(command, body)
            # A packet may end the connection.
            if outcome > 0 or self._sock is None:
                return outcome
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _handle_other(self, command: int, body: bytes) -> MQTTErrorCode:
        self._in_packet |= {
            "command": command,
            "remaining_length": len(body),
            "packet": bytearray(body),
            "pos": 0,
        }
        return self._packet_handle()
