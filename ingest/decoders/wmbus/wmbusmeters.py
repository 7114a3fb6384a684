"""
Meters received by a wmbusmeters gateway, which publishes one JSON object per telegram.

The device is the payload's ``id``: a gateway reports many meters, and its topic may name them
freely. The source lists the devices that it may report.

Medium and driver together determine what a meter counts, and devices.csv where they
leave it open; the medium alone never decides. A source's key map overrides all of them.

The time is ``timestamp``, when the gateway received the telegram. The meter's own clock
(``device_datetime``, ``meter_datetime``) is not used: it has neither an offset nor a known rule for
summer time, drifts for years, and is whole hours behind in meters that send stored values. Two
gateways that receive one telegram yield two readings of the same register, which changes no use.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ingest.decoders.payload import topics
from ingest.decoders.payload.model import DecodeOptions
from ingest.decoders.payload.names import OF_THE_SOURCE, Place, path_words
from ingest.decoders.payload.numbers import read_number
from ingest.decoders.payload.outcomes import (
    CONTRADICTS,
    Decoded,
    Measurement,
    Refused,
    Reject,
    Said,
    shown,
)
from ingest.decoders.payload.parsing import (
    finite,
    number_written,
    parse_number,
    parse_object,
    parse_time,
)
from ingest.decoders.payload.status_words import judge, judged, words_in
from ingest.decoders.wmbus.wmbusmeters_fields import (
    field_map,
    open_suffix,
    plan_of,
    suffixes_of,
)
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    Telegram = Mapping[str, Any]
    Placed = tuple[tuple[Place, str], ...]
    """Fields and their meanings."""
    Others = tuple[tuple[str, str], ...]
    """Unknown fields, with the suffix of their unit."""

# Plain int: IntFlag is slow.
GOOD, SUSPECT = int(Quality.GOOD), int(Quality.SUSPECT)
ARRIVAL_TIME = int(Quality.ARRIVAL_TIME)
NOTHING, WELL = "nothing", "OK"
UNMAPPED = object()
ID_DIGITS = 8
"""Of an identification number (EN 13757-3, 5.4)."""
FIRST_NO_ID = 10**ID_DIGITS
LARGEST_EXACT = 2**53
MOST_SHAPES, MOST_FIELDS = 256, 64
"""Number of field lists cached; meters of one kind send the same fields."""


class Origin(NamedTuple):
    """Device of a telegram, what it counts, and the status of all its values."""

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
    if type(device) is int and 0 <= device < FIRST_NO_ID:
        # Passed on as a number it has lost the zeros in front.
        return f"{device:0{ID_DIGITS}}"
    if not isinstance(device, str) or not device:
        raise Refused(Reason.DEVICE_MISSING, "id" if device is None else f"id is {shown(device)}")
    return shown(device)


def _time(telegram: Telegram, arrival_ms: int, options: DecodeOptions) -> tuple[int, int]:
    timestamp = telegram.get("timestamp")
    if timestamp == field_map().masked_time:
        return arrival_ms, ARRIVAL_TIME
    return parse_time(timestamp, options, arrival_ms), GOOD


def _driver(telegram: Telegram) -> str:
    # Name in newer drivers.
    driver = telegram.get("meter", telegram.get("driver"))
    return driver if isinstance(driver, str) else ""


def _health(telegram: Telegram, device: str, options: DecodeOptions, found: Decoded) -> int:
    """Evaluate the meter's status words; raise if they make the values unusable."""
    states = [telegram[name] for name in field_map().status if name in telegram]
    if all(state == WELL for state in states):
        return GOOD
    said = [word for state in states for word in words_in(state)]
    found.said.extend(judge(said, _driver(telegram), device, options))
    health = judged(found.said)
    if health.unusable:
        raise Refused(Reason.STATUS_UNUSABLE, shown(" ".join(health.unusable)))
    return health.quality


