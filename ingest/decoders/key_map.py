"""
A source's key map: the meaning of its devices' names, where it is not known.

``{"TempC_DS": "temperature_c", "energy": "heat_kwh:wh", "spare": "ignore"}``: a quantity, with the
payload's unit after a colon if it differs from the quantity's own, or ``ignore``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.numbers.units import own_unit, suffixes_for, units
from estate.quantities import quantities
from ingest.decoders.payload.names import OF_THE_SOURCE, Place, path_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ingest.decoders.payload.names import KeyMap

IGNORE = "ignore"
MOST_KEYS = 1000


def read_key_map(keys: Mapping[str, str]) -> KeyMap:
    """
    Parse a key map.

    Parameters
    ----------
    keys : mapping of str to str
        Meaning by the payload's name; levels are joined by a point.

    Raises
    ------
    ValueError
        Names the key and the valid values.
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
        raise ValueError(
            f"{name}: {quantity!r} is not a quantity; write one of {known}, or {IGNORE}"
        )
    suffix = suffix or own_unit(quantity)
    if suffix not in suffixes_for(quantity):
        fitting = ", ".join(suffixes_for(quantity))
        raise ValueError(f"{name}: {quantity} is not measured in {suffix!r}; write {fitting}")
    return Place(quantity, units()[suffix], OF_THE_SOURCE)
