"""The quantities that devices report, with unit and physical limits, from ``quantities.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import inf
from typing import TYPE_CHECKING, Literal

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Quantity:
    """
    One measurable quantity.

    Attributes
    ----------
    name : str
        Public name; carries the unit.
    kind : {'gauge', 'register'}
        A state now, or a cumulative count.
    unit : str
        Unit of the value, for people.
    minimum, maximum : float
        Physical limits; a value outside is impossible. [unit]
    meaning, source : str
        What it is; where the limits come from.
    plausible : (low, high) pair of float
        A value within the physical limits but not within these is suspect: stored, and counted as
        missing. [unit]
    plausible_source : str
        Where those come from.
    """

    name: str
    kind: Literal["gauge", "register"]
    unit: str
    minimum: float
    maximum: float
    meaning: str
    source: str
    plausible: tuple[float, float] = (-inf, inf)
    plausible_source: str = ""


@cache
def quantities() -> Mapping[str, Quantity]:
    """Read every known quantity, by name."""
    text = resources.files("estate").joinpath("quantities.yaml").read_text("utf-8")
    return {name: Quantity(name=name, **row) for name, row in yaml.safe_load(text).items()}
