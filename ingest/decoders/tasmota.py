"""
Devices of Tasmota: ``tele/{device}/SENSOR``, values by chip, and the device's own ``STATE``.

``Time`` is the device's local time, without an offset unless it is set so: the source states the
time zone. ``TempUnit`` says whether temperatures are in °C or °F. A device may have several chips;
which one measures the air is chosen by ``keys.yaml``, or by the source's key map
(``{"DS18B20-1.Temperature": "temperature_c"}``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ingest.decoders.fields import Leaf, Origin, decode_leaves, leaves
from ingest.decoders.model import Decoded, DecodeOptions, Refused, Reject
from ingest.decoders.names import key_table, names_of
from ingest.decoders.parsing import parse_object, parse_time
from ingest.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DECODER = "tasmota"
SENSOR, STATE, PREFIX = "SENSOR", "STATE", "tele"
AIR = frozenset({"temperature", "humidity"})

_address = re.compile(r"[-_](0x)?[0-9A-Fa-f]+$")


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one telemetry message."""
    found = Decoded([], [])
    try:
        device = options.topic.find(topic)[0] if options.topic else device_of(topic)
        message = parse_object(payload, options.limits)
        origin = Origin(device, parse_time(message.get("Time"), options, arrival_ms))
        decode_leaves(found, _leaves(message, options), origin, DECODER, options)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail))
    return found


def device_of(topic: str) -> str:
    """Give the device that a topic names: the level before the last one that is not ``tele``."""
    *levels, last = topic.split("/")
    named = [level for level in levels if level != PREFIX]
    if last not in {SENSOR, STATE} or len(named) == len(levels) or not named or not named[-1]:
        raise Refused(Reason.TOPIC_UNEXPECTED, f"expected {PREFIX}/{{device}}/{SENSOR} or {STATE}")
    return named[-1]


def _leaves(message: Mapping[str, Any], options: DecodeOptions) -> Iterator[Leaf]:
    air = _air_chips(message)
    unit = message.get("TempUnit")
    names = names_of(DECODER)
    for leaf in leaves({key: value for key, value in message.items() if key != "Time"}):
        chip, _, short = leaf.path.partition(".")
        container, _, name = leaf.name.rpartition(".")
        if leaf.name in options.keys or leaf.name in names.places or not short:
            yield leaf
        elif container in names.ignored_objects or (air and name in AIR and chip not in air):
            continue
        elif name == "temperature" and isinstance(unit, str):
            yield leaf._replace(name=name, unit=unit)
        else:
            yield leaf._replace(name=name)


def _air_chips(message: Mapping[str, Any]) -> frozenset[str]:
    """Give the chips of the kind to prefer among those that measure humidity."""
    ranks = {kind: rank for rank, kind in enumerate(key_table()["air_chips"])}
    chips = {
        name: ranks.get(_address.sub("", name), len(ranks))
        for name, values in message.items()
        if isinstance(values, dict) and values.get("Humidity") is not None
    }
    best = min(chips.values(), default=None)
    return frozenset(name for name, rank in chips.items() if rank == best)
