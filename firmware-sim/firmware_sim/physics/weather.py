"""Generates seeded Danish weather, per time step."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import yaml

from firmware_sim.arrays import Floats
from firmware_sim.physics.air import vapour_g_per_m3
from firmware_sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firmware_sim.clock import Clock


WARMEST_HOUR = 15
DAYS_OF_MONTH = 31
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
        Solar gain through windows per floor area. [W/m²]
    wind_m_per_s : array
        Wind at a weather station, 10 m above the ground. [m/s]
    """

    temperature_c: Floats
    humidity_pct: Floats
    vapour_g_per_m3: Floats
    sun_w_per_m2: Floats
    wind_m_per_s: Floats

    def part(self, steps: slice) -> Weather:
        """Return the weather of some steps."""
        return Weather(*(getattr(self, each.name)[steps] for each in fields(self)))


@cache
def _year() -> Mapping[str, Any]:
    text = resources.files("firmware_sim.physics").joinpath("weather.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def simulate_weather(clock: Clock, seed: int) -> Weather:
    """
    Generate weather for the steps of a clock.

    Daily means deviate from the month's mean and persist; the mean deviation of the month around a
    day is subtracted, so that no month is warm or cold, calm or windy as a whole.
    """
    smooth = _departures(clock, stream(seed, "weather"))
    swing_c = _monthly("swing_c", clock) * np.cos(_phase(clock))
    temperature_c = _monthly("mean_c", clock) + _monthly("spread_c", clock) * smooth + swing_c
    # The warmest hour of a day is its driest, and a mild winter day is humid.
    humidity_pct = np.clip(_monthly("humidity_pct", clock) + 3 * smooth - 2 * swing_c, 30, 100)
    return Weather(
        temperature_c=temperature_c,
        humidity_pct=humidity_pct,
        vapour_g_per_m3=vapour_g_per_m3(temperature_c, humidity_pct),
        sun_w_per_m2=_monthly("sun_w_per_m2", clock) * _sunshine(clock.hour_of_day),
        wind_m_per_s=_wind(clock, seed),
    )


def _wind(clock: Clock, seed: int) -> Floats:
    """Return log-normally distributed wind around the month's mean. [m/s]"""
    spread, swing = float(_year()["wind_spread"]), float(_year()["wind_swing"])
    gusty = np.exp(spread * _departures(clock, stream(seed, "wind")) - spread**2 / 2)
    return np.asarray(_monthly("wind_m_per_s", clock) * gusty * (1 + swing * np.cos(_phase(clock))))


def _monthly(name: str, clock: Clock) -> Floats:
    """Return a month's value at each step, shape (steps,)."""
    return np.asarray(np.asarray(_year()[name], dtype=np.float64)[clock.month_index])


def _phase(clock: Clock) -> Floats:
    """Return the phase of the day, 0 in its warmest hour."""
    return np.asarray(2 * np.pi * (clock.hour_of_day - WARMEST_HOUR) / 24)


def _departures(clock: Clock, rng: np.random.Generator) -> Floats:
    """Return each step's deviation from the mean, in standard deviations of a day's mean."""
    persistence, days = float(_year()["persistence"]), np.empty(clock.days)
    fresh = rng.standard_normal(clock.days) * np.sqrt(1 - persistence**2)
    last = 0.0
    for day in range(clock.days):
        last = days[day] = persistence * last + fresh[day]
    month = np.ones(min(DAYS_OF_MONTH, clock.days))
    around = np.convolve(days, month, "same") / np.convolve(np.ones(clock.days), month, "same")
    noons = np.arange(clock.days) + 0.5
    return np.asarray(np.interp(clock.day_position, noons, days - around))


def _sunshine(hour_of_day: Floats) -> Floats:
    """Return the daily profile of the sun; its mean over the day is 1."""
    daylight = SUNSET_HOUR - SUNRISE_HOUR
    arc = np.sin(np.pi * (hour_of_day - SUNRISE_HOUR) / daylight)
    up: npt.NDArray[np.bool_] = (hour_of_day >= SUNRISE_HOUR) & (hour_of_day < SUNSET_HOUR)
    return np.asarray(np.where(up, arc, 0.0) * 24 * np.pi / (2 * daylight))
