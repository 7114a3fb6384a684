"""The tables of the decoder of wmbusmeters, made ready for looking up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from estate.quantities import quantities
from estate.units import Unit, suffixes_for, units

if TYPE_CHECKING:
    from collections.abc import Mapping

Counts = tuple[str, ...]
"""What a meter may count; where nothing says which, the first. Empty: nothing that is used."""


@dataclass(frozen=True)
class Field:
    """A field of a telegram and the unit that its name states."""

    name: str
    unit: Unit


Plan = dict[str, tuple[Field, ...]]
"""The fields that may hold each quantity, the preferred one first."""


class Stuck(NamedTuple):
    """A register that does not count beside another one that does."""

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
    plans : mapping of str to Plan
        By what a meter counts.
    special : mapping of str to Plan
        Of drivers whose names mean something else.
    media, drivers : mapping of str to Counts
        What a meter may count, by its medium and by its driver.
    kinds : mapping of str to str
        What a meter counts, by its kind in devices.csv.
    main : mapping of str to frozenset of str
        The quantities without which a telegram has told nothing, by what the meter counts.
    """

    plans: Mapping[str, Plan]
    special: Mapping[str, Plan]
    media: Mapping[str, Counts]
    drivers: Mapping[str, Counts]
    kinds: Mapping[str, str]
    main: Mapping[str, frozenset[str]]
    no_value: Mapping[str, frozenset[float]]
    status: tuple[str, ...]
    set_date_words: frozenset[str]
    other_words: frozenset[str]
    other_units: frozenset[str]
    known_units: frozenset[str]
    information: frozenset[str]
    stuck: Stuck
    masked_time: str

    def plan(self, counts: str | None, driver: str) -> Plan:
        """Give the plan for a meter; an empty one where it counts nothing that is used."""
        plan = self.plans.get(counts or "", {})
        special = self.special.get(driver)
        if special is None:
            return plan
        return plan | {name: fields for name, fields in special.items() if name in plan}

    def counted_by(self, driver: str) -> Counts | None:
        """Give what the meters of a driver may count, None where that is not known."""
        known = self.drivers.get(driver)
        if known is not None:
            return known
        beginnings = (f"{driver[:length]}*" for length in range(len(driver), 0, -1))
        return next((self.drivers[each] for each in beginnings if each in self.drivers), None)


@cache
def field_map() -> FieldMap:
    """Read the tables."""
    table = _table("wmbusmeters.yaml")
    plans = {name: _plan(rows | table["common"]) for name, rows in table["maps"].items()}
    special = table["no_value"]
    drivers = _table("wmbusmeters_drivers.yaml")
    counts = {name: tuple(each) for name, each in table["counts"].items()}
    return FieldMap(
        plans=plans,
        special={driver: _plan(rows) for driver, rows in table["drivers"].items()},
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
        known_units=frozenset(units()),
        information=frozenset(table["information"]),
        stuck=Stuck(**table["stuck"]),
        masked_time=table["masked_time"],
    )


def _table(name: str) -> dict[str, Any]:
    text = resources.files("ingest.decoders").joinpath(name).read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def _plan(rows: Mapping[str, list[str]]) -> Plan:
    return {
        quantity: tuple(
            Field(f"{stem}_{suffix}", units()[suffix])
            for stem in stems
            for suffix in suffixes_for(quantity)
        )
        for quantity, stems in rows.items()
    }
