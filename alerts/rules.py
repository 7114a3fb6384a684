"""The limits of the alerts, from ``rules.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class Rules:
    """Limits; ``rules.yaml`` holds the unit, meaning and source of each."""

    history_days: int
    judged_part: float
    leak_flow_l_per_h: float
    leak_hours: int
    leak_gap_hours: int
    spike_baseline_days: int
    spike_baseline_min_days: int
    spike_mads: float
    mad_scale: float
    spike_high_days: int
    spike_window_days: int
    spike_group_flats: int
    spike_house_share: float
    spike_floor_heat_kwh: float
    spike_floor_water_l: float
    day_edge_gap_hours: int
    mould_index: float
    f_rsi: float
    material: str
    decline: float


@cache
def rules() -> Rules:
    """Read the limits."""
    table = yaml.safe_load(resources.files("alerts").joinpath("rules.yaml").read_text("utf-8"))
    return Rules(**{name: row["value"] for name, row in table.items() if name != "valid_from"})
