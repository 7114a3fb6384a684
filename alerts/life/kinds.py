"""Rules for the life of an alert: limits common to all, and what each kind means for whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml

from alerts.model import AlertKind
from estate.numbers.values import load_values
from estate.periods import DAY_MS, HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True)
class LifeLimits:
    """The values of ``limits.yaml``; units and sources stand there."""

    reopen_days: float
    new_meter_hours: float
    group_homes: int
    group_share: float
    group_hours: float
    most_a_week: int
    quiet_from_hour: int
    quiet_to_hour: int
    told_within_days: float

    @property
    def new_meter_ms(self) -> int:
        """How long a new meter clears nothing of what the one before it told. [ms]"""
        return round(self.new_meter_hours * HOUR_MS)

    @property
    def reopen_ms(self) -> int:
        """Longest pause after which it is still the same event. [ms]"""
        return round(self.reopen_days * DAY_MS)


@dataclass(frozen=True)
class KindRules:
    """A row of ``kinds.yaml``; its head says what each column means."""

    audience: str
    dangerous: bool
    clear_hours: float
    hold_hours: float
    grouped: bool
    climate: bool
    inhibits: Mapping[str, str]
    momentary: bool = False

    @property
    def clear_ms(self) -> int:
        """How long after the last sign it counts as over. [ms]"""
        return round(self.clear_hours * HOUR_MS)

    @property
    def hold_ms(self) -> int:
        """How long it must last within a tenancy, where it began before. [ms]"""
        return round(self.hold_hours * HOUR_MS)


def life_limits(on: date | None = None) -> LifeLimits:
    """Return the limits valid on a day; the newest by default."""
    return load_values(LifeLimits, "alerts.life", "limits.yaml", on)


@cache
def kind_rules() -> Mapping[AlertKind, KindRules]:
    """Return the rules of every kind."""
    text = resources.files("alerts.life").joinpath("kinds.yaml").read_text("utf-8")
    return {AlertKind(name): KindRules(**row) for name, row in yaml.safe_load(text).items()}
