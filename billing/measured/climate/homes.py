"""
Fills gaps in the indoor climate of a building's homes.

Combines the pure estimates with the building's earlier readings, if a period has too little data
of a home, and with its heat meters.
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
from billing.measured.climate.ventilation import (
    charged_w_per_k,
    home_air_change,
    usual_where_unknown,
    ventilation_limits,
)
from billing.measured.flats import flat_column, flat_coupling
from billing.measured.heated_days import heated_hours
from billing.measured.meters.plausible_heat import WATTS_PER_KILOWATT, unexplained_kwh
from billing.measured.spans import own_days
from billing.rules import billing_rules
from estate.periods import Period
from telemetry.series.box_checks import ONE_QUANTITY
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import numpy.typing as npt

    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from billing.schemes import Tracer
    from estate.model import Estate
    from estate.numbers.arrays import Bools, Codes, Floats
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource


@dataclass(frozen=True)
class MeasuredHomes:
    """
    Measured climate of a building's homes over a period.

    Attributes
    ----------
    estate : Estate
    period : Period
    spans : sequence of Span
    climate : HomeClimate
    """

    estate: Estate
    period: Period
    spans: Sequence[Span]
    climate: HomeClimate

    @property
    def rules(self) -> BillingRules:
        """The limits valid on the period's first day."""
        return billing_rules(self.period.start)

    @property
    def day_index(self) -> npt.NDArray[np.int64]:
        """Number of the local day of each hour, shape (hours,)."""
        return self.climate.hours.day_index

    @cached_property
    def flat_rows(self) -> npt.NDArray[np.int64]:
        """Row of each span's flat, ascending, shape (spans,)."""
        return np.array([self.estate.flat_index[span.flat] for span in self.spans])

    @cached_property
    def own_days(self) -> Bools:
        """Local days of each span, shape (spans, days)."""
        return own_days(self.spans, self.period)

    @cached_property
    def refused(self) -> Bools:
        """Hours of homes whose residents opted out, (flats, hours)."""
        refusing = {tenancy.tenancy for tenancy in self.estate.tenancies if tenancy.climate_refused}
        refused = np.zeros((len(self.estate.flats), self.period.days), dtype=np.bool_)
        for row, span, days in zip(self.flat_rows, self.spans, self.own_days, strict=True):
            if span.tenancy in refusing:
                refused[row] |= days
        return refused[:, self.day_index]

    @cached_property
    def measured_c(self) -> Floats:
        """Measured temperature, NaN if missing or opted out, shape (flats, hours). [°C]"""
        measured_c = self.climate.values[TEMPERATURE]
        return np.where(self.refused, np.nan, measured_c) if self.refused.any() else measured_c

    @cached_property
    def outdoor_c(self) -> Floats:
        """Outdoor temperature, gaps filled, shape (hours,). [°C]"""
        return fill_outdoor(self.climate.outdoor[TEMPERATURE])

    @cached_property
    def axis(self) -> Axis:
        """The hours of the period only."""
        return Axis.of(self.climate.hours, self.outdoor_c)

    def of_flats(self, column: str) -> Floats:
        """Return a column of flats.csv, NaN where blank, shape (flats,)."""
        return flat_column(self.estate, column)


