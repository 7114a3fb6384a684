"""What events do to the lives in a building: flows and limits by step, before the physics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firmware_sim.events import EventKind, event_table
from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from firmware_sim.clock import Clock
    from firmware_sim.events import Event
    from firmware_sim.folder import House
    from firmware_sim.people import Living

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Conditions:
    """
    What the physics is given, all of shape (steps, flats).

    Attributes
    ----------
    hot_water_l : array
        Drawn or lost over the step. [l]
    air_changes_per_h : array
        Vents and windows. [1/h]
    window : array
        Part of an open window, whose air the radiators must warm.
    damp_g_per_m3 : array
        Water that wet laundry holds in the air beyond the outdoor air's. [g/m³]
    largest_w_per_m2 : array
        Limit of the radiators. [W/m²]
    """

    hot_water_l: Floats
    air_changes_per_h: Floats
    window: Floats
    damp_g_per_m3: Floats
    largest_w_per_m2: Floats


def conditions_of(
    house: House, clock: Clock, living: Living, events: tuple[Event, ...]
) -> Conditions:
    """Give the conditions of ordinary life, changed by events."""
    values, shape = parameters(), living.window.shape
    window = living.window.copy()
    vents = np.full(shape, values.air_changes_per_h)
    water, damp = living.hot_water_l.copy(), np.zeros(shape)
    largest = np.full(shape, values.radiator_w_per_m2)
    for event in events:
        steps = slice(max(clock.step_at(event.start), 0), clock.step_at(event.end))
        place = house.flats.index(event.flat)
        match event.kind:
            case EventKind.LEAK | EventKind.BURST:
                water[steps, place] += event.size * values.step_hours
            case EventKind.SLOW_RISE:
                grown = np.linspace(0.0, 1.0, len(water[steps, place]))
                water[steps, place] += event.size * grown * values.step_hours
            case EventKind.SPIKE:
                water[steps, place] *= event.size
            case EventKind.MOULD_RISK:
                window[steps, place] = 0.0
                vents[steps, place] = event_table()[event.kind]["air_changes_per_h"]
                damp[steps, place] = event.size
            case EventKind.VENTILATION_BLOCKED:
                window[steps, place] = 0.0
                vents[steps, place] = event.size
            case EventKind.HEATING_FAILED:
                area_m2 = house.homes[place].area_m2
                largest[steps, place] = event.size / area_m2
    air_changes = vents + values.window_air_changes_per_h * window
    return Conditions(water, air_changes, window, damp, largest)
