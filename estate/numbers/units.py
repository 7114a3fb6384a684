"""Units: the one place where a value in another unit becomes one in a quantity's own."""

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
"""Spellings that are remembered; a flood of new ones costs time, not memory."""

_filling = re.compile(r"[\s.*^·]+")


@dataclass(frozen=True)
class Unit:
    """
    A unit, by the suffix that names it.

    Attributes
    ----------
    to : str
        Suffix of the unit that it is converted to.
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
    """Read the table of units, by suffix."""
    return {
        suffix: Unit(**{name: value for name, value in row.items() if name != "written"})
        for suffix, row in _table().items()
    }


@cache
def spellings() -> Mapping[str, str]:
    """Return the suffix of each unit by every way in which payloads write it, in plain letters."""
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
        None where no unit is written so.
    """
    plain = _filling.sub("", unicodedata.normalize("NFKC", text).casefold())
    # The ring above, which some keyboards have for a degree sign, falls apart in NFKC.
    suffix = spellings().get(plain) or spellings().get(_filling.sub("", text.casefold()))
    return units()[suffix] if suffix else None


def own_unit(quantity: str) -> str:
    """Return the suffix of a quantity's own unit, such as ``kwh`` of ``heat_kwh``."""
    return quantity.rsplit("_", 1)[-1]


def suffixes_for(quantity: str) -> tuple[str, ...]:
    """Return every suffix that can be converted to a quantity's unit, its own first."""
    own = own_unit(quantity)
    return (own, *(name for name, unit in units().items() if unit.to == own and name != own))
