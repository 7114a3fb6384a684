r"""
Change of a home's own amount for half a degree more or less in that home.

Everybody else, the supplier's bill and the weather stay as they were. The home's temperature is
shifted in its heated hours, those of local days whose mean outdoor temperature is below the heating
limit, and every component of the charged scheme is computed again:

- a climate component by its own key, with its season, floor and position factor;
- a meter of heat in kWh by the envelope's slope: its use changes as the home's own heat loss does,
  about :math:`H \cdot 0.5\,\mathrm{K} \cdot h / 1000` over the h hours of days that need heat;
- a meter without such an envelope, and an allocator, by the elasticity of degree-hours: its use
  changes in proportion to the sum of :math:`\max(T - T_o, 0)`;
- fixed keys, hot water, and components that fell back to area do not change.

The air change stays as it was. Heat that would then flow through walls to the neighbours is
neglected, since the neighbours' homes are assumed unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from billing.bill.explanations import HalfDegree
from billing.schemes import CLIMATE_KEYS, METERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from billing.bill.bill import BillRow
    from billing.measured.weighing import Weighing
    from billing.schemes import Component, PositionCondition, Scheme
    from estate.numbers.arrays import Bools, Floats

WARMER, COLDER = 1, 2
"""Places in what was summed up by steps of half a degree; 0 is as it was."""
HEAT_METERED = frozenset({"heat_units", "heat_units_position"})


def share_change(weight: Floats, shifted: Floats, total: float) -> Floats:
    """
    Return the change of each row's share if only its own weight changes; any shape.

    Parameters
    ----------
    weight, shifted : array
        The row's actual and shifted weight.
    total : float
        Sum of all actual weights, above 0.
    """
    total_shifted = total - weight + shifted
    new = np.divide(shifted, total_shifted, out=np.zeros_like(weight), where=total_shifted > 0)
    return np.asarray(new - weight / total)


def half_degrees(
    weighing: Weighing, rows: Sequence[Sequence[BillRow]], scheme: Scheme
) -> list[HalfDegree | None]:
    """
    Return the change of each span's amount for half a degree more and half a degree less.

    Parameters
    ----------
    weighing : Weighing
    rows : sequence of sequence of BillRow
        The split by `scheme`: rows per span, all in the same order.
    scheme : Scheme

    Returns
    -------
    list of HalfDegree or None
        Per span; None without a temperature.
    """
    evidence = weighing.evidence
    if not evidence.outdoor_known:
        return [None] * len(rows)
    step_k = weighing.rules.half_degree_k
    warmer, colder = (_changes(weighing, rows, scheme, step) for step in (WARMER, COLDER))
    measured = evidence.hours_of_spans(evidence.climate.hours.measured)
    return [
        HalfDegree(step_k=step_k, warmer_ore=round(more), colder_ore=round(less)) if known else None
        for more, less, known in zip(warmer, colder, measured, strict=True)
    ]


def _changes(
    weighing: Weighing, rows: Sequence[Sequence[BillRow]], scheme: Scheme, step: int
) -> Floats:
    """Return the total change of all components by span, shape (spans,). [øre]"""
    changes, components = np.zeros(len(weighing.spans)), scheme.components
    for of_component in zip(*rows, strict=True):
        row = of_component[0]
        component = components[row.item, row.component]
        # A component that fell back to area does not depend on temperature.
        if component.key != row.key:
            continue
        new = _shifted_weights(weighing, step, component, scheme.position_condition)
        if new is None:
            continue
        weight = np.array([row.weight for row in of_component])
        if component.key in METERS and weighing.groups(component.key).several:
            # A group's own counts; the rows have them on a common scale.
            use = weighing.metered_use(component.key)
            weight = weighing.placed(use, component, scheme.position_condition)
        amounts_ore = np.array([row.amount_ore for row in of_component])
        for own in _groups(weighing, component):
            total = weight[own].sum()
            if total > 0:
                changes[own] += amounts_ore[own].sum() * share_change(weight[own], new[own], total)
    return changes


def _groups(weighing: Weighing, component: Component) -> Iterator[Bools]:
    """Yield the spans of each group of users: a group's total does not depend on other groups."""
    if component.key not in METERS:
        yield np.ones(len(weighing.spans), dtype=np.bool_)
        return
    groups = weighing.groups(component.key)
    place = groups.of_flats[weighing.flat_rows]
    yield from (place == number for number in range(len(groups.kinds)))


def _shifted_weights(
    weighing: Weighing, step: int, component: Component, condition: PositionCondition
) -> Floats | None:
    """Return each span's weight if it were warmer; None if independent of temperature."""
    if component.key in CLIMATE_KEYS:
        own = weighing.climate_weights(component).of_spans[step]
        return weighing.placed(own, component, condition)
    if component.key not in HEAT_METERED:
        return None
    return weighing.placed(_shifted_use(weighing, step, component.key), component, condition)


def _shifted_use(weighing: Weighing, step: int, key: str) -> Floats:
    use, groups = weighing.metered_use(key), weighing.groups(key)
    need_kwh = weighing.evidence.climate.need_kwh
    change_kwh = need_kwh[step] - need_kwh[0]
    # An allocator's units are not kWh, so the envelope's slope cannot be added to them.
    in_kwh = np.array([kind == "heat" for kind in groups.kinds])[groups.of_flats]
    by_slope = use + np.where(in_kwh[weighing.flat_rows], change_kwh, np.nan)
    if not np.isfinite(by_slope).all():
        by_slope = np.where(np.isfinite(by_slope), by_slope, use * _elasticity(weighing, step))
    return np.maximum(by_slope, 0.0)


def _elasticity(weighing: Weighing, step: int) -> Floats:
    """Return the ratio of degree-hours after and before the shift, shape (spans,)."""
    degree_hours = weighing.evidence.climate.degree_hours
    before, after = degree_hours[0], degree_hours[step]
    found: Floats = np.ones_like(before)
    np.divide(after, before, out=found, where=before > 0)
    return found
