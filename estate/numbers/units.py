"""Unit conversion into each quantity's own unit; the only place where units are converted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import numpy.typing as npt

Number = TypeVar("Number", "float", "npt.NDArray[np.float64]")

MOST_SPELLINGS = 1024
"""Number of spellings cached; a flood of new ones costs time, not memory."""

_filling = re.compile(r"[\s.*^·]+")


@dataclass(frozen=True)
class Unit:
    """
    A unit, by the suffix that names it.

    Attributes
    ----------
    to : str
        Suffix of the target unit.
    zero, times, over : float
        ``(value - zero) * times / over`` is the value in that unit.
    """

    to: str
    zero: float = 0.0
    times: float = 1.0
    over: float = 1.0

    def convert(self, value: Number) -> Number:
        """Return a value, or an array of values, in the unit `to`."""
        return (value - self.zero) * self.times / self.over


@cache
def _table() -> Mapping[str, Mapping[str, Any]]:
    table: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
        resources.files("estate.numbers").joinpath("units.yaml").read_text("utf-8")
    )
    return table


@cache
def units() -> Mapping[str, Unit]:
    """Return the table of units, by suffix."""
    return {
        suffix: Unit(**{name: value for name, value in row.items() if name != "written"})
        for suffix, row in _table().items()
    }


@cache
def spellings() -> Mapping[str, str]:
    """Return the suffix of each unit by its spellings in payloads, normalised."""
    return {
        written: suffix
        for suffix, row in _table().items()
        for written in (suffix, *row.get("written", ()))
    }


@lru_cache(MOST_SPELLINGS)
def unit_written(text: str) -> Unit | None:
    """
    Return the unit that a payload writes, such as ``°C``, ``oC``, ``kW h``, ``m³`` or ``Gcal``.

    Returns
    -------
    Unit or None
        None if the spelling is unknown.
    """
    plain = _filling.sub("", unicodedata.normalize("NFKC", text).casefold())
    # NFKC decomposes the ring above, which some keyboards produce for a degree sign.
    suffix = spellings().get(plain) or spellings().get(_filling.sub("", text.casefold()))
    return units()[suffix] if suffix else None


def own_unit(quantity: str) -> str:
    """Return the suffix of a quantity's own unit, such as ``kwh`` of ``heat_kwh``."""
    return quantity.rsplit("_", 1)[-1]


def suffixes_for(quantity: str) -> tuple[str, ...]:
    """Return every suffix convertible to a quantity's unit, its own first."""
    own = own_unit(quantity)
    return (own, *(name for name, unit in units().items() if unit.to == own and name != own))
