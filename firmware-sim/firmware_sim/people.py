"""What people do in their homes, on the steps of a clock: presence, airing, cooking, water."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import yaml

from firmware_sim.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firmware_sim.clock import Clock
    from firmware_sim.folder import House

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NOBODY = "nobody"
WEEKEND = (5, 6)
COOKING_HOURS = 0.5
MORNING, EVENING = (6.5, 8.0), (19.0, 22.0)
"""Between these hours people bathe; taps run when they are up and at home."""
LITTLE_TAPS = 6
"""Draws at taps by a person and day."""


@dataclass(frozen=True)
class Persona:
    """How a household lives; see ``personas.yaml``."""

    name: str
    weight: float
    persons: int
    day_c: float
    night_c: float
    away: tuple[float, float]
    asleep: tuple[float, float]
    airings: tuple[float, ...]
    airing_minutes: float
    open_window: float
    cooking: tuple[float, ...]
    baths_per_person: float
    absent: tuple[int, int]


@dataclass(frozen=True)
class Living:
    """
    What happens in each flat at each step, all of shape (steps, flats).

    Attributes
    ----------
    setpoint_c : array
        [°C]
    persons : array
        At home.
    co2_l_per_h, moisture_g_per_h : array
        Given off by people, cooking and baths.
    window : array
        Part of the step with open windows, from 0 to 1.
    hot_water_l, cold_water_l : array
        Drawn over the step. [l]
    electricity_w : array
        Of cooking; appliances run all the time. [W]
    """

    setpoint_c: Floats
    persons: Floats
    co2_l_per_h: Floats
    moisture_g_per_h: Floats
    window: Floats
    hot_water_l: Floats
    cold_water_l: Floats
    electricity_w: Floats


@cache
def personas() -> Mapping[str, Persona]:
    """Read every persona, by name."""
    text = resources.files("firmware_sim").joinpath("personas.yaml").read_text("utf-8")
    return {
        name: Persona(name, **{key: _frozen(value) for key, value in row.items()})
        for name, row in yaml.safe_load(text).items()
    }


def _frozen(value: Any) -> Any:  # noqa: ANN401  a number or a list of them
    return tuple(value) if isinstance(value, list) else value


def draw_personas(flats: int, rng: np.random.Generator) -> list[Persona]:
    """Draw a household for each flat."""
    known = list(personas().values())
    weights = np.array([persona.weight for persona in known])
    return [known[number] for number in rng.choice(len(known), flats, p=weights / weights.sum())]


def live(house: House, clock: Clock, households: list[Persona], rng: np.random.Generator) -> Living:
    """Let the households live; on days without a tenancy a flat is empty."""
    let = _let(house, clock)
    columns = []
    for number, persona in enumerate(households):
        own = _live_one(clock, persona, rng)
        empty = _live_one(clock, personas()[NOBODY], rng)
        rows = zip(own, empty, strict=True)
        columns.append([np.where(let[:, number], here, gone) for here, gone in rows])
    return Living(*(np.stack(parts, axis=1) for parts in zip(*columns, strict=True)))


def _let(house: House, clock: Clock) -> Bools:
    let = np.zeros((clock.steps, len(house.homes)), dtype=np.bool_)
    place = {flat: number for number, flat in enumerate(house.flats)}
    for stay in house.stays:
        first = max(clock.step_at(max(stay.start, clock.start)), 0)
        end = clock.end if stay.end is None else min(stay.end, clock.end)
        let[first : max(clock.step_at(max(end, clock.start)), 0), place[stay.flat]] = True
    return let


def _live_one(clock: Clock, persona: Persona, rng: np.random.Generator) -> tuple[Floats, ...]:
    """Give the columns of `Living` for one flat."""
    values, hour = parameters(), clock.hour_of_day
    asleep = _between(hour, persona.asleep)
    home = _at_home(clock, persona)
    persons = persona.persons * home.astype(np.float64)
    co2 = persons * np.where(asleep, values.co2_l_per_h_asleep, values.co2_l_per_h_awake)
    baths = _baths(clock, persona, rng) * home
    cooking = _around(hour, persona.cooking, COOKING_HOURS) & (persons > 0)
    moisture = persons * values.moisture_g_per_h_person
    moisture += cooking * values.moisture_g_per_cooking / COOKING_HOURS
    moisture += baths * values.moisture_g_per_shower / values.step_hours
    minutes = persona.airing_minutes
    airing = _around(hour, persona.airings, minutes / 60) & home
    window = np.where(airing, 1.0, persona.open_window)
    water = baths * values.shower_l + _taps(clock, persona, home & ~asleep, rng)
    setpoint_c = np.where(asleep, persona.night_c, persona.day_c)
    cold_water = water * values.cold_per_hot_water + _flushes(persons, home & ~asleep)
    electricity_w = cooking * values.cooking_w
    columns = setpoint_c, persons, co2, moisture, window, water, cold_water, electricity_w
    return tuple(np.asarray(column, dtype=np.float64) for column in columns)


def _at_home(clock: Clock, persona: Persona) -> Bools:
    first_weekday = clock.start.weekday()
    weekend = np.isin((first_weekday + clock.day_index) % 7, WEEKEND)
    every, days = persona.absent
    # Counted from day 0 of the calendar, so that a year's absences do not hang on its start.
    calendar_day = clock.start.toordinal() + clock.day_index
    absent = (
        calendar_day % every >= every - days if every else np.zeros(clock.steps, dtype=np.bool_)
    )
    away = _between(clock.hour_of_day, persona.away) & ~weekend
    return ~away & ~absent & (persona.persons > 0)


def _between(hour: Floats, span: tuple[float, float]) -> Bools:
    """Whether an hour of the day lies in a span that may go over midnight."""
    start, end = span
    if start <= end:
        return (hour >= start) & (hour < end)
    return (hour >= start) | (hour < end)


def _flushes(persons: Floats, up: Bools) -> Floats:
    """Give the cold water of a flush an hour and person while somebody is up. [l]"""
    values = parameters()
    return persons * up * values.flush_l_per_h_person * values.step_hours


def _around(hour: Floats, times: tuple[float, ...], length_hours: float) -> Bools:
    """Whether an hour of the day lies within some length after one of some times."""
    found = np.zeros(len(hour), dtype=np.bool_)
    for time in times:
        found |= (hour >= time) & (hour < time + length_hours)
    return found


def _baths(clock: Clock, persona: Persona, rng: np.random.Generator) -> Floats:
    """Give the number of baths that begin in each step."""
    baths = np.zeros(clock.steps)
    for _ in range(persona.persons):
        for day in np.flatnonzero(rng.random(clock.days) < persona.baths_per_person):
            first, last = MORNING if rng.random() < 0.6 else EVENING
            baths[_step(clock, int(day), rng.uniform(first, last))] += 1
    return baths


def _taps(clock: Clock, persona: Persona, up: Bools, rng: np.random.Generator) -> Floats:
    """Give the litres drawn at taps in each step."""
    draws = np.zeros(clock.steps)
    each_l = parameters().tap_l_per_person_day / LITTLE_TAPS
    for day in range(clock.days):
        steps = np.flatnonzero((clock.day_index == day) & up)
        if len(steps) and persona.persons:
            np.add.at(draws, rng.choice(steps, LITTLE_TAPS * persona.persons), each_l)
    return draws


def _step(clock: Clock, day: int, hour: float) -> int:
    first = int(np.searchsorted(clock.day_index, day))
    return min(first + int(hour * 60 / clock.step_minutes), clock.steps - 1)
