"""
Converts an object of named values to measurements, for formats without rules of their own.

The object may have levels and lists. Each value identified as a quantity becomes a
measurement in the quantity's unit; a number that is neither a quantity nor known to
be something else is rejected by name, since new firmware may have renamed it. No
number vanishes.
"""

from __future__ import annotations

import re
from math import isclose
from typing import TYPE_CHECKING, NamedTuple

from estate.numbers.units import own_unit, unit_written
from ingest.decoders.payload.names import (
    DIGITS,
    OF_THE_SOURCE,
    Place,
    fault_of,
    is_ignored,
    key_table,
    names_of,
    path_words,
    place_of,
    without_channel,
)
from ingest.decoders.payload.numbers import read_number
from ingest.decoders.payload.outcomes import Measurement, Refused, Reject, shown
from ingest.decoders.payload.parsing import Repeated, finite, number_written, parse_number
from ingest.decoders.payload.status_words import Judged, judge, judged
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from estate.model import DeviceKind
    from ingest.decoders.payload.leaves import Leaf
    from ingest.decoders.payload.model import DecodeOptions
    from ingest.decoders.payload.names import Names
    from ingest.decoders.payload.outcomes import Decoded

    OriginOf = Callable[[Leaf], "Origin"]

STATUS_DRIVER = "lorawan"
"""Driver of the status words of named values; see ``status_words.yaml``."""
MOST_CHARACTERS = 600
"""Most names that one finding lists."""
# One value in two units, each rounded for display: 19.0 °C and 66.2 °F, 1.25 MWh and 1250.4 kWh.
ALIKE_RELATIVE, ALIKE_ABSOLUTE = 1e-3, 0.06

_moment = re.compile(r"\s*\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[T, ]+\d{1,2}[:.]\d\d", re.ASCII).match


class Origin(NamedTuple):
    """Device, time and status common to some values."""

    device: str
    time_ms: int
    quality: int = Quality.GOOD


class Health(NamedTuple):
    """Status of a device, for all of its values and for single quantities."""

    whole: Judged
    of: Mapping[str, Judged]

    def judged(self, quantity: str) -> Judged:
        """Return the effect on the values of a quantity."""
        return _worse(self.whole, self.of[quantity]) if quantity in self.of else self.whole


class Placed(NamedTuple):
    """A value and the quantity that it is."""

    place: Place
    leaf: Leaf


def decode_leaves(
    found: Decoded,
    items: Iterable[Leaf],
    origin: Origin,
    decoder: str,
    options: DecodeOptions,
    origin_of: OriginOf | None = None,
) -> None:
    """
    Decode the values of one object.

    Parameters
    ----------
    found : Decoded
        Results are added to it; at least one measurement or reject.
    items : iterable of Leaf
    origin : Origin
    decoder : str
        Decoder whose names apply.
    options : DecodeOptions
    origin_of : callable, optional
        Returns the origin of a value that has times of its own; it may raise `Refused`.
    """
    before = len(found.measurements) + len(found.rejects)
    add_leaves(found, items, origin, decoder, options, origin_of)
    if len(found.measurements) + len(found.rejects) == before:
        found.rejects.append(
            Reject(Reason.QUANTITY_MISSING, "", origin.device, None, origin.time_ms)
        )


def add_leaves(
    found: Decoded,
    items: Iterable[Leaf],
    origin: Origin,
    decoder: str,
    options: DecodeOptions,
    origin_of: OriginOf | None = None,
) -> None:
    """Decode as `decode_leaves` does, but without a reject if nothing is usable."""
    listed, names = list(items), names_of(decoder)
    health = _health(found, listed, names, origin, options)
    for group in _by_time(listed, origin_of):
        own = origin
        if origin_of is not None and group[0].times:
            try:
                own = origin_of(group[0])
            except Refused as refused:
                detail = (
                    refused.detail
                    and f"{refused.detail}, of {_listed([leaf.path for leaf in group])}"
                )
                found.rejects.append(Reject(refused.reason, detail, origin.device))
                continue
        _add_group(found, group, own, health, names, options)


def _by_time(items: list[Leaf], origin_of: OriginOf | None) -> Iterable[list[Leaf]]:
    """Group values by their times in the payload."""
    if origin_of is None:
        return [items] if items else []
    groups: dict[tuple[object, ...], list[Leaf]] = {}
    for leaf in items:
        groups.setdefault((*leaf.times, leaf.of_item), []).append(leaf)
    return groups.values()