def _counted(telegram: Telegram, device: str, options: DecodeOptions, found: Decoded) -> str | None:
    """
    Return what the meter counts: `NOTHING` that we use, or None if that is open.

    Raises
    ------
    Refused
        If medium and driver contradict each other, and devices.csv matches neither.
    """
    fields = field_map()
    medium = telegram.get("media")
    by_medium = fields.media.get(medium.lower()) if isinstance(medium, str) else None
    by_driver = fields.counted_by(_driver(telegram))
    by_estate = fields.kinds.get(options.kinds.get(device, ""))
    if by_medium and by_driver:
        may = tuple(each for each in by_medium if each in by_driver)
        if not may:
            found.said.append(Said(device, _described(telegram), CONTRADICTS))
            if by_estate in by_medium + by_driver:
                return by_estate
            raise Refused(Reason.KIND_CONTRADICTED, _described(telegram))
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
    placed, others = _sorted_out(telegram, origin.counts, options)
    values, refused = _values(telegram, placed, origin)
    found.rejects += refused
    stuck = _stuck_register(values, telegram.get("media"))
    for quantity, value in values.items():
        quality = origin.quality | SUSPECT if quantity == stuck else origin.quality
        measurement = Measurement(origin.device, quantity, origin.time_ms, value, quality)
        found.measurements.append(measurement)
    tried = {*values, *(each.quantity for each in refused if each.quantity)}
    unknown = list(_unknown(telegram, others, origin.counts, tried))
    found.rejects += _unknown_rejects(unknown, origin, options)
    # With other values the name alone would not keep every message for a replay; see `Kept`.
    told = origin.counts is not None and unknown and not values
    if not told and _wanted(origin.counts, placed).isdisjoint(tried):
        detail = _described(telegram) + _set_dates(telegram)
        missing = Reject(Reason.QUANTITY_MISSING, detail, origin.device, None, origin.time_ms)
        found.rejects.append(missing)


def _values(
    telegram: Telegram, placed: Placed, origin: Origin
) -> tuple[dict[str, float], list[Reject]]:
    """Read each quantity from the first field with a value; one that is not a number ends it."""
    values: dict[str, float] = {}
    fields: dict[str, tuple[Place, str]] = {}
    refused: dict[str, Reject] = {}
    for place, name in placed:
        quantity = place.quantity
        if quantity in refused:
            continue
        try:
            if quantity in values:
                _check_unit(telegram, fields[quantity], (place, name))
                continue
            value = _value(telegram[name], name, place)
        except Refused as error:
            values.pop(quantity, None)
            refused[quantity] = Reject(
                error.reason, error.detail, origin.device, quantity, origin.time_ms
            )
        else:
            if value is not None:
                values[quantity], fields[quantity] = value, (place, name)
    return values, list(refused.values())


def _check_unit(telegram: Telegram, first: tuple[Place, str], other: tuple[Place, str]) -> None:
    """Raise if a telegram gives a register in two units that differ beyond their last digits."""
    names = [name for _, name in (first, other)]
    if len({name.rpartition("_")[0] for name in names}) > 1:
        return
    raw = [telegram[name] for name in names]
    if not all(type(each) in {int, float} and abs(each) < LARGEST_EXACT for each in raw):
        return
    units = [place.unit for place, _ in (first, other)]
    one, two = (unit.convert(float(each)) for unit, each in zip(units, raw, strict=True))
    digits = [10.0 ** int(Decimal(str(each)).as_tuple().exponent) for each in raw]
    steps = (
        unit.convert(each) - unit.convert(0.0) for unit, each in zip(units, digits, strict=True)
    )
    if abs(one - two) > sum(steps):
        raise Refused(Reason.QUANTITY_AMBIGUOUS, ", ".join(map(shown, names)))


def _unknown_rejects(names: list[str], origin: Origin, options: DecodeOptions) -> Iterator[Reject]:
    device, _, time_ms, _ = origin
    most = options.limits.unknown_names
    for name in names[:most]:
        detail = shown(name)
        yield Reject(Reason.QUANTITY_UNKNOWN, detail, device, detail, time_ms)
    if len(names) > most:
        more = f"and {len(names) - most} more names"
        yield Reject(Reason.QUANTITY_UNKNOWN, more, device, None, time_ms)


