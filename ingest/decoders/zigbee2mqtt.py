"""
Devices of Zigbee2MQTT: ``zigbee2mqtt/{name}``, one object with all that is known of the device.

``last_seen`` is required (``advanced.last_seen`` in its settings, any notation but ``disable``):
Zigbee2MQTT publishes what it remembers again when it starts, and with the time of arrival an old
temperature would be a new reading. With ``last_seen`` the repeat is the same reading.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.decoders.fields import Leaf, Origin, decode_leaves, leaves
from ingest.decoders.model import Decoded, DecodeOptions, Refused, Reject
from ingest.decoders.parsing import parse_object, parse_time
from ingest.decoders.topics import device_before
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TIME = "last_seen"
OF_THE_BRIDGE = "bridge"
NO_DEVICE = frozenset({"availability", "set", "get"})


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one device's state."""
    found = Decoded([], [])
    try:
        device = options.topic.find(topic)[0] if options.topic else device_of(topic)
        state = parse_object(payload, options.limits)
        origin = Origin(device, parse_time(state.get(TIME), options, arrival_ms))
        decode_leaves(found, _leaves(state), origin, "zigbee2mqtt", options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def device_of(topic: str) -> str:
    """Give the device that a topic names; the bridge's own messages are of none."""
    device = device_before(topic, frozenset())
    levels = topic.split("/")
    if device in NO_DEVICE or OF_THE_BRIDGE in levels[1:]:
        raise Refused(Reason.TOPIC_UNEXPECTED, "expected .../{device}, and not the bridge's own")
    return device


def _leaves(state: Mapping[str, Any]) -> Iterator[Leaf]:
    battery = "battery" in state
    for leaf in leaves({key: value for key, value in state.items() if key != TIME}):
        # Of a mains plug it is another voltage, in another unit.
        of_battery = battery and leaf.name == "voltage"
        yield leaf._replace(name="battery.voltage") if of_battery else leaf
