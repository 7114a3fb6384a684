"""Limits of the air, from ``classes.yaml`` and ``limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_table, load_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


@dataclass(frozen=True)
class AirClasses:
    """The table ``classes.yaml``, the best class first; its head says what each row means."""

    classes: Sequence[str]
    temperature_c: Sequence[float]
    most_c: Sequence[float]
    humidity_pct: Sequence[tuple[float, float]]
    co2_above_outdoor_ppm: Sequence[float]


@dataclass(frozen=True)
class AirLimits:
    """Limits; units and sources are in ``limits.yaml``."""

    outdoor_ppm: float
    season_from_month: int
    season_to_month: int
    overheated_c: float
    overheated_hours: int
    very_hot_c: float
    very_hot_hours: int
    mites_pct: float
    dry_pct: float
    dry_days: int
    stale_ppm: float
    cool_c: float

    def heating(self, month: int) -> bool:
        """Whether a month is in the heating season."""
        return month >= self.season_from_month or month < self.season_to_month


def air_classes(on: date | None = None) -> AirClasses:
    """Return the classes valid on a day; the newest by default."""
    table = load_table("alerts.air", "classes.yaml", on)
    return AirClasses(**{name: table[name] for name in AirClasses.__dataclass_fields__})


def air_limits(on: date | None = None) -> AirLimits:
    """Return the limits valid on a day; the newest by default."""
    return load_values(AirLimits, "alerts.air", "limits.yaml", on)
