"""
Estimates whether a home has got cold since a full run, from the hours that the run kept.

It raises no alert, but says where a full run is needed at once. Whether boxes are trusted depends
on more hours than are kept, so only a full run can decide.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from alerts.heating.home_hours import HomeHours
from alerts.heating.homes import home_hours, lets_of
from alerts.heating.limits import heating_limits
from alerts.heating.no_heat import no_heat
from alerts.hourly.state import Unfit
from estate.periods import HOUR_MS, Period
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    import numpy.typing as npt

    from alerts.hourly.state import Arrays
    from estate.model import Estate
    from estate.periods import Hours
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource

KEPT_MORE_DAYS = 3
"""Beside the home's own past: how long it may have been getting cold."""
AHEAD_DAYS = 3
"""Tenancies that begin so soon are kept too."""
KNOWN_MS = HOUR_MS
"""What was raised so long before the whole run was made may not have been known to it."""


@dataclass(frozen=True)
class ColdHours:
    """
    The hours of a building's let homes before a day.

    Attributes
    ----------
    day : date
    arrays : dict of str to array
        As in `HomeHours`, rounded; empty if no home is let.
    """

    day: date
    arrays: Arrays

    @classmethod
    def of(cls, estate: Estate, source: SampleSource, climate: HomeClimate, day: date) -> ColdHours:
        """Keep the last weeks of a climate, up to a day."""
        before = _kept(day).hours(estate.building.zone)
        lets = lets_of(estate, climate.hours, _among(estate, day))
        if not lets:
            return cls(day, {})
        homes = home_hours(estate, source, climate, lets)
        inside = climate.hours.between(before.start_ms, before.end_ms)
        return cls(day, {name: _rounded(each[..., inside]) for name, each in vars(homes).items()})

    def raised_since(
        self, estate: Estate, source: SampleSource, end: date, made_ms: int
    ) -> list[str]:
        """
        Return the flats that may have got cold since a full run.

        Parameters
        ----------
        estate : Estate
            With the same tenancies and devices.
        source : SampleSource
        end : date
            The day after today.
        made_ms : int
            When the full run was made. [ms since 1970, UTC]

        Raises
        ------
        Unfit
            If what was kept belongs to other homes.
        StoreUnavailable
        """
        hours = Period(self.day, end).hours(estate.building.zone)
        lets = lets_of(estate, hours, _among(estate, self.day))
        if not lets or not self.arrays:
            return []
        climate = home_climate(source, estate, hours)
        homes = self._with(home_hours(estate, source, climate, lets))
        found = no_heat(homes, heating_limits())
        return sorted(
            {lets[each.row].tenancy.flat for each in found if each.raised_ms > made_ms - KNOWN_MS}
        )

    def _with(self, new: HomeHours) -> HomeHours:
        """Return the kept hours with new ones after them."""
        try:
            both = {
                each.name: np.concatenate(
                    [self.arrays[each.name], getattr(new, each.name)], axis=-1
                )
                for each in fields(HomeHours)
            }
        except (KeyError, ValueError) as error:
            raise Unfit(str(error)) from error
        return HomeHours(**both)


def _kept(day: date) -> Period:
    return Period(day - timedelta(heating_limits().history_days + KEPT_MORE_DAYS), day)


def _among(estate: Estate, day: date) -> Hours:
    first = _kept(day).start
    return Period(first, day + timedelta(AHEAD_DAYS)).hours(estate.building.zone)


def _rounded(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values.astype(np.float32) if values.dtype == np.float64 else values
