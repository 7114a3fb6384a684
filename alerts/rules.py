"""The limits of the alerts, from ``rules.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    from datetime import date


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


def rules(on: date | None = None) -> Rules:
    """Read the limits that hold on a day; without it the newest."""
    return load_values(Rules, "alerts", "rules.yaml", on)
