"""
Any flat JSON object, or an array of them: ``.../{device}``, with names that a key map explains.

Names that many devices use are known without one. Where an object states no time, the time of
arrival stands in for it, and is marked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ingest.decoders.fields import Origin, decode_leaves, leaves
from ingest.decoders.model import Decoded, DecodeOptions, Refused, Reject, shown
from ingest.decoders.names import key_table, words
from ingest.decoders.parsing import parse_records, parse_time
from ingest.decoders.topics import device_before
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one object or array of objects."""
    found = Decoded([], [])
    try:
        device = _device(topic, options)
        for record in parse_records(payload, options.limits):
            _decode_record(found, record, device, arrival_ms, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def _device(topic: str, options: DecodeOptions) -> str:
    if options.topic is not None:
        return options.topic.find(topic)[0]
    return device_before(topic, frozenset(key_table()["last_levels"]))


def _decode_record(
    found: Decoded, record: object, device: str, arrival_ms: int, options: DecodeOptions
) -> None:
    if not isinstance(record, dict):
        reject = Reject(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(record)} is no object", device)
        found.rejects.append(reject)
        return
    key = _time_key(record)
    try:
        origin = _origin(record, key, device, arrival_ms, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
        return
    values = {name: value for name, value in record.items() if name != key}
    decode_leaves(found, leaves(values), origin, "json", options)


def _time_key(record: Mapping[str, Any]) -> str | None:
    by_words = {words(key): key for key in record}
    return next((by_words[name] for name in key_table()["times"] if name in by_words), None)


def _origin(
    record: Mapping[str, Any],
    key: str | None,
    device: str,
    arrival_ms: int,
    options: DecodeOptions,
) -> Origin:
    if key is None:
        return Origin(device, arrival_ms, Quality.ARRIVAL_TIME)
    return Origin(device, parse_time(record[key], options, arrival_ms))
