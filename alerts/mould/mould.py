"""
The VTT mould index on a surface, and the surface's conditions from room air. Pure.

The index is 0 without growth, 1 for growth seen in a microscope, 3 for visible growth, 6 where
the surface is covered.

Sources: A. Hukka, H. Viitanen 1999, *A mathematical model of mould growth on wooden material*;
T. Ojanen et al. 2010 for the classes of material; Magnus formula with the constants of the WMO.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from estate.numbers.values import load_table
from telemetry.series.humidity import saturation_hpa

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from estate.numbers.arrays import Bools, Floats


HOURS_A_WEEK = 7 * 24
WARMEST_C = 50.0
# In a dry spell the index falls, then rests until a day has passed, then falls at half speed.
FALLS_AT_ONCE_H, RESTS_UNTIL_H = 6, 24
FALL_AT_ONCE, FALL_LATER = 0.032 / 24, 0.016 / 24


@dataclass(frozen=True)
class Material:
    """A sensitivity class; see ``mould_classes.yaml`` for its parameters."""

    name: str
    growth_below_1: float
    growth_from_1: float
    a: float
    b: float
    c: float
    humidity_min_pct: float
    examples: str


@dataclass(frozen=True)
class Surface:
    """Conditions at a surface, in the shape of the room's. [°C], [%]"""

    temperature_c: Floats
    humidity_pct: Floats


@dataclass(frozen=True)
class MouldIndex:
    """
    The course of the index.

    Attributes
    ----------
    index : (..., hours) float64 array
        At the end of each hour. [1]
    growing : (..., hours) bool array
        Hours in which the surface was damp enough for growth.
    missing_hours : (...) int64 array
        Hours without conditions: the index stays as it is.
    """

    index: Floats
    growing: Bools
    missing_hours: npt.NDArray[np.int64]


@cache
def materials() -> Mapping[str, Material]:
    """Return the classes of material, by name, the most sensitive first."""
    classes = load_table("alerts.mould", "mould_classes.yaml")["classes"]
    return {name: Material(name, **row) for name, row in classes.items()}


def surface_conditions(
    temperature_c: npt.ArrayLike,
    humidity_pct: npt.ArrayLike,
    outdoor_temperature_c: npt.ArrayLike,
    f_rsi: npt.ArrayLike,
) -> Surface:
    """
    Return the conditions at the coldest inner surface from those of the room air.

    Parameters
    ----------
    temperature_c, humidity_pct : array_like
        Room air. [°C], [%]
    outdoor_temperature_c : array_like
        [°C]
    f_rsi : array_like
        Temperature factor of the surface: 1 as warm as the room, 0 as cold as outdoors. [1]

    Returns
    -------
    Surface
        In the broadcast shape of the arguments; 100 % on a surface with condensation.
    """
    room = np.asarray(temperature_c, dtype=np.float64)
    outdoor = np.asarray(outdoor_temperature_c, dtype=np.float64)
    surface = outdoor + np.asarray(f_rsi) * (room - outdoor)
    vapour = np.asarray(humidity_pct) * saturation_hpa(room)
    return Surface(surface, np.clip(vapour / saturation_hpa(surface), 0.0, 100.0))


def critical_humidity_pct(temperature_c: npt.ArrayLike, humidity_min_pct: float) -> Floats:
    """Return the relative humidity from which mould grows; above 20 °C its minimum. [%]"""
    t = np.asarray(temperature_c, dtype=np.float64)
    curve = ((-0.00267 * t + 0.160) * t - 3.13) * t + 100.0
    return np.where(t > 20.0, humidity_min_pct, np.maximum(curve, humidity_min_pct))


def weeks_to_first_growth(temperature_c: npt.ArrayLike, humidity_pct: npt.ArrayLike) -> Floats:
    """Return the weeks in which very sensitive material reaches index 1, above 0 °C. [weeks]"""
    log_temperature, log_humidity = np.log(temperature_c), np.log(humidity_pct)
    return np.asarray(np.exp(-0.68 * log_temperature - 13.9 * log_humidity + 66.02))


def largest_index(
    temperature_c: npt.ArrayLike, humidity_pct: npt.ArrayLike, material: Material
) -> Floats:
    """Return the limit of the index in steady conditions above the critical humidity. [1]"""
    critical = critical_humidity_pct(temperature_c, material.humidity_min_pct)
    x = (critical - np.asarray(humidity_pct)) / (critical - 100.0)
    return np.asarray(material.a + material.b * x - material.c * x**2)