@dataclass(frozen=True)
class FilledHomes:
    """
    Climate of the homes without gaps.

    Attributes
    ----------
    measured : MeasuredHomes
    earlier : HomeClimate or None
        Climate before the period, for homes with too little data in it.
    heat_kwh : (flats,) array
        Heat by each home's own meters, NaN if insufficient. [kWh]
    """

    measured: MeasuredHomes
    earlier: HomeClimate | None
    heat_kwh: Floats

    @cached_property
    def by_others(self) -> Filled:
        """Temperatures before using heat meters, (flats, hours). [°C]"""
        homes, measured_c = self.measured, self.measured.measured_c
        if self.earlier is not None:
            measured_c = np.hstack([self.earlier.values[TEMPERATURE], measured_c])
        filled = fill_temperature(measured_c, self._axis(), homes.rules, homes.refused)
        return replace(filled, values=fill_refused(filled.values, homes.refused))

    @cached_property
    def temperature_c(self) -> Floats:
        """Temperatures, (flats, hours); at least as warm as the heat meter implies. [°C]"""
        filled, homes = self.by_others, self.measured
        asked, lacking_kwh = self._unexplained
        if not asked.any():
            return filled.values
        coupling_w_per_k = flat_coupling(homes.estate)
        per_k = homes.of_flats("heat_loss_w_per_k") + coupling_w_per_k.sum(axis=1)
        warmer_k = _divided(lacking_kwh * WATTS_PER_KILOWATT, per_k * asked.sum(axis=1))
        warmer_c = np.minimum(filled.values + warmer_k[:, None], homes.rules.warmest_c)
        return np.where(asked, np.fmax(filled.values, warmer_c), filled.values)

    @cached_property
    def metered_w_per_k(self) -> Floats:
        """Largest heat loss beyond the envelope's that heat meters imply, (flats, hours). [W/K]"""
        asked, lacking_kwh = self._unexplained
        lacking_kwh = lacking_kwh * (1 + self.measured.rules.plausible_slack)
        above_k = np.where(asked, self.by_others.values - self.measured.outdoor_c, 0.0).sum(axis=1)
        lost = _divided(lacking_kwh * WATTS_PER_KILOWATT, above_k)
        return np.where(asked, np.nan_to_num(lost)[:, None], 0.0)

    @cached_property
    def _unexplained(self) -> tuple[Bools, Floats]:
        """Heated hours without data, and metered heat beyond the demand. [kWh]"""
        homes, filled, rules = self.measured, self.by_others, self.measured.rules
        asked, nothing = np.zeros_like(filled.by_house), np.full(len(filled.values), np.nan)
        if not filled.by_house.any() or np.isnan(homes.outdoor_c).any():
            return asked, nothing
        heated = heated_hours(homes.outdoor_c, homes.day_index, rules.heating_limit_c)
        asked = filled.by_house & heated
        asked &= (asked.sum(axis=1) >= rules.measured_part * heated.sum())[:, None]
        if not asked.any():
            return asked, nothing
        lacking_kwh = unexplained_kwh(
            self.heat_kwh,
            homes.of_flats("heat_loss_w_per_k"),
            homes.of_flats("gains_w"),
            flat_coupling(homes.estate),
            filled.values[:, heated],
            homes.outdoor_c[heated],
        )
        return asked, np.where(lacking_kwh > 0, lacking_kwh, np.nan)

    def colours(self, warmer_k: Floats | None = None) -> tuple[Codes, Floats]:
        """
        Return each hour's colour, and its weight or that of its estimate.

        Parameters
        ----------
        warmer_k : (hours,) array, optional
            Temperature shift of all homes. [K]

        Returns
        -------
        (flats, hours) int8 array
            As measured, `MISSING` if unknown.
        (flats, hours) array
            Gaps filled.
        """
        homes, on = self.measured, self.measured.period.start
        measured_c = homes.measured_c if warmer_k is None else homes.measured_c + warmer_k
        weights = climate_limits(on).weights
        own = complete_colours(homes.climate, measured_c, on)
        known = worst_colours({**homes.climate.values, TEMPERATURE: measured_c}, on)
        least = np.append(weights, np.nan)[known]
        colours = own
        if self.earlier is not None:
            colours = np.hstack([complete_colours(self.earlier, on=on), colours])
        filled = fill_colour_weights(
            colours, self._axis(), homes.rules, weights, MISSING, homes.refused, least
        )
        return own, fill_refused(filled.values, homes.refused)

    def ventilation_w_per_k(self, tracer: Tracer) -> Floats:
        """Heat loss of the charged air change, shape (flats, hours). [W/K]"""
        homes = self.measured
        limits = ventilation_limits(homes.period.start)
        found = home_air_change(homes.climate, homes.measured_c, tracer, limits)
        usual = usual_where_unknown(
            found, limits.usual_hours, limits.included_per_h, homes.rules.house_quantile
        )
        filled = fill_refused(usual, homes.refused)
        charged = charged_w_per_k(filled, homes.of_flats("volume_m3"), limits)
        return np.fmax(charged, self.metered_w_per_k)

    def _axis(self) -> Axis:
        own, earlier = self.measured.axis, self.earlier
        if earlier is None:
            return own
        return own.after(Axis.of(earlier.hours, fill_outdoor(earlier.outdoor[TEMPERATURE])))


def _divided(values: Floats, by: Floats) -> Floats:
    """Divide; NaN where the divisor is 0."""
    found = np.full(len(values), np.nan)
    np.divide(values, by, out=found, where=by > 0)
    return found


def complete_colours(
    climate: HomeClimate, temperature_c: Floats | None = None, on: date | None = None
) -> Codes:
    """
    Return the worst colour of each hour in which all quantities of the home's sensors are known.

    A suspect quantity, or one that a sensor omits for some hours, may have had the worst
    colour: without it the hour has none.

    Parameters
    ----------
    climate : HomeClimate
    temperature_c : (flats, hours) array, optional
        Instead of the climate's own. [°C]
    on : date, optional
        The day whose limits apply; the newest by default.

    Returns
    -------
    (flats, hours) int8 array
        `MISSING` if anything is unknown.
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


def read_earlier(source: SampleSource, homes: MeasuredHomes) -> HomeClimate | None:
    """
    Read the climate before a period for homes with too little data in it.

    Returns
    -------
    HomeClimate or None
        NaN for all other homes; None if no home needs it, or nothing was measured.
    """
    estate, rules = homes.estate, homes.rules
    known = np.isfinite(homes.measured_c)
    gaps = find_gaps(known, homes.axis, rules, rules.own_part_colours, homes.refused)
    untold = (gaps.missing & ~gaps.told).any(axis=1)
    flats = {estate.flats[row].flat for row in np.flatnonzero(untold)}
    first = homes.period.start
    boxes = [
        each
        for each in estate.devices_of_kind("climate")
        if each.flat in flats and each.start < first
    ]
    if not boxes:
        return None
    days = Period(first - timedelta(days=rules.earlier_days), first)
    devices = (*boxes, *estate.devices_of_kind("outdoor"))
    own = replace(estate, devices=devices)
    earlier = home_climate(source, own, days.hours(estate.building.zone))
    return earlier if np.isfinite(earlier.values[TEMPERATURE]).any() else None
