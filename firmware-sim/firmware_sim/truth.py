"""The truth about a simulated month: what happened, and what each flat really used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from firmware_sim.building import Simulation

WATTS_PER_KW = 1000.0
LITRES_PER_M3 = 1000.0


def truth_of(simulation: Simulation, seed: int) -> dict[str, Any]:
    """Give the truth as JSON-able data; flows are sums over the month, states are means."""
    clock, house = simulation.clock, simulation.house
    first_day = int(clock.day_index[simulation.first_step])
    return {
        "building": house.building,
        "seed": seed,
        "days": clock.days - first_day,
        "events": [
            {
                "flat": event.flat,
                "kind": str(event.kind),
                "device": event.device,
                "from": str(event.start),
                "to": str(event.end),
                "size": event.size,
                "unit": event.unit,
            }
            for event in simulation.events
        ],
        "faults": [
            {
                "device": fault.device,
                "kind": str(fault.kind),
                "from": str(fault.start),
                "to": str(fault.end),
                "size": fault.size,
                "unit": fault.unit,
            }
            for fault in simulation.scenario.faults
        ],
        "flats": {flat: _flat(simulation, number) for number, flat in enumerate(house.flats)},
    }


def _flat(simulation: Simulation, number: int) -> dict[str, Any]:
    course, rows = simulation.course, slice(simulation.first_step, None)

    def kwh(watts: Any) -> float:  # noqa: ANN401  (steps, flats) array
        return round(float(watts[rows, number].sum()) * hours / WATTS_PER_KW, 3)

    hours = parameters().step_hours
    return {
        "persona": simulation.households[number].name,
        "heat_kwh": kwh(course.heat_w),
        "gains_kwh": kwh(course.gains_w),
        "loss_kwh": kwh(course.loss_w),
        "airing_kwh": kwh(course.airing_w),
        "to_neighbours_kwh": kwh(course.to_neighbours_w),
        "electricity_kwh": kwh(course.electricity_w),
        "hot_water_m3": round(float(course.hot_water_l[rows, number].sum()) / LITRES_PER_M3, 3),
        "cold_water_m3": round(float(course.cold_water_l[rows, number].sum()) / LITRES_PER_M3, 3),
        "temperature_c": round(float(course.temperature_c[rows, number].mean()), 3),
        "humidity_pct": round(float(course.humidity_pct[rows, number].mean()), 2),
        "co2_ppm": round(float(course.co2_ppm[rows, number].mean()), 1),
    }
