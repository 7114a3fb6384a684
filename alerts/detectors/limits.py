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
    leak_gap_most_part: float
    leak_reopen_days: float
    pulse_fine_l: float
    pulse_coarse_l: float
    burst_l_per_h: float
    burst_own_times: float
    burst_two_hours_l_per_h: float
    burst_alone_l_per_h: float
    burst_over_l_per_h: float
    burst_pulses_l: Sequence[float]
    burst_history_days: float
    burst_reopen_days: float
    standing_hours: float
    standing_times: float
    day_gap_hours: float
    usual_days: int
    usual_least_days: int
    usual_least_spread: float
    away_part: float
    spike_allowance: float
    spike_most_z: float
    beside_known_days: int
    spike_least_times: float
    belief_water: float
    belief_electricity: float
    belief_least_days: int
    belief_jump_times: float
    belief_jump_days: float
    belief_jumps_a_year: float
    belief_guests_times: Sequence[float]
    belief_guests_days: float
    belief_guests_a_year: float
    belief_guests_apart: float
    belief_guests_electricity_part: float
    belief_spread: float
    belief_together: float
    belief_most_off: float
    belief_prior_days: float
    belief_weekend_times: float
    belief_weekend_days: float
    spike_floor_l: float
    spike_floor_kwh: float
    spike_longest_days: int
    calm_z: float
    calm_days: int
    reopen_days: float
    line_least_days: int
    line_most_days: int
    line_refit_days: int
    line_least_range_k: float
    line_least_warm_days: int
    line_balance_c: float
    line_balance_range_c: Sequence[float]
    line_odd_part: float
    line_lag_part: float
    settling_hours: float
    group_meters: int
    heat_least_kwh: float
    heat_mild_part: float
    heat_alone_mild_part: float
    heat_level_days: int
    heat_least_days: int
    heat_least_spread: float
    heat_spread: float
    heat_spread_days: float
    heat_stays: float
    heat_most_stays: float
    heat_odd_spreads: float
    heat_tail: float
    heat_jump_times: Sequence[float]
    heat_jump_days: float
    heat_jumps_a_year: float
    cold_k: Sequence[float]
    cold_days: float
    cold_a_year: float
    cold_known_part: float
    heat_belief: float
    heat_high_spreads: float
    heat_least_times: float
    heat_floor_kwh: float
    heat_stop_kwh: float
    heat_stop_part: float
    heat_stop_days: int
    heat_stop_frost_days: int
    heat_stop_frost_c: float
    night_hours: Sequence[int]
    night_gap_hours: float
    night_days: int
    night_high_days: int
    night_usual_part: float
    night_times: float
    night_floor_l: float
    night_floor_kwh: float
    slow_days: int
    slow_times: float
    slow_middle_times: float
    slow_last_times: float
    slow_low_part: float
    slow_high_part: float
    slow_low_times: float
    slow_away_part: float
    slow_away_times: float
    heat_slow_times: float
    heat_slow_within_days: float
    slow_floor_l: float
    slow_floor_kwh: float
    stop_lived_days: float
    stop_lived_part: float
    stop_water_days: float
    stop_electricity_days: float
    stop_own_times: float


def limits(on: date | None = None) -> Limits:
    """Read the limits that hold on a day; without it the newest."""
    return load_values(Limits, "alerts.detectors", "limits.yaml", on)
