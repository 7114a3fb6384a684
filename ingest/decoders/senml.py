"""
SenML, RFC 8428, as JSON: a pack of records with base fields, resolved as section 4.6 says.

A record's name, the base name and its own, is a device and a quantity, separated by ``:`` or
``/``: ``urn:dev:ow:10e2073a01080063:temperature``. If the name does not end in a known quantity the
unit determines it, and the whole name is the device; without a name, the device is the topic's. The
source lists the devices that a pack may report. Times below 2**28 s are relative to now (section
4.5.3): the time of arrival is used, and marked.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from estate.numbers.units import own_unit, unit_written
from ingest.decoders.payload import topics
from ingest.decoders.payload.clocks import reject_untimed_differences
from ingest.decoders.payload.fields import Origin, add_leaves
from ingest.decoders.payload.leaves import Leaf, leaves
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.names import Place, key_table, names_of, place_of, words
from ingest.decoders.payload.outcomes import Decoded, Refused, Reject, shown
from ingest.decoders.payload.parsing import FIRST_MILLISECONDS, parse_number, parse_records
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Mapping

DECODER = "senml"
VERSION = 10
ABSOLUTE_FROM_S = 2**28
VALUES = ("v", "vs", "vb", "vd")
# Section 4, with the sum and the update time, which do not concern a value.
FIELDS = frozenset([*VALUES, "bn", "bt", "bu", "bv", "bs", "bver", "n", "u", "t", "s", "ut"])
NO_UNIT = ""
"""Of a record that must have one: its value is rejected."""
# Units of only one quantity.
OF_THE_UNIT = {"Cel": "temperature", "K": "temperature", "%RH": "humidity"}


class Base(NamedTuple):
    """The base fields that apply to the records after them (section 4.1)."""

    name: str = ""
    time_s: float = 0.0
    unit: str | None = None
    value: float | None = None


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one pack."""
    found = Decoded([], [])
    try:
        base = Base()
        records = parse_records(payload, options.limits)
        for record in records:
            base = _decode_record(found, record, base, topic, arrival_ms, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    reject_untimed_differences(found)
    if not found.measurements and not found.rejects:
        of_use = Reason.QUANTITY_MISSING if any(map(_is_valued, records)) else Reason.PAYLOAD_EMPTY
        found.rejects.append(Reject(of_use, "a pack without values"))
    return found


def _is_valued(record: Mapping[str, Any]) -> bool:
    return any(record.get(name) is not None for name in VALUES)


def _decode_record(
    found: Decoded,
    record: object,
    base: Base,
    topic: str,
    arrival_ms: int,
    options: DecodeOptions,
) -> Base:
    """Decode one record; return the base fields for the records after it."""
    if not isinstance(record, dict):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(record)} is not a SenML record")
    base = _base(record, base)
    try:
        device, items = _leaves(record, base, topic, options)
        if items:
            origin = Origin(device, *_time(record, base, arrival_ms))
            add_leaves(found, items, origin, DECODER, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return base


def _base(record: Mapping[str, Any], base: Base) -> Base:
    if FIELDS.isdisjoint(record) and record:
        detail = f"not a SenML record: {shown(', '.join(record))}"
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, detail)
    # Section 4.4: a receiver that does not know such a field must not use the pack.
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
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{name} is {shown(text)}, not a text")
    return text


def _number(record: Mapping[str, Any], name: str, otherwise: float) -> float:
    try:
        return parse_number(record.get(name, otherwise))
    except Refused as error:
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{name} is {error.detail}") from error


def _leaves(
    record: Mapping[str, Any], base: Base, topic: str, options: DecodeOptions
) -> tuple[str, list[Leaf]]:
    """Return the device of a record, its value, and its members beyond the fields of SenML."""
    unit = _text(record, "u", base.unit)
    device, label = _parts(base.name + (_text(record, "n", "") or ""), unit, options)
    of_device = options.device_field and options.device_field.partition(".")[0]
    others = {key: value for key, value in record.items() if key not in {*FIELDS, of_device}}
    items = list(leaves(others))
    if _is_valued(record):
        items.append(_leaf(record, base, label, unit, options))
    if options.topic is not None or not device:
        of_topic = partial(topics.device_before, last=frozenset(key_table()["last_levels"]))
        device = topics.own_device(topic, options, of_topic)
    return topics.device_name(topics.device_of(record, options, device)), items


def _leaf(
    record: Mapping[str, Any], base: Base, label: str, unit: str | None, options: DecodeOptions
) -> Leaf:
    name = words(label)
    place = options.keys.get(name) or place_of(names_of(DECODER), name, unit)
    if unit is None and place is not None and not _says(name, place):
        unit = NO_UNIT
    value = next(record[each] for each in VALUES if record.get(each) is not None)
    if base.value is not None and "v" in record:
        value = parse_number(value) + base.value
    return Leaf(label, name, value, None if name in options.keys else unit, full=name)


def _says(name: str, place: Place) -> bool:
    """Return whether a name contains its unit, such as `temperature_c`."""
    stem, _, last = name.rpartition("_")
    unit = unit_written(last) if stem else None
    return unit is not None and unit.to == own_unit(place.quantity)


def _parts(full: str, unit: str | None, options: DecodeOptions) -> tuple[str, str]:
    """Split a resolved name into device and quantity."""
    end = max(full.rfind(":"), full.rfind("/"))
    device, label = full[: max(end, 0)], full[end + 1 :]
    name = words(label)
    if name in options.keys or place_of(names_of(DECODER), name, unit) is not None:
        return device, label
    return (full, OF_THE_UNIT[unit]) if unit in OF_THE_UNIT and unit else (device, label)


def _time(record: Mapping[str, Any], base: Base, arrival_ms: int) -> tuple[int, Quality]:
    time_s = base.time_s + _number(record, "t", 0.0)
    if abs(time_s) >= FIRST_MILLISECONDS:
        raise Refused(Reason.TIME_UNIT_WRONG, f"{time_s:.15g} is more than seconds")
    if time_s < ABSOLUTE_FROM_S:
        return arrival_ms + round(time_s * 1000), Quality.ARRIVAL_TIME
    return round(time_s * 1000), Quality.GOOD
