"""
Climate of a building's homes without gaps: what stands in for hours that a box did not give.

Wires the pure estimates to the building: its earlier readings, where a period does not tell how a
home is, and its heat meters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from billing.measured.climate.colours import MISSING, TEMPERATURE, climate_limits, worst_colours
from billing.measured.climate.estimates import (
    Filled,
    fill_colour_weights,
    fill_outdoor,
    fill_refused,
    fill_temperature,
)
from billing.measured.climate.gaps import Axis, find_gaps
from billing.measured.heated_days import heated_hours
from billing.measured.meters.plausible_heat import WATTS_PER_KILOWATT, unexplained_kwh
from estate.periods import Period
from telemetry.series.box_checks import ONE_QUANTITY
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from datetime import date

    import numpy.typing as npt

    from billing.measured.building import BuildingMonth
    from telemetry.series.home_climate import HomeClimate

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.int8]


@dataclass(frozen=True)
class FilledClimate:
    """
    Climate of the homes of a month without gaps.

    Attributes
    ----------
    month : BuildingMonth
    """

    month: BuildingMonth

    @cached_property
    def by_others(self) -> Filled:
        """Temperatures before heat meters are asked, (flats, hours). [°C]"""
        month, measured_c = self.month, self.month.measured_c
        if month.earlier is not None:
            measured_c = np.hstack([month.earlier.values[TEMPERATURE], measured_c])
        filled = fill_temperature(measured_c, self._axis(), month.rules, month.refused)
        return replace(filled, values=fill_refused(filled.values, month.refused))

    @cached_property
    def temperature(self) -> Filled:
        """Temperatures, (flats, hours); as warm as a home must have been for its meter. [°C]"""
        filled, month = self.by_others, self.month
        asked, lacking_kwh = self._unexplained
        per_k = month.of_flats("heat_loss_w_per_k") + month.coupling_w_per_k.sum(axis=1)
        warmer_k = _divided(lacking_kwh * WATTS_PER_KILOWATT, per_k * asked.sum(axis=1))
        warmer_c = np.minimum(filled.values + warmer_k[:, None], self.month.rules.warmest_c)
        lifted = np.where(asked, np.fmax(filled.values, warmer_c), filled.values)
        return replace(filled, values=lifted)

    @cached_property
    def metered_w_per_k(self) -> Floats:
        """Most loss that heat meters tell of beyond the envelope's, (flats, hours). [W/K]"""
        asked, lacking_kwh = self._unexplained
        lacking_kwh = lacking_kwh * (1 + self.month.rules.plausible_slack)
        above_k = np.where(asked, self.by_others.values - self.month.outdoor_c, 0.0).sum(axis=1)
        lost = _divided(lacking_kwh * WATTS_PER_KILOWATT, above_k)
        return np.where(asked, np.nan_to_num(lost)[:, None], 0.0)

    @cached_property
    def _unexplained(self) -> tuple[Bools, Floats]:
        """Heated hours that homes do not tell of, and what was metered beyond their need. [kWh]"""
        month, filled, rules = self.month, self.by_others, self.month.rules
        asked, nothing = np.zeros_like(filled.by_house), np.full(len(filled.values), np.nan)
        if not filled.by_house.any() or np.isnan(month.outdoor_c).any():
            return asked, nothing
        heated = heated_hours(month.outdoor_c, month.climate.hours.day_index, rules.heating_limit_c)
        asked = filled.by_house & heated
        asked &= (asked.sum(axis=1) >= rules.measured_part * heated.sum())[:, None]
        if not asked.any():
            return asked, nothing
        lacking_kwh = unexplained_kwh(
            month.flat_heat_kwh,
            month.of_flats("heat_loss_w_per_k"),
            month.of_flats("gains_w"),
            month.coupling_w_per_k,
            filled.values[:, heated],
            month.outdoor_c[heated],
        )
        return asked, np.where(lacking_kwh > 0, lacking_kwh, np.nan)

    @cached_property
    def weights(self) -> Filled:
        """Weights of the hours' colours, (flats, hours)."""
        month = self.month
        weights = climate_limits(month.period.start).weights
        colours = month.colours
        least = np.append(weights, np.nan)[self._known_colours()]
        if month.earlier is not None:
            colours = np.hstack([complete_colours(month.earlier, on=month.period.start), colours])
        filled = fill_colour_weights(
            colours, self._axis(), month.rules, weights, MISSING, month.refused, least
        )
        return replace(filled, values=fill_refused(filled.values, month.refused))

    def _known_colours(self) -> Codes:
        values = self.month.climate.values
        return worst_colours(
            {**values, TEMPERATURE: self.month.measured_c}, self.month.period.start
        )

    def _axis(self) -> Axis:
        earlier = self.month.earlier
        own = Axis.of(self.month.climate.hours, self.month.outdoor_c)
        if earlier is None:
            return own
        outdoor_c = fill_outdoor(earlier.outdoor[TEMPERATURE])
        return own.after(Axis.of(earlier.hours, outdoor_c))


def _divided(values: Floats, by: Floats) -> Floats:
    """Divide, NaN where there is nothing to divide by."""
    found = np.full(len(values), np.nan)
    np.divide(values, by, out=found, where=by > 0)
    return found


def complete_colours(
    climate: HomeClimate, temperature_c: Floats | None = None, on: date | None = None
) -> Codes:
    """
    Return the worst colour of each hour in which all is known that the home's boxes measure.

    A quantity that is doubted, or that a box leaves out for some hours, may have had the worst
    colour: without it the hour has none.

    Parameters
    ----------
    climate : HomeClimate
    temperature_c : (flats, hours) array, optional
        Instead of the climate's own. [°C]
    on : date, optional
        The day whose limits hold; without it the newest.

    Returns
    -------
    (flats, hours) int8 array
        `MISSING` where something is not known.
    """
    values = dict(climate.values)
    if temperature_c is not None:
        values[TEMPERATURE] = temperature_c
    colours = worst_colours(values, on)
    for name, each in values.items():
        known = np.isfinite(each)
        gives = np.asarray(known.any(axis=1))
        for reason, suspect in climate.suspect.items():
            if ONE_QUANTITY.get(reason) == name:
                gives |= suspect.any(axis=1)
        colours[gives[:, None] & ~known] = MISSING
    return colours


def read_earlier(month: BuildingMonth) -> HomeClimate | None:
    """
    Read the time before a period for homes of which the period does not tell how they are.

    Returns
    -------
    HomeClimate or None
        NaN in all other homes; None where no home needs it, or nothing was measured.
    """
    rules, zone = month.rules, month.estate.building.zone
    axis = Axis.of(month.climate.hours, month.outdoor_c)
    gaps = find_gaps(
        np.isfinite(month.measured_c), axis, rules, rules.own_part_colours, month.refused
    )
    untold = (gaps.missing & ~gaps.told).any(axis=1)
    flats = {month.estate.flats[row].flat for row in np.flatnonzero(untold)}
    first = month.period.start
    boxes = [
        each
        for each in month.estate.devices_of_kind("climate")
        if each.flat in flats and each.start < first
    ]
    if not boxes:
        return None
    days = Period(first - timedelta(days=rules.earlier_days), first)
    devices = (*boxes, *month.estate.devices_of_kind("outdoor"))
    earlier = home_climate(month.source, replace(month.estate, devices=devices), days.hours(zone))
    return earlier if np.isfinite(earlier.values[TEMPERATURE]).any() else None