def mould_index(
    temperature_c: npt.ArrayLike,
    humidity_pct: npt.ArrayLike,
    material: Material,
    decline: float = 1.0,
    start_index: npt.ArrayLike = 0.0,
) -> MouldIndex:
    """
    Compute the mould index hour by hour.

    An unknown hour changes nothing: the index stays, and a dry spell neither ends nor
    continues.

    Parameters
    ----------
    temperature_c, humidity_pct : (..., hours) array_like
        At the surface; NaN if unknown. [°C], [%]
    material : Material
    decline : float
        Speed of decline in dry spells relative to pine, 1.0 to 0.1. [1]
    start_index : (...) array_like
        Index before the first hour. [1]

    Raises
    ------
    ValueError
        If a humidity is not from 0 to 100 %.
    """
    temperature, humidity = np.broadcast_arrays(
        np.asarray(temperature_c, dtype=np.float64), np.asarray(humidity_pct, dtype=np.float64)
    )
    if np.any((humidity < 0) | (humidity > 100)):
        raise ValueError("the humidity at a surface must be from 0 to 100 %")
    growing = _growing(temperature, humidity, material)
    dry = ~growing & np.isfinite(temperature) & np.isfinite(humidity)
    speed, largest = _speed_and_largest(temperature, humidity, growing, material)
    fall = decline * _fall(dry, growing)
    start = np.broadcast_to(np.asarray(start_index, dtype=np.float64), temperature.shape[:-1])
    index = _follow(material, start, *_hours_first(speed, largest, fall))
    return MouldIndex(index, growing, np.sum(~(growing | dry), axis=-1))


def _hours_first(*rows: Floats) -> list[Floats]:
    """Order memory by hours, since the index is computed hour by hour."""
    return [np.ascontiguousarray(np.moveaxis(each, -1, 0)) for each in rows]


def _follow(
    material: Material, index: Floats, speed: Floats, largest: Floats, fall: Floats
) -> Floats:
    """Step from hour to hour: (...) and (hours, ...) to (..., hours)."""
    course = np.empty(speed.shape)
    for hour in range(len(course)):
        k1 = np.where(index < 1.0, material.growth_below_1, material.growth_from_1)
        k2 = -np.expm1(np.minimum(2.3 * (index - largest[hour]), 0.0))
        course[hour] = np.maximum(index + k1 * k2 * speed[hour] - fall[hour], 0.0)
        index = course[hour]
    return np.moveaxis(course, 0, -1)


def _growing(temperature: Floats, humidity: Floats, material: Material) -> Bools:
    critical = critical_humidity_pct(temperature, material.humidity_min_pct)
    # Just above freezing the critical humidity rounds to 100 %, which leaves no range for growth.
    mild = (temperature > 0.0) & (temperature <= WARMEST_C) & (critical < 100.0)
    return np.asarray(mild & (humidity >= critical))


def _speed_and_largest(
    temperature: Floats, humidity: Floats, growing: Bools, material: Material
) -> tuple[Floats, Floats]:
    """Return the growth per hour with k1 = k2 = 1, and the largest index; both 0 without growth."""
    speed, largest = np.zeros(growing.shape), np.zeros(growing.shape)
    at = temperature[growing], humidity[growing]
    speed[growing] = 1.0 / (HOURS_A_WEEK * weeks_to_first_growth(*at))
    largest[growing] = largest_index(*at, material)
    return speed, largest


def _fall(dry: Bools, growing: Bools) -> Floats:
    """Return the decline of pine's index in each dry hour, counted from the start of the spell."""
    dry_hours = np.cumsum(dry, axis=-1)
    before = np.maximum.accumulate(np.where(growing, dry_hours, 0), axis=-1)
    spell_hours: npt.NDArray[np.int64] = dry_hours - before
    later = np.where(spell_hours > RESTS_UNTIL_H, FALL_LATER, 0.0)
    return np.where(dry, np.where(spell_hours <= FALLS_AT_ONCE_H, FALL_AT_ONCE, later), 0.0)


def first_hour(index: Floats, level: float) -> npt.NDArray[np.int64]:
    """Return the index of the first hour that ends at or above a level; -1 if none does."""
    reached = index >= level
    return np.where(reached.any(axis=-1), reached.argmax(axis=-1), -1)
