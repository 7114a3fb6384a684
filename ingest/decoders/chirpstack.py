"""
Uplinks of ChirpStack, versions 3 and 4: ``application/{id}/device/{eui}/event/up``.

The device is the topic's EUI; a payload that names another one is rejected. The time is when the
network received it: ``time`` in version 4, else that of a gateway, of the network server next to
it, or ``publishedAt`` of version 3, the first plausible one. Version 3 may have none at all. The
codec's output is ``object`` or, as text, ``objectJSON``.
"""

from __future__ import annotations

import base64
import binascii
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

    from ingest.limits import Limits

DECODER = "chirpstack"
# Version 3 published uplinks on .../rx until 3.11.
_topic = re.compile(
    r"(?:.*/)?application/[^/]+/device/([^/]+)/(?:event/up|rx)", re.DOTALL
).fullmatch
EUI_BYTES = 8


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one uplink."""
    found = Decoded([], [])
    device = None
    try:
        own = topics.own_device(topic, options, device_of)
        message = parse_object(payload, options.limits)
        if options.topic is None:
            _check_device(message, own)
        device = topics.device_of(message, options, own)
        origin = heard_origin(message, device, DECODER, arrival_ms, options)
        document = _document(message, options.limits)
        decode_object(found, document, origin, DECODER, options)
        decode_rssi(found, message.get("rxInfo"), origin)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
    return found


def device_of(topic: str) -> str:
    """Return the device that a topic names."""
    fit = _topic(topic)
    if fit is None:
        expected = "expected .../application/{id}/device/{eui}/event/up"
        raise Refused(Reason.TOPIC_UNEXPECTED, expected)
    return fit[1]


def _check_device(message: Mapping[str, Any], device: str) -> None:
    info = message.get("deviceInfo")
    named = info.get("devEui") if isinstance(info, dict) else message.get("devEUI")
    if named is None:
        return
    if not isinstance(named, str) or device.lower() not in {named.lower(), _hexadecimal(named)}:
        raise Refused(Reason.DEVICE_CONTRADICTED, f"{shown(device)}, not {shown(named)}")


def _hexadecimal(eui: str) -> str | None:
    """Return an EUI in base64, as version 3 may write it, in hexadecimal."""
    try:
        decoded = base64.b64decode(eui, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded.hex() if len(decoded) == EUI_BYTES else None


def _document(message: Mapping[str, Any], limits: Limits) -> Mapping[str, Any]:
    document, text = message.get("object"), message.get("objectJSON")
    if document is None and isinstance(text, str) and text:
        return parse_object(text.encode(errors="surrogatepass"), limits)
    if not isinstance(document, dict):
        raise Refused(Reason.QUANTITY_MISSING, "no object: the device profile has no codec")
    return document
