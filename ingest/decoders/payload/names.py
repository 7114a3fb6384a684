"""
Maps a payload's names to quantities, by ``keys.yaml``.

A source's own key map comes first, then the names of the format, then those common to all formats,
then names that contain their unit, and last those known to be unused. Any other
number is unknown.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import yaml

from estate.numbers.units import own_unit, suffixes_for, unit_written, units
from estate.quantities import quantities

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from estate.numbers.units import Unit

MOST_NAMES = 1024
"""Number of names cached; a flood of new ones costs time, not memory."""
OF_THE_SOURCE = -1
AFTER_ALL_NAMES = 1_000_000
STATED = "stated"
"""In the table, instead of a unit: the name counts if the payload states the unit."""
MOST_UNIT_WORDS = 2
PLAIN_LETTERS = frozenset("cf")
"""Letters that are a unit when alone on their level; others often mean something else."""

# Not within kW and kWh.
_humps = re.compile(r"(?<=[a-z0-9])(?=[A-Z])(?!(?<=k)Wh?(?![a-z]))")
_gaps = re.compile(r"[^a-z0-9.]+")
DIGITS = "0123456789"


class Place(NamedTuple):
    """Meaning of a name; of several, the lowest rank is preferred."""

    quantity: str
    unit: Unit
    rank: int


KeyMap: TypeAlias = "Mapping[str, Place | None]"
"""Meaning by normalised name; None is ignored."""


class Fault(NamedTuple):
    """Value of a healthy device, and the quantities that it covers; all if None."""

    healthy: tuple[object, ...]
    of: frozenset[str] | None


@dataclass(frozen=True, eq=False)
class Names:
    """
    The names of one format.

    Attributes
    ----------
    places : mapping of str to Place
    stated : mapping of str to str
        Quantities by names that identify them only together with a unit.
    ignored, ignored_words, ignored_objects : frozenset of str
        Known and unused: a whole name, a word of a name, an object with all its members.
    faults : mapping of str to Fault
    """

    places: Mapping[str, Place]
    stated: Mapping[str, str]
    ignored: frozenset[str]
    ignored_words: frozenset[str]
    ignored_objects: frozenset[str]
    faults: Mapping[str, Fault]

    def place(self, name: str, unit: str | None = None) -> Place | None:
        """
        Return the meaning of a name, with or without its channel number.

        Parameters
        ----------
        name : str
            Normalised; see `words`.
        unit : str, optional
            As the payload gives it next to the value.
        """
        exact = self.places.get(name)
        if exact is not None:
            return exact
        bare = without_channel(name)
        channel = self.places.get(bare)
        if channel is not None:
            return channel._replace(rank=channel.rank + AFTER_ALL_NAMES)
        beside = self._in_unit(bare, unit) if unit is not None and bare in self.stated else None
        return beside or self._stated_in(bare)

    def _stated_in(self, name: str) -> Place | None:
        """Parse a name whose last words are a unit: ``room_temperature_deg_f``, ``heat.mwh``."""
        outer, _, last = name.rpartition(".")
        if len(last) > 1 or last in PLAIN_LETTERS:
            place = self._in_unit(outer, last)
            if place is not None:
                return place
        for number in range(1, MOST_UNIT_WORDS + 1):
            stem, *parts = name.rsplit("_", number)
            place = self._in_unit(stem, "".join(parts)) if len(parts) == number else None
            if place is not None:
                return place
        return None

    def _in_unit(self, stem: str, written: str) -> Place | None:
        known = self.places.get(stem)
        quantity = known.quantity if known else self.stated.get(stem)
        unit = unit_written(written) if quantity is not None else None
        if quantity is None or unit is None or unit.to != own_unit(quantity):
            return None
        is_own = unit == units()[own_unit(quantity)]
        return Place(quantity, unit, 2 * AFTER_ALL_NAMES + (0 if is_own else 1))

    def is_ignored(self, name: str) -> bool:
        """Return whether a name is known and unused."""
        outer, _, leaf = name.rpartition(".")
        named = {name, without_channel(name)}
        if outer not in self.places:
            # A member of a known quantity's object means something else there.
            named |= {leaf, without_channel(leaf)}
        return (
            not named.isdisjoint(self.ignored)
            or not self.ignored_words.isdisjoint(re.split(r"[._]", name))
            or self.is_in_ignored_object(name)
        )

    def is_in_ignored_object(self, name: str) -> bool:
        """Return whether an object that encloses a name is known and unused."""
        return not self.ignored_objects.isdisjoint(name.split(".")[:-1])


@lru_cache(MOST_NAMES)
def place_of(names: Names, name: str, unit: str | None) -> Place | None:
    """Return the meaning of a name; in an unused object only of a name with its levels."""
    return names.places.get(name) if names.is_in_ignored_object(name) else names.place(name, unit)


@lru_cache(MOST_NAMES)
def is_ignored(names: Names, name: str) -> bool:
    """Return whether a name is known and unused."""
    return names.is_ignored(name)


@lru_cache(MOST_NAMES)
def fault_of(names: Names, name: str) -> Fault | None:
    """Return what a name reports of a device, or of the quantity that it begins with."""
    known = names.faults.get(name)
    if known is not None:
        return known
    table = key_table()["fault_endings"]
    stem = next((name.removesuffix(end) for end in table["endings"] if name.endswith(end)), "")
    place = names.places.get(stem)
    return place and Fault(tuple(table["healthy"]), frozenset({place.quantity}))


@lru_cache(MOST_NAMES)
def words(name: str) -> str:
    """Normalise a payload's name for comparison."""
    # NFKC: m³ is m3, ℃ is °c.
    plain = name if name.isascii() else unicodedata.normalize("NFKC", name)
    parted = _gaps.sub("_", _humps.sub("_", plain.replace(".", "_")).lower())
    return parted.strip("_")


