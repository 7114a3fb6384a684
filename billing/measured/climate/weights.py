"""
Weights of tenancies under climate keys, as sums of hours. Pure.

The weights are accompanied by those of homes half a degree warmer and colder in the heated hours,
which explain a bill. Flats are processed in blocks: all hours of all homes are large arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from billing import keys
from billing.measured.climate.colours import MISSING, climate_limits
from billing.measured.flats import flat_coupling
from billing.measured.heated_days import heated_hours, season_days
from billing.measured.meters.plausible_heat import plausible_kwh_by_hour
from billing.schemes import Tracer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from billing.measured.climate.homes import FilledHomes, MeasuredHomes
    from billing.schemes import Component
    from estate.numbers.arrays import Bools, Floats


FLATS_AT_ONCE = 32
HOURS_AT_ONCE = 744
STEPS = (0.0, 1.0, -1.0)
"""Actual, and half a degree warmer and colder, in units of `BillingRules.half_degree_k`."""


@dataclass(frozen=True)
class ClimateKey:
    """
    A climate key with the parameters of its sums.

    The position factor is applied to the sums afterwards.
    """

    key: str
    season: tuple[str, str] | None = None
    floor_c: float | None = None
    base_c: float | None = None
    ventilation: Tracer | None = None

    @classmethod
    def of(cls, component: Component) -> ClimateKey:
        """Return the climate key of a component."""
        return cls(
            component.key,
            component.season,
            component.floor_c,
            component.base_c,
            component.ventilation,
        )

    def __str__(self) -> str:
        season = " to ".join(self.season or ())
        numbers = (("floor_c", self.floor_c), ("base_c", self.base_c))
        words = [
            *([f"season {season}"] if season else ()),
            *(f"{name} {value:g}" for name, value in numbers if value is not None),
            *([f"ventilation {self.ventilation}"] if self.ventilation else ()),
        ]
        return f"{self.key} ({', '.join(words)})" if words else self.key


@dataclass(frozen=True)
class ClimateWeights:
    """
    Sums of a climate key, in its unit, before position factors.

    Attributes
    ----------
    of_spans : (3, spans) float64 array
        By `STEPS`: actual, and half a degree warmer and colder.
    by_day : (flats, days) float64 array
        Actual sums by local day. 0 out of season.
    """

    of_spans: Floats
    by_day: Floats


@dataclass(frozen=True)
class ClimateSums:
    """
    Computes sums over the hours of homes.

    Attributes
    ----------
    filled : FilledHomes
    """

    filled: FilledHomes

    def weights(self, key: ClimateKey) -> ClimateWeights:
        """Return the weights of spans and days under a climate key."""
        if key.key == "own_heat_loss":
            return self._own_heat_loss(key)
        if key.key == "climate_bands":
            return self._bands(key)
        return self._kelvin_hours(key, self.homes.of_flats("area_m2"))

    def need_kwh(self) -> Floats:
        """Heat loss of each span's envelope beyond its gains, by `STEPS`, (3, spans)."""
        return self._own_heat_loss(ClimateKey("own_heat_loss")).of_spans

    def degree_hours(self) -> Floats:
        """Degree-hours of each span above the outdoor temperature, by `STEPS`, (3, spans). [K h]"""
        one_m2 = np.ones(len(self.homes.estate.flats))
        return self._kelvin_hours(ClimateKey("degree_hours"), one_m2).of_spans

    def plausible_kwh(self) -> Floats:
        """Plausible range of each span's metered heat, (2, spans). [kWh]"""
        homes = self.homes
        # Temperatures estimated from other homes give no bounds.
        if not np.isfinite(homes.measured_c).any(axis=1).all() or np.isnan(homes.outdoor_c).any():
            return np.full((2, len(homes.spans)), np.nan)
        envelope = (
            homes.of_flats("heat_loss_w_per_k"),
            homes.of_flats("gains_w"),
            flat_coupling(homes.estate),
        )
        temperature_c, warmest_c = self.filled.temperature_c, homes.rules.warmest_c
        bounds = np.zeros((2, len(homes.spans)))
        for first in range(0, homes.climate.hours.count, HOURS_AT_ONCE):
            some = slice(first, first + HOURS_AT_ONCE)
            both = plausible_kwh_by_hour(
                *envelope, temperature_c[:, some], homes.outdoor_c[some], warmest_c
            )
            counted = homes.own_days[:, homes.day_index[some]]
            for bound, kwh in zip(bounds, both, strict=True):
                bound += np.sum(kwh[homes.flat_rows], axis=1, where=counted)
        return bounds

    @property
    def homes(self) -> MeasuredHomes:
        """The homes as measured."""
        return self.filled.measured

    @cached_property
    def _warmer_k(self) -> list[Floats | None]:
        """Shift of each hour, by `STEPS`; None: no shift."""
        homes = self.homes
        limit_c, step_k = homes.rules.heating_limit_c, homes.rules.half_degree_k
        heated = heated_hours(homes.outdoor_c, homes.day_index, limit_c)
        return [np.where(heated, step * step_k, 0.0) if step else None for step in STEPS]

    def _temperatures(self, key: ClimateKey, flats: slice) -> Iterator[Floats]:
        """Yield temperatures of some flats by `STEPS`, at least the key's floor."""
        # If air change is charged, heat implied by meters is charged as air change.
        whole_c = self.filled.by_others.values if key.ventilation else self.filled.temperature_c
        for warmer_k in self._warmer_k:
            own_c = whole_c[flats] if warmer_k is None else whole_c[flats] + warmer_k
            yield own_c if key.floor_c is None else np.maximum(own_c, key.floor_c)

    def _own_heat_loss(self, key: ClimateKey) -> ClimateWeights:
        homes, season = self.homes, self._season(key)
        loss, gains = homes.of_flats("heat_loss_w_per_k"), homes.of_flats("gains_w")
        # More heating does not mean more airing.
        aired = self.filled.ventilation_w_per_k(key.ventilation) if key.ventilation else None
        found = self._empty()
        for flats, spans in self._blocks():
            rows, own = homes.flat_rows[spans] - flats.start, homes.own_days[spans] & season
            for step, temperature_c in enumerate(self._temperatures(key, flats)):
                by_day_wh = keys.daily_heat_loss_wh(
                    loss[flats], gains[flats], temperature_c, homes.outdoor_c, homes.day_index,
                    None if aired is None else aired[flats],
                )  # fmt: skip
                own_wh = np.where(own, by_day_wh[rows], 0.0).sum(axis=1)
                found.of_spans[step, spans] = own_wh / keys.WATTS_PER_KILOWATT
                if not step:
                    by_day_kwh = by_day_wh / keys.WATTS_PER_KILOWATT
                    found.by_day[flats] = np.where(season, by_day_kwh, 0.0)
        return found

    def _kelvin_hours(self, key: ClimateKey, area_m2: Floats) -> ClimateWeights:
        homes, season, found = self.homes, self._season(key), self._empty()
        base_c = homes.outdoor_c if key.key == "degree_hours" else self._base_c(key)
        for flats, spans in self._blocks():
            rows = homes.flat_rows[spans]
            counted = (homes.own_days[spans] & season)[:, homes.day_index]
            for step, temperature_c in enumerate(self._temperatures(key, flats)):
                own_c = temperature_c[rows - flats.start]
                found.of_spans[step, spans] = keys.kelvin_hours(
                    area_m2[rows], own_c, base_c, counted
                )
                if not step:
                    kelvins = keys.by_day(keys.above(temperature_c, base_c), homes.day_index)
                    found.by_day[flats] = np.where(season, area_m2[flats, None] * kelvins, 0.0)
        return found

    def _base_c(self, key: ClimateKey) -> float:
        return self.homes.rules.base_temperature_c if key.base_c is None else key.base_c

    def _bands(self, key: ClimateKey) -> ClimateWeights:
        homes, season, found = self.homes, self._season(key), self._empty()
        area_m2, weights = homes.of_flats("area_m2"), climate_limits(homes.period.start).weights
        for step, warmer_k in enumerate(self._warmer_k):
            colours, hour_weight = self.filled.colours(warmer_k)
            for flats, spans in self._blocks():
                rows = homes.flat_rows[spans]
                counted = (homes.own_days[spans] & season)[:, homes.day_index]
                gaps = (colours[rows] == MISSING) & counted
                estimated = np.sum(hour_weight[rows], axis=1, where=gaps)
                found.of_spans[step, spans] = keys.climate_bands(
                    area_m2[rows], colours[rows], weights, counted, estimated
                )
                if not step:
                    mean = keys.by_day(hour_weight[flats], homes.day_index) / colours.shape[1]
                    found.by_day[flats] = np.where(season, area_m2[flats, None] * mean, 0.0)
        return found

    def _season(self, key: ClimateKey) -> Bools:
        return season_days(self.homes.period, key.season)

    def _empty(self) -> ClimateWeights:
        flats, spans = len(self.homes.estate.flats), len(self.homes.spans)
        return ClimateWeights(
            np.empty((len(STEPS), spans)), np.empty((flats, self.homes.period.days))
        )

    def _blocks(self) -> Iterator[tuple[slice, slice]]:
        """Yield blocks of flats with their spans."""
        rows, flats = self.homes.flat_rows, len(self.homes.estate.flats)
        for first in range(0, flats, FLATS_AT_ONCE):
            end = min(first + FLATS_AT_ONCE, flats)
            yield slice(first, end), slice(*np.searchsorted(rows, [first, end]).tolist())
