"""
From keys to numbers: what each tenancy's days weigh under each component of a scheme.

Reads a building's climate and meters once, fills what is missing, counts it, and hands arrays to
the pure keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing import keys
from billing.measured.climate.colours import MISSING, TEMPERATURE, climate_limits
from billing.measured.climate.estimates import fill_outdoor, fill_refused
from billing.measured.climate.filled_climate import FilledClimate, complete_colours, read_earlier
from billing.measured.climate.ventilation import (
    charged_w_per_k,
    home_air_change,
    usual_where_unknown,
    ventilation_limits,
)
from billing.measured.heated_days import season_hours
from billing.measured.meters.common_meters import CommonUse, common_use
from billing.measured.meters.meter_use import MeterUse, read_meters
from billing.measured.meters.user_groups import (
    UserGroups,
    group_areas,
    grouped_weights,
    scattered,
    together,
    user_groups,
)
from billing.measured.spans import (
    degree_days,
    divides_by_degree_days,
    equal_months,
    own_hours,
    plain_days,
)
from billing.rules import billing_rules
from billing.schemes import CLIMATE_KEYS, METERS
from estate.devices import REGISTER_OF
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from billing.bill.bill import Method
    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from billing.schemes import Component, GroupsBy, PositionCondition, Tracer
    from estate.model import DeviceKind, Estate
    from estate.periods import Period
    from telemetry.series.home_climate import HomeClimate
    from telemetry.stores.store import SampleSource

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

BY_ITS_OWN: tuple[Method, ...] = ("measured", "interpolated", "own_rate")
"""How a use is known that a home's own meter tells of."""
FINE = 10**15
"""Parts of a year are whole multiples of 1 / FINE, far finer than a day."""