def _add_group(
    found: Decoded,
    group: list[Leaf],
    origin: Origin,
    health: Health,
    names: Names,
    options: DecodeOptions,
) -> None:
    """Decode values of one time."""
    places: dict[str, list[Placed]] = {}
    unknown: list[Leaf] = []
    for leaf in group:
        known, place = _place(leaf, names, origin.device, options)
        if isinstance(leaf.value, Repeated):
            if place is not None or not (known or _is_ignored(leaf, names)):
                found.rejects.append(_repeated(leaf, place, origin))
        elif place is not None:
            places.setdefault(place.quantity, []).append(Placed(place, leaf))
        elif not known and _is_unknown(leaf, names, options, origin):
            unknown.append(leaf)
    for quantity, candidates in places.items():
        quality, unusable = health.judged(quantity)
        if unusable:
            detail = shown(" ".join(unusable))
            found.rejects.append(
                Reject(Reason.STATUS_UNUSABLE, detail, origin.device, quantity, origin.time_ms)
            )
            continue
        own = origin._replace(quality=origin.quality | quality) if quality else origin
        unknown += _decode_quantity(found, quantity, candidates, own)
    report_unknown(found, [leaf.path for leaf in unknown], origin, options)


def _place(
    leaf: Leaf, names: Names, device: str, options: DecodeOptions
) -> tuple[bool, Place | None]:
    """Return whether the source defines a value, and what it is, if known."""
    if options.keys:
        for name in (leaf.name, *leaf.others, leaf.full):
            key = _key_of(name, options)
            if key is not None:
                return True, options.keys[key]
    unit = _written_unit(leaf)
    place = place_of(names, leaf.name, unit)
    if place is None and leaf.others:
        others = (place_of(names, name, unit) for name in leaf.others)
        place = next((each for each in others if each is not None), None)
    return False, place and _of_kind(place, leaf, options.kinds.get(device))


def _of_kind(place: Place, leaf: Leaf, kind: DeviceKind | None) -> Place:
    """Resolve an ambiguous name by devices.csv, such as whether a volume of water is hot."""
    row = key_table()["open"].get(place.quantity) if kind is not None else None
    if row is None or row["unless"] in re.split(r"[._]", leaf.name):
        return place
    return place._replace(quantity=row["kinds"].get(kind, place.quantity))


def _key_of(name: str, options: DecodeOptions) -> str | None:
    """Return the key for a name, for its list, or for an ignored object."""
    if name in options.keys:
        return name
    outer, _, last = name.rpartition(".")
    if outer in options.keys and not last.strip(DIGITS):
        return outer
    while outer:
        if outer in options.keys and options.keys[outer] is None:
            return outer
        outer = outer.rpartition(".")[0]
    return None


def _written_unit(leaf: Leaf) -> str | None:
    """Return the unit that the payload gives next to a value, or in its text."""
    if leaf.unit is not None or not isinstance(leaf.value, str):
        return leaf.unit
    number = read_number(leaf.value)
    return number and number.unit


def _is_ignored(leaf: Leaf, names: Names) -> bool:
    return any(is_ignored(names, name) for name in (leaf.name, *leaf.others))


def _is_unknown(leaf: Leaf, names: Names, options: DecodeOptions, origin: Origin) -> bool:
    """Return whether an unidentified value must be reported: a number, or a time where none is."""
    untimed = origin.quality & Quality.ARRIVAL_TIME
    is_number = _is_number(leaf.value) or _is_in_strange_unit(leaf, names)
    if not (is_number or (untimed and _is_moment(leaf.value))):
        return False
    of_device = options.device_field is not None and leaf.full == path_words(options.device_field)
    is_fault = fault_of(names, leaf.name) is not None
    return not (of_device or is_fault or _is_ignored(leaf, names))


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        number = read_number(value)
        return number is not None and (number.unit is None or unit_written(number.unit) is not None)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_in_strange_unit(leaf: Leaf, names: Names) -> bool:
    """Return whether a quantity that must have a unit has one that nobody knows: ``12.3 gal``."""
    is_text = isinstance(leaf.value, str) and without_channel(leaf.name) in names.stated
    return is_text and read_number(str(leaf.value)) is not None


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and _moment(value) is not None


def _health(
    found: Decoded, items: list[Leaf], names: Names, origin: Origin, options: DecodeOptions
) -> Health:
    """Evaluate the status words next to some values, and record them."""
    whole, of = Judged(Quality.GOOD, ()), dict[str, Judged]()
    for leaf in items:
        fault = fault_of(names, leaf.name)
        if fault is None or leaf.value in (None, "", *fault.healthy) or leaf.name in options.keys:
            continue
        word = shown(f"{leaf.name} {leaf.value}")
        said = list(judge([word], STATUS_DRIVER, origin.device, options))
        found.said.extend(said)
        if fault.of is None:
            whole = _worse(whole, judged(said))
        else:
            of |= {each: _worse(of.get(each, whole), judged(said)) for each in fault.of}
    return Health(whole, of)


