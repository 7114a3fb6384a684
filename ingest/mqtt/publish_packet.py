"""
Parses a PUBLISH packet without its properties.

paho also parses the properties of MQTT 5, and treats a message as malformed whose properties
contain a byte order mark, which the standard allows (1.5.4). It would disconnect, and the broker
would send the message again, for ever: one device could stop the intake of all. Properties are not
used here.
"""

from __future__ import annotations

from paho.mqtt.client import Client, MQTTMessage, MQTTv5
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.exception import MalformedPacket
from paho.mqtt.properties import VariableByteIntegers

LONGEST_NUMBER_BYTES = 4


class PlainClient(Client):
    """paho's client, without parsing message properties."""

    def _handle_publish(self) -> MQTTErrorCode:
        packet = self._in_packet
        message = read_publish(packet["command"], packet["packet"], self._protocol == MQTTv5)
        self._handle_on_message(message)
        return MQTTErrorCode.MQTT_ERR_SUCCESS


def read_publish(command: int, body: bytes | bytearray, has_properties: bool) -> MQTTMessage:
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
    quality = command >> 1 & 0b11
    topic_end = 2 + int.from_bytes(body[:2])
    start = topic_end + (2 if quality else 0)
    if has_properties:
        length, size = VariableByteIntegers.decode(body[start : start + LONGEST_NUMBER_BYTES])  # type: ignore[no-untyped-call]
        start += size + length
    if quality > 1 or start > len(body):
        raise MalformedPacket(f"a message of QoS {quality} and {len(body)} bytes")
    number = int.from_bytes(body[topic_end : topic_end + 2]) if quality else 0
    message = MQTTMessage(number, bytes(body[2:topic_end]))
    message.dup, message.qos, message.retain = bool(command & 0b1000), quality, bool(command & 1)
    message.payload = bytes(body[start:])
    return message
