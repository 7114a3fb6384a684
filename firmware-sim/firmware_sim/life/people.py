"""Personas, and their assignment to flats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from firmware_sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping

NOBODY = "nobody"


@dataclass(frozen=True)
class Persona:
    """Behaviour of a household; see ``personas.yaml``."""

    name: str
    weight: float
    persons: int
    day_c: float
    night_c: float
    away: tuple[float, float]
    asleep: tuple[float, float]
    airings: tuple[float, ...]
    airing_minutes: float
    open_window: float
    vents: float
    cooking: tuple[float, ...]
    baths_per_person: float
    absent: tuple[int, int]


@cache
def personas() -> Mapping[str, Persona]:
    """Return every persona, by name."""
    text = resources.files("firmware_sim.life").joinpath("personas.yaml").read_text("utf-8")
    return {
        name: Persona(name, **{key: _frozen(value) for key, value in row.items()})
        for name, row in yaml.safe_load(text).items()
    }


def _frozen(value: Any) -> Any:  # noqa: ANN401  a number or a list of them
    return tuple(value) if isinstance(value, list) else value


def draw_persona(flat: str, seed: int) -> Persona:
    """Draw the household of a flat."""
    known = list(personas().values())
    weights = np.array([persona.weight for persona in known])
    return known[int(stream(seed, "persona", flat).choice(len(known), p=weights / weights.sum()))]
