"""When a month of readings is sealed, from ``limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from estate.numbers.values import load_values


@dataclass(frozen=True)
class SealingLimits:
    """The limits; units and sources are in ``limits.yaml``."""

    after_days: int
    told_hours: float


@cache
def sealing_limits() -> SealingLimits:
    """Return the newest limits."""
    return load_values(SealingLimits, "telemetry.stores.sealed", "limits.yaml")
