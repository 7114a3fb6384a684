"""How far a home's days deviate from what is expected, and how much carries over to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alerts.detectors.medians import MAD_SCALE, median_of_known

if TYPE_CHECKING:
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats

TINY_KWH = 1e-6


class Scatter(NamedTuple):
    """
    Scatter of each meter; NaN where too few days are known.

    Attributes
    ----------
    day_kwh : (meters,) array
        Spread of the days' deviations. [kWh/d]
    stays : (meters,) array
        Part of a day's deviation that persists on the next day.
    news_kwh : (meters,) array
        Spread of the rest of a day's deviation. [kWh/d]
    """

    day_kwh: Floats
    stays: Floats
    news_kwh: Floats


class OwnScatter:
    """
    The deviations of some meters' last days, in consecutive pairs.

    Parameters
    ----------
    meters : int
    limits : Limits
    """

    def __init__(self, meters: int, limits: Limits) -> None:
        self._limits = limits
        self._off_kwh = np.full((meters, limits.usual_days), np.nan)

    def today(self, expected_kwh: Floats, part: Floats) -> Scatter:
        """
        Estimate the scatter from the days before, with homes in general as a prior worth some days.

        Parameters
        ----------
        expected_kwh : (meters,) array
            Expected on the day to be judged. [kWh/d]
        part : (meters,) array
            Spread of days as a fraction of what was expected, used until enough days in a
            row are known.
        """
        limits, pooled = self._limits, self._limits.heat_spread_days
        day_kwh = MAD_SCALE * median_of_known(np.abs(self._off_kwh), limits.heat_least_days)
        day_kwh = np.where(np.isnan(day_kwh), part * expected_kwh, day_kwh)
        stays = self._stays(day_kwh)
        news = self._off_kwh[:, 1:] - stays[:, None] * self._off_kwh[:, :-1]
        own_kwh = MAD_SCALE * median_of_known(np.abs(news), limits.heat_least_days)
        own_kwh = np.where(np.isnan(own_kwh), part * expected_kwh, own_kwh)
        days = np.maximum(np.count_nonzero(np.isfinite(news), axis=1), limits.heat_least_days)
        general_kwh = limits.heat_spread * expected_kwh
        variance = (days * own_kwh**2 + pooled * general_kwh**2) / (days + pooled)
        least_kwh = np.maximum(limits.heat_least_spread * expected_kwh, TINY_KWH)
        return Scatter(
            np.maximum(day_kwh, least_kwh), stays, np.maximum(np.sqrt(variance), least_kwh)
        )

    def _stays(self, day_kwh: Floats) -> Floats:
        """Return what persists: the slope over pairs of days, shrunk towards homes in general."""
        limits = self._limits
        most_kwh = limits.heat_odd_spreads * np.nan_to_num(day_kwh)[:, None]
        off_kwh = np.clip(self._off_kwh, -most_kwh, most_kwh)
        before, after = off_kwh[:, :-1], off_kwh[:, 1:]
        paired = np.isfinite(before) & np.isfinite(after)
        together = np.where(paired, before * after, 0.0).sum(axis=1)
        alone = np.where(paired, (before**2 + after**2) / 2, 0.0).sum(axis=1)
        pooled = limits.heat_spread_days * np.nan_to_num(day_kwh) ** 2
        weight = np.maximum(alone + pooled, TINY_KWH)
        slope = (together + limits.heat_stays * pooled) / weight
        return np.asarray(np.clip(slope, 0, limits.heat_most_stays))

    def add(self, off_kwh: Floats, teaches: Bools) -> None:
        """Take a day of each meter; uninformative days form a gap, which no pair spans."""
        moves = teaches | np.isfinite(self._off_kwh[:, -1])
        self._off_kwh[moves, :-1] = self._off_kwh[moves, 1:]
        self._off_kwh[moves, -1] = np.where(teaches, off_kwh, np.nan)[moves]
