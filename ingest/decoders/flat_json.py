"""
Any JSON object, or an array of them: ``.../{device}``, with names defined by a key map.

Common names are known without one. The time is that of the nearest object that
has one; otherwise the time of arrival is used, and marked.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ingest.decoders.payload import topic_pattern, topics
from ingest.decoders.payload.clocks import first_plausible, reject_untimed_differences
from ingest.decoders.payload.fields import Origin, decode_leaves
from ingest.decoders.payload.leaves import Leaf, leaves
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.names import key_table, words
from ingest.decoders.payload.outcomes import Decoded, Refused, Reject, shown
from ingest.decoders.payload.parsing import parse_records, parse_time
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


DECODER = "json"
COMPONENT = topic_pattern.TopicPattern("{device}/status/{quantity}")
"""Of Shelly, where the last level is a part of the device: ``temperature:0``."""

_is_component = re.compile(r".*/status/[a-z0-9_]+:[0-9]{1,3}").fullmatch


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one object or array of objects."""
    found = Decoded([], [])
    if options.topic is None and _is_component(topic):
        options = replace(options, topic=COMPONENT)
    try:
        records = parse_records(payload, options.limits)
        if b"[" in payload and options.device_field is None and _members(topic) is None:
            _check_one_device(records)
        for record in records:
            _decode_record(found, record, topic, arrival_ms, options)
        if len(records) > 1:
            reject_untimed_differences(found)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def _decode_record(
    found: Decoded, record: object, topic: str, arrival_ms: int, options: DecodeOptions
) -> None:
    try:
        own = topics.own_device(topic, options, partial(_device, record))
        device = topics.device_of(record, options, own)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
        return
    if not isinstance(record, dict):
        reject = Reject(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(record)} is not an object", device)
        found.rejects.append(reject)
        return
    origin = Origin(device, arrival_ms, Quality.ARRIVAL_TIME)
    within = None if options.topic is None else options.topic.find(topic)[1]
    document = record if within is None else {within: record}
    items = leaves(document, tuple(key_table()["times"]))
    timed = partial(_timed_origin, origin, options)
    decode_leaves(found, items, origin, DECODER, options, timed)


def _members(topic: str) -> list[str] | None:
    """Return the members that name the device, on a topic on which many devices speak."""
    members: list[str] | None = key_table()["streams"].get(topic.rpartition("/")[2])
    return members


def _check_one_device(records: list[Any]) -> None:
    """Reject a message of several devices: all of them would be the topic's."""
    said: dict[str, str] = {}
    for name, device in _named_devices(records, ""):
        if said.setdefault(name, device) != device:
            detail = f"{shown(name)} is {shown(said[name])} and {shown(device)}"
            raise Refused(Reason.DEVICE_MISSING, detail)


def _named_devices(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield the devices that entries of lists name, by the path of the name without indices."""
    if isinstance(value, list):
        for each in value:
            yield from _named_devices(each, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            name = f"{path}.{key}" if path else key
            if isinstance(inner, dict | list):
                yield from _named_devices(inner, name)
            elif isinstance(inner, str | int) and words(key) in key_table()["device_names"]:
                yield name, str(inner)


def _device(record: object, topic: str) -> str:
    """Return the device: the topic's, or in a stream of many the one that the object names."""
    members = _members(topic)
    if members is None:
        return topics.device_before(topic, frozenset(key_table()["last_levels"]))
    fields: Mapping[str, Any] = record if isinstance(record, dict) else {}
    named = [topics.device_name(fields[each]) for each in members if fields.get(each) is not None]
    if not named:
        raise Refused(Reason.DEVICE_MISSING, " or ".join(members))
    return topic_pattern.JOINT.join(named)


def _timed_origin(origin: Origin, options: DecodeOptions, leaf: Leaf) -> Origin:
    """Return when a value was measured: its first plausible time, else its first."""
    stated = [each for each in leaf.times if each is not None]
    if not stated:
        raise Refused(Reason.TIME_MISSING)
    arrival_ms = origin.time_ms
    time_ms = first_plausible(stated, arrival_ms, options)
    if time_ms is None:
        time_ms = parse_time(stated[0], options, arrival_ms)
    return Origin(origin.device, time_ms)
