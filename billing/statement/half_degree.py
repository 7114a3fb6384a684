r"""
What half a degree more or less in one home would have changed of that home's own amount.

Everybody else, the supplier's bill and the weather stay as they were. The home's temperature is
shifted in its heated hours, those of local days whose mean outdoor temperature is below the heating
limit, and every component of the charged scheme is weighed anew:

- a climate component by its own key, with its season, floor and position factor;
- a meter of heat in kWh by the envelope's slope: its use changes as the home's own heat loss does,
  about :math:`H \cdot 0.5\,\mathrm{K} \cdot h / 1000` over the h hours of days that need heat;
- a meter without such an envelope, and an allocator, by the elasticity of degree-hours: its use
  changes in proportion to the sum of :math:`\max(T - T_o, 0)`;
- fixed keys, hot water, and what fell back to area do not change.

The air change stays as it was. Heat that would then flow through walls to the neighbours is left
out, since their homes stay as they were only on paper.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing import keys
from billing.bill.explanations import HalfDegree
from billing.measured.building import BuildingMonth
from billing.measured.heated_days import heated_hours
from billing.schemes import CLIMATE_KEYS, METERS
from billing.statement.neighbour_heat import own_need_kwh

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.bill.bill import BillRow
    from billing.measured.meters.meter_use import MeterUse
    from billing.schemes import Component, PositionCondition, Scheme, Tracer
    from estate.model import DeviceKind
    from telemetry.series.home_climate import HomeClimate

    Floats = npt.NDArray[np.float64]
    Bools = npt.NDArray[np.bool_]

HEAT_METERED = frozenset({"heat_units", "heat_units_position"})


def share_change(weight: Floats, shifted: Floats, total: float) -> Floats:
    """
    Return how each row's share changes where its own weight alone changes; any shape.

    Parameters
    ----------
    weight, shifted : array
        The row's weight as it is and as it would be.
    total : float
        Of all weights as they are, above 0.
    """
    total_shifted = total - weight + shifted
    new = np.divide(shifted, total_shifted, out=np.zeros_like(weight), where=total_shifted > 0)
    return np.asarray(new - weight / total)


def half_degrees(
    month: BuildingMonth, rows: Sequence[Sequence[BillRow]], scheme: Scheme
) -> list[HalfDegree | None]:
    """
    Return the change of each span's amount for half a degree more and half a degree less.

    Parameters
    ----------
    month : BuildingMonth
    rows : sequence of sequence of BillRow
        The split by `scheme`: rows of each span, all in the same order.
    scheme : Scheme

    Returns
    -------
    list of HalfDegree or None
        By span; None where no temperature tells.
    """
    if not np.isfinite(month.outdoor_c).all():
        return [None] * len(rows)
    step_k = month.rules.half_degree_k
    warmer, colder = (_changes(month, rows, scheme, step) for step in (step_k, -step_k))
    return [
        HalfDegree(step_k=step_k, warmer_ore=round(more), colder_ore=round(less))
        if measured
        else None
        for more, less, measured in zip(warmer, colder, month.measured_hours, strict=True)
    ]


@dataclass(frozen=True)
class Shifted(BuildingMonth):
    """A building as if every home had been warmer by `step_k` in the heated hours."""

    base: BuildingMonth
    step_k: float

    @cached_property
    def _shift_k(self) -> Floats:
        limit_c = self.rules.heating_limit_c
        heated = heated_hours(self.outdoor_c, self.base.climate.hours.day_index, limit_c)
        return np.where(heated, self.step_k, 0.0)

    @cached_property
    def climate(self) -> HomeClimate:
        """Climate as it would have been measured."""
        as_it_is = self.base.climate
        warmer = as_it_is.values["temperature_c"] + self._shift_k
        return replace(as_it_is, values={**as_it_is.values, "temperature_c": warmer})

    @property
    def earlier(self) -> HomeClimate | None:
        """Climate before the period, as it was."""
        return self.base.earlier

    @property
    def temperature_c(self) -> Floats:
        """Temperature of the homes, gaps filled before the shift, shape (flats, hours). [°C]"""
        return self.base.temperature_c + self._shift_k

    @property
    def aired_c(self) -> Floats:
        """The same where the air change is charged, shape (flats, hours). [°C]"""
        return self.base.aired_c + self._shift_k

    @property
    def counted(self) -> Bools:
        """Hours of each span, shape (spans, hours)."""
        return self.base.counted

    @property
    def refused(self) -> Bools:
        """Hours of homes whose residents refused a box, shape (flats, hours)."""
        return self.base.refused

    def ventilation(self, tracer: Tracer) -> Floats:
        """Heat loss of the air change as it was: who heats more does not air more. [W/K]"""
        return self.base.ventilation(tracer)

    @property
    def outdoor_c(self) -> Floats:
        """Outdoor temperature, shape (hours,). [°C]"""
        return self.base.outdoor_c

    def meters(self, kind: DeviceKind) -> MeterUse:
        """Return the meters as they counted."""
        return self.base.meters(kind)


def _changes(
    month: BuildingMonth, rows: Sequence[Sequence[BillRow]], scheme: Scheme, step_k: float
) -> Floats:
    """Sum the changes of all components by span, shape (spans,). [øre]"""
    shifted = Shifted(month.estate, month.source, month.period, month.spans, month, step_k)
    changes = np.zeros(len(month.spans))
    for of_component in zip(*rows, strict=True):
        component = _component(scheme, of_component[0])
        # What fell back to area does not follow the temperature.
        if component.key != of_component[0].key:
            continue
        new = _shifted_weights(month, shifted, component, scheme.position_condition)
        if new is None:
            continue
        weight = np.array([row.weight for row in of_component])
        if component.key in METERS and month.groups(component.key).several:
            # A group's own counts; the rows hold them on a scale with the other groups.
            use = month.meter_use(component.key).use
            weight = month.placed(use, component, scheme.position_condition)
        amounts_ore = np.array([row.amount_ore for row in of_component])
        for own in _groups(month, component):
            total = weight[own].sum()
            if total > 0:
                changes[own] += amounts_ore[own].sum() * share_change(weight[own], new[own], total)
    return changes


def _groups(month: BuildingMonth, component: Component) -> Iterator[Bools]:
    """Yield the spans of each group of users: no other's use changes what a group pays."""
    if component.key not in METERS:
        yield np.ones(len(month.spans), dtype=np.bool_)
        return
    groups = month.groups(component.key)
    place = groups.of_flats[month.flat_rows]
    yield from (place == number for number in range(len(groups.kinds)))


