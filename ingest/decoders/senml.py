"""
SenML, RFC 8428, as JSON: a pack of records with base fields, resolved as section 4.6 says.

A record's name, the base name and its own, is a device and what it measures, parted by ``:`` or
``/``: ``urn:dev:ow:10e2073a01080063:temperature``. Where the name ends in no known quantity the
unit must tell, and all of the name is the device; without a name, the device is the topic's. Which
devices a pack may speak for is the source's list. Times below 2**28 s are relative to now (section
4.5.3): the time of arrival stands in, and is marked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.decoders.fields import Leaf, Origin, decode_leaves
from ingest.decoders.model import Decoded, DecodeOptions, Refused, Reject, shown
from ingest.decoders.names import key_table, names_of, words
from ingest.decoders.parsing import LAST_MS, parse_number, parse_records
from ingest.decoders.topics import device_before
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping

DECODER = "senml"
VERSION = 10
ABSOLUTE_FROM_S = 2**28
VALUES = ("v", "vs", "vb", "vd")
# The units that only one quantity is measured in.
OF_THE_UNIT = {"Cel": "temperature", "K": "temperature", "%RH": "humidity"}


class Base(NamedTuple):
    """The base fields that hold for the records after them (section 4.1)."""

    name: str = ""
    time_s: float = 0.0
    unit: str | None = None
    value: float | None = None


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one pack."""
    found = Decoded([], [])
    try:
        base = Base()
        for record in parse_records(payload, options.limits):
            base = _decode_record(found, record, base, topic, arrival_ms, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    if not found.measurements and not found.rejects:
        found.rejects.append(Reject(Reason.PAYLOAD_EMPTY, "a pack without values"))
    return found


def _decode_record(
    found: Decoded,
    record: object,
    base: Base,
    topic: str,
    arrival_ms: int,
    options: DecodeOptions,
) -> Base:
    """Decode one record; gives the base fields for the records after it."""
    if not isinstance(record, dict):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(record)} is no SenML record")
    base = _base(record, base)
    if all(record.get(name) is None for name in VALUES):
        return base
    try:
        device, leaf = _leaf(record, base, topic, options)
        time_ms, quality = _time(record, base, arrival_ms)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
        return base
    decode_leaves(found, [leaf], Origin(device, time_ms, quality), DECODER, options)
    return base


def _base(record: Mapping[str, Any], base: Base) -> Base:
    # Section 4.4: who does not know such a field must not use the pack.
    unknown = next((key for key in record if key.endswith("_")), None)
    if unknown is not None:
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"unknown mandatory field {shown(unknown)}")
    version = record.get("bver", VERSION)
    if version != VERSION or isinstance(version, bool):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"SenML version {shown(version)}")
    return Base(
        name=_text(record, "bn", base.name) or "",
        time_s=_number(record, "bt", base.time_s),
        unit=_text(record, "bu", base.unit),
        value=_number(record, "bv", base.value or 0.0) if "bv" in record else base.value,
    )


def _text(record: Mapping[str, Any], name: str, otherwise: str | None) -> str | None:
    text = record.get(name, otherwise)
    if text is not None and not isinstance(text, str):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{name} is {shown(text)}, no text")
    return text


def _number(record: Mapping[str, Any], name: str, otherwise: float) -> float:
    try:
        return parse_number(record.get(name, otherwise))
    except Refused as error:
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{name} is {error.detail}") from error


def _leaf(
    record: Mapping[str, Any], base: Base, topic: str, options: DecodeOptions
) -> tuple[str, Leaf]:
    unit = _text(record, "u", base.unit)
    device, label = _parts(base.name + (_text(record, "n", "") or ""), unit, options)
    name = words(label)
    place = options.keys.get(name) or names_of(DECODER).place(name)
    if unit is None and place is not None and name not in options.keys:
        raise Refused(Reason.UNIT_UNKNOWN, f"{shown(label)} without a unit")
    value = next(record[each] for each in VALUES if record.get(each) is not None)
    if base.value is not None and "v" in record:
        value = parse_number(value) + base.value
    if not device:
        device = device_before(topic, frozenset(key_table()["last_levels"]))
    return shown(device), Leaf(label, name, value, None if name in options.keys else unit)


def _parts(full: str, unit: str | None, options: DecodeOptions) -> tuple[str, str]:
    """Part a resolved name into the device and what it measures."""
    end = max(full.rfind(":"), full.rfind("/"))
    device, label = full[: max(end, 0)], full[end + 1 :]
    name = words(label)
    if name in options.keys or names_of(DECODER).place(name) is not None:
        return device, label
    return (full, OF_THE_UNIT[unit]) if unit in OF_THE_UNIT and unit else (device, label)


def _time(record: Mapping[str, Any], base: Base, arrival_ms: int) -> tuple[int, Quality]:
    time_s = base.time_s + _number(record, "t", 0.0)
    if abs(time_s) * 1000 > LAST_MS:
        raise Refused(Reason.TIME_INVALID, f"{time_s} s")
    if time_s < ABSOLUTE_FROM_S:
        return max(arrival_ms + round(time_s * 1000), -LAST_MS), Quality.ARRIVAL_TIME
    return round(time_s * 1000), Quality.GOOD
