"""Limits of what staff and boards are shown, from ``limits.yaml``."""

from __future__ import annotations

from dataclasses import dataclass

from estate.numbers.values import load_values


@dataclass(frozen=True)
class StaffLimits:
    """The values of ``limits.yaml``; units and sources stand there."""

    suspect_share: float
    group_homes_least: int
    much_change: float
    known_part: float
    degree_days_least: float


def staff_limits() -> StaffLimits:
    """Return the current limits."""
    return load_values(StaffLimits, "operations.staff", "limits.yaml")
