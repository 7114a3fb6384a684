"""
Decides which gaps can be estimated from the home's own hours. Pure functions of arrays.

A resident who plugs in a sensor only while airing, or while away, selects what is measured. So only
days measured night and day represent others, in similar weather, and only if there are enough of
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from billing.rules import BillingRules
    from estate.numbers.arrays import Bools, Floats, Integers
    from estate.periods import Hours


QUARTERS = 4
QUARTER_HOURS = 6


@dataclass(frozen=True)
class Axis:
    """
    The hours used for estimates: those of the period, preceded by earlier ones.

    Attributes
    ----------
    outdoor_c : (all hours,) array
        Without gaps, unless nothing is known outdoors. [°C]
    quarter : (all hours,) int array
        Index of the hour's quarter of a local day.
    first : int
        Index of the period's first hour.
    """

    outdoor_c: Floats
    quarter: Integers
    first: int = 0

    @classmethod
    def of(cls, hours: Hours, outdoor_c: Floats) -> Axis:
        """Return the axis of some hours only."""
        day_starts_ms = np.asarray(hours.day_starts_ms, dtype=np.int64)
        of_day = (hours.starts_ms - day_starts_ms[hours.day_index]) // HOUR_MS
        quarter = np.minimum(of_day // QUARTER_HOURS, QUARTERS - 1)
        return cls(outdoor_c, hours.day_index * QUARTERS + quarter)

    def after(self, earlier: Axis) -> Axis:
        """Return the axis with earlier hours prepended."""
        days = int(earlier.quarter[-1]) // QUARTERS + 1
        return Axis(
            np.concatenate([earlier.outdoor_c, self.outdoor_c]),
            np.concatenate([earlier.quarter, self.quarter + days * QUARTERS]),
            len(earlier.quarter),
        )

    @property
    def day(self) -> Integers:
        """Index of the local day of each hour, (all hours,)."""
        return self.quarter // QUARTERS

    @property
    def period(self) -> slice:
        """The period's hours among all."""
        return slice(self.first, None)


@dataclass(frozen=True)
class Gaps:
    """
    Gaps of homes in a period.

    Attributes
    ----------
    missing : (flats, hours) bool array
    together : (flats, hours) bool array
        Missing in an hour that many sensors lost at once: the radio, a gateway or the broker.
    told : (flats, hours) bool array
        Missing, but covered by the home's own hours.
    own : (flats, all hours) bool array
        Known hours of days measured night and day.
    """

    missing: Bools
    together: Bools
    told: Bools
    own: Bools

    def telling(self, row: int, known: Bools) -> Bools:
        """Return the hours that determine a home's level: whole days, else all there are."""
        return np.asarray(self.own[row] if self.own[row].any() else known[row])


def find_gaps(
    known: Bools, axis: Axis, rules: BillingRules, own_part: float, excused: Bools | None = None
) -> Gaps:
    """
    Find the gaps of homes, and which are covered by their own hours.

    Parameters
    ----------
    known : (flats, all hours) bool array
    axis : Axis
    rules : BillingRules
    own_part : float
        Required number of own hours per missing hour. [1]
    excused : (flats, hours) bool array, optional
        Hours that are not required, because the resident opted out.
    """
    missing = ~known[:, axis.period]
    if excused is not None:
        missing &= ~excused
    together = missing & _lost_together(missing, rules)
    forgiven = known.copy()
    forgiven[:, axis.period] |= together
    own, told = np.zeros_like(known), np.zeros_like(missing)
    for row in np.flatnonzero(missing.any(axis=1)):
        own[row] = known[row] & _whole_days(forgiven[row], axis.quarter, rules)
        single = int((missing[row] & ~together[row]).sum())
        if own[row].any() and own[row].sum() >= own_part * single:
            # Computed only where needed: sorting and searching take most of the time.
            asked_c = axis.outdoor_c[axis.period][missing[row]]
            like = _like_hours(axis.outdoor_c[own[row]], asked_c, rules)
            told[row, missing[row]] = like >= rules.like_weather_hours
    return Gaps(missing, together, told, own)


def _lost_together(missing: Bools, rules: BillingRules) -> Bools:
    """Return the hours that many of the otherwise reliable sensors lost, (hours,)."""
    living = missing[missing.mean(axis=1) <= rules.measured_part]
    least = max(rules.together_homes, rules.together_part * len(living))
    return np.asarray(living.sum(axis=0) >= least)


def _whole_days(known: Bools, quarter: Integers, rules: BillingRules) -> Bools:
    """Return which hours are in a day measured night and day, (all hours,)."""
    days = int(quarter[-1]) // QUARTERS + 1
    counts = np.bincount(quarter[known], minlength=days * QUARTERS).reshape(days, QUARTERS)
    whole = counts.sum(axis=1) >= rules.whole_day_hours
    whole &= counts.min(axis=1) >= rules.whole_day_quarter_hours
    return np.asarray(whole[quarter // QUARTERS])


def _like_hours(own_c: Floats, outdoor_c: Floats, rules: BillingRules) -> Integers:
    """Count the home's own hours in weather similar to each hour's, (hours,)."""
    if np.isnan(outdoor_c).any():
        return np.full(len(outdoor_c), len(own_c))
    ordered, reach_k = np.sort(own_c), rules.like_weather_k
    above = np.searchsorted(ordered, outdoor_c + reach_k, side="right")
    return np.asarray(above - np.searchsorted(ordered, outdoor_c - reach_k, side="left"))
