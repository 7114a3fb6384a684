"""
The running building once more: plain Python, one flat and one step after the other.

Written from the equations, not from the simulator's code; implicit heat by Gauss-Seidel.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from firmware_sim.parameters import parameters
from firmware_sim.physics.building import parts

if TYPE_CHECKING:
    from firmware_sim.physics.building import Part, Plan

Rows = list[list[float]]
STATES = ("temperature_c", "vapour_g_per_m3", "co2_ppm", "air_changes_per_h", "heat_w")
SWEEPS, CLOSE_K = 200, 1e-12


def run_plainly(plan: Plan, steps: int) -> dict[str, Rows]:
    """Return states of the first steps of a plan, by name, from its lives and conditions."""
    found: dict[str, Rows] = {name: [] for name in STATES}
    flats = range(len(plan.house.homes))
    air = [float(plan.weather.vapour_g_per_m3[0])] * len(flats)
    temperature, co2 = [20.0] * len(flats), [420.0] * len(flats)
    for part in parts(plan):
        for step in range(part.clock.steps):
            if len(found["co2_ppm"]) == steps:
                return found
            rate = [_air_changes(plan, part, step, flat, temperature[flat]) for flat in flats]
            heat = [_radiator(plan, part, step, flat, temperature[flat]) for flat in flats]
            temperature = _warmed(plan, part, step, temperature, rate, heat)
            air = [
                _damp(part, step, flat, temperature[flat], _watered(plan, part, step, flat, each))
                for flat, each in enumerate(_with(air, rate))
            ]
            co2 = [
                _breathed(plan, part, step, flat, each)
                for flat, each in enumerate(_with(co2, rate))
            ]
            for name, row in zip(STATES, (temperature, air, co2, rate, heat), strict=True):
                found[name].append(row)
    return found


def _air_changes(plan: Plan, part: Part, step: int, flat: int, inside_c: float) -> float:
    home, values = plan.house.homes[flat], parameters()
    stack = values.stack_l2_per_s2_cm4_k * abs(inside_c - float(part.weather.temperature_c[step]))
    wind = values.wind_l2_per_s2_cm4_m2 * float(part.weather.wind_m_per_s[step]) ** 2
    leaked = values.leakage_cm2_per_m2 * home.area_m2 * math.sqrt(stack + wind) * 3.6
    conditions = part.conditions
    return (
        float(conditions.vents_per_h[step, flat])
        + float(conditions.leaks[step, flat]) * leaked / home.volume_m3
        + 4.0 * float(conditions.window[step, flat])
    )


def _radiator(plan: Plan, part: Part, step: int, flat: int, inside_c: float) -> float:
    area = plan.house.homes[flat].area_m2
    wanted = area * 60 * (float(part.living.setpoint_c[step, flat]) - inside_c)
    return max(0.0, min(wanted, area * float(part.conditions.largest_w_per_m2[step, flat])))


def _warmed(
    plan: Plan, part: Part, step: int, before: list[float], rate: list[float], heat: list[float]
) -> list[float]:
    homes, coupling = plan.house.homes, plan.house.coupling_w_per_k.tolist()
    outdoor = float(part.weather.temperature_c[step])
    fixed, own = [], []
    for flat, home in enumerate(homes):
        stored = home.area_m2 * 60 / parameters().step_hours
        gains = home.area_m2 * (2.0 + float(part.weather.sun_w_per_m2[step]))
        gains += 80 * float(part.living.persons[step, flat])
        gains += float(part.living.electricity_w[step, flat])
        aired = 0.34 * home.volume_m3 * (rate[flat] - 0.5) * (before[flat] - outdoor)
        fixed.append(
            stored * before[flat] + home.heat_loss_w_per_k * outdoor + heat[flat] + gains - aired
        )
        own.append(stored + home.heat_loss_w_per_k + sum(coupling[flat]))
    after = list(before)
    for _ in range(SWEEPS):
        moved = 0.0
        for flat in range(len(homes)):
            from_others = sum(k * t for k, t in zip(coupling[flat], after, strict=True))
            new = (fixed[flat] + from_others) / own[flat]
            moved, after[flat] = max(moved, abs(new - after[flat])), new
        if moved < CLOSE_K:
            break
    return after


def _with(inside: list[float], rate: list[float]) -> list[tuple[float, float]]:
    return list(zip(inside, rate, strict=True))


def _watered(plan: Plan, part: Part, step: int, flat: int, air: tuple[float, float]) -> float:
    source = float(part.living.moisture_g_per_h[step, flat]) / plan.house.homes[flat].volume_m3
    return _mixed(air[0], float(part.weather.vapour_g_per_m3[step]), source, air[1])


def _breathed(plan: Plan, part: Part, step: int, flat: int, air: tuple[float, float]) -> float:
    source = 1000 * float(part.living.co2_l_per_h[step, flat]) / plan.house.homes[flat].volume_m3
    return _mixed(air[0], 420.0, source, air[1])


def _mixed(inside: float, outside: float, source: float, rate: float) -> float:
    steady = outside + source / rate
    return steady + (inside - steady) * math.exp(-rate * parameters().step_hours)


def _damp(part: Part, step: int, flat: int, inside_c: float, vapour: float) -> float:
    pressure = 6.112 * math.exp(17.62 * inside_c / (243.12 + inside_c))
    most = 216.68 * pressure / (inside_c + 273.15)
    return max(vapour, most * float(part.conditions.damp_pct[step, flat]) / 100)
