"""Limits of the split, from ``rules.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class BillingRules:
    """Limits; units, sources and dates are in ``rules.yaml``."""

    position_indoor_c: float
    position_outdoor_c: float
    position_least: float
    base_temperature_c: float
    estimated_climate_ceiling: float
    fit_hours: int
    meaningful_spread_k: float
    gap_reach_hours: int
    whole_day_hours: int
    whole_day_quarter_hours: int
    like_weather_k: float
    like_weather_hours: int
    own_part: float
    own_part_colours: float
    earlier_days: int
    house_quantile: float
    house_step_k: float
    together_part: float
    together_homes: int
    measured_part: float
    own_rate_part: float
    still_hours: float
    still_least_hours: float
    unit_times: float
    high_times: float
    edge_search_hours: int
    far_search_hours: int
    warmest_c: float
    plausible_slack: float
    exact_reading_hours: float
    near_reading_hours: float
    trial_mark: str
    half_degree_k: float
    heating_limit_c: float
    neighbour_heat_some: float
    neighbour_heat_much: float
    comparison_homes_least: int
    comparison_digits: int
    on_account_step_ore: int


def billing_rules(on: date | None = None) -> BillingRules:
    """Return the limits valid on a day; the newest by default."""
    return load_values(BillingRules, "billing", "rules.yaml", on)
