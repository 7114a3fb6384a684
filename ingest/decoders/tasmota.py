"""
Devices of Tasmota: ``tele/{device}/SENSOR``, values by chip, and the device's own ``STATE``.

``Time`` is the device's local time, without an offset unless it is set so: the source states the
time zone. ``TempUnit`` says whether temperatures are in °C or °F. A device may have several chips;
``keys.yaml`` selects the one that measures the air, or the source's key map does
(``{"DS18B20-1.Temperature": "temperature_c"}``).

What a Zigbee bridge receives (``ZbReceived``, ``ZbInfo``) belongs to the device named, and may come
without a time: then the time of arrival is used, and marked.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from ingest.decoders.payload import topics
from ingest.decoders.payload.fields import Origin, decode_leaves
from ingest.decoders.payload.leaves import Leaf, leaves
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.names import key_table, names_of
from ingest.decoders.payload.outcomes import Decoded, Refused, Reject, shown
from ingest.decoders.payload.parsing import parse_object, parse_time
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ingest.decoders.payload.names import Names

DECODER = "tasmota"
SENSOR, STATE, PREFIX = "SENSOR", "STATE", "tele"
AIR = frozenset({"temperature", "humidity"})
TIME = "Time"
ABOUT = frozenset({TIME, "TempUnit", "PressureUnit"})
"""Members that only describe the others."""
BRIDGED = frozenset({"ZbReceived", "ZbInfo"})
AGE, LONGEST_AGE_S = "LastSeen", 366 * 86_400

_address = re.compile(r"[-_](0x)?[0-9A-Fa-f]+$")


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one telemetry message."""
    found = Decoded([], [])
    device = None
    try:
        named = topics.own_device(topic, options, device_of)
        message = parse_object(payload, options.limits)
        _decode_bridged(found, message, arrival_ms, options)
        own = {key: value for key, value in message.items() if key not in BRIDGED}
        if own.keys() - ABOUT or not BRIDGED & message.keys():
            device = topics.device_of(message, options, named)
            origin = Origin(device, parse_time(message.get(TIME), options, arrival_ms))
            decode_leaves(found, _leaves(own, options), origin, DECODER, options)
        elif not found.measurements and not found.rejects:
            found.rejects.append(Reject(Reason.QUANTITY_MISSING, shown(", ".join(message)), named))
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
    return found


def _decode_bridged(
    found: Decoded, message: Mapping[str, Any], arrival_ms: int, options: DecodeOptions
) -> None:
    """Decode a Zigbee bridge's reports by device name; there may be no time."""
    for bridged in (message[key] for key in BRIDGED if key in message):
        if not isinstance(bridged, dict):
            raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(bridged)} is not an object")
        for address, values in bridged.items():
            try:
                origin = _bridged_origin(address, message, values, arrival_ms, options)
            except Refused as refused:
                found.rejects.append(Reject(refused.reason, refused.detail))
            else:
                decode_leaves(found, leaves(values), origin, DECODER, options)


def _bridged_origin(
    address: str,
    message: Mapping[str, Any],
    values: object,
    arrival_ms: int,
    options: DecodeOptions,
) -> Origin:
    if not isinstance(values, dict):
        raise Refused(Reason.PAYLOAD_WRONG_SHAPE, f"{shown(values)} is not an object")
    named = topics.device_name(values.get("Name") or values.get("Device") or address)
    device = topics.device_of(values, options, named)
    if message.get(TIME) is not None:
        return Origin(device, parse_time(message[TIME], options, arrival_ms))
    # Cached values state how many seconds ago the bridge received them.
    age_s = values.get(AGE)
    known = isinstance(age_s, int) and not isinstance(age_s, bool) and 0 <= age_s <= LONGEST_AGE_S
    age_ms = 1000 * age_s if known and isinstance(age_s, int) else 0
    return Origin(device, arrival_ms - age_ms, Quality.ARRIVAL_TIME)


def device_of(topic: str) -> str:
    """Return the device that a topic names: the level before the last one that is not ``tele``."""
    *levels, last = topic.split("/")
    named = [level for level in levels if level != PREFIX]
    if last not in {SENSOR, STATE} or len(named) == len(levels) or not named or not named[-1]:
        raise Refused(Reason.TOPIC_UNEXPECTED, f"expected {PREFIX}/{{device}}/{SENSOR} or {STATE}")
    return named[-1]


def _leaves(message: Mapping[str, Any], options: DecodeOptions) -> Iterator[Leaf]:
    air = _air_chips(message)
    unit = message.get("TempUnit")
    names = names_of(DECODER)
    for leaf in leaves({key: value for key, value in message.items() if key != TIME}):
        chip, _, short = leaf.path.partition(".")
        container, _, name = leaf.name.rpartition(".")
        if name == "temperature" and isinstance(unit, str) and leaf.name not in options.keys:
            leaf = leaf._replace(unit=unit)
        kind = _address.sub("", chip)
        if name == "temperature" and kind in _of_themselves() and leaf.name not in options.keys:
            continue
        if leaf.name in options.keys or leaf.name in names.places or not short:
            yield leaf
        elif air and name in AIR and chip not in air:
            if kind not in _less_preferred():
                yield leaf
        elif _is_of_no_air(container, leaf, names):
            yield leaf
        else:
            yield leaf._replace(name=name)


@cache
def _less_preferred() -> frozenset[str]:
    """Return the chips known to measure the room's air less well than another one."""
    return frozenset([*key_table()["air_chips"], *key_table()["other_chips"]])


@cache
def _of_themselves() -> frozenset[str]:
    """Return the chips whose temperature is their own."""
    return frozenset(key_table()["own_temperature"])


def _is_of_no_air(container: str, leaf: Leaf, names: Names) -> bool:
    levels = re.split(r"[._]", container)
    return names.is_in_ignored_object(leaf.name) or not _no_air().isdisjoint(levels)


@cache
def _no_air() -> frozenset[str]:
    return frozenset(key_table()["no_air"])


def _air_chips(message: Mapping[str, Any]) -> frozenset[str]:
    """Return the preferred chips among those that measure humidity."""
    ranks = {kind: rank for rank, kind in enumerate(key_table()["air_chips"])}
    chips = {
        name: ranks.get(_address.sub("", name), len(ranks))
        for name, values in message.items()
        if isinstance(values, dict) and values.get("Humidity") is not None
    }
    best = min(chips.values(), default=None)
    return frozenset(name for name, rank in chips.items() if rank == best)
