"""Tables of the wmbusmeters decoder, prepared for lookup."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from estate.numbers.units import suffixes_for, units
from estate.quantities import quantities
from ingest.decoders.payload.names import MOST_NAMES, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    Stems = Mapping[str, list[str]]

Counts = tuple[str, ...]
"""What a meter may count; if undetermined, the first. Empty: nothing that is used."""


Plan = dict[str, Place]
"""Meaning of the fields of a meter's telegrams, by name; the lowest rank is preferred."""


class Stuck(NamedTuple):
    """A register that does not count while another one does."""

    media: tuple[str, ...]
    register: str
    beside: str
    from_m3: float


@dataclass(frozen=True)
class FieldMap:
    """
    The field map, ``wmbusmeters.yaml``, with the drivers of ``wmbusmeters_drivers.yaml``.

    Attributes
    ----------
    maps : mapping of str to mapping
        Stems of each quantity, by what a meter counts.
    special : mapping of str to mapping
        The same for drivers whose names mean something else.
    media, drivers : mapping of str to Counts
        What a meter may count, by its medium and by its driver.
    kinds : mapping of str to str
        What a meter counts, by its kind in devices.csv.
    main : mapping of str to frozenset of str
        The quantities of which a telegram must have one, by what the meter counts.
    """

    maps: Mapping[str, Stems]
    special: Mapping[str, Stems]
    media: Mapping[str, Counts]
    drivers: Mapping[str, Counts]
    kinds: Mapping[str, str]
    main: Mapping[str, frozenset[str]]
    no_value: Mapping[str, frozenset[float]]
    status: tuple[str, ...]
    set_date_words: frozenset[str]
    other_words: frozenset[str]
    other_units: frozenset[str]
    texts: frozenset[str]
    known_units: frozenset[str]
    information: frozenset[str]
    stuck: Stuck
    masked_time: str

    def counted_by(self, driver: str) -> Counts | None:
        """Return what the meters of a driver may count, None if unknown."""
        return _counted_by(driver)


@cache
def field_map() -> FieldMap:
    """Return the tables."""
    table = _table("wmbusmeters.yaml")
    special = table["no_value"]
    drivers = _table("wmbusmeters_drivers.yaml")
    counts = {name: tuple(each) for name, each in table["counts"].items()}
    return FieldMap(
        maps={name: rows | table["common"] for name, rows in table["maps"].items()},
        special=table["drivers"],
        media={medium: counts[name] for medium, name in table["media"].items()},
        drivers={driver: counts[name] for name, each in drivers.items() for driver in each},
        kinds=table["kinds"],
        main={name: frozenset(quantities) for name, quantities in table["main"].items()},
        no_value={
            quantity: frozenset(special["any"] + special.get(quantity, []))
            for quantity in quantities()
        },
        status=tuple(table["status"]),
        set_date_words=frozenset(table["set_date_words"]),
        other_words=frozenset(table["other_words"]),
        other_units=frozenset(table["other_units"]),
        texts=frozenset(table["texts"]),
        known_units=frozenset(units()),
        information=frozenset(table["information"]),
        stuck=Stuck(**table["stuck"]),
        masked_time=table["masked_time"],
    )


@lru_cache(MOST_NAMES)
def _counted_by(driver: str) -> Counts | None:
    drivers, name = field_map().drivers, driver.lower().replace("-", "_")
    beginnings = (f"{name[:length]}*" for length in range(len(name), 0, -1))
    return next((drivers[each] for each in (name, *beginnings) if each in drivers), None)


def _table(name: str) -> dict[str, Any]:
    text = resources.files("ingest.decoders.wmbus").joinpath(name).read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def plan_of(counts: str | None, driver: str) -> Plan:
    """Return the meaning of a meter's fields; empty if it counts nothing that is used."""
    return _plan(counts or "", driver if driver in field_map().special else "")


@cache
def _plan(counts: str, driver: str) -> Plan:
    fields = field_map()
    stems = fields.maps.get(counts, {})
    special = fields.special.get(driver, {})
    rows = [
        (f"{stem}_{suffix}", quantity, units()[suffix])
        for quantity in stems
        for stem in special.get(quantity, stems[quantity])
        for suffix in suffixes_for(quantity)
    ]
    return {name: Place(quantity, unit, rank) for rank, (name, quantity, unit) in enumerate(rows)}


@lru_cache(MOST_NAMES)
def open_suffix(name: str) -> str | None:
    """Return the suffix of a field that is not known to be unused."""
    fields = field_map()
    stem, _, suffix = name.rpartition("_")
    parts = stem.split("_")
    other = not fields.other_words.isdisjoint(parts) or any(map(str.isdigit, parts))
    used = name in fields.texts or name in fields.status
    return None if used or other or suffix in fields.other_units else suffix


@cache
def suffixes_of(quantities_: frozenset[str]) -> frozenset[str]:
    """Return the suffixes of units convertible to those of some quantities."""
    return frozenset(suffix for quantity in quantities_ for suffix in suffixes_for(quantity))
