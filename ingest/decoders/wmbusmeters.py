"""
Meters heard by a wmbusmeters gateway, which publishes one JSON object for each telegram.

The device is the payload's ``id``: a gateway speaks for many meters, and its topic may name them
as it likes. Which of them it may speak for is the source's list of devices.

What a meter counts is told by its medium and its driver together, and by devices.csv where they
leave it open; the medium alone never decides. A source's key map goes before all of them.

The time is ``timestamp``, when the gateway heard the telegram. The meter's own clock
(``device_datetime``, ``meter_datetime``) is not used: it has neither an offset nor a known rule for
summer time, drifts for years, and is whole hours behind in meters that send stored values. Two
gateways that hear one telegram give two readings of the same register, which changes no use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from estate.units import suffixes_for
from ingest.decoders import topics
from ingest.decoders.model import (
    CONTRADICTS,
    Decoded,
    DecodeOptions,
    Measurement,
    Refused,
    Reject,
    Said,
    shown,
)
from ingest.decoders.names import path_words
from ingest.decoders.parsing import finite, parse_number, parse_object, parse_time
from ingest.decoders.status_words import judge, judged, words_in
from ingest.decoders.wmbusmeters_fields import Field, Plan, field_map
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Telegram = Mapping[str, Any]

NOTHING = "nothing"


class Origin(NamedTuple):
    """Whose telegram it is, what the meter counts, and what is known about all of its values."""

    device: str
    counts: str | None
    time_ms: int
    quality: int


def decode(topic: str, payload: bytes, arrival_ms: int, options: DecodeOptions) -> Decoded:
    """Decode one telegram."""
    found = Decoded([], [])
    device = None
    try:
        telegram = parse_object(payload, options.limits)
        named = topics.own_device(topic, options, lambda _: _device(telegram))
        device = topics.device_of(telegram, options, named)
        time_ms, arrival = _time(telegram, arrival_ms, options)
        quality = _health(telegram, device, options, found)
        counts = _counted(telegram, device, options, found)
        _decode_fields(telegram, Origin(device, counts, time_ms, quality | arrival), options, found)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device))
    return found


def _device(telegram: Telegram) -> str:
    device = telegram.get("id")
    if not isinstance(device, str) or not device:
        raise Refused(Reason.DEVICE_MISSING, "id")
    return shown(device)


def _time(telegram: Telegram, arrival_ms: int, options: DecodeOptions) -> tuple[int, Quality]:
    timestamp = telegram.get("timestamp")
    if timestamp == field_map().masked_time:
        return arrival_ms, Quality.ARRIVAL_TIME
    return parse_time(timestamp, options), Quality.GOOD


def _driver(telegram: Telegram) -> str:
    # Newer drivers call it so.
    driver = telegram.get("meter", telegram.get("driver"))
    return driver if isinstance(driver, str) else ""


def _health(telegram: Telegram, device: str, options: DecodeOptions, found: Decoded) -> int:
    """Judge what the meter says of itself; raises where it makes the values unusable."""
    said = [word for name in field_map().status for word in words_in(telegram.get(name))]
    if not said:
        return Quality.GOOD
    found.said.extend(judge(said, _driver(telegram), device, options))
    health = judged(found.said)
    if health.unusable:
        raise Refused(Reason.STATUS_UNUSABLE, shown(" ".join(health.unusable)))
    return health.quality


def _counted(telegram: Telegram, device: str, options: DecodeOptions, found: Decoded) -> str | None:
    """
    Tell what the meter counts: `NOTHING` of ours, or None where that is open.

    Raises
    ------
    Refused
        If medium and driver contradict each other, and devices.csv sides with neither.
    """
    fields = field_map()
    medium = telegram.get("media")
    by_medium = fields.media.get(medium) if isinstance(medium, str) else None
    by_driver = fields.counted_by(_driver(telegram))
    by_estate = fields.kinds.get(options.kinds.get(device, ""))
    if by_medium and by_driver:
        may = tuple(each for each in by_medium if each in by_driver)
        if not may and by_estate not in by_medium + by_driver:
            raise Refused(Reason.KIND_CONTRADICTED, _described(telegram))
        if not may:
            found.said.append(Said(device, _described(telegram), CONTRADICTS))
            return by_estate
    elif by_medium is not None:
        may = by_medium
    elif by_driver is not None:
        may = by_driver
    else:
        return by_estate
    if by_estate in may:
        return by_estate
    return may[0] if may else NOTHING


def _described(telegram: Telegram) -> str:
    driver = telegram.get("meter", telegram.get("driver"))
    return f"medium {shown(telegram.get('media'))}, driver {shown(driver)}"


def _decode_fields(
    telegram: Telegram, origin: Origin, options: DecodeOptions, found: Decoded
) -> None:
    device, counts, time_ms, quality = origin
    own = _own_plan(telegram, options)
    others = _without_own_keys(telegram, options)
    plan = field_map().plan(counts, _driver(telegram))
    values: dict[str, float] = {}
    tried = _read(telegram, own, values, origin, found)
    tried += _read(others, plan, values, origin, found)
    for quantity, value in values.items():
        stuck = _stuck(quantity, values, telegram.get("media"))
        measurement = Measurement(device, quantity, time_ms, value, int(quality | stuck))
        found.measurements.append(measurement)
    unknown = list(_unknown(others, plan, values)) if counts != NOTHING else []
    for name in unknown[: options.limits.unknown_names]:
        detail = shown(name)
        found.rejects.append(Reject(Reason.QUANTITY_UNKNOWN, detail, device, detail, time_ms))
    main = field_map().main.get(counts or NOTHING, frozenset())
    told = counts is not None and unknown
    if not (told or own or not main.isdisjoint(tried)):
        detail = _described(telegram) + _set_dates(telegram)
        found.rejects.append(Reject(Reason.QUANTITY_MISSING, detail, device, None, time_ms))


def _read(
    telegram: Telegram, plan: Plan, values: dict[str, float], origin: Origin, found: Decoded
) -> list[str]:
    """Read the quantities of a plan that have no value yet; give those that a field tells."""
    tried = []
    for quantity, fields in plan.items():
        if quantity in values:
            continue
        try:
            value = _value(telegram, quantity, fields)
        except Refused as refused:
            reject = Reject(refused.reason, refused.detail, origin.device, quantity, origin.time_ms)
            found.rejects.append(reject)
            tried.append(quantity)
            continue
        if value is not None:
            values[quantity] = value
            tried.append(quantity)
    return tried


def _own_plan(telegram: Telegram, options: DecodeOptions) -> Plan:
    """Give the fields that the source's key map names, by quantity."""
    own: Plan = {}
    for name in telegram if options.keys else ():
        place = options.keys.get(path_words(name))
        if place is not None:
            own[place.quantity] = (*own.get(place.quantity, ()), Field(name, place.unit))
    return own


