"""
Uplinks of The Things Stack, version 3: ``v3/{application}@{tenant}/devices/{device}/up``.

The device is the topic's; a payload that names another one is rejected. The time is
``received_at``, when the network received it, or that of the gateways. The codec's output is
``decoded_payload``; the values of ``normalized_payload``, whose units are certain, come first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.decoders.lorawan import decode_object, decode_rssi, heard_origin
from ingest.decoders.payload import topics
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.outcomes import Decoded, Refused, Reject, shown
from ingest.decoders.payload.parsing import parse_object
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

DECODER = "ttn"
DECODED, NORMALIZED = "decoded_payload", "normalized_payload"

_topic = re.compile(r"(?:.*/)?v3/[^/]+/devices/([^/]+)/up", re.DOTALL).fullmatch


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one uplink."""
    found = Decoded([], [])
    device = None
    try:
        own = topics.own_device(topic, options, device_of)
        message = parse_object(payload, options.limits)
        uplink = _uplink(message)
        if options.topic is None:
            _check_device(message, own)
        device = topics.device_of(message, options, own)
        origin = heard_origin(message, device, DECODER, arrival_ms, options)
        document = _document(uplink)
        decode_object(found, document, origin, DECODER, options)
        decode_rssi(found, uplink.get("rx_metadata"), origin)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
    return found


def device_of(topic: str) -> str:
    """Return the device that a topic names."""
    fit = _topic(topic)
    if fit is None:
        raise Refused(Reason.TOPIC_UNEXPECTED, "expected .../v3/{application}/devices/{device}/up")
    return fit[1]


def _uplink(message: Mapping[str, Any]) -> Mapping[str, Any]:
    uplink = message.get("uplink_message")
    if not isinstance(uplink, dict):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, "no uplink_message")
    if message.get("simulated"):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, "a simulated uplink, sent from the console")
    return uplink


def _check_device(message: Mapping[str, Any], device: str) -> None:
    ids = message.get("end_device_ids")
    named = ids.get("device_id") if isinstance(ids, dict) else None
    if named is not None and named != device:
        raise Refused(Reason.DEVICE_CONTRADICTED, f"{shown(device)}, not {shown(named)}")


def _document(uplink: Mapping[str, Any]) -> dict[str, Any]:
    decoded, normalized = uplink.get(DECODED), uplink.get(NORMALIZED)
    if isinstance(normalized, list) and len(normalized) == 1:
        (normalized,) = normalized
    # Several normalized measurements have times of their own, as the entries of any list.
    several = {NORMALIZED: normalized} if isinstance(normalized, list) and normalized else {}
    first = normalized if isinstance(normalized, dict) else several
    second = decoded if isinstance(decoded, dict) else {}
    if not first and not second:
        raise Refused(Reason.QUANTITY_MISSING, "no decoded_payload: the network has no codec")
    both = {key: value for key, value in second.items() if value != first.get(key, value)}
    return {**second, **first, **({DECODED: both} if both else {})}