def path_words(path: str) -> str:
    """Normalise a path of names, its levels joined by points."""
    return ".".join(words(level) for level in path.split("."))


def without_channel(name: str) -> str:
    """Return a name without the number at its end."""
    bare = name.rstrip(DIGITS)
    return name if bare == name else bare.rstrip("_.")


@cache
def key_table() -> Mapping[str, Any]:
    """Return the table of names."""
    path = resources.files("ingest.decoders.payload").joinpath("keys.yaml")
    table: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return table


@cache
def wrappers() -> frozenset[str]:
    """Return the names of objects and lists that carry no meaning."""
    return frozenset(key_table()["wrappers"])


@cache
def names_of(decoder: str) -> Names:
    """Return the names of one format."""
    table = key_table()
    own = table["formats"].get(decoder, {})
    # The format's come first; of a name that occurs twice, the first meaning counts.
    rows = [
        *_rows(own.get("quantities", {})),
        *_own_names(),
        *_rows(table["quantities"]),
    ]
    ignored = {
        kind: frozenset([*names, *own.get("ignored", {}).get(kind, ())])
        for kind, names in table["ignored"].items()
    }
    return Names(
        places={
            name: Place(quantity, units()[suffix], rank)
            for rank, (name, quantity, suffix) in reversed(list(enumerate(rows)))
            if suffix != STATED
        },
        stated={name: quantity for name, quantity, suffix in reversed(rows) if suffix == STATED},
        ignored=ignored["names"],
        ignored_words=ignored["words"],
        ignored_objects=ignored["objects"],
        faults={name: _fault(row) for name, row in table["faults"].items()},
    )


def _fault(row: Mapping[str, Any]) -> Fault:
    return Fault(tuple(row["healthy"]), frozenset(row["of"]) if "of" in row else None)


def _rows(quantities_: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for quantity, by_unit in quantities_.items():
        for suffix, names in by_unit.items():
            for name in names:
                yield name, quantity, suffix


def _own_names() -> Iterator[tuple[str, str, str]]:
    """Yield our own quantity names, with every convertible unit."""
    for quantity in quantities():
        stem = quantity.removesuffix(f"_{own_unit(quantity)}")
        for suffix in suffixes_for(quantity):
            yield f"{stem}_{suffix}", quantity, suffix
