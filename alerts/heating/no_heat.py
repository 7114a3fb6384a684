"""
Detects homes whose heating fails: they get cold, and their radiators do not respond.

A home is compared only with its own past, so that a failed boiler is found in every home. The
data of an hour is what had been read by its end; nothing that was raised changes afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from alerts.detectors.found import Found
from alerts.heating.home_hours import (
    aired,
    lived_in,
    people_are_measured,
    since_start,
    smoothed,
    sum_of_last,
)
from alerts.heating.own_past import DAY_HOURS, OwnPast
from alerts.model import AlertKind
from estate.periods import HOUR_MS
from telemetry.series.held import held
from telemetry.series.runs import all_of_the_last, first_hours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alerts.heating.home_hours import HomeHours
    from alerts.heating.limits import HeatingLimits
    from estate.numbers.arrays import Bools, Floats


def no_heat(homes: HomeHours, limits: HeatingLimits) -> list[Found]:
    """
    Find the homes whose heating does not work.

    Parameters
    ----------
    homes : HomeHours
    limits : HeatingLimits

    Returns
    -------
    list of Found
        Rows are those of the homes; by home and time.

    Notes
    -----
    Raised in the heating season where somebody is in and no window is open, if the home

    - is below its usual lowest temperature and took no heat for hours, or
    - is below 16 °C and 1.5 K below its usual lowest, and took less heat than usual.

    Without data from a heat meter, it must be colder, and for longer. A let home near frost is
    reported whether or not somebody is in.
    """
    watch = _Watch(homes, limits)
    return [found for row in range(len(homes.temperature_c)) for found in watch.of(row)]


@dataclass(frozen=True)
class _Watch:
    homes: HomeHours
    limits: HeatingLimits

    def of(self, row: int) -> Iterator[Found]:
        """Yield what is raised for a home: one for each time it got cold."""
        starts_ms = self.homes.starts_ms
        labels = np.cumsum(first_hours(self._below)[row])
        for label in np.unique(labels[self._failed[row]]).tolist():
            cold = np.flatnonzero((labels == label) & self._below[row])
            at = int(np.flatnonzero(self._failed[row] & (labels == label))[0])
            yield Found(
                row,
                AlertKind.NO_HEAT,
                int(starts_ms[cold[0]]),
                int(starts_ms[cold[-1]]) + HOUR_MS,
                int(starts_ms[at]) + HOUR_MS,
                self._evidence(row, at),
            )

    @cached_property
    def _temperature_c(self) -> Floats:
        bridge = held(self.homes.temperature_c, self.limits.bridged_hours)
        return smoothed(bridge, self.limits.smooth_hours)

    @cached_property
    def _past(self) -> OwnPast:
        return OwnPast(self.homes.starts_ms, self.limits)

    @cached_property
    def _own_low_c(self) -> Floats:
        """Usual lowest temperature of each home in each hour, NaN where not known. [°C]"""
        limits, heat = self.limits, self._past.mean(self.homes.heat_kwh) * DAY_HOURS
        lowest = self._past.lowest(np.where(aired(self.homes, limits), np.nan, self._temperature_c))
        # A room below the limit is not a thermostat setting, and must not become the usual one.
        taught = ~(heat < limits.heated_day_kwh) & (lowest >= limits.cold_limit_c)
        return self._past.before(np.where(taught, lowest, np.nan), limits.own_low_part)

    @cached_property
    def _low_c(self) -> Floats:
        return np.where(np.isnan(self._own_low_c), self.limits.no_history_low_c, self._own_low_c)

    @cached_property
    def _missing_k(self) -> Floats:
        """How far the outdoor temperature is below the base, (1, hours). [K]"""
        return np.maximum(self.limits.base_c - self.homes.outdoor_c, 0.0)[None]

    @cached_property
    def _rate(self) -> Floats:
        """Heat that each home uses per hour and kelvin. [kWh/(h K)]"""
        limits, missing_k = self.limits, self._past.mean(self._missing_k)
        heat = self._past.mean(self.homes.heat_kwh)
        telling = (heat * DAY_HOURS >= limits.heated_day_kwh) & (missing_k >= limits.rate_least_k)
        rate = np.where(telling, heat / np.maximum(missing_k, limits.rate_least_k), np.nan)
        return self._past.before(rate, 0.5)

    @cached_property
    def _own_kwh(self) -> Floats:
        """Hourly heat of each home in its last weeks, in any weather. [kWh]"""
        return self._past.before(self._past.mean(self.homes.heat_kwh), 0.5)

    def _expected_kwh(self, hours: int) -> Floats:
        """Return the usual heat for the weather of the last hours; NaN where unknown."""
        by_weather = self._rate * sum_of_last(self._missing_k, hours)
        return np.where(np.isnan(by_weather), self._own_kwh * hours, by_weather)

    def _less_than(self, part: float, hours: int) -> Bools:
        """Return where a meter shows that less than a fraction of the usual heat was used."""
        expected = np.nan_to_num(self._expected_kwh(hours))
        used = sum_of_last(self.homes.heat_kwh, hours)
        return np.asarray(used <= np.maximum(part * expected, self.limits.still_kwh))

    @cached_property
    def _below(self) -> Bools:
        return self.homes.let & (self._temperature_c < self._low_c - self.limits.below_k)

    @cached_property
    def _failed(self) -> Bools:
        """Hours in which the heating is known not to work, (homes, hours)."""
        limits, temperature_c = self.limits, self._temperature_c
        shut, unmetered = ~aired(self.homes, limits), np.isnan(self.homes.heat_kwh)
        cold_c = np.minimum(limits.cold_limit_c, self._low_c - limits.cold_below_own_k)
        cold = (temperature_c < cold_c) & self._season(limits.season_cold_c)
        below_k = self._own_low_c - temperature_c
        fallen = (below_k > limits.fallen_k) & self._season(limits.season_c)
        far_fallen = fallen & (below_k > limits.unmetered_fallen_k)
        far_fallen &= people_are_measured(self.homes)
        still = self._less_than(limits.still_part, limits.still_hours)
        weak = self._less_than(limits.weak_part, limits.still_hours)
        weak &= self._less_than(limits.weak_part, limits.metered_hours)
        metered = (fallen & still) | (cold & weak)
        lasts = all_of_the_last(metered & shut, limits.metered_hours)
        alone = (cold | far_fallen) & unmetered & ~self._warming
        lasts |= all_of_the_last(alone & shut, limits.unmetered_hours)
        near_frost = (temperature_c < limits.frost_c) & self._below
        # If the past is unknown, a home may always be cool: it must have got colder.
        below = self._below & (cold | np.isfinite(self._own_low_c))
        # Water drawn before people left may be read some hours later.
        settled = all_of_the_last(below, limits.stale_hours)
        # People who return to a cold home turn the heat on, and the meter has to show it.
        lived = since_start(settled, lived_in(self.homes, limits))
        lasts &= all_of_the_last(lived, limits.lived_hours)
        return lasts | all_of_the_last(near_frost & shut, limits.unmetered_hours)

    @cached_property
    def _warming(self) -> Bools:
        """Return where a home gets warmer, as when its residents have come back."""
        before_c = np.full_like(self._temperature_c, np.nan)
        before_c[:, self.limits.smooth_hours :] = self._temperature_c[
            :, : -self.limits.smooth_hours
        ]
        return self._temperature_c > before_c + self.limits.warming_k

    def _season(self, warmest_c: float) -> Bools:
        """Return where homes are heated: by the last day's weather, or else by their own weeks."""
        last_day_c = smoothed(self.homes.outdoor_c, DAY_HOURS)
        heats = ~(self._own_kwh * DAY_HOURS < self.limits.season_kwh)
        return np.where(np.isnan(last_day_c), heats, last_day_c <= warmest_c)

    def _evidence(self, row: int, at: int) -> dict[str, float]:
        """Return the evidence as of when it was raised; what was not measured is left out."""
        hours = self.limits.still_hours
        facts = {
            "room_temperature_c": self._temperature_c[row, at],
            "usual_lowest_c": self._own_low_c[row, at],
            "outdoor_temperature_c": smoothed(self.homes.outdoor_c, DAY_HOURS)[at],
            "homes_temperature_c": np.median(_known(self._temperature_c[:, at])),
            "used_kwh": sum_of_last(self.homes.heat_kwh, hours)[row, at],
            "expected_kwh": self._expected_kwh(hours)[row, at],
        }
        return {name: round(float(fact), 1) for name, fact in facts.items() if np.isfinite(fact)}


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)]
