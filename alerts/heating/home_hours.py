"""Hourly data of homes, and what follows from it for each hour. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.heating.own_past import DAY_HOURS
from telemetry.series.held import held
from telemetry.series.runs import first_hours

if TYPE_CHECKING:
    from alerts.heating.limits import HeatingLimits
    from estate.numbers.arrays import Bools, Floats, Integers


@dataclass(frozen=True)
class HomeHours:
    """
    Hourly data of homes, (homes, hours); NaN where unknown.

    Attributes
    ----------
    starts_ms : (hours,) int64 array
        [ms since 1970, UTC]
    temperature_c, co2_ppm : array
        [°C], [ppm]
    excess_g_per_m3 : array
        Water in the air above that outdoors. [g/m³]
    heat_kwh, water_l : array
        Use that was read in each hour; water is hot plus cold. [kWh], [l]
    outdoor_c : (hours,) array
        [°C]
    let : bool array
        Hours of the tenancy.
    """

    starts_ms: Integers
    temperature_c: Floats
    co2_ppm: Floats
    excess_g_per_m3: Floats
    heat_kwh: Floats
    water_l: Floats
    outdoor_c: Floats
    let: Bools


def smoothed(values: Floats, hours: int) -> Floats:
    """Return the mean of the known values of the last hours, including the current one."""
    known = np.isfinite(values)
    count = _sums(known.astype(np.float64), hours)
    return np.where(count > 0, _sums(np.where(known, values, 0.0), hours) / count.clip(1), np.nan)


def sum_of_last(values: Floats, hours: int) -> Floats:
    """Return the sum of the known values of the last hours; NaN if the current one is unknown."""
    known = np.isfinite(values)
    return np.where(known, _sums(np.where(known, values, 0.0), hours), np.nan)


def since_start(holds: Bools, happens: Bools) -> Bools:
    """Return whether something has happened so far within each run of hours."""
    so_far = np.cumsum(happens, axis=1)
    # The count before each run began; the running count never falls.
    before = np.where(first_hours(holds), so_far - happens, 0)
    return holds & (so_far > np.maximum.accumulate(before, axis=1))


def lived_in(homes: HomeHours, limits: HeatingLimits) -> Bools:
    """Return the hours with signs of people: water, breath, or damp air if water is not metered."""
    drawn = homes.water_l >= limits.life_water_l
    # What people leave behind in the air declines for hours.
    before_ppm = np.full_like(homes.co2_ppm, np.nan)
    before_ppm[:, 2:] = held(homes.co2_ppm, limits.bridged_hours)[:, :-2]
    stays = ~(homes.co2_ppm < before_ppm - limits.life_co2_fall_ppm)
    breathed = (homes.co2_ppm >= limits.life_co2_ppm) & stays
    damp = ~(homes.excess_g_per_m3 < limits.life_water_g_per_m3)
    unmetered = np.isnan(smoothed(homes.water_l, DAY_HOURS))
    return np.asarray(drawn | breathed | (unmetered & damp))


def people_are_measured(homes: HomeHours) -> Bools:
    """Return where something that reveals people was measured within the last day."""
    known = np.zeros_like(homes.let)
    for told in (homes.water_l, homes.co2_ppm, homes.excess_g_per_m3):
        known |= np.isfinite(smoothed(told, DAY_HOURS))
    return known


def aired(homes: HomeHours, limits: HeatingLimits) -> Bools:
    """Return the hours with outdoor air indoors, as far as measured."""
    excess, co2_ppm = (
        held(each, limits.bridged_hours) for each in (homes.excess_g_per_m3, homes.co2_ppm)
    )
    dry, fresh = excess < limits.aired_g_per_m3, co2_ppm < limits.aired_co2_ppm
    return np.where(np.isnan(co2_ppm), dry, fresh & (dry | np.isnan(excess)))


def _sums(values: Floats, hours: int) -> Floats:
    so_far = np.cumsum(values, axis=-1)
    before = np.zeros_like(so_far)
    before[..., hours:] = so_far[..., :-hours]
    return so_far - before
