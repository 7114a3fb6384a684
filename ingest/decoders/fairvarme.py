"""
Our own JSON: an object, or an array of objects, of a time and quantities.

``fairvarme/v1/{building}/{device}/readings`` with
``{"time": "2026-01-01T00:00:00Z", "temperature_c": 21.4, "humidity_pct": 43, "co2_ppm": 812}``.
The device is the last level but one, so that the broker's access list can restrict every box to its
own topic.
"""

from __future__ import annotations

from importlib import resources
from math import isfinite
from typing import TYPE_CHECKING

import yaml

from estate.quantities import quantities
from ingest.decoders.payload import topics
from ingest.decoders.payload.fields import Origin, report_unknown
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.outcomes import Decoded, Measurement, Refused, Reject, shown
from ingest.decoders.payload.parsing import (
    FIRST_MICROSECONDS,
    FIRST_MILLISECONDS,
    Repeated,
    parse_number,
    parse_records,
    parse_time,
)
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

KNOWN = frozenset(quantities())
LAST_LEVEL = "/readings"


def _not_measured() -> frozenset[str]:
    text = resources.files("ingest.decoders").joinpath("fairvarme.yaml").read_text("utf-8")
    return frozenset(yaml.safe_load(text)["not_measured"])


NOT_MEASURED = _not_measured()
"""Fields of a record that are not quantities."""


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:  # noqa: ARG001  the format has a time of its own
    """Decode one message of our own JSON."""
    found = Decoded([], [])
    try:
        device = topics.own_device(topic, options, device_of)
        for record in parse_records(payload, options.limits):
            _decode_record(record, device, options, found)
            if len(found.measurements) + len(found.rejects) > options.limits.readings:
                return _too_many(found, device, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def device_of(topic: str) -> str:
    """Return the device that a topic names."""
    head, _, device = topic.removesuffix(LAST_LEVEL).rpartition("/")
    if not head or not device or not topic.endswith(LAST_LEVEL):
        raise Refused(Reason.TOPIC_UNEXPECTED, "expected .../{device}/readings")
    return device


def _decode_record(record: object, device: str, options: DecodeOptions, found: Decoded) -> None:
    if not isinstance(record, dict):
        reject = Reject(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(record)} is not an object", device)
        found.rejects.append(reject)
        return
    time = record.get("time")
    try:
        if options.device_field is not None or options.aliases:
            device = topics.device_of(record, options, device)
        # Whole milliseconds, as our own boxes send, need no parsing.
        if type(time) is int and FIRST_MILLISECONDS <= time < FIRST_MICROSECONDS:
            time_ms = time
        else:
            time_ms = parse_time(time, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
        return
    if options.device_field is not None:
        record = {name: value for name, value in record.items() if name != options.device_field}
    _decode_values(found, record, device, time_ms, options)


def _decode_values(
    found: Decoded,
    record: Mapping[str, object],
    device: str,
    time_ms: int,
    options: DecodeOptions,
) -> None:
    unknown: list[str] = []
    empty = True
    for name, value in record.items():
        if name in NOT_MEASURED:
            continue
        empty = False
        if name not in KNOWN:
            unknown.append(name)
        elif type(value) is float and isfinite(value):
            found.measurements.append(Measurement(device, name, time_ms, value, 0))
        else:
            _decode_rare(name, value, device, time_ms, found)
    if empty:
        found.rejects.append(Reject(Reason.QUANTITY_MISSING, "", device, None, time_ms))
    elif unknown:
        report_unknown(found, unknown, Origin(device, time_ms), options)


def _decode_rare(name: str, value: object, device: str, time_ms: int, found: Decoded) -> None:
    if isinstance(value, Repeated):
        detail = f"{name} is {shown(value)}"
        found.rejects.append(Reject(Reason.NAME_REPEATED, detail, device, name, time_ms))
        return
    try:
        number = parse_number(value)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device, name, time_ms))
    else:
        found.measurements.append(Measurement(device, name, time_ms, number, 0))


def _too_many(found: Decoded, device: str, options: DecodeOptions) -> Decoded:
    most = options.limits.readings
    reject = Reject(Reason.TOO_MANY_READINGS, f"more than {most}; the first were kept", device)
    return Decoded(found.measurements[:most], [*found.rejects, reject], found.said)
