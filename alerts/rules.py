"""Limits of the alerts, from ``rules.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from estate.numbers.values import load_values

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class AlertRules:
    """Limits of the alerts; units, meanings and sources are in ``rules.yaml``."""

    history_days: int
    judged_part: float
    day_edge_gap_hours: int
    mould_index: float
    outlook_index: float
    likely_index: float
    held_hours: int
    frozen_days: float
    usual_moisture_excess_g_per_m3: float
    f_rsi_sound: float
    f_rsi: float
    material: str
    decline: float


def rules(on: date | None = None) -> AlertRules:
    """Return the limits valid on a day; the newest by default."""
    return load_values(AlertRules, "alerts", "rules.yaml", on)
