"""
Devices of Zigbee2MQTT: ``zigbee2mqtt/{name}``, one object with the device's state.

The name may have levels (``0101/stue``), and all of them count: the last alone would merge the
living rooms of two flats into one series.

``last_seen`` is required (``advanced.last_seen`` in its settings, any notation but ``disable``):
Zigbee2MQTT republishes cached values when it starts, and with the time of arrival an old
temperature would be a new reading. With ``last_seen`` the repetition is the same reading.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ingest.decoders.payload import topic_pattern, topics
from ingest.decoders.payload.fields import Origin, decode_leaves
from ingest.decoders.payload.leaves import Leaf, leaves
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.outcomes import Decoded, Refused, Reject
from ingest.decoders.payload.parsing import parse_object, parse_time
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DECODER, BASE = "zigbee2mqtt", "zigbee2mqtt"
TIME = "last_seen"
OF_THE_BRIDGE = "bridge"
NO_DEVICE = frozenset({"availability", "set", "get"})


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one device's state."""
    found = Decoded([], [])
    device = None
    try:
        own = topics.own_device(topic, options, partial(device_of, base=options.base))
        state = parse_object(payload, options.limits)
        device = topics.device_of(state, options, own)
        origin = Origin(device, parse_time(state.get(TIME), options, arrival_ms))
        decode_leaves(found, _leaves(state), origin, DECODER, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
    return found


def device_of(topic: str, base: str | None = None) -> str:
    """
    Return the device that a topic names; the bridge's own messages have none.

    Parameters
    ----------
    topic : str
    base : str, optional
        The topic above the names; default: up to a level ``zigbee2mqtt``, else the first
        level.
    """
    levels = topic.split("/")
    above = levels.index(BASE) + 1 if BASE in levels[:-1] else 1
    if base is not None and topic.startswith(f"{base}/"):
        above = base.count("/") + 1
    name = levels[above:]
    if not name or not all(name) or name[-1] in NO_DEVICE or name[0] == OF_THE_BRIDGE:
        raise Refused(Reason.TOPIC_UNEXPECTED, "expected .../{device}, and not the bridge's own")
    return topic_pattern.JOINT.join(name)


def _leaves(state: Mapping[str, Any]) -> Iterator[Leaf]:
    battery = "battery" in state
    for leaf in leaves({key: value for key, value in state.items() if key != TIME}):
        # On a smart plug it is the mains voltage, in another unit.
        of_battery = battery and leaf.name == "voltage"
        # The unit is that of the device's display; values are in °C.
        yield leaf._replace(
            name="battery.voltage" if of_battery else leaf.name, unit=None, hints=()
        )