@dataclass(frozen=True)
class BuildingMonth:
    """
    One building over one period, as the keys need it.

    Attributes
    ----------
    estate : Estate
    source : SampleSource
    period : Period
    spans : sequence of Span
    """

    estate: Estate
    source: SampleSource
    period: Period
    spans: Sequence[Span]

    @property
    def rules(self) -> BillingRules:
        """The limits that hold on the period's first day."""
        return billing_rules(self.period.start)

    @cached_property
    def flat_rows(self) -> npt.NDArray[np.int64]:
        """Row of each span's flat, shape (spans,)."""
        return np.array([self.estate.flat_index[span.flat] for span in self.spans])

    @cached_property
    def climate(self) -> HomeClimate:
        """Climate as measured."""
        hours = self.period.hours(self.estate.building.zone)
        return home_climate(self.source, self.estate, hours)

    @cached_property
    def counted(self) -> Bools:
        """Hours of each span, shape (spans, hours)."""
        return own_hours(self.spans, self.climate.hours, self.estate)

    @cached_property
    def refused(self) -> Bools:
        """Hours of homes whose residents refused a box, as is their right, (flats, hours)."""
        refusing = {tenancy.tenancy for tenancy in self.estate.tenancies if tenancy.climate_refused}
        refused = np.zeros((len(self.estate.flats), self.climate.hours.count), dtype=np.bool_)
        for row, span, hours in zip(self.flat_rows, self.spans, self.counted, strict=True):
            if span.tenancy in refusing:
                refused[row] |= hours
        return refused

    @cached_property
    def measured_c(self) -> Floats:
        """Temperature as measured, NaN where missing or refused, shape (flats, hours). [°C]"""
        return np.where(self.refused, np.nan, self.climate.values[TEMPERATURE])

    @cached_property
    def measured_hours(self) -> npt.NDArray[np.int64]:
        """Hours of each span with a measured temperature, shape (spans,)."""
        measured = np.isfinite(self.measured_c)[self.flat_rows]
        return np.asarray((measured & self.counted).sum(axis=1))

    @cached_property
    def outdoor_c(self) -> Floats:
        """Outdoor temperature, gaps filled, shape (hours,). [°C]"""
        return fill_outdoor(self.climate.outdoor["temperature_c"])

    @cached_property
    def earlier(self) -> HomeClimate | None:
        """Climate before the period, of homes that it does not tell of."""
        return read_earlier(self)

    @cached_property
    def filled(self) -> FilledClimate:
        """Climate without gaps."""
        return FilledClimate(self)

    @property
    def temperature_c(self) -> Floats:
        """Temperature of the homes, gaps filled, shape (flats, hours). [°C]"""
        return self.filled.temperature.values

    @property
    def aired_c(self) -> Floats:
        """The same where the air change is charged: what meters tell is charged as that. [°C]"""
        return self.filled.by_others.values

    @cached_property
    def hours_by_house(self) -> npt.NDArray[np.int64]:
        """Hours of each span in which the other homes stand in for its box, shape (spans,)."""
        by_house = self.filled.temperature.by_house[self.flat_rows]
        return np.asarray((by_house & self.counted).sum(axis=1))

    @cached_property
    def colours(self) -> npt.NDArray[np.int8]:
        """Worst colour of each hour as measured, shape (flats, hours)."""
        return complete_colours(self.climate, self.measured_c, self.period.start)

    @property
    def hour_weight(self) -> Floats:
        """Weight of each hour's colour, gaps filled, shape (flats, hours)."""
        return self.filled.weights.values

    @cached_property
    def coupling_w_per_k(self) -> Floats:
        """What passes between two flats at 1 K, shape (flats, flats). [W/K]"""
        index, coupling = self.estate.flat_index, np.zeros((len(self.estate.flats),) * 2)
        for pair in self.estate.neighbours:
            a, b = index[pair.flat_a], index[pair.flat_b]
            coupling[a, b] = coupling[b, a] = pair.coupling_w_per_k
        return coupling

    @cached_property
    def flat_heat_kwh(self) -> Floats:
        """Heat of each flat by its own meters, NaN where they tell too little, (flats,). [kWh]"""
        meters = self._meters.get("heat") or read_meters(
            self.source, self.estate, self.spans, "heat", self.rules
        )
        # A register that ends an hour before the month does still tells of the month.
        told = [
            bool(rows) and all(each.method in BY_ITS_OWN for each in rows)
            for rows in meters.registers
        ]
        counted = np.where(told, meters.use, np.nan)
        flats = len(self.estate.flats)
        return np.asarray(np.bincount(self.flat_rows, counted, flats), dtype=np.float64)

    def estimated_part(self, component: Component) -> float:
        """
        Return the part of the area, weighted by hours, that a component would be estimated for.

        Each home counts by itself, whoever moves when; a box that was refused by right is not
        missing.
        """
        area_m2 = self.of_flats("area_m2")
        if component.key in METERS:
            parts = np.empty(len(area_m2))
            parts[self.flat_rows] = self.meter_use(component.key).estimated_part
        elif component.key in CLIMATE_KEYS:
            unknown = np.isnan(self.measured_c) & ~self.refused
            season = season_hours(self.period, self.climate.hours, component.season)
            parts = unknown[:, season].sum(axis=1) / max(np.count_nonzero(season), 1)
        else:
            return 0.0
        return float((area_m2 * parts).sum() / area_m2.sum())

    def groups(self, key: str) -> UserGroups:
        """Tell by which kind of meter that a key counts each home is counted."""
        kinds = METERS[key]
        if kinds not in self._groups:
            self._groups[kinds] = user_groups(self.estate, self.period, kinds)
        return self._groups[kinds]

    @cached_property
    def _groups(self) -> dict[tuple[DeviceKind, ...], UserGroups]:
        return {}

    def is_metered(self, key: str) -> bool:
        """Whether a meter of the building tells anything of what a metered key counts."""
        return bool(np.isfinite(self.meter_use(key).use).any())

    def meter_use(self, key: str) -> MeterUse:
        """Return each span's use by the kind of meter that counts its home, in its own unit."""
        groups = self.groups(key)
        uses = [self.meters(kind) for kind in groups.kinds]
        return together(uses, groups.of_flats[self.flat_rows])

    def meters(self, kind: DeviceKind) -> MeterUse:
        """Read the meters of one kind, once; of the homes that it counts alone."""
        if kind not in self._meters:
            key = next((key for key, kinds in METERS.items() if kind in kinds), None)
            groups = None if key is None else self.groups(key)
            counted = np.ones(len(self.spans), dtype=np.bool_)
            if groups is not None and kind in groups.kinds:
                counted = (groups.of_flats == groups.kinds.index(kind))[self.flat_rows]
            spans = [span for span, own in zip(self.spans, counted, strict=True) if own]
            found = read_meters(self.source, self.estate, spans, kind, self.rules)
            self._meters[kind] = found if counted.all() else scattered(found, counted)
        return self._meters[kind]

    @cached_property
    def _meters(self) -> dict[DeviceKind, MeterUse]:
        return {}

    def common(self, kind: DeviceKind) -> CommonUse:
        """Read the common meters of one kind, once."""
        if kind not in self._common:
            self._common[kind] = common_use(self.source, self.estate, self.period, kind)
        return self._common[kind]

    @cached_property
    def _common(self) -> dict[DeviceKind, CommonUse]:
        return {}

    def read_kinds(self) -> list[DeviceKind]:
        """Name the kinds of meters that have been read."""
        return [kind for kind in REGISTER_OF if kind in self._meters]

    def of_flats(self, column: str) -> Floats:
        """Return a column of flats.csv, NaN where blank, shape (flats,)."""
        cells = [flat.number(column) for flat in self.estate.flats]
        return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)

    def position_needs(self, condition: PositionCondition) -> Floats:
        """Heat that each flat needs under a condition, NaN where not known, (flats,). [W/m²]"""
        rules, area_m2 = self.rules, self.of_flats("area_m2")
        indoor_c, outdoor_c = condition.indoor_c, condition.outdoor_c
        return keys.position_needs(
            self.of_flats("heat_loss_w_per_k"),
            self.of_flats("gains_w") if condition.gains else np.zeros_like(area_m2),
            area_m2,
            rules.position_indoor_c if indoor_c is None else indoor_c,
            rules.position_outdoor_c if outdoor_c is None else outdoor_c,
        )

    def position_factors(self, condition: PositionCondition) -> Floats:
        """Position factor of each flat: given, else computed under a condition, (flats,)."""
        given = self.of_flats("position_factor")
        computed = keys.position_factors(self.position_needs(condition))
        return np.where(np.isfinite(given), given, computed)

    def fixed_share(self, item: str, *, by_months: bool = False) -> list[int]:
        """Weigh each span within its flat by degree-days (heat), days or months; whole numbers."""
        part_of = degree_days if divides_by_degree_days(item) else plain_days
        part_of = equal_months if by_months else part_of
        return [round(part_of(span.period) * FINE) for span in self.spans]

    def measured_weights(self, component: Component, condition: PositionCondition) -> Floats:
        """
        Weigh each span by a measured key.

        Parameters
        ----------
        component : Component
        condition : PositionCondition
            Of the component's scheme.

        Returns
        -------
        (spans,) array
            In the key's unit; NaN where nothing tells.
        """
        if component.key in METERS:
            weights = self.placed(self.meter_use(component.key).use, component, condition)
            several = self.groups(component.key).several
            return self._grouped(component, weights) if several else weights
        return self.placed(self._climate_weights(component), component, condition)

    def placed(self, weights: Floats, component: Component, condition: PositionCondition) -> Floats:
        """Multiply weights of spans by position factors, where the component wants it."""
        if not component.by_position:
            return weights
        return weights * self.position_factors(condition)[self.flat_rows]

    def _grouped(self, component: Component, weights: Floats) -> Floats:
        """Put groups of homes with meters of several kinds on one scale, that of the first."""
        shares, _ = self.group_shares(component)
        days = np.array([span.period.days for span in self.spans])
        area_m2, group = self.of_flats("area_m2"), self.groups(component.key).of_flats
        size = area_m2[self.flat_rows] * days
        return grouped_weights(weights, size, group[self.flat_rows], shares)

    def group_shares(self, component: Component) -> tuple[Floats, GroupsBy]:
        """
        Hold the groups of users of a metered component against each other.

        Returns
        -------
        (groups,) array
            Area, or heat where the scheme says so and the main meter tells it. [m² or kWh]
        str
            Which of them.
        """
        groups = self.groups(component.key)
        areas = group_areas(groups, self.of_flats("area_m2"))
        if component.groups == "area" or groups.kinds != METERS[component.key]:
            return areas, "area"
        main, tank = self.common("main_heat"), self.common("heat")
        metered_kwh = float(np.nansum(self.meters(groups.kinds[0]).use))
        rest_kwh = (main.use or 0.0) - (tank.use or 0.0) - metered_kwh
        if rest_kwh <= 0 or tank.silent:
            return areas, "area"
        return np.array([metered_kwh, rest_kwh]), "main_meter"

    def _climate_weights(self, component: Component) -> Floats:
        rows = self.flat_rows
        area_m2 = self.of_flats("area_m2")[rows]
        counted = self.counted & season_hours(self.period, self.climate.hours, component.season)
        temperature_c = (self.aired_c if component.ventilation else self.temperature_c)[rows]
        if component.floor_c is not None:
            temperature_c = np.maximum(temperature_c, component.floor_c)
        if component.key == "degree_hours":
            return keys.degree_hours(area_m2, temperature_c, self.outdoor_c, counted)
        if component.key == "base_temperature":
            base_c = self.rules.base_temperature_c
            base_c = base_c if component.base_c is None else component.base_c
            return keys.base_temperature(area_m2, temperature_c, counted, base_c)
        if component.key == "climate_bands":
            return self._bands(area_m2, counted)
        return keys.own_heat_loss(
            self.of_flats("heat_loss_w_per_k")[rows],
            self.of_flats("gains_w")[rows],
            temperature_c,
            self.outdoor_c,
            counted,
            self.climate.hours.day_index,
            None
            if component.ventilation is None
            else self.ventilation(component.ventilation)[rows],
        )

    def _bands(self, area_m2: Floats, counted: Bools) -> Floats:
        colours = self.colours[self.flat_rows]
        weights = climate_limits(self.period.start).weights
        gaps = (colours == MISSING) & counted
        estimated = np.zeros(len(area_m2))
        if gaps.any():
            estimated = np.sum(self.hour_weight[self.flat_rows], axis=1, where=gaps)
        return keys.climate_bands(area_m2, colours, weights, counted, estimated)

    def ventilation(self, tracer: Tracer) -> Floats:
        """Heat loss of the air change that is charged, shape (flats, hours). [W/K]"""
        limits = ventilation_limits(self.period.start)
        found = home_air_change(self.climate, self.measured_c, tracer, limits)
        usual = usual_where_unknown(
            found, limits.usual_hours, limits.included_per_h, self.rules.house_quantile
        )
        filled = fill_refused(usual, self.refused)
        charged = charged_w_per_k(filled, self.of_flats("volume_m3"), limits)
        return np.fmax(charged, self.filled.metered_w_per_k)
