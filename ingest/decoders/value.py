"""
One value on each topic, as a bare number.

The topic is ``.../{device}/{quantity}``, as of many home-made boxes, or ESPHome's
``.../{device}/sensor/{quantity}/state``; the source's pattern may say otherwise. There is no device
time in it, so that the time of arrival stands in for it, and is marked.
"""

from __future__ import annotations

from ingest.decoders.fields import Leaf, Origin, decode_leaves, number_in
from ingest.decoders.model import Decoded, DecodeOptions, Refused, Reject, shown
from ingest.decoders.names import words
from ingest.decoders.parsing import parse_json
from ingest.decoders.topics import TopicPattern
from ingest.reasons import Reason
from telemetry.readings import Quality

ESPHOME = TopicPattern("{device}/sensor/{quantity}/state")
LAST_LEVELS = TopicPattern("{device}/{quantity}")


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one value."""
    found = Decoded([], [])
    try:
        device, quantity = _levels(topic, options)
        leaf = Leaf(quantity, words(quantity), _number(payload, options))
        origin = Origin(device, arrival_ms, Quality.ARRIVAL_TIME)
        decode_leaves(found, [leaf], origin, "value", options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def _levels(topic: str, options: DecodeOptions) -> tuple[str, str]:
    pattern = options.topic
    if pattern is None:
        pattern = ESPHOME if topic.endswith("/state") else LAST_LEVELS
    device, quantity = pattern.find(topic)
    return device, topic.rpartition("/")[2] if quantity is None else quantity


def _number(payload: bytes, options: DecodeOptions) -> float:
    try:
        value = parse_json(payload, options.limits)
    except Refused as refused:
        if refused.reason is not Reason.PAYLOAD_NOT_JSON:
            raise
        # A number such as +21.5 is none of JSON's.
        value = payload.decode()
    if isinstance(value, dict | list):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(value)} is no single value")
    return number_in(value)
