"""An alert: what was detected, where, when, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WATER = ("cold_water_m3", "hot_water_m3")
"""The registers of water."""
USED_BY_PEOPLE = frozenset({*WATER, "electricity_kwh"})
"""The registers that guests raise."""
SAID = "said_by_meter"
"""The evidence that a meter said it itself: its word."""


class AlertKind(StrEnum):
    """Kind of an alert; the names are public."""

    LEAK = "leak"
    BURST = "burst"
    NO_HEAT = "no_heat"
    SPIKE = "spike"
    SLOW_RISE = "slow_rise"
    SUMMER_HEAT = "summer_heat"
    NIGHT_USE = "night_use"
    STOP = "stop"
    MOULD_RISK = "mould_risk"
    DEVICE_SILENT = "device_silent"
    DEVICE_FAULT = "device_fault"


OF_DEVICES = frozenset({AlertKind.DEVICE_SILENT, AlertKind.DEVICE_FAULT})
"""What is about a device alone, and for staff."""


@dataclass(frozen=True)
class Alert:
    """
    One alert.

    Attributes
    ----------
    device : str or None
        The device concerned, if any.
    start_ms, end_ms : int
        Time span of the event; end exclusive. [ms since 1970, UTC]
    raised_ms : int
        Time of the last reading the alert needed. [ms since 1970, UTC]
    evidence : mapping
        JSON-able numbers with the unit in their names.
    """

    building: str
    flat: str
    kind: AlertKind
    device: str | None
    start_ms: int
    end_ms: int
    raised_ms: int
    evidence: Mapping[str, Any] = field(default_factory=dict)
