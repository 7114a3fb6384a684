"""The limits of homes without heat, from ``limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class HeatingLimits:
    """Limits; ``limits.yaml`` holds the unit, meaning and source of each."""

    history_days: int
    history_least_days: int
    own_low_part: float
    no_history_low_c: float
    base_c: float
    rate_least_k: float
    heated_day_kwh: float
    smooth_hours: int
    cold_limit_c: float
    cold_below_own_k: float
    fallen_k: float
    unmetered_fallen_k: float
    warming_k: float
    frost_c: float
    below_k: float
    still_hours: int
    still_part: float
    weak_part: float
    still_kwh: float
    stale_hours: int
    metered_hours: int
    unmetered_hours: int
    bridged_hours: int
    season_c: float
    season_cold_c: float
    season_kwh: float
    lived_hours: int
    life_water_l: float
    life_co2_ppm: float
    life_co2_fall_ppm: float
    life_water_g_per_m3: float
    aired_g_per_m3: float
    aired_co2_ppm: float
    summer_c: float
    summer_nights: int
    summer_within_days: int
    summer_night_kwh: float


def heating_limits(on: date | None = None) -> HeatingLimits:
    """Read the limits that hold on a day; without it the newest."""
    return load_values(HeatingLimits, "alerts.heating", "limits.yaml", on)
