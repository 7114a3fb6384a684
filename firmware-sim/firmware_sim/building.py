"""The simulated building: weather, people, heat and air of every flat, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from firmware_sim.air import mix, relative_humidity_pct
from firmware_sim.clock import Clock, month_days
from firmware_sim.events import LEAK, MOULD_RISK, Event, draw_events, event_table
from firmware_sim.parameters import parameters
from firmware_sim.people import Living, Persona, draw_personas, live
from firmware_sim.thermal import Network, radiator_w
from firmware_sim.weather import Weather, simulate_weather

if TYPE_CHECKING:
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
    heat_w : array
        From radiators. [W]
    gains_w, airing_w, loss_w, to_neighbours_w : array
        From people, appliances and sun; taken by open windows; to the outdoors; to neighbours. [W]
    hot_water_l : array
        [l]
    """

    temperature_c: Floats
    humidity_pct: Floats
    co2_ppm: Floats
    heat_w: Floats
    gains_w: Floats
    airing_w: Floats
    loss_w: Floats
    to_neighbours_w: Floats
    hot_water_l: Floats


@dataclass(frozen=True)
class Simulation:
    """
    A month of a building, with a spin-up before it.

    Attributes
    ----------
    first_step : int
        Step at which the month starts.
    """

    house: House
    clock: Clock
    first_step: int
    households: tuple[Persona, ...]
    events: tuple[Event, ...]
    weather: Weather
    course: Course


def simulate(house: House, month: str, seed: int, *, events: bool) -> Simulation:
    """
    Simulate a civil month.

    Parameters
    ----------
    house : House
    month : str
        As ``2026-01``.
    seed : int
        The same one gives the same month, bit for bit.
    events : bool
        Whether a leak and a damp home happen.

    Raises
    ------
    ValueError
        If `month` is none.
    """
    values = parameters()
    start, end = month_days(month)
    clock = Clock(start - timedelta(values.spin_up_days), end, house.zone, values.step_minutes)
    streams = [np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(4)]
    weather = simulate_weather(clock, streams[0])
    households = draw_personas(len(house.homes), streams[1])
    living = live(house, clock, households, streams[2])
    drawn = draw_events(house, start, end, streams[3]) if events else ()
    course = run_course(house, clock, weather, living, drawn)
    first_step = clock.step_at(start)
    return Simulation(house, clock, first_step, tuple(households), drawn, weather, course)


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


def run_course(
    house: House, clock: Clock, weather: Weather, living: Living, events: tuple[Event, ...]
) -> Course:
    """Step the building through the weather and the lives of its people."""
    hot_water_l = living.hot_water_l + _leaks(house, clock, events)
    temperature_c, heat_w, gains_w, airing_w = _run_heat(house, weather, living)
    network = network_of(house)
    loss_w = network.heat_loss_w_per_k * (temperature_c - weather.temperature_c[:, None])
    vapour, co2_ppm = _run_air(house, clock, weather, living, events)
    humidity_pct = relative_humidity_pct(temperature_c, vapour)
    return Course(
        temperature_c,
        humidity_pct,
        co2_ppm,
        heat_w,
        gains_w,
        airing_w,
        loss_w,
        network.to_neighbours_w(temperature_c),
        hot_water_l,
    )


def _run_heat(
    house: House, weather: Weather, living: Living
) -> tuple[Floats, Floats, Floats, Floats]:
    """Give temperatures [°C], radiators' heat, gains and what open windows took [W]."""
    values, network = parameters(), network_of(house)
    area_m2 = np.array([home.area_m2 for home in house.homes])
    volume_m3 = np.array([home.volume_m3 for home in house.homes])
    gains_w = area_m2 * (values.appliances_w_per_m2 + weather.sun_w_per_m2[:, None])
    gains_w += values.person_w * living.persons
    airing_w_per_k = AIR_WH_PER_M3_K * volume_m3 * values.window_air_changes_per_h * living.window
    largest_w, valve = area_m2 * values.radiator_w_per_m2, area_m2 * values.thermostat_w_per_m2_k
    temperature_c = np.full(len(area_m2), START_C)
    shape = living.persons.shape
    states, heats, airings = np.empty(shape), np.empty(shape), np.empty(shape)
    for step, outdoor_c in enumerate(weather.temperature_c.tolist()):
        heats[step] = radiator_w(temperature_c, living.setpoint_c[step], valve, largest_w)
        airings[step] = airing_w_per_k[step] * (temperature_c - outdoor_c)
        power_w = heats[step] + gains_w[step] - airings[step]
        temperature_c = states[step] = network.step(temperature_c, outdoor_c, power_w)
    return states, heats, gains_w, airings


def _run_air(
    house: House, clock: Clock, weather: Weather, living: Living, events: tuple[Event, ...]
) -> tuple[Floats, Floats]:
    """Give water [g/m³] and carbon dioxide [ppm] in the air of each flat."""
    values = parameters()
    volume_m3 = np.array([home.volume_m3 for home in house.homes])
    air_changes, damp = _airing(house, clock, living, events)
    water_source = living.moisture_g_per_h / volume_m3 + damp * air_changes
    co2_source = living.co2_l_per_h / volume_m3 * LITRES_PER_M3
    vapour = np.full(len(volume_m3), weather.vapour_g_per_m3[0])
    co2_ppm = np.full(len(volume_m3), values.outdoor_co2_ppm)
    vapours, co2s = np.empty_like(air_changes), np.empty_like(air_changes)
    hours = values.step_hours
    for step, outdoor in enumerate(weather.vapour_g_per_m3.tolist()):
        changes = air_changes[step]
        vapour = vapours[step] = mix(vapour, outdoor, water_source[step], changes, hours)
        outdoor_co2 = np.asarray(values.outdoor_co2_ppm)
        co2_ppm = co2s[step] = mix(co2_ppm, outdoor_co2, co2_source[step], changes, hours)
    return vapours, co2s


def _airing(
    house: House, clock: Clock, living: Living, events: tuple[Event, ...]
) -> tuple[Floats, Floats]:
    """Give the air changes [1/h], and the water that events hold in the air [g/m³]."""
    values = parameters()
    window = living.window.copy()
    vents = np.full(window.shape, values.air_changes_per_h)
    damp = np.zeros(window.shape)
    for event in events:
        if event.kind == MOULD_RISK:
            steps = slice(clock.step_at(event.start), clock.step_at(event.end))
            place = house.flats.index(event.flat)
            window[steps, place] = 0.0
            vents[steps, place] = event_table()[MOULD_RISK]["air_changes_per_h"]
            damp[steps, place] = event.size
    return vents + values.window_air_changes_per_h * window, damp


def _leaks(house: House, clock: Clock, events: tuple[Event, ...]) -> Floats:
    litres = np.zeros((clock.steps, len(house.homes)))
    for event in events:
        if event.kind == LEAK:
            steps = slice(clock.step_at(event.start), clock.step_at(event.end))
            litres[steps, house.flats.index(event.flat)] = event.size * parameters().step_hours
    return litres
