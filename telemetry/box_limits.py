"""Limits beyond which hours of a climate box are suspect, from ``box_limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class BoxLimits:
    """Each value stands with its unit and source in ``box_limits.yaml``."""

    flat_hours: int
    flat_hours_without_co2: int
    sun_above_day_k: float
    sun_edge_k: float
    sun_rise_k_per_h: float
    bag_hours: int
    bag_rise_pct: float
    bag_slack_pct_per_h: float
    bag_end_pct_per_h: float
    stairwell_step_k_per_h: float
    stairwell_hours: int
    stairwell_below_homes_k: float
    stairwell_below_hours: int
    fresh_air_ppm: float
    baseline_hours: int
    baseline_ppm: float


@cache
def box_limits() -> BoxLimits:
    """Read the limits."""
    text = resources.files("telemetry").joinpath("box_limits.yaml").read_text("utf-8")
    rows = yaml.safe_load(text)
    return BoxLimits(**{name: row["value"] for name, row in rows.items() if isinstance(row, dict)})