def _sorted_out(
    telegram: Telegram, counts: str | None, options: DecodeOptions
) -> tuple[Placed, Others]:
    """Return the fields that may be a quantity, by preference, then other candidates."""
    names, driver = tuple(telegram), _driver(telegram)
    if not options.keys:
        # A meter sends the same fields again and again.
        known = len(names) <= MOST_FIELDS
        return (_of_names if known else _of_names.__wrapped__)(names, counts, driver)
    by_key = {name: options.keys.get(path_words(name), UNMAPPED) for name in names}
    own = [(place, name) for name, place in by_key.items() if isinstance(place, Place)]
    rest = tuple(name for name, place in by_key.items() if place is UNMAPPED)
    placed, others = _of_names.__wrapped__(rest, counts, driver)
    return (*own, *placed), others


@lru_cache(MOST_SHAPES)
def _of_names(names: tuple[str, ...], counts: str | None, driver: str) -> tuple[Placed, Others]:
    plan = plan_of(counts, driver)
    placed = sorted(((plan[name], name) for name in names if name in plan), key=_rank)
    suffixes = {name: open_suffix(name) for name in names if name not in plan}
    others = tuple((name, suffix) for name, suffix in suffixes.items() if suffix is not None)
    return tuple(placed), others


def _rank(each: tuple[Place, str]) -> int:
    return each[0].rank


def _value(raw: object, name: str, place: Place) -> float | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and (read := read_number(raw)) is not None and read.unit is not None:
        # The field's name says the unit; a second one may contradict it.
        raise Refused(Reason.VALUE_NOT_NUMBER, shown(raw))
    number = parse_number(number_written(raw, name))
    if number in field_map().no_value[place.quantity]:
        return None
    return finite(place.unit.convert(number))


def _wanted(counts: str | None, placed: Placed) -> frozenset[str]:
    """Return the quantities of which one is required: the meter's, or those of the key map."""
    fields = field_map()
    own = {place.quantity for place, _ in placed if place.rank == OF_THE_SOURCE}
    return fields.main.get(counts or NOTHING, frozenset()) | (own - fields.information)


def _stuck_register(values: Mapping[str, float], medium: object) -> str | None:
    """Return the register that does not count while another one does."""
    rule = field_map().stuck
    if values.get(rule.register) != 0 or values.get(rule.beside, 0.0) < rule.from_m3:
        return None
    return rule.register if medium in rule.media else None


def _unknown(
    telegram: Telegram, others: Others, counts: str | None, tried: AbstractSet[str]
) -> Iterator[str]:
    """
    Return the unknown fields that may be what the meter counts.

    If the register was found, others in its unit are known to be something else.
    """
    fields = field_map()
    may = [(path, suffix) for name, suffix in others for path in _numbers(name, telegram[name])]
    if not may or counts == NOTHING:
        return
    plan = plan_of(counts, _driver(telegram))
    missing = {place.quantity for place in plan.values()} - tried - fields.information
    ours = fields.known_units - suffixes_of(frozenset(missing)) if plan else frozenset()
    yield from (path for path, suffix in may if suffix not in ours)


def _numbers(path: str, value: object) -> Iterator[str]:
    """Yield the path of each number in a value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _numbers(f"{path}.{number}", inner)
    elif type(value) in {int, float}:
        yield path


def _set_dates(telegram: Telegram) -> str:
    """Return the set-date registers, which are all that some meters send."""
    fields = field_map()
    names = [
        name
        for name, value in telegram.items()
        if type(value) in {int, float}
        and name.rpartition("_")[2] in fields.known_units
        and not fields.set_date_words.isdisjoint(name.split("_"))
    ]
    return f", only at a set date: {', '.join(names)}" if names else ""
