"""Behaviour of residents per time step: presence, airing, cooking, water."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.arrays import Bools, Floats, Integers
from firmware_sim.life.habits import habit, habits_of, whole_flushes
from firmware_sim.life.people import NOBODY, personas
from firmware_sim.parameters import parameters
from firmware_sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firmware_sim.clock import Clock
    from firmware_sim.folder import House
    from firmware_sim.life.habits import habit, habits_of, whole_flushes
from firmware_sim.life.people import Persona

WEEKEND = (5, 6)
COOKING_HOURS = 0.5
MORNING, EVENING = (6.5, 8.0), (19.0, 22.0)
"""Hours in which people bathe; taps are used when they are awake and at home."""
IN_THE_MORNING = 0.6
"""Fraction of baths taken in the morning."""
LITTLE_TAPS = 6
"""Draws at taps per person and day."""
LAUNDRY_HOUR = 18.5
AWAKE = (6.0, 23.0)
"""Between these hours people who are in switch things on."""
DRAWN = 3 + LITTLE_TAPS
"""Random numbers per person and day: whether and when to bathe; taps."""


@dataclass(frozen=True)
class Living:
    """
    Behaviour in each flat at each step, all of shape (steps, flats).

    Attributes
    ----------
    setpoint_c : array
        [°C]
    persons : array
        At home, guests among them; a part of a person is one who is in for a part of the day.
    co2_l_per_h, moisture_g_per_h : array
        Released by people, cooking and baths.
    window : array
        Fraction of the step with open windows, from 0 to 1.
    vents : array
        Fraction of vents left open, from 0 to 1.
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
    vents: Floats
    hot_water_l: Floats
    cold_water_l: Floats
    electricity_w: Floats


class Households:
    """
    The households of a house, simulated part by part.

    Parameters
    ----------
    house : House
    lives : sequence of Persona
        Of each flat.
    seed : int
        A flat's random numbers depend only on this and its id.
    even : bool, optional
        Whether all days of a household are alike: without guests, trips and laundry.
    """

    def __init__(
        self, house: House, lives: Sequence[Persona], seed: int, *, even: bool = False
    ) -> None:
        self._house, self._lives, self._seed, self._even = house, lives, seed, even
        self._area_m2 = np.array([home.area_m2 for home in house.homes])
        self._streams = [stream(seed, "living", flat) for flat in house.flats]
        names = [persona.name for persona in lives]
        self._members = {
            persona: np.array([at for at, name in enumerate(names) if name == persona.name])
            for persona in dict.fromkeys(lives)
        }

    def live(self, clock: Clock) -> Living:
        """Return the behaviour on the next days; a flat without a tenancy is empty."""
        shape = (clock.steps, len(self._house.homes))
        living = Living(*(np.empty(shape) for _ in fields(Living)))
        for persona, members in self._members.items():
            drawn = self._drawn(members, clock.days, persona.persons)
            _fill(living, members, _lived(clock, persona, drawn))
        let = _let(self._house, clock)
        nobody = personas()[NOBODY]
        empty = _lived(clock, nobody, np.empty((1, clock.days, 0, DRAWN)))
        if not self._even:
            self._vary(clock, living, empty)
        for flat in np.flatnonzero(~let.all(axis=0)).tolist():
            for each in fields(Living):
                column, gone = getattr(living, each.name)[:, flat], getattr(empty, each.name)[:, 0]
                column[:] = np.where(let[clock.day_index, flat], column, gone)
        return living

    def _vary(self, clock: Clock, living: Living, empty: Living) -> None:
        """Let days differ: who is in, use, laundry, and nobody in while the heating goes on."""
        habits, day = habits_of(self._house.flats, self._seed, clock), clock.day_index
        lived_in = np.array([persona.persons > 0 for persona in self._lives])
        hour = clock.hour_of_day
        flushed_l = living.cold_water_l - living.hot_water_l * parameters().cold_per_hot_water
        living.cold_water_l[:] += whole_flushes(clock, flushed_l, habits) - flushed_l
        _breathe(living, habits.present[day], habits.times[day])
        for drawn in (living.hot_water_l, living.cold_water_l, living.electricity_w):
            drawn *= habits.times[day]
        washing = habits.laundry[day] & lived_in
        washing &= _around(hour, (LAUNDRY_HOUR,), habit("laundry_hours"))[:, None]
        living.cold_water_l[:] += (
            washing * habit("laundry_l") * (parameters().step_hours / habit("laundry_hours"))
        )
        living.electricity_w[:] += washing * habit("laundry_w")
        # What is switched on by day is a part of what appliances take in all.
        awake = _between(hour, AWAKE)[:, None] * habits.times[day]
        used = lived_in * (awake * 24 / (AWAKE[1] - AWAKE[0]) - 1)
        living.electricity_w[:] += used * self._area_m2 * habit("switched_w_per_m2")
        self._leave(living, empty, habits.away[day] & lived_in)

    def _leave(self, living: Living, empty: Living, away: Bools) -> None:
        """Let nobody be in; the heating and the vents stay as they are."""
        for each in fields(Living):
            if each.name not in ("setpoint_c", "vents"):
                values = getattr(living, each.name)
                values[:] = np.where(away, getattr(empty, each.name), values)
        switched_w = self._area_m2 * habit("switched_w_per_m2")
        living.electricity_w[:] -= away * switched_w

    def _drawn(self, members: Integers, days: int, persons: int) -> Floats:
        """Return random numbers in 0..1 for some flats, (members, days, persons, DRAWN)."""
        shape = (days, persons, DRAWN)
        return np.stack([self._streams[flat].random(shape) for flat in members.tolist()])


