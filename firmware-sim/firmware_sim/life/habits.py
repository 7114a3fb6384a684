"""What makes one day of a household differ from the next: guests, absences, weekends, laundry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from firmware_sim.arrays import Bools, Floats
from firmware_sim.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firmware_sim.clock import Clock

YEAR_DAYS = 366
SATURDAY = 5
# Values of the drawn days, by column.
TIMES, PRESENT, AWAY, LAUNDRY, BEGUN = range(5)


@dataclass(frozen=True)
class Habits:
    """
    What each day is like, all of shape (days, flats).

    Attributes
    ----------
    times : array
        Use of water and electricity beside an ordinary day's.
    present : array
        People who are in, as a multiple of the household's usual number.
    away : array
        Whether nobody is in.
    laundry : array
        Whether the washing machine runs.
    begun : array
        Part of a flush that is left over from the day before, from 0 to 1.
    """

    times: Floats
    present: Floats
    away: Bools
    laundry: Bools
    begun: Floats


def whole_flushes(clock: Clock, flushed_l: Floats, habits: Habits) -> Floats:
    """Gather water that trickles in the mean into whole flushes, (steps, flats). [l]"""
    size_l, found = habit("flush_l"), np.empty_like(flushed_l)
    starts = np.searchsorted(clock.day_index, np.arange(clock.days + 1)).tolist()
    for day, (first, last) in enumerate(pairwise(starts)):
        begun = habits.begun[day] + np.cumsum(flushed_l[first:last], axis=0) / size_l
        found[first:last] = np.diff(np.floor(begun), axis=0, prepend=0.0) * size_l
    return found


@cache
def habit(name: str) -> Any:  # noqa: ANN401  a number or a pair of them
    """Return the value of a row of ``habits.yaml``."""
    return _table()[name]["value"]


@cache
def _table() -> Mapping[str, Any]:
    text = resources.files("firmware_sim.life").joinpath("habits.yaml").read_text("utf-8")
    table: dict[str, Any] = yaml.safe_load(text)
    return table


def habits_of(flats: Sequence[str], seed: int, clock: Clock) -> Habits:
    """
    Draw the days of a clock.

    What a day is like depends on the flat, the date and the seed alone, wherever the clock starts.
    """
    days = [clock.start + timedelta(day) for day in range(clock.days)]
    drawn = np.stack([_days_of(flat, seed, tuple(days)) for flat in flats], axis=2)
    return Habits(
        times=drawn[TIMES],
        present=drawn[PRESENT],
        away=drawn[AWAY] > 0,
        laundry=drawn[LAUNDRY] > 0,
        begun=drawn[BEGUN],
    )


def _days_of(flat: str, seed: int, days: tuple[date, ...]) -> Floats:
    """Return the drawn values of a flat's days, shape (5, days)."""
    years = {day.year: _year_of(flat, seed, day.year) for day in days}
    return np.stack([years[day.year][:, day.timetuple().tm_yday - 1] for day in days], axis=1)


@cache
def _year_of(flat: str, seed: int, year: int) -> Floats:
    """Draw a year of a flat, shape (5, 366)."""
    home = stream(seed, "habits", flat)
    spread, weekend = (float(home.uniform(*habit(name))) for name in ("spread", "weekend"))
    rng = stream(seed, "habits", f"{flat}/{year}")
    departures = _departures(rng)
    times = _uneven(departures, spread)
    first = date(year, 1, 1).weekday()
    times[(first + np.arange(YEAR_DAYS)) % 7 >= SATURDAY] *= weekend
    present = _present(flat, seed, year, departures)
    for start, end in _spells(rng, "guests"):
        more = rng.uniform(*habit("guests_times"))
        for each in (times, present):
            each[start:end] *= more
    away = np.zeros(YEAR_DAYS)
    for kind in ("trips", "holidays"):
        for start, end in _spells(rng, kind):
            away[start:end] = 1.0
    laundry = rng.random(YEAR_DAYS) < habit("laundry_a_day") * times
    return np.stack([times, present, away, laundry, rng.random(YEAR_DAYS)])


def _present(flat: str, seed: int, year: int, of_use: Floats) -> Floats:
    """Return the factor on the people who are in each day: more on days of more use."""
    spread = float(stream(seed, "presence", flat).uniform(*habit("present_spread")))
    own = _departures(stream(seed, "presence", f"{flat}/{year}"))
    shared = habit("present_with_use")
    return _uneven(shared * of_use + np.sqrt(1 - shared**2) * own, spread)


def _uneven(departures: Floats, spread: float) -> Floats:
    """Return factors of mean 1 whose logarithm departs by a spread."""
    return np.asarray(np.exp(spread * departures - spread**2 / 2))


def _departures(rng: np.random.Generator) -> Floats:
    """Return what days are off the usual, of unit variance, with some memory."""
    persistence, steps = habit("persistence"), rng.standard_normal(YEAR_DAYS)
    found = np.empty(YEAR_DAYS)
    last = 0.0
    for day, step in enumerate((steps * np.sqrt(1 - persistence**2)).tolist()):
        last = persistence * last + step
        found[day] = last
    return found


def _spells(rng: np.random.Generator, kind: str) -> list[tuple[int, int]]:
    """Draw the spells of a year, as days from and to."""
    count = int(rng.poisson(habit(f"{kind}_a_year")))
    starts = rng.integers(0, YEAR_DAYS, count).tolist()
    low, high = habit(f"{kind}_days")
    return [(start, start + int(rng.integers(low, high + 1))) for start in starts]