def _worse(one: Judged, other: Judged) -> Judged:
    return Judged(one.quality | other.quality, one.unusable + other.unusable)


def _repeated(leaf: Leaf, place: Place | None, origin: Origin) -> Reject:
    detail = f"{shown(leaf.path)} is {shown(leaf.value)}"
    quantity = place.quantity if place else shown(leaf.path)
    return Reject(Reason.NAME_REPEATED, detail, origin.device, quantity, origin.time_ms)


def _decode_quantity(
    found: Decoded, quantity: str, candidates: list[Placed], origin: Origin
) -> list[Leaf]:
    """Decode the candidates for one quantity; return those skipped, unless they agree."""
    present = [each for each in candidates if each.leaf.value not in (None, "")]
    if not present:
        return []
    chosen, others = _preferred(present)
    device, time_ms, quality = origin
    try:
        value = _agreed_value(chosen)
    except Refused as refused:
        found.rejects.append(Reject(refused.reason, refused.detail, device, quantity, time_ms))
        return [each.leaf for each in others]
    found.measurements.append(Measurement(device, quantity, time_ms, value, int(quality)))
    # Where the source defines which one counts, there is no ambiguity.
    asked = chosen[0].place.rank != OF_THE_SOURCE
    return [each.leaf for each in others if asked and not _says(each, value)]


def _preferred(present: list[Placed]) -> tuple[list[Placed], list[Placed]]:
    """Return the candidates of the best rank, and the others that are numbers."""
    if len(present) == 1:
        return present, []
    best = min(each.place.rank for each in present)
    others = [each for each in present if each.place.rank != best and _is_number(each.leaf.value)]
    return [each for each in present if each.place.rank == best], others


def _agreed_value(chosen: Sequence[Placed]) -> float:
    """Return the value of candidates of one rank, in the quantity's unit."""
    if len(chosen) == 1:
        return _value(chosen[0])
    names = _listed([each.leaf.path for each in chosen])
    try:
        first, *others = map(_value, chosen)
    except Refused as refused:
        raise Refused(refused.reason, f"{refused.detail}, of {names}") from refused
    if any(value != first for value in others):
        raise Refused(Reason.QUANTITY_AMBIGUOUS, names)
    return first


def _says(candidate: Placed, value: float) -> bool:
    try:
        other = _value(candidate)
    except Refused:
        return False
    return isclose(other, value, rel_tol=ALIKE_RELATIVE, abs_tol=ALIKE_ABSOLUTE)


def _value(placed: Placed) -> float:
    place, leaf = placed
    unit, written = place.unit, _written_unit(leaf)
    number = parse_number(number_written(leaf.value, leaf.path))
    if written is not None:
        stated = unit_written(written)
        if stated is None or stated.to != own_unit(place.quantity):
            said = f"in {shown(written)}" if written else "without a unit"
            raise Refused(Reason.UNIT_UNKNOWN, f"{shown(leaf.path)} {said}")
        unit = stated
    elif leaf.hints:
        fitting = (each for each in map(unit_written, leaf.hints) if each is not None)
        unit = next((each for each in fitting if each.to == own_unit(place.quantity)), unit)
    try:
        return finite(unit.convert(number))
    except Refused as refused:
        raise Refused(refused.reason, f"{shown(leaf.path)} is {refused.detail}") from refused


def _listed(paths: Sequence[str]) -> str:
    """List some names, as many as a finding may have."""
    text = ""
    for number, path in enumerate(paths):
        name = shown(path)
        if len(text) + len(name) > MOST_CHARACTERS:
            return f"{text} and {len(paths) - number} more"
        text += f", {name}" if text else name
    return text


def report_unknown(
    found: Decoded, paths: Sequence[str], origin: Origin, options: DecodeOptions
) -> None:
    """Reject values by name, the first few one by one, the others together."""
    most = options.limits.unknown_names
    for path in paths[:most]:
        name = shown(path)
        reject = Reject(Reason.QUANTITY_UNKNOWN, name, origin.device, name, origin.time_ms)
        found.rejects.append(reject)
    if len(paths) > most:
        more = f"and {len(paths) - most} more names: {_listed(paths[most:])}"
        found.rejects.append(
            Reject(Reason.QUANTITY_UNKNOWN, more, origin.device, None, origin.time_ms)
        )