def _breathe(living: Living, present: Floats, times: Floats) -> None:
    """Scale body heat, breath and water by who is in, and vapour of baths and meals by use."""
    breathed_g_per_h = living.persons * parameters().moisture_g_per_h_person
    cooked_and_bathed = living.moisture_g_per_h - breathed_g_per_h
    living.moisture_g_per_h[:] = breathed_g_per_h * present + cooked_and_bathed * times
    for each in (living.persons, living.co2_l_per_h):
        each *= present


def _fill(living: Living, members: Integers, lived: Living) -> None:
    for each in fields(Living):
        getattr(living, each.name)[:, members] = getattr(lived, each.name)


def _let(house: House, clock: Clock) -> Bools:
    """Whether a flat is let, shape (days, flats)."""
    let = np.zeros((clock.days, len(house.homes)), dtype=np.bool_)
    place = {flat: number for number, flat in enumerate(house.flats)}
    for stay in house.stays:
        first, last = ((day or clock.end) - clock.start for day in (stay.start, stay.end))
        let[max(first.days, 0) : max(last.days, 0), place[stay.flat]] = True
    return let


def _lived(clock: Clock, persona: Persona, drawn: Floats) -> Living:
    """Return the behaviour of flats of a persona, shape (steps, members) or (steps, 1)."""
    values, hour = parameters(), clock.hour_of_day
    home, asleep = _at_home(clock, persona), _between(hour, persona.asleep)
    up = home & ~asleep
    persons = persona.persons * home.astype(np.float64)
    cooking = _around(hour, persona.cooking, COOKING_HOURS) & (persons > 0)
    baths = _baths(clock, persona, drawn) * home[:, None]
    water = baths * values.shower_l + _taps(clock, up, drawn)
    moisture = persons * values.moisture_g_per_h_person
    moisture += cooking * values.moisture_g_per_cooking / COOKING_HOURS
    airing = _around(hour, persona.airings, persona.airing_minutes / 60) & home
    breath = np.where(asleep, values.co2_l_per_h_asleep, values.co2_l_per_h_awake)
    return Living(
        setpoint_c=np.where(asleep, persona.night_c, persona.day_c)[:, None],
        persons=persons[:, None],
        co2_l_per_h=(persons * breath)[:, None],
        moisture_g_per_h=moisture[:, None]
        + baths * values.moisture_g_per_shower / values.step_hours,
        window=np.where(airing, 1.0, persona.open_window)[:, None],
        vents=np.full((clock.steps, 1), persona.vents),
        hot_water_l=water,
        cold_water_l=water * values.cold_per_hot_water + _flushes(persons, up)[:, None],
        electricity_w=np.where(cooking, float(values.cooking_w), 0.0)[:, None],
    )


def _at_home(clock: Clock, persona: Persona) -> Bools:
    first_weekday = clock.start.weekday()
    weekend = np.isin((first_weekday + clock.day_index) % 7, WEEKEND)
    every, days = persona.absent
    # Counted from day 0 of the calendar, so that absences do not depend on the start.
    calendar_day = clock.start.toordinal() + clock.day_index
    absent = (
        calendar_day % every >= every - days if every else np.zeros(clock.steps, dtype=np.bool_)
    )
    away = _between(clock.hour_of_day, persona.away) & ~weekend
    return ~away & ~absent & (persona.persons > 0)


def _between(hour: Floats, span: tuple[float, float]) -> Bools:
    """Whether an hour of the day is in a span that may cross midnight."""
    start, end = span
    if start <= end:
        return (hour >= start) & (hour < end)
    return (hour >= start) | (hour < end)


def _flushes(persons: Floats, up: Bools) -> Floats:
    """Return the cold water of flushes per hour and person while somebody is awake. [l]"""
    values = parameters()
    return persons * up * values.flush_l_per_h_person * values.step_hours


def _around(hour: Floats, times: tuple[float, ...], length_hours: float) -> Bools:
    """Whether an hour of the day is within a duration after one of some times."""
    found = np.zeros(len(hour), dtype=np.bool_)
    for time in times:
        found |= (hour >= time) & (hour < time + length_hours)
    return found


def _baths(clock: Clock, persona: Persona, drawn: Floats) -> Floats:
    """Return the number of baths that begin in each step, shape (steps, members)."""
    baths = np.zeros((clock.steps, len(drawn)))
    bathed = drawn[..., 0] < persona.baths_per_person
    member, day, _ = np.nonzero(bathed)
    early = (drawn[..., 1] < IN_THE_MORNING)[bathed]
    first, last = np.where(early[:, None], MORNING, EVENING).T
    hour = first + (last - first) * drawn[..., 2][bathed]
    steps = _day_starts(clock)[day] + (hour * 60 / clock.step_minutes).astype(np.int64)
    np.add.at(baths, (np.minimum(steps, clock.steps - 1), member), 1.0)
    return baths


def _taps(clock: Clock, up: Bools, drawn: Floats) -> Floats:
    """Return the litres drawn at taps in each step, shape (steps, members)."""
    draws, steps_up = np.zeros((clock.steps, len(drawn))), np.flatnonzero(up)
    each_l = parameters().tap_l_per_person_day / LITTLE_TAPS
    starts = np.searchsorted(steps_up, [*_day_starts(clock), clock.steps])
    count = np.diff(starts)
    member, day, _, _ = np.nonzero(np.broadcast_to(count[:, None, None] > 0, drawn[..., 3:].shape))
    moments = drawn[..., 3:][:, count > 0].ravel()
    steps = steps_up[starts[day] + (moments * count[day]).astype(np.int64)]
    np.add.at(draws, (steps, member), each_l)
    return draws


def _day_starts(clock: Clock) -> Integers:
    """Return the first step of each day, shape (days,)."""
    return np.searchsorted(clock.day_index, np.arange(clock.days)).astype(np.int64)
