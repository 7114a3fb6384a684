"""
A source's key map: what its devices' names mean, where the names alone do not tell.

``{"TempC_DS": "temperature_c", "energy": "heat_kwh:wh", "spare": "ignore"}``: a quantity, with the
unit of the payload after a colon where it is another than the quantity's own, or not to be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.numbers.units import own_unit, suffixes_for, units
from estate.quantities import quantities
from ingest.decoders.payload.names import OF_THE_SOURCE, Place, path_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    KeyMap = Mapping[str, Place | None]
    """By name in words; None is not read."""

IGNORE = "ignore"
MOST_KEYS = 1000


def read_key_map(keys: Mapping[str, str]) -> KeyMap:
    """
    Read a key map.

    Parameters
    ----------
    keys : mapping of str to str
        By a name as the payload writes it; levels are joined by a point.

    Raises
    ------
    ValueError
        Naming the key, and what it may be.
    """
    if len(keys) > MOST_KEYS:
        raise ValueError(f"{len(keys)} keys; at most {MOST_KEYS} are looked up")
    return {path_words(name): _place(name, target) for name, target in keys.items()}


def _place(name: str, target: str) -> Place | None:
    if target == IGNORE:
        return None
    quantity, _, suffix = target.partition(":")
    if quantity not in quantities():
        known = ", ".join(sorted(quantities()))
        raise ValueError(f"{name}: no quantity {quantity!r}; there are {known}, and {IGNORE}")
    suffix = suffix or own_unit(quantity)
    if suffix not in suffixes_for(quantity):
        fitting = ", ".join(suffixes_for(quantity))
        raise ValueError(f"{name}: {quantity} is not measured in {suffix!r}; write {fitting}")
    return Place(quantity, units()[suffix], OF_THE_SOURCE)
