"""Applies events to the conditions of flats: flows and limits per step, before the physics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firmware_sim.arrays import Floats
from firmware_sim.life.events import EventKind, event_table
from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firmware_sim.clock import Clock
    from firmware_sim.folder import House
    from firmware_sim.life.events import Event
    from firmware_sim.life.living import Living


@dataclass(frozen=True)
class Conditions:
    """
    Inputs of the physics, all of shape (steps, flats).

    Attributes
    ----------
    hot_water_l : array
        Hot water drawn or lost over the step. [l]
    electricity_w : array
        Of all but the appliances that are always on. [W]
    window : array
        Fraction of an open window, whose air the radiators must warm.
    vents_per_h : array
        Air changes of vents and fans. [1/h]
    leaks : array
        Fraction of the usual leakage that is open.
    damp_pct : array
        Relative humidity that wet laundry maintains; 0 without any. [%]
    largest_w_per_m2 : array
        Limit of the radiators. [W/m²]
    """

    hot_water_l: Floats
    cold_water_l: Floats
    electricity_w: Floats
    window: Floats
    vents_per_h: Floats
    leaks: Floats
    damp_pct: Floats
    largest_w_per_m2: Floats


def conditions_of(
    house: House, clock: Clock, living: Living, events: Iterable[Event]
) -> Conditions:
    """Return the conditions of ordinary life, modified by events."""
    values, shape = parameters(), living.window.shape
    conditions = Conditions(
        hot_water_l=living.hot_water_l.copy(),
        cold_water_l=living.cold_water_l.copy(),
        electricity_w=living.electricity_w.copy(),
        window=living.window.copy(),
        vents_per_h=values.vents_air_changes_per_h * living.vents,
        leaks=np.ones(shape),
        damp_pct=np.zeros(shape),
        largest_w_per_m2=np.full(shape, values.radiator_w_per_m2),
    )
    for event in events:
        first, end = clock.step_at(event.start), clock.step_at(event.end)
        steps = np.arange(max(first, 0), min(end, clock.steps))
        _happen(conditions, event, steps, (steps - first) / max(end - first - 1, 1), house)
    return conditions


def _happen(
    conditions: Conditions,
    event: Event,
    steps: npt.NDArray[np.intp],
    grown: Floats,
    house: House,
) -> None:
    """Modify the conditions of an event's flat; `grown` rises from 0 to 1 over the event."""
    flat, size = house.flats.index(event.flat), event.size
    here, each_l = (steps, flat), event.size * parameters().step_hours
    match event.kind:
        case EventKind.LEAK | EventKind.BURST:
            conditions.hot_water_l[here] += each_l
        case EventKind.SLOW_RISE:
            conditions.hot_water_l[here] += each_l * grown
        case EventKind.CISTERN:
            conditions.cold_water_l[here] += each_l
        case EventKind.SPIKE:
            conditions.hot_water_l[here] *= size
        case EventKind.COLD_WATER_SPIKE:
            conditions.cold_water_l[here] *= size
        case EventKind.ELECTRICITY_SPIKE:
            always_w = house.homes[flat].area_m2 * parameters().appliances_w_per_m2
            conditions.electricity_w[here] += (size - 1) * (
                always_w + conditions.electricity_w[here]
            )
        case EventKind.HEATING_FAILED:
            conditions.largest_w_per_m2[here] = size / house.homes[flat].area_m2
        case _:
            _change_air(conditions, event, here)


def _change_air(
    conditions: Conditions, event: Event, here: tuple[npt.NDArray[np.intp], int]
) -> None:
    match event.kind:
        case EventKind.WINDOW_LEFT_OPEN:
            conditions.window[here] = np.maximum(conditions.window[here], event.size)
        case EventKind.MOULD_RISK:
            _shut(conditions, here, event_table()[event.kind]["air_changes_per_h"])
            conditions.damp_pct[here] = event.size
        case EventKind.VENTILATION_BLOCKED:
            _shut(conditions, here, event.size)


def _shut(
    conditions: Conditions, here: tuple[npt.NDArray[np.intp], int], air_changes_per_h: float
) -> None:
    """Set the total air change, in any weather."""
    conditions.window[here] = 0.0
    conditions.leaks[here] = 0.0
    conditions.vents_per_h[here] = air_changes_per_h
