"""Limits for reporting a device to staff, from ``limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class DeviceLimits:
    """Limits; units and sources are in ``limits.yaml``."""

    silent_hours: float
    looked_back_days: float
    apart_days: float
    stuck_hours: float
    sun_days: float
    covered_hours: float
    moved_hours: float
    wet_hours: float
    co2_low_hours: float
    baseline_hours: float
    battery_v: float
    battery_part: float
    battery_readings: int
    unplugged_days: int
    unplugged_part: float
    plugged_part: float
    unplugged_hours: int
    plugged_hours: int
    flow_without_heat_m3: float


def device_limits(on: date | None = None) -> DeviceLimits:
    """Return the limits valid on a day; the newest by default."""
    return load_values(DeviceLimits, "alerts.devices", "limits.yaml", on)
