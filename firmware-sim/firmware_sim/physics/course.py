"""Steps the heat and air of every flat through weather and conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firmware_sim.arrays import Floats
from firmware_sim.parameters import parameters
from firmware_sim.physics.air import mix, relative_humidity_pct, saturation_g_per_m3
from firmware_sim.physics.infiltration import infiltration_m3_per_h
from firmware_sim.physics.thermal import Network, radiator_w

if TYPE_CHECKING:
    from firmware_sim.folder import House
    from firmware_sim.life.living import Living
    from firmware_sim.physics.effects import Conditions
    from firmware_sim.physics.weather import Weather


AIR_WH_PER_M3_K = 0.34
START_C = 20.0
LITRES_PER_M3 = 1000.0


@dataclass(frozen=True)
class Course:
    """
    Result of some steps: states at the end of each, flows over it; all (steps, flats).

    Attributes
    ----------
    temperature_c, humidity_pct, co2_ppm : array
    vapour_g_per_m3 : array
        Water in the air. [g/m³]
    air_changes_per_h : array
        Total of vents, leaks and windows. [1/h]
    laundry_g_per_m3 : array
        Water released by wet laundry over the step. [g/m³]
    heat_w : array
        From radiators. [W]
    gains_w : array
        From people, appliances and sun. [W]
    loss_w : array
        To the outdoors, at the air change included in the flat's heat loss. [W]
    infiltration_w : array
        Loss by vents and leaks beyond that air change; below 0 if they move less. [W]
    airing_w, to_neighbours_w : array
        Loss by open windows; to neighbours. [W]
    hot_water_l, cold_water_l : array
        [l]
    electricity_w : array
        [W]
    """

    temperature_c: Floats
    humidity_pct: Floats
    co2_ppm: Floats
    vapour_g_per_m3: Floats
    air_changes_per_h: Floats
    laundry_g_per_m3: Floats
    heat_w: Floats
    gains_w: Floats
    loss_w: Floats
    infiltration_w: Floats
    airing_w: Floats
    to_neighbours_w: Floats
    hot_water_l: Floats
    cold_water_l: Floats
    electricity_w: Floats


class State(NamedTuple):
    """Temperature [°C], water [g/m³] and carbon dioxide [ppm] of each flat at one instant."""

    temperature_c: Floats
    vapour_g_per_m3: Floats
    co2_ppm: Floats


@dataclass(frozen=True)
class Fabric:
    """
    Physical properties of the flats, all of shape (flats,).

    Attributes
    ----------
    network : Network
    area_m2, volume_m3 : array
    leakage_cm2 : array
        Effective leakage area. [cm²]
    """

    network: Network
    area_m2: Floats
    volume_m3: Floats
    leakage_cm2: Floats

    def state(self, vapour_g_per_m3: float) -> State:
        """Return the state of a warm building full of outdoor air."""
        flats = len(self.area_m2)
        co2_ppm = parameters().outdoor_co2_ppm
        return State(*(np.full(flats, each) for each in (START_C, vapour_g_per_m3, co2_ppm)))


def fabric_of(house: House) -> Fabric:
    """Return the physical properties of a house."""
    values = parameters()
    area_m2 = np.array([home.area_m2 for home in house.homes])
    return Fabric(
        network=Network(
            capacity_wh_per_k=area_m2 * values.heat_capacity_wh_per_m2_k,
            heat_loss_w_per_k=np.array([home.heat_loss_w_per_k for home in house.homes]),
            coupling_w_per_k=house.coupling_w_per_k,
            step_hours=values.step_hours,
        ),
        area_m2=area_m2,
        volume_m3=np.array([home.volume_m3 for home in house.homes]),
        leakage_cm2=area_m2 * values.leakage_cm2_per_m2,
    )


def run(
    fabric: Fabric, state: State, weather: Weather, living: Living, conditions: Conditions
) -> tuple[Course, State]:
    """Step the building through weather and conditions; return the course and the final state."""
    values, network = parameters(), fabric.network
    appliances_w = fabric.area_m2 * values.appliances_w_per_m2
    gains_w = appliances_w + fabric.area_m2 * weather.sun_w_per_m2[:, None]
    gains_w += values.person_w * living.persons + conditions.electricity_w
    heat = _run_heat(fabric, state.temperature_c, weather, living, conditions, gains_w)
    temperature_c = heat.temperature_c
    air_changes = heat.vents_per_h + values.window_air_changes_per_h * conditions.window
    damp = saturation_g_per_m3(temperature_c) * conditions.damp_pct / 100
    air = _run_air(fabric, state, weather, living, air_changes, damp)
    course = Course(
        temperature_c=temperature_c,
        humidity_pct=relative_humidity_pct(temperature_c, air.vapour_g_per_m3),
        co2_ppm=air.co2_ppm,
        vapour_g_per_m3=air.vapour_g_per_m3,
        air_changes_per_h=air_changes,
        laundry_g_per_m3=air.laundry_g_per_m3,
        heat_w=heat.heat_w,
        gains_w=gains_w,
        loss_w=network.heat_loss_w_per_k * (temperature_c - weather.temperature_c[:, None]),
        infiltration_w=heat.infiltration_w,
        airing_w=heat.airing_w,
        to_neighbours_w=network.to_neighbours_w(temperature_c),
        hot_water_l=conditions.hot_water_l,
        cold_water_l=conditions.cold_water_l,
        electricity_w=appliances_w + conditions.electricity_w,
    )
    return course, State(temperature_c[-1], air.vapour_g_per_m3[-1], air.co2_ppm[-1])


class _Heat(NamedTuple):
    temperature_c: Floats
    heat_w: Floats
    infiltration_w: Floats
    airing_w: Floats
    vents_per_h: Floats


def _run_heat(
    fabric: Fabric,
    temperature_c: Floats,
    weather: Weather,
    living: Living,
    conditions: Conditions,
    gains_w: Floats,
) -> _Heat:
    """Step the heat; ventilation losses use the temperature at the start of a step."""
    values, network = parameters(), fabric.network
    per_air_change = AIR_WH_PER_M3_K * fabric.volume_m3
    airing_w_per_k = per_air_change * values.window_air_changes_per_h * conditions.window
    largest_w = fabric.area_m2 * conditions.largest_w_per_m2
    valve = fabric.area_m2 * values.thermostat_w_per_m2_k
    states, heats, beyonds, airings, vents = (np.empty(gains_w.shape) for _ in range(5))
    outdoors = zip(weather.temperature_c.tolist(), weather.wind_m_per_s.tolist(), strict=True)
    for step, (outdoor_c, wind) in enumerate(outdoors):
        warmer_k = temperature_c - outdoor_c
        leaked = infiltration_m3_per_h(fabric.leakage_cm2, warmer_k, wind) / fabric.volume_m3
        vents[step] = conditions.vents_per_h[step] + conditions.leaks[step] * leaked
        beyonds[step] = per_air_change * (vents[step] - values.air_changes_per_h) * warmer_k
        airings[step] = airing_w_per_k[step] * warmer_k
        heats[step] = radiator_w(temperature_c, living.setpoint_c[step], valve, largest_w[step])
        power_w = heats[step] + gains_w[step] - airings[step] - beyonds[step]
        temperature_c = states[step] = network.step(temperature_c, outdoor_c, power_w)
    return _Heat(states, heats, beyonds, airings, vents)


class _Air(NamedTuple):
    vapour_g_per_m3: Floats
    co2_ppm: Floats
    laundry_g_per_m3: Floats


def _run_air(
    fabric: Fabric,
    state: State,
    weather: Weather,
    living: Living,
    air_changes_per_h: Floats,
    damp_g_per_m3: Floats,
) -> _Air:
    """Step water and carbon dioxide; laundry releases water up to its target humidity."""
    values = parameters()
    water_source = living.moisture_g_per_h / fabric.volume_m3
    co2_source = living.co2_l_per_h / fabric.volume_m3 * LITRES_PER_M3
    outdoor_co2, hours = np.asarray(values.outdoor_co2_ppm), values.step_hours
    vapour, co2_ppm = state.vapour_g_per_m3, state.co2_ppm
    vapours, co2s, laundry = (np.empty(air_changes_per_h.shape) for _ in range(3))
    for step, outdoor in enumerate(weather.vapour_g_per_m3):
        changes = air_changes_per_h[step]
        mixed = mix(vapour, outdoor, water_source[step], changes, hours)
        vapour = vapours[step] = np.maximum(mixed, damp_g_per_m3[step])
        laundry[step] = vapour - mixed
        co2_ppm = co2s[step] = mix(co2_ppm, outdoor_co2, co2_source[step], changes, hours)
    return _Air(vapours, co2s, laundry)
