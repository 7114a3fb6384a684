"""A seeded Danish weather, on the steps of the simulation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import yaml

from firmware_sim.air import vapour_g_per_m3

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firmware_sim.clock import Clock

Floats = npt.NDArray[np.float64]

WARMEST_HOUR = 15
SUNRISE_HOUR, SUNSET_HOUR = 8, 16


@dataclass(frozen=True)
class Weather:
    """
    Weather by step, all of shape (steps,).

    Attributes
    ----------
    temperature_c : array
        [°C]
    humidity_pct : array
        [%]
    vapour_g_per_m3 : array
        Water in the air. [g/m³]
    sun_w_per_m2 : array
        Gain through windows by floor area. [W/m²]
    """

    temperature_c: Floats
    humidity_pct: Floats
    vapour_g_per_m3: Floats
    sun_w_per_m2: Floats


@cache
def _year() -> Mapping[str, Any]:
    text = resources.files("firmware_sim").joinpath("weather.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def simulate_weather(clock: Clock, rng: np.random.Generator) -> Weather:
    """
    Make weather for the steps of a clock.

    Daily means depart from the month's mean and persist; within the month their departures add up
    to zero, so that a month is neither warm nor cold as a whole.
    """
    table, month = _year(), clock.month_index
    departures = _departures(clock.days, rng, float(table["persistence"]))
    spread_c = np.asarray(table["spread_c"], dtype=np.float64)[month]
    swing_c = np.asarray(table["swing_c"], dtype=np.float64)[month]
    mean_c = np.asarray(table["mean_c"], dtype=np.float64)[month]
    smooth = _between_days(departures, clock.day_position)
    phase = 2 * np.pi * (clock.hour_of_day - WARMEST_HOUR) / 24
    temperature_c = mean_c + spread_c * smooth + swing_c * np.cos(phase)
    # The warmest hour of a day is its driest, and a mild winter day is a humid one.
    humidity = np.asarray(table["humidity_pct"], dtype=np.float64)[month]
    humidity_pct = np.clip(humidity + 3 * smooth - 2 * swing_c * np.cos(phase), 30, 100)
    vapour = vapour_g_per_m3(temperature_c, humidity_pct)
    sun = np.asarray(table["sun_w_per_m2"], dtype=np.float64)[month] * _sunshine(clock.hour_of_day)
    return Weather(temperature_c, humidity_pct, vapour, sun)


def _departures(days: int, rng: np.random.Generator, persistence: float) -> Floats:
    departures = np.empty(days)
    fresh = rng.standard_normal(days) * np.sqrt(1 - persistence**2)
    last = 0.0
    for day in range(days):
        last = departures[day] = persistence * last + fresh[day]
    centred: Floats = departures - departures.mean()
    return centred


def _between_days(departures: Floats, day_position: Floats) -> Floats:
    noons = np.arange(len(departures)) + 0.5
    return np.asarray(np.interp(day_position, noons, departures))


def _sunshine(hour_of_day: Floats) -> Floats:
    """Shape of a day's sun; its mean over the day is 1."""
    daylight = SUNSET_HOUR - SUNRISE_HOUR
    arc = np.sin(np.pi * (hour_of_day - SUNRISE_HOUR) / daylight)
    up: npt.NDArray[np.bool_] = (hour_of_day >= SUNRISE_HOUR) & (hour_of_day < SUNSET_HOUR)
    return np.asarray(np.where(up, arc, 0.0) * 24 * np.pi / (2 * daylight))
