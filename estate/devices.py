"""The cumulative register that each kind of meter reports."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from estate.model import DeviceKind

REGISTER_OF: Mapping[DeviceKind, str] = MappingProxyType(
    {
        "heat": "heat_kwh",
        "main_heat": "heat_kwh",
        "allocator": "allocator_units",
        "hot_water": "hot_water_m3",
        "cold_water": "cold_water_m3",
        "cooling": "cooling_kwh",
        "electricity": "electricity_kwh",
    }
)
"""The quantity of a meter's register, by kind; sensors and unmetered rows have none."""

PAST = "past-"
"""How the id of a meter begins whose uses another company billed; its serial names the company."""
