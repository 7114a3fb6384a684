"""Record of what devices measure: states every quarter-hour, registers hourly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firmware_sim.arrays import Floats
from firmware_sim.clock import HOUR_MS, MINUTE_MS, QUARTER_MS
from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from firmware_sim.physics.building import Part, Plan

Shorts = npt.NDArray[np.float32]

WATT_HOURS_PER_KWH = 1000.0
LITRES_PER_M3 = 1000.0
STATES = ("temperature_c", "humidity_pct", "co2_ppm")
COUNTED = ("heat_kwh", "hot_water_m3", "cold_water_m3", "electricity_kwh")


@dataclass(frozen=True)
class Record:
    """
    Measurable values of a building, from the first instant of the days to the last.

    Attributes
    ----------
    states : dict of str to (flats, quarters + 1) float32 array
        By quantity: °C, % and ppm.
    registers : dict of str to (flats, hours + 1) array
        Count since the first instant, by quantity: kWh and m³.
    main_heat_kwh : (hours + 1,) array
        Heat used by the building: radiators, hot water and pipes. [kWh]
    """

    states: dict[str, Shorts]
    registers: dict[str, Floats]
    main_heat_kwh: Floats


class Recorder:
    """
    Collects from each part what devices measure.

    Parameters
    ----------
    plan : Plan
    """

    def __init__(self, plan: Plan) -> None:
        self._first = plan.first_step
        step_ms, flats = plan.clock.step_minutes * MINUTE_MS, len(plan.house.homes)
        self._quarter, self._hour = QUARTER_MS // step_ms, HOUR_MS // step_ms
        steps = plan.clock.steps - plan.first_step
        quarters, hours = steps // self._quarter + 1, steps // self._hour + 1
        self.record = Record(
            states={name: np.empty((flats, quarters), dtype=np.float32) for name in STATES},
            registers={name: np.zeros((flats, hours)) for name in COUNTED},
            main_heat_kwh=np.zeros(hours),
        )
        self._counted = {name: np.zeros(flats) for name in COUNTED}
        self._main_heat_kwh = np.zeros(1)

    def add(self, part: Part) -> None:
        """Record the quarters and hours that end in a part."""
        ended = part.first_step - self._first + 1 + np.arange(part.clock.steps)
        quarters = np.flatnonzero((ended % self._quarter == 0) & (ended >= 0))
        for name, kept in self.record.states.items():
            states: Floats = getattr(part.course, name)[quarters]
            kept[:, ended[quarters] // self._quarter] = states.T
        if ended[0] > 0:
            hours = np.flatnonzero(ended % self._hour == 0)
            self._count(part, hours, ended[hours] // self._hour)

    def _count(self, part: Part, hours: npt.NDArray[np.intp], places: npt.NDArray[np.intp]) -> None:
        uses = uses_of(part)
        for name, use in uses.items():
            counted = np.cumsum(np.vstack([self._counted[name], use]), axis=0)[1:]
            self._counted[name] = counted[-1]
            self.record.registers[name][:, places] = counted[hours].T
        main = np.cumsum(np.concatenate([self._main_heat_kwh, main_heat_kwh(part)]))[1:]
        self._main_heat_kwh = main[-1:]
        self.record.main_heat_kwh[places] = main[hours]


def uses_of(part: Part) -> dict[str, Floats]:
    """Return the use in each step, by quantity, each (steps, flats)."""
    course, kwh_per_w = part.course, parameters().step_hours / WATT_HOURS_PER_KWH
    return {
        "heat_kwh": course.heat_w * kwh_per_w,
        "hot_water_m3": course.hot_water_l / LITRES_PER_M3,
        "cold_water_m3": course.cold_water_l / LITRES_PER_M3,
        "electricity_kwh": course.electricity_w * kwh_per_w,
    }


def main_heat_kwh(part: Part) -> Floats:
    """Return the heat used by the building in each step, shape (steps,). [kWh]"""
    values, course = parameters(), part.course
    hot_water_wh = course.hot_water_l.sum(axis=1) * values.hot_water_wh_per_l
    pipes_w = values.circulation_w_per_flat * course.heat_w.shape[1]
    wh = (course.heat_w.sum(axis=1) + pipes_w) * values.step_hours + hot_water_wh
    return np.asarray(wh / WATT_HOURS_PER_KWH)