def _without_own_keys(telegram: Telegram, options: DecodeOptions) -> Telegram:
    if not options.keys:
        return telegram
    return {name: value for name, value in telegram.items() if path_words(name) not in options.keys}


def _stuck(quantity: str, values: Mapping[str, float], medium: object) -> Quality:
    rule = field_map().stuck
    stuck = (
        quantity == rule.register
        and medium in rule.media
        and values[quantity] == 0
        and values.get(rule.beside, 0.0) >= rule.from_m3
    )
    return Quality.SUSPECT if stuck else Quality.GOOD


def _unknown(telegram: Telegram, plan: Plan, values: Mapping[str, float]) -> Iterator[str]:
    """
    Name the fields that may be what the meter counts, and are not known to be something else.

    Where the register was found, others in its unit are known to be something else.
    """
    fields = field_map()
    missing = [each for each in plan if each not in values and each not in fields.information]
    suffixes = {suffix for quantity in missing for suffix in suffixes_for(quantity)}
    ours = fields.known_units - suffixes if plan else frozenset()
    known = {field.name for own in plan.values() for field in own}
    for name, value in telegram.items():
        stem, _, suffix = name.rpartition("_")
        if (
            name not in known
            and suffix not in ours
            and suffix not in fields.other_units
            and _holds_number(value)
            and not _is_other(stem)
        ):
            yield name


def _holds_number(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_number, value.values()))
    if isinstance(value, list):
        return any(map(_holds_number, value))
    return type(value) in {int, float}


def _set_dates(telegram: Telegram) -> str:
    """Name the registers of a set date, which are all that some meters send."""
    fields = field_map()
    names = [
        name
        for name, value in telegram.items()
        if type(value) in {int, float}
        and name.rpartition("_")[2] in fields.known_units
        and not fields.set_date_words.isdisjoint(name.split("_"))
    ]
    return f", only at a set date: {', '.join(names)}" if names else ""


def _is_other(stem: str) -> bool:
    parts = stem.split("_")
    return not field_map().other_words.isdisjoint(parts) or any(map(str.isdigit, parts))


def _value(telegram: Telegram, quantity: str, fields: tuple[Field, ...]) -> float | None:
    none = field_map().no_value[quantity]
    for field in fields:
        raw = telegram.get(field.name)
        if raw is None or raw == "":
            continue
        number = parse_number(raw)
        if number not in none:
            return finite(field.unit.convert(number))
    return None
