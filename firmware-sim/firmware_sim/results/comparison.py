"""
Compares personas: each in an identical flat of a ring, over a year.

All flats have the same walls; the neighbours are the personas before and after in the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from firmware_sim.folder import Home, House, Placement, Stay
from firmware_sim.life.people import NOBODY, personas
from firmware_sim.life.scenario import Scenario
from firmware_sim.physics.building import Simulation, simulate
from firmware_sim.physics.tally import added

ZONE = ZoneInfo("Europe/Copenhagen")
AREA_M2, VOLUME_M3, HEAT_LOSS_W_PER_K, COUPLING_W_PER_K = 75.0, 187.5, 85.0, 40.0
LET_SINCE = date(2000, 1, 1)
WINTER_MONTHS = ("12", "01", "02")


@dataclass(frozen=True)
class PersonaYear:
    """
    A persona's figures over some days.

    Attributes
    ----------
    heat_kwh, from_neighbours_kwh : float
        From its radiators; through its walls, negative if it loses heat.
    hot_water_m3 : float
    temperature_c, humidity_pct, co2_ppm : float
        Means of December, January and February.
    """

    persona: str
    heat_kwh: float
    from_neighbours_kwh: float
    hot_water_m3: float
    temperature_c: float
    humidity_pct: float
    co2_ppm: float


def ring() -> House:
    """Return a ring of identical flats, one per persona, each with a hot-water meter."""
    flats = [name for name in personas() if name != NOBODY]
    count = len(flats)
    coupling = np.zeros((count, count))
    for number in range(count):
        other = (number + 1) % count
        coupling[number, other] = coupling[other, number] = COUPLING_W_PER_K
    return House(
        building="ring",
        zone=ZONE,
        homes=tuple(Home(flat, AREA_M2, VOLUME_M3, HEAT_LOSS_W_PER_K, None) for flat in flats),
        coupling_w_per_k=coupling,
        stays=tuple(Stay(flat, LET_SINCE, None) for flat in flats),
        devices=tuple(
            Placement(f"water-{flat}", "hot_water", flat, LET_SINCE, None) for flat in flats
        ),
    )


def simulate_personas(start: date, end: date, seed: int) -> Simulation:
    """Simulate the ring; each flat is named after its persona."""
    house = ring()
    wanted = Scenario(households={flat: flat for flat in house.flats})
    return simulate(house, start, end, seed, even=True, events=False, scenario=wanted)


def figures(simulation: Simulation) -> list[PersonaYear]:
    """Summarise each persona's days."""
    days = added(simulation.months.values()).means()
    cold = [sums for month, sums in simulation.months.items() if month[-2:] in WINTER_MONTHS]
    winter = added(cold).means()
    columns = (
        days["heat_kwh"],
        -days["to_neighbours_kwh"],
        days["hot_water_m3"],
        winter["temperature_c"],
        winter["humidity_pct"],
        winter["co2_ppm"],
    )
    rows = zip(simulation.house.flats, *(column.tolist() for column in columns), strict=True)
    return [PersonaYear(flat, *values) for flat, *values in rows]
