"""The limits of the detectors, from ``limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date


@dataclass(frozen=True)
class Limits:
    """Limits; ``limits.yaml`` holds the unit, meaning and source of each."""

    confirming_readings: int
    interval_least_hours: float
    interval_most_hours: float
    gap_most_hours: float
    memory_days: int
    leak_levels_l_per_h: Sequence[float]
    leak_rest_hours: Sequence[float]
    leak_own_times: float
    leak_floor_times: float
    leak_floor_part: float
    leak_lag_part: float
    leak_gap_part: float
    leak_reopen_days: float
    pulse_fine_l: float
    pulse_coarse_l: float
    burst_l_per_h: float
    burst_own_times: float
    burst_two_hours_l_per_h: float
    burst_over_l_per_h: float
    burst_history_days: float
    burst_reopen_days: float
    standing_hours: float
    standing_times: float


def limits(on: date | None = None) -> Limits:
    """Read the limits that hold on a day; without it the newest."""
    return load_values(Limits, "alerts.detectors", "limits.yaml", on)
