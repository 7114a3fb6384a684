"""The simulated building: weather, people, heat and air of every flat, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firmware_sim.air import mix, relative_humidity_pct
from firmware_sim.clock import Clock
from firmware_sim.effects import Conditions, conditions_of
from firmware_sim.events import Event, draw_events
from firmware_sim.parameters import parameters
from firmware_sim.people import Living, Persona, draw_personas, live, personas
from firmware_sim.scenario import NOTHING, Scenario
from firmware_sim.thermal import Network, radiator_w
from firmware_sim.weather import Weather, simulate_weather

if TYPE_CHECKING:
    from datetime import date

    from firmware_sim.folder import House

Floats = npt.NDArray[np.float64]

AIR_WH_PER_M3_K = 0.34
START_C = 20.0
LITRES_PER_M3 = 1000.0


@dataclass(frozen=True)
class Course:
    """
    What the building did: states at the end of each step, flows over it; all (steps, flats).

    Attributes
    ----------
    temperature_c, humidity_pct, co2_ppm : array
    vapour_g_per_m3 : array
        Water in the air. [g/m³]
    heat_w : array
        From radiators. [W]
    gains_w, airing_w, loss_w, to_neighbours_w : array
        From people, appliances and sun; taken by open windows; to the outdoors; to neighbours. [W]
    hot_water_l, cold_water_l : array
        [l]
    electricity_w : array
        [W]
    """

    temperature_c: Floats
    humidity_pct: Floats
    co2_ppm: Floats
    vapour_g_per_m3: Floats
    heat_w: Floats
    gains_w: Floats
    airing_w: Floats
    loss_w: Floats
    to_neighbours_w: Floats
    hot_water_l: Floats
    cold_water_l: Floats
    electricity_w: Floats


@dataclass(frozen=True)
class Simulation:
    """
    Days of a building, with a spin-up before them.

    Attributes
    ----------
    first_step : int
        Step at which the days start.
    """

    house: House
    clock: Clock
    first_step: int
    households: tuple[Persona, ...]
    events: tuple[Event, ...]
    weather: Weather
    living: Living
    conditions: Conditions
    course: Course
    scenario: Scenario


def simulate(
    house: House,
    start: date,
    end: date,
    seed: int,
    *,
    events: bool,
    scenario: Scenario = NOTHING,
) -> Simulation:
    """
    Simulate local days.

    Parameters
    ----------
    house : House
    start, end : date
        End exclusive.
    seed : int
        The same one gives the same days, bit for bit.
    events : bool
        Whether a leak and a damp home are drawn.
    scenario : Scenario, optional
        Households and events that are wanted, beside or instead of what is drawn.
    """
    values = parameters()
    clock = Clock(start - timedelta(values.spin_up_days), end, house.zone, values.step_minutes)
    streams = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(4)]
    weather = simulate_weather(clock, streams[0])
    drawn_households = draw_personas(len(house.homes), streams[1])
    households = [
        personas()[scenario.households[home.flat]] if home.flat in scenario.households else drawn
        for home, drawn in zip(house.homes, drawn_households, strict=True)
    ]
    living = live(house, clock, households, streams[2])
    drawn_events = draw_events(house, start, end, streams[3]) if events else ()
    happened = (*drawn_events, *scenario.events)
    conditions = conditions_of(house, clock, living, happened)
    course = run_course(house, weather, living, conditions)
    return Simulation(
        house=house,
        clock=clock,
        first_step=clock.step_at(start),
        households=tuple(households),
        events=happened,
        weather=weather,
        living=living,
        conditions=conditions,
        course=course,
        scenario=scenario,
    )


def network_of(house: House) -> Network:
    """Make the thermal network of a house."""
    values = parameters()
    area_m2 = np.array([home.area_m2 for home in house.homes])
    return Network(
        capacity_wh_per_k=area_m2 * values.heat_capacity_wh_per_m2_k,
        heat_loss_w_per_k=np.array([home.heat_loss_w_per_k for home in house.homes]),
        coupling_w_per_k=house.coupling_w_per_k,
        step_hours=values.step_hours,
    )


def run_course(house: House, weather: Weather, living: Living, conditions: Conditions) -> Course:
    """Step the building through the weather and the lives of its people."""
    area_m2 = np.array([home.area_m2 for home in house.homes])
    gains_w = area_m2 * (parameters().appliances_w_per_m2 + weather.sun_w_per_m2[:, None])
    gains_w += parameters().person_w * living.persons + living.electricity_w
    temperature_c, heat_w, airing_w = _run_heat(house, weather, living, conditions, gains_w)
    network = network_of(house)
    vapour, co2_ppm = _run_air(house, weather, living, conditions)
    return Course(
        temperature_c=temperature_c,
        humidity_pct=relative_humidity_pct(temperature_c, vapour),
        co2_ppm=co2_ppm,
        vapour_g_per_m3=vapour,
        heat_w=heat_w,
        gains_w=gains_w,
        airing_w=airing_w,
        loss_w=network.heat_loss_w_per_k * (temperature_c - weather.temperature_c[:, None]),
        to_neighbours_w=network.to_neighbours_w(temperature_c),
        hot_water_l=conditions.hot_water_l,
        cold_water_l=living.cold_water_l,
        electricity_w=area_m2 * parameters().appliances_w_per_m2 + living.electricity_w,
    )


def _run_heat(
    house: House, weather: Weather, living: Living, conditions: Conditions, gains_w: Floats
) -> tuple[Floats, Floats, Floats]:
    """Give temperatures [°C], radiators' heat and what open windows took [W]."""
    values, network = parameters(), network_of(house)
    area_m2 = np.array([home.area_m2 for home in house.homes])
    volume_m3 = np.array([home.volume_m3 for home in house.homes])
    flow_w_per_k = AIR_WH_PER_M3_K * volume_m3 * values.window_air_changes_per_h
    airing_w_per_k = flow_w_per_k * conditions.window
    largest_w = area_m2 * conditions.largest_w_per_m2
    valve = area_m2 * values.thermostat_w_per_m2_k
    temperature_c = np.full(len(area_m2), START_C)
    states, heats, airings = (np.empty(gains_w.shape) for _ in range(3))
    for step, outdoor_c in enumerate(weather.temperature_c.tolist()):
        setpoint_c = living.setpoint_c[step]
        heats[step] = radiator_w(temperature_c, setpoint_c, valve, largest_w[step])
        airings[step] = airing_w_per_k[step] * (temperature_c - outdoor_c)
        power_w = heats[step] + gains_w[step] - airings[step]
        temperature_c = states[step] = network.step(temperature_c, outdoor_c, power_w)
    return states, heats, airings


def _run_air(
    house: House, weather: Weather, living: Living, conditions: Conditions
) -> tuple[Floats, Floats]:
    """Give water [g/m³] and carbon dioxide [ppm] in the air of each flat."""
    values, air_changes = parameters(), conditions.air_changes_per_h
    volume_m3 = np.array([home.volume_m3 for home in house.homes])
    water_source = living.moisture_g_per_h / volume_m3 + conditions.damp_g_per_m3 * air_changes
    co2_source = living.co2_l_per_h / volume_m3 * LITRES_PER_M3
    vapour = np.full(len(volume_m3), weather.vapour_g_per_m3[0])
    co2_ppm = np.full(len(volume_m3), values.outdoor_co2_ppm)
    outdoor_co2 = np.asarray(values.outdoor_co2_ppm)
    vapours, co2s = np.empty_like(air_changes), np.empty_like(air_changes)
    hours = values.step_hours
    for step, outdoor in enumerate(weather.vapour_g_per_m3.tolist()):
        changes = air_changes[step]
        vapour = vapours[step] = mix(vapour, outdoor, water_source[step], changes, hours)
        co2_ppm = co2s[step] = mix(co2_ppm, outdoor_co2, co2_source[step], changes, hours)
    return vapours, co2s
