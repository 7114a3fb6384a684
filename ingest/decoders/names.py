"""
What devices call what they measure: from a payload's names to quantities, from ``keys.yaml``.

A source's own key map comes first, then the names of the format, then those that all formats share,
and last what is known and not used. Whatever holds a number and is none of these is unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from estate.quantities import quantities
from estate.units import own_unit, suffixes_for, units

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from estate.units import Unit

MOST_NAMES = 1024
"""Names whose words are remembered; a flood of new ones costs time, not memory."""
OF_THE_SOURCE = -1
AFTER_ALL_NAMES = 1_000_000

_humps = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_gaps = re.compile(r"[^a-z0-9.]+")
DIGITS = "0123456789"


class Place(NamedTuple):
    """What a name stands for; the lowest rank of several is preferred."""

    quantity: str
    unit: Unit
    rank: int


class Fault(NamedTuple):
    """What a device says when it is well, and of which quantities it says it; of all if None."""

    healthy: tuple[object, ...]
    of: frozenset[str] | None


@dataclass(frozen=True)
class Names:
    """The names of one format."""

    places: Mapping[str, Place]
    ignored: frozenset[str]
    ignored_words: frozenset[str]
    ignored_objects: frozenset[str]
    faults: Mapping[str, Fault]

    def place(self, name: str) -> Place | None:
        """Give what a name stands for, with or without the number of its channel."""
        exact = self.places.get(name)
        if exact is not None:
            return exact
        channel = self.places.get(without_channel(name))
        return channel and channel._replace(rank=channel.rank + AFTER_ALL_NAMES)

    def is_ignored(self, name: str) -> bool:
        """Tell whether a name is known and not used."""
        leaf = name.rpartition(".")[2]
        return (
            not {name, without_channel(name), leaf, without_channel(leaf)}.isdisjoint(self.ignored)
            or not self.ignored_words.isdisjoint(re.split(r"[._]", name))
            or not self.ignored_objects.isdisjoint(name.split(".")[:-1])
        )


@lru_cache(MOST_NAMES)
def words(name: str) -> str:
    """Give a payload's name in the form in which names are compared."""
    parted = _gaps.sub("_", _humps.sub("_", name.replace(".", "_")).lower())
    return parted.strip("_")


def path_words(path: str) -> str:
    """Give a path of names, whose levels a point parts, in the form in which they are compared."""
    return ".".join(words(level) for level in path.split("."))


def without_channel(name: str) -> str:
    """Give a name without the number at its end."""
    bare = name.rstrip(DIGITS)
    return name if bare == name else bare.rstrip("_.")


@cache
def key_table() -> Mapping[str, Any]:
    """Read the table of names."""
    path = resources.files("ingest.decoders").joinpath("keys.yaml")
    table: Mapping[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return table


@cache
def names_of(decoder: str) -> Names:
    """Give the names of one format."""
    table = key_table()
    ignored = table["ignored"]
    rows = [
        *_rows(table["formats"].get(decoder, {})),
        *_own_names(),
        *_rows(table["quantities"]),
    ]
    places: dict[str, Place] = {}
    for rank, (name, quantity, suffix) in enumerate(rows):
        places.setdefault(name, Place(quantity, units()[suffix], rank))
    return Names(
        places=places,
        ignored=frozenset(ignored["names"]),
        ignored_words=frozenset(ignored["words"]),
        ignored_objects=frozenset(ignored["objects"]),
        faults={
            name: Fault(tuple(row["healthy"]), frozenset(row["of"]) if "of" in row else None)
            for name, row in table["faults"].items()
        },
    )


def _rows(quantities_: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for quantity, by_unit in quantities_.items():
        for suffix, names in by_unit.items():
            for name in names:
                yield name, quantity, suffix


def _own_names() -> Iterator[tuple[str, str, str]]:
    """Give our own names of quantities, with every unit that can be converted to theirs."""
    for quantity in quantities():
        stem = quantity.removesuffix(f"_{own_unit(quantity)}")
        for suffix in suffixes_for(quantity):
            yield f"{stem}_{suffix}", quantity, suffix


@cache
def unit_suffixes() -> Mapping[str, str]:
    """Give the suffix of each unit as payloads write it."""
    suffixes: Mapping[str, str] = key_table()["units"]
    return suffixes
