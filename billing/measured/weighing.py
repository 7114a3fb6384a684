"""Computes the weights of tenancies under a scheme's components. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.measured.climate.weights import ClimateKey
from billing.measured.flats import flat_column, position_factors
from billing.measured.heated_days import season_days
from billing.measured.meters.common_meters import CommonMeters, common_use
from billing.measured.meters.user_groups import group_areas, grouped_weights, user_groups
from billing.measured.spans import (
    degree_days,
    divides_by_degree_days,
    equal_months,
    plain_days,
)
from billing.schemes import CLIMATE_KEYS, METERS
from estate.errors import DataError
from estate.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.measured.climate.weights import ClimateWeights
    from billing.measured.evidence import Evidence
    from billing.measured.meters.common_meters import CommonUse
    from billing.measured.meters.meter_use import MeterUse
    from billing.measured.meters.user_groups import UserGroups
    from billing.measured.spans import Span
    from billing.rules import BillingRules
    from billing.schemes import Component, GroupsBy, PositionCondition
    from estate.model import DeviceKind, Estate
    from estate.numbers.arrays import Floats
    from estate.periods import Period


FINE = 10**15
"""Fractions of a year are whole multiples of 1 / FINE, far finer than a day."""


@dataclass(frozen=True)
class Weighing:
    """
    Computes the weights of a building's tenancies from the evidence of a period.

    Attributes
    ----------
    evidence : Evidence
    """

    evidence: Evidence

    @property
    def estate(self) -> Estate:
        """The building, without persons and costs."""
        return self.evidence.estate

    @property
    def period(self) -> Period:
        """The billed period."""
        return self.evidence.period

    @property
    def spans(self) -> Sequence[Span]:
        """Days of each flat that are one party's."""
        return self.evidence.spans

    @property
    def rules(self) -> BillingRules:
        """The limits that hold on the period's first day."""
        return self.evidence.rules

    @property
    def flat_rows(self) -> npt.NDArray[np.int64]:
        """Row of each span's flat, shape (spans,)."""
        return self.evidence.flat_rows

    def of_flats(self, column: str) -> Floats:
        """Return a column of flats.csv, NaN where blank, shape (flats,)."""
        return flat_column(self.estate, column)

    def climate_weights(self, component: Component) -> ClimateWeights:
        """
        Return the climate sums of a component.

        Raises
        ------
        DataError
            If it was not gathered, because another scheme was requested then.
        """
        key, gathered = ClimateKey.of(component), self.evidence.climate.weights
        if key not in gathered:
            raise DataError([_not_gathered(key, gathered)])
        return gathered[key]

    def estimated_part(self, component: Component) -> float:
        """
        Return the fraction of the area, weighted by hours, that a component would estimate.

        Each home counts by itself, independent of moves; an opted-out home is not
        missing.
        """
        area_m2 = self.of_flats("area_m2")
        if component.key in METERS:
            parts = np.empty(len(area_m2))
            parts[self.flat_rows] = self._together(
                component.key, [each.estimated_part for each in self._meters(component.key)]
            )
        elif component.key in CLIMATE_KEYS:
            of_days, hours = self.evidence.hours_of_days, self.evidence.climate.hours
            unknown = of_days - hours.measured - hours.refused
            season = season_days(self.period, component.season)
            parts = unknown[:, season].sum(axis=1) / max(of_days[season].sum(), 1)
        else:
            return 0.0
        return float((area_m2 * parts).sum() / area_m2.sum())

    def groups(self, key: str) -> UserGroups:
        """Return which of a key's kinds of meters counts each home."""
        kinds = METERS[key]
        if kinds not in self._groups:
            self._groups[kinds] = user_groups(self.estate, self.period, kinds)
        return self._groups[kinds]

    @cached_property
    def _groups(self) -> dict[tuple[DeviceKind, ...], UserGroups]:
        return {}

    def counted_kinds(self, components: Iterable[Component]) -> set[DeviceKind]:
        """Return the kinds of meters of some components."""
        keys_of = {each.key for each in components if each.key in METERS}
        return {kind for key in keys_of for kind in self.groups(key).kinds}

    def is_metered(self, key: str) -> bool:
        """Whether any meter of a metered key has usable readings."""
        return bool(np.isfinite(self.metered_use(key)).any())

    def metered_use(self, key: str) -> Floats:
        """Return each span's use by its home's kind of meter, in its own unit."""
        return self._together(key, [each.use for each in self._meters(key)])

    def meters(self, kind: DeviceKind) -> MeterUse:
        """
        Return the use of the meters of one kind.

        Raises
        ------
        DataError
            If meters of the kind were not gathered.
        """
        if kind not in self.evidence.meters:
            raise DataError([_not_gathered(f"{kind} meters", self.evidence.meters)])
        return self.evidence.meters[kind]

    def _meters(self, key: str) -> list[MeterUse]:
        return [self.meters(kind) for kind in self.groups(key).kinds]

    def _together(self, key: str, of_kinds: Sequence[Floats]) -> Floats:
        """Return each span's value from its group, shape (spans,)."""
        return np.asarray(np.choose(self.groups(key).of_flats[self.flat_rows], of_kinds))

    def common(self, kind: DeviceKind) -> CommonUse:
        """Add up the common meters of one kind."""
        meters = self.evidence.common.get(kind, CommonMeters())
        return common_use(meters, self.period, self.estate.building.zone)

    def position_factors(self, condition: PositionCondition) -> Floats:
        """Position factor of each flat: given, else computed at a condition, (flats,)."""
        return position_factors(self.estate, self.rules, condition)

    def fixed_share(self, item: str, *, by_months: bool = False) -> list[int]:
        """Return each span's weight within its flat by degree-days, days or months; integers."""
        part_of = degree_days if divides_by_degree_days(item) else plain_days
        part_of = equal_months if by_months else part_of
        return [round(part_of(span.period) * FINE) for span in self.spans]

    def measured_weights(self, component: Component, condition: PositionCondition) -> Floats:
        """
        Return each span's weight by a measured key.

        Parameters
        ----------
        component : Component
        condition : PositionCondition
            Reference condition of the component's scheme.

        Returns
        -------
        (spans,) array
            In the key's unit; NaN if unknown.
        """
        if component.key in METERS:
            weights = self.placed(self.metered_use(component.key), component, condition)
            several = self.groups(component.key).several
            return self._grouped(component, weights) if several else weights
        return self.placed(self.climate_weights(component).of_spans[0], component, condition)

    def placed(self, weights: Floats, component: Component, condition: PositionCondition) -> Floats:
        """Multiply weights of spans by position factors, if the component requires it."""
        if not component.by_position:
            return weights
        return weights * self.position_factors(condition)[self.flat_rows]

    def _grouped(self, component: Component, weights: Floats) -> Floats:
        """Convert groups of homes with different kinds of meters to the scale of the first."""
        shares, _ = self.group_shares(component)
        days = np.array([span.period.days for span in self.spans])
        area_m2, group = self.of_flats("area_m2"), self.groups(component.key).of_flats
        size = area_m2[self.flat_rows] * days
        return grouped_weights(weights, size, group[self.flat_rows], shares)

    def group_shares(self, component: Component) -> tuple[Floats, GroupsBy]:
        """
        Return the shares of the groups of users of a metered component.

        Returns
        -------
        (groups,) array
            Area, or heat if the scheme requires it and the main meter has it. [m² or kWh]
        str
            Which of the two.
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


def _not_gathered(key: object, gathered: Iterable[object]) -> Finding:
    kept = ", ".join(map(str, gathered)) or "nothing of the kind"
    message = (
        f"the evidence of this bill has no sums of {key}, but of {kept}: it was gathered for "
        "another scheme, and no hourly climate is kept. Bill by the scheme that it was gathered "
        "for, or gather it again while the readings exist"
    )
    return Finding("evidence.not_gathered", message, {"key": str(key)})
