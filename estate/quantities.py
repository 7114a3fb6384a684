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
        An instantaneous value or a cumulative count.
    unit : str
        Unit of the value, for people.
    minimum, maximum : float
        Physical limits; a value outside is impossible. [unit]
    meaning, source : str
        Description; source of the limits.
    plausible : (low, high) pair of float
        A value within the physical limits but outside these is suspect: stored, and treated as
        missing. [unit]
    plausible_source : str
        Source of the plausible range.
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
    """Return all quantities, by name."""
    text = resources.files("estate").joinpath("quantities.yaml").read_text("utf-8")
    return {name: Quantity(name=name, **row) for name, row in yaml.safe_load(text).items()}
