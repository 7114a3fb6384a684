"""Limits beyond which hours of a climate sensor are suspect, from ``box_limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class BoxLimits:
    """The limits; units and sources are in ``box_limits.yaml``."""

    flat_hours: int
    flat_hours_without_co2: int
    sun_above_day_k: float
    sun_edge_k: float
    sun_rise_k_per_h: float
    bag_hours: int
    bag_rise_pct: float
    bag_slack_pct_per_h: float
    bag_end_pct_per_h: float
    bag_full_pct: float
    bag_sunk_pct: float
    bag_co2_ppm_per_h: float
    stairwell_step_k_per_h: float
    stairwell_hours: int
    stairwell_below_homes_k: float
    stairwell_below_hours: int
    fresh_air_ppm: float
    baseline_ppm: float
    baseline_ppm_per_g_per_m3: float
    baseline_outdoor_c: float
    baseline_days: int
    baseline_part: float
    baseline_least_hours: int
    still_hours: int
    still_leap_k: float
    saturated_pct: float
    saturated_hours: int
    outdoor_ppm: float
    stale_ppm_per_g_per_m3: float
    warmest_c: float
    warmest_above_outdoor_k: float
    coldest_c: float
    outdoors_part: float
    outdoors_least_k: float
    no_home_hours: int
    glitch: Mapping[str, float]
    glitch_reach_hours: float


def box_limits(on: date | None = None) -> BoxLimits:
    """Return the limits valid on a day; the newest by default."""
    return load_values(BoxLimits, "telemetry.series", "box_limits.yaml", on)