def _component(scheme: Scheme, row: BillRow) -> Component:
    number = int(row.component.rpartition("-")[2])
    return scheme.items[row.item][number - 1]


def _shifted_weights(
    month: BuildingMonth, shifted: Shifted, component: Component, condition: PositionCondition
) -> Floats | None:
    """Weigh each span as if it were warmer; None where the temperature does not matter."""
    if component.key in CLIMATE_KEYS:
        return shifted.measured_weights(component, condition)
    if component.key not in HEAT_METERED:
        return None
    return month.placed(_shifted_use(month, shifted, component.key), component, condition)


def _shifted_use(month: BuildingMonth, shifted: Shifted, key: str) -> Floats:
    use, groups = month.meter_use(key).use, month.groups(key)
    change_kwh = own_need_kwh(shifted) - own_need_kwh(month)
    # An allocator's units are no kWh, so that no slope of the envelope can be added to them.
    in_kwh = np.array([kind == "heat" for kind in groups.kinds])[groups.of_flats][month.flat_rows]
    by_slope = use + np.where(in_kwh, change_kwh, np.nan)
    if not np.isfinite(by_slope).all():
        by_slope = np.where(np.isfinite(by_slope), by_slope, use * _elasticity(month, shifted))
    return np.maximum(by_slope, 0.0)


def _elasticity(month: BuildingMonth, shifted: BuildingMonth) -> Floats:
    """Return the degree-hours of each span after the shift over those before, shape (spans,)."""
    before, after = _degree_hours(month), _degree_hours(shifted)
    return np.divide(after, before, out=np.ones_like(before), where=before > 0)


def _degree_hours(month: BuildingMonth) -> Floats:
    one_m2 = np.ones(len(month.spans))
    temperature_c = month.temperature_c[month.flat_rows]
    return keys.degree_hours(one_m2, temperature_c, month.outdoor_c, month.counted)
