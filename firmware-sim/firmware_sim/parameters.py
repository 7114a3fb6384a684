"""Parameters of the simulation, from ``parameters.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml


@dataclass(frozen=True)
class Parameters:
    """Parameters; units and sources are in ``parameters.yaml``."""

    step_minutes: int
    spin_up_days: int
    heat_capacity_wh_per_m2_k: float
    heat_loss_w_per_m2_k: float
    ceiling_m: float
    radiator_w_per_m2: float
    thermostat_w_per_m2_k: float
    appliances_w_per_m2: float
    person_w: float
    air_changes_per_h: float
    vents_air_changes_per_h: float
    leakage_cm2_per_m2: float
    stack_l2_per_s2_cm4_k: float
    wind_l2_per_s2_cm4_m2: float
    window_air_changes_per_h: float
    co2_l_per_h_awake: float
    co2_l_per_h_asleep: float
    outdoor_co2_ppm: float
    moisture_g_per_h_person: float
    moisture_g_per_cooking: float
    moisture_g_per_shower: float
    cold_per_hot_water: float
    flush_l_per_h_person: float
    cooking_w: float
    allocator_units_per_kwh: float
    shower_l: float
    tap_l_per_person_day: float
    hot_water_wh_per_l: float
    circulation_w_per_flat: float
    heat_volume_l_per_kwh: float
    box_temperature_noise_c: float
    box_humidity_noise_pct: float
    box_co2_noise_ppm: float
    battery_full_v: float
    battery_v_per_day: float
    battery_end_v: float
    battery_cutoff_v: float
    clock_sync_minutes: float
    ring_messages: int
    repeated_messages: int

    @property
    def step_hours(self) -> float:
        """Length of a step. [h]"""
        return self.step_minutes / 60


@cache
def parameters() -> Parameters:
    """Return the parameters."""
    text = resources.files("firmware_sim").joinpath("parameters.yaml").read_text("utf-8")
    return Parameters(**{name: row["value"] for name, row in yaml.safe_load(text).items()})
