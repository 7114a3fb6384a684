"""A home's last weeks: values of its days, and of the days before each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from alerts.detectors.medians import quantile_of_known
from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from alerts.heating.limits import HeatingLimits
    from estate.numbers.arrays import Floats, Integers

DAY_HOURS = 24


@dataclass(frozen=True)
class OwnPast:
    """
    Days of 24 hours, the same wherever the hours begin, and the past of each day.

    Attributes
    ----------
    starts_ms : (hours,) int64 array
        Full hours without a gap. [ms since 1970, UTC]
    limits : HeatingLimits
    """

    starts_ms: Integers
    limits: HeatingLimits

    def days(self, hours: Floats) -> Floats:
        """Return (rows, hours) as (rows, days, 24), padded with NaN."""
        lead = int(self.starts_ms[0] // HOUR_MS % DAY_HOURS)
        trail = -(lead + hours.shape[-1]) % DAY_HOURS
        padded = np.pad(hours, ((0, 0), (lead, trail)), constant_values=np.nan)
        return padded.reshape(len(hours), -1, DAY_HOURS)

    def lowest(self, hours: Floats) -> Floats:
        """Return the lowest value of each day, NaN where none is known, (rows, days)."""
        lowest: Floats = np.fmin.reduce(self.days(hours), axis=-1)
        return lowest

    def mean(self, hours: Floats) -> Floats:
        """Return the mean of each day, NaN where less than half of it is known, (rows, days)."""
        days = self.days(hours)
        known = np.isfinite(days)
        count = known.sum(axis=-1)
        sums = np.where(known, days, 0.0).sum(axis=-1)
        return np.where(count * 2 >= DAY_HOURS, sums / np.maximum(count, 1), np.nan)

    def before(self, of_days: Floats, part: float) -> Floats:
        """
        Return, for each hour, a quantile of the known days before its own, (rows, hours).

        NaN if too few are known.
        """
        length = self.limits.history_days
        padded = np.pad(of_days, ((0, 0), (length, 0)), constant_values=np.nan)[:, :-1]
        windows = sliding_window_view(padded, length, axis=1)
        found = quantile_of_known(windows, part, self.limits.history_least_days)
        day = self.starts_ms // (DAY_HOURS * HOUR_MS)
        return found[:, day - day[0]]
