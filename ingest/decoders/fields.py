"""
From an object of named values to measurements, for every format that has no rules of its own.

The object may have levels. Each value that can be told to be a quantity becomes a measurement in
the quantity's unit; one that holds a number and is neither a quantity nor known to be something
else is rejected by its name, for new firmware may have renamed it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from estate.units import own_unit, units
from ingest.decoders.model import Measurement, Refused, Reject, shown
from ingest.decoders.names import Place, key_table, names_of, unit_suffixes, words
from ingest.decoders.parsing import finite, parse_number
from ingest.reasons import Reason
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ingest.decoders.model import Decoded, DecodeOptions
    from ingest.decoders.names import Names

_is_decimal = re.compile(r"\s*[+-]?\d{1,32}(\.\d{1,32})?\s*", re.ASCII).fullmatch


class Leaf(NamedTuple):
    """
    One value of an object.

    Attributes
    ----------
    path : str
        Its name with those of the objects around it, as the payload writes them.
    name : str
        The same in words; see `ingest.decoders.names`.
    value : object
    unit : str, optional
        As the payload writes it beside the value.
    """

    path: str
    name: str
    value: object
    unit: str | None = None


class Origin(NamedTuple):
    """Whose values they are, when they were measured, and what is known about all of them."""

    device: str
    time_ms: int
    quality: int = Quality.GOOD


def leaves(document: Mapping[str, Any], path: str = "", name: str = "") -> Iterator[Leaf]:
    """Give every value of an object, those of inner objects too; lists only of named values."""
    for key, value in document.items():
        inner_path = f"{path}.{key}" if path else key
        inner_name = f"{name}.{words(key)}" if name else words(key)
        if isinstance(value, dict):
            yield from _object(value, inner_path, inner_name)
        elif isinstance(value, list):
            yield from _named_values(value)
        else:
            yield Leaf(inner_path, inner_name, value)


def _object(document: Mapping[str, Any], path: str, name: str) -> Iterator[Leaf]:
    valued = key_table()["valued"]
    inner = {words(key): value for key, value in document.items()}
    if valued["value"] in inner and not isinstance(inner[valued["value"]], dict | list):
        unit = inner.get(valued["unit"])
        known = unit if isinstance(unit, str) else None
        yield Leaf(path, name, inner[valued["value"]], known)
    else:
        yield from leaves(document, path, name)


def _named_values(items: list[Any]) -> Iterator[Leaf]:
    named = key_table()["named"]
    for item in items:
        if isinstance(item, list):
            yield from _named_values(item)
        elif isinstance(item, dict):
            inner = {words(key): value for key, value in item.items()}
            label, value = inner.get(named["name"]), inner.get(named["value"])
            if isinstance(label, str) and not isinstance(value, dict | list):
                yield Leaf(label, words(label), value)


def decode_leaves(
    found: Decoded,
    items: Iterable[Leaf],
    origin: Origin,
    decoder: str,
    options: DecodeOptions,
) -> None:
    """
    Decode the values of one object.

    Parameters
    ----------
    found : Decoded
        What is found is added to it; at least one measurement or reject.
    items : iterable of Leaf
    origin : Origin
    decoder : str
        Whose names count.
    options : DecodeOptions
    """
    before = len(found.measurements) + len(found.rejects)
    names, listed = names_of(decoder), list(items)
    places: dict[str, list[tuple[Place, Leaf]]] = {}
    unknown: list[Leaf] = []
    for leaf in listed:
        place = _place(leaf, names, options)
        if place is not None:
            places.setdefault(place.quantity, []).append((place, leaf))
        elif _is_unknown(leaf, names, options):
            unknown.append(leaf)
    faulty = _faulty(listed, names)
    for quantity, candidates in places.items():
        suspect = faulty is None or quantity in faulty
        judged = origin._replace(quality=origin.quality | Quality.SUSPECT) if suspect else origin
        _decode_quantity(found, quantity, candidates, judged)
    report_unknown(found, [leaf.path for leaf in unknown], origin, options)
    if len(found.measurements) + len(found.rejects) == before:
        found.rejects.append(
            Reject(Reason.QUANTITY_MISSING, "", origin.device, None, origin.time_ms)
        )


def _place(leaf: Leaf, names: Names, options: DecodeOptions) -> Place | None:
    if leaf.name in options.keys:
        return options.keys[leaf.name]
    if not names.ignored_objects.isdisjoint(leaf.name.split(".")[:-1]):
        return names.places.get(leaf.name)
    return names.place(leaf.name)


def _is_unknown(leaf: Leaf, names: Names, options: DecodeOptions) -> bool:
    if leaf.name in options.keys or leaf.name in names.faults or names.is_ignored(leaf.name):
        return False
    if isinstance(leaf.value, str):
        return _is_decimal(leaf.value) is not None
    return isinstance(leaf.value, int | float) and not isinstance(leaf.value, bool)


def _faulty(items: Iterable[Leaf], names: Names) -> frozenset[str] | None:
    """Give the quantities that a device says to be faulty; None if all."""
    faulty: frozenset[str] = frozenset()
    for leaf in items:
        fault = names.faults.get(leaf.name)
        if fault is None or leaf.value is None or leaf.value in fault.healthy:
            continue
        if fault.of is None:
            return None
        faulty |= fault.of
    return faulty


def _decode_quantity(
    found: Decoded, quantity: str, candidates: list[tuple[Place, Leaf]], origin: Origin
) -> None:
    present = [each for each in candidates if each[1].value not in (None, "")]
    if not present:
        return
    best = min(place.rank for place, _ in present)
    chosen = [(place, leaf) for place, leaf in present if place.rank == best]
    try:
        values = {_value(leaf, place) for place, leaf in chosen}
    except Refused as refused:
        found.rejects.append(
            Reject(refused.reason, refused.detail, origin.device, quantity, origin.time_ms)
        )
        return
    if len(values) > 1:
        several = shown(", ".join(leaf.path for _, leaf in chosen))
        found.rejects.append(
            Reject(Reason.QUANTITY_AMBIGUOUS, several, origin.device, quantity, origin.time_ms)
        )
        return
    found.measurements.append(
        Measurement(origin.device, quantity, origin.time_ms, values.pop(), int(origin.quality))
    )


def _value(leaf: Leaf, place: Place) -> float:
    unit = place.unit
    if leaf.unit is not None:
        suffix = unit_suffixes().get(leaf.unit)
        if suffix is None or units()[suffix].to != own_unit(place.quantity):
            raise Refused(Reason.UNIT_UNKNOWN, f"{shown(leaf.path)} in {shown(leaf.unit)}")
        unit = units()[suffix]
    return finite(unit.convert(number_in(leaf.value)))


def number_in(value: object) -> float:
    """
    Read a value that must be a number; many codecs write numbers as texts.

    Raises
    ------
    Refused
    """
    if isinstance(value, str) and _is_decimal(value):
        return float(value)
    return parse_number(value)


def report_unknown(
    found: Decoded, paths: Sequence[str], origin: Origin, options: DecodeOptions
) -> None:
    """Reject values by their names, the first few of one object; of the others their number."""
    most = options.limits.unknown_names
    for path in paths[:most]:
        name = shown(path)
        reject = Reject(Reason.QUANTITY_UNKNOWN, name, origin.device, name, origin.time_ms)
        found.rejects.append(reject)
    if len(paths) > most:
        more = f"and {len(paths) - most} more names"
        found.rejects.append(
            Reject(Reason.QUANTITY_UNKNOWN, more, origin.device, None, origin.time_ms)
        )
