"""
One value per topic, as a bare number.

The topic is ``.../{device}/{quantity}``, common for self-made devices, Shelly's
``.../{device}/sensor/{quantity}`` or ESPHome's ``.../{device}/sensor/{quantity}/state``; the
source's pattern may define another. There is no device
time, so the time of arrival is used, and marked.
"""

from __future__ import annotations

from ingest.decoders.payload.fields import Origin, decode_leaves
from ingest.decoders.payload.leaves import Leaf
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.names import words
from ingest.decoders.payload.numbers import read_number
from ingest.decoders.payload.outcomes import Decoded, Refused, Reject, shown
from ingest.decoders.payload.parsing import parse_json, parse_number
from ingest.decoders.payload.topic_pattern import TopicPattern
from ingest.decoders.payload.topics import known_as
from ingest.reasons import Reason
from telemetry.readings import Quality

ESPHOME = TopicPattern("{device}/sensor/{quantity}/state")
PADDING = "\0\ufeff \t\r\n"
SHELLY = TopicPattern("{device}/sensor/{quantity}")
LAST_LEVELS = TopicPattern("{device}/{quantity}")
KNOWN = (ESPHOME, SHELLY)


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one value."""
    found = Decoded([], [])
    device = None
    try:
        named, quantity = _levels(topic, options)
        device = known_as(named, options)
        name = words(quantity)
        leaf = Leaf(quantity, name, _value(payload, options), full=name)
        origin = Origin(device, arrival_ms, Quality.ARRIVAL_TIME)
        decode_leaves(found, [leaf], origin, "value", options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
    return found


def _levels(topic: str, options: DecodeOptions) -> tuple[str, str]:
    pattern = options.topic
    if pattern is None:
        pattern = next((each for each in KNOWN if each.fits(topic)), LAST_LEVELS)
    device, quantity = pattern.find(topic)
    return device, topic.rpartition("/")[2] if quantity is None else quantity


def _value(payload: bytes, options: DecodeOptions) -> float | str:
    """Return a number, or a text that contains one, with or without its unit."""
    try:
        value = parse_json(payload, options.limits)
    except Refused as refused:
        if refused.reason is not Reason.PAYLOAD_NOT_JSON:
            raise
        # A number such as +21.5 or 21,5 °C is not JSON.
        value = payload.decode().strip(PADDING)
    if isinstance(value, dict | list):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(value)} is not a single value")
    if isinstance(value, str) and read_number(value) is not None:
        return value
    return parse_number(value)
