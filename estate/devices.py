"""What each kind of meter counts."""

from __future__ import annotations

from collections.abc import Mapping

from estate.model import DeviceKind

REGISTER_OF: Mapping[DeviceKind, str] = {
    "heat": "heat_kwh",
    "main_heat": "heat_kwh",
    "allocator": "allocator_units",
    "hot_water": "hot_water_m3",
    "cold_water": "cold_water_m3",
    "electricity": "electricity_kwh",
}
"""Quantity of the register by the kind of device; other kinds have none."""
