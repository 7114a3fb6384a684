"""
Probability that a home's use has jumped, rather than being that of guests.

A day's use is usual, that of guests (at a few levels), or a jump. The belief in each is
carried from day to day: guests come and go, a jump lasts for a while (a hidden Markov model,
filtered forward). Guests raise all registers of a home; a jump raises one of them, or all water.
Days of a home's registers differ together, as far as they did in the weeks before, and each
state is a normal distribution around its own level; what is unknown on a day is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from alerts.detectors.limits import Limits
    from alerts.detectors.use.usual_day import UsualDay
    from estate.numbers.arrays import Bools, Floats

LEAST_LIKELIHOOD = 1e-8
"""No day is impossible in any state."""
PARTS = np.linspace(0.0, 1.0, 9)
"""Of its first day a jump may take any part; the density is the mean over these."""


@dataclass(frozen=True)
class Home:
    """
    What raises the registers of a home: the meter's own, then those beside it.

    Attributes
    ----------
    guests : (registers,) array
        Part of each register that follows the number of people.
    jumps : (jumps, registers) array
        Which registers jump together, as 0 and 1; the meter's own always does.
    """

    guests: Floats
    jumps: Floats

    @classmethod
    def of_water(cls, limits: Limits) -> Home:
        """Return a water meter, then the home's other water and its electricity."""
        guests = np.array([1.0, 1.0, limits.belief_guests_electricity_part])
        return cls(guests, np.array([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]))

    @classmethod
    def of_electricity(cls, limits: Limits) -> Home:
        """Return an electricity meter, then the home's water."""
        return cls(np.array([limits.belief_guests_electricity_part, 1.0]), np.array([[1.0, 0.0]]))

    def having(self, there: Bools) -> Home:
        """Return the same with some of the registers beside it alone, (registers - 1,)."""
        kept = np.concatenate([[True], there])
        return Home(self.guests[kept], np.unique(self.jumps[:, kept], axis=0))


class Belief:
    """
    The belief that the use of meters has jumped, carried from day to day.

    Parameters
    ----------
    meters : int
    limits : Limits
    home : Home

    Notes
    -----
    States: usual, each level of guests, the first day of each jump, its other days.
    """

    def __init__(self, meters: int, limits: Limits, home: Home) -> None:
        times = np.array(limits.belief_guests_times)[:, None]
        self._usual, self._guests = np.zeros((1, len(home.guests))), _log_times(times, home.guests)
        self._apart = limits.belief_guests_apart**2 * np.eye(len(home.guests))
        self._jumps, self._jump = home.jumps, limits.belief_jump_times
        self._moves = _moves(len(times), len(home.jumps), limits)
        self._state = np.zeros((meters, len(self._moves)))
        self._state[:, 0] = 1.0

    def step(self, log_use: Floats, expected: UsualDay) -> Floats:
        """
        Take a day of each meter, and return the probability that its use has jumped, (meters,).

        Parameters
        ----------
        log_use : (meters, registers) array
            NaN where the day is not informative: where it is unknown, or nobody was in. One that
            is not for the meter itself changes the belief only as time does.
        expected : UsualDay
        """
        off = log_use - expected.level
        judged = np.isfinite(off[:, :1])
        known = np.isfinite(off) & judged
        likely = self._likelihood(np.where(known, off, 0.0), known, expected.covariance())
        state = self._state @ self._moves
        state = state * np.where(judged, likely + LEAST_LIKELIHOOD, 1.0)
        self._state = state / state.sum(axis=1, keepdims=True)
        jumped: Floats = self._state[:, -2 * len(self._jumps) :].sum(axis=1)
        return jumped

    def forget(self, rows: Bools) -> None:
        """Start again from the usual state."""
        self._state[rows] = 0.0
        self._state[rows, 0] = 1.0

    def _likelihood(self, off: Floats, known: Bools, covariance: Floats) -> Floats:
        """Return the likelihood of a day in each state, (meters, states)."""
        alike = _Around(off, known, covariance)
        with_guests = _Around(off, known, covariance + self._apart)
        begun = [_log_times(self._jump, PARTS[:, None] * each) for each in self._jumps]
        firsts = [alike.density(each).mean(axis=1, keepdims=True) for each in begun]
        least = np.log(self._jump)
        later = [alike.density_from(least, each)[:, None] for each in self._jumps]
        usual, guests = alike.density(self._usual), with_guests.density(self._guests)
        return np.concatenate([usual, guests, *firsts, *later], axis=1)


class _Around:
    """Normal distributions of a day's departures, of which some are unknown."""

    def __init__(self, off: Floats, known: Bools, covariance: Floats) -> None:
        pairs = known[:, :, None] & known[:, None, :]
        whole = np.where(pairs, covariance, np.eye(off.shape[1]))
        self._off, self._known = off, known
        self._precision, self._scale = np.linalg.inv(whole), np.sqrt(np.linalg.det(whole))

    def density(self, shifts: Floats) -> Floats:
        """Return the density of the day around some shifts (shifts, registers) of the usual."""
        off = self._off[:, None] - shifts * self._known[:, None]
        distance = ((off @ self._precision) * off).sum(axis=-1)
        return np.asarray(np.exp(-0.5 * distance) / self._scale[:, None])

    def density_from(self, least: float, along: Floats) -> Floats:
        """Return the density around the likeliest shift of at least so much, (meters,)."""
        towards = along * self._known
        pull = (towards[:, None] @ self._precision)[:, 0]
        best = (pull * self._off).sum(axis=1) / np.maximum((pull * towards).sum(axis=1), 1e-12)
        off = self._off - np.maximum(best, least)[:, None] * towards
        distance = ((off[:, None] @ self._precision)[:, 0] * off).sum(axis=-1)
        return np.asarray(np.exp(-0.5 * distance) / self._scale)


def _log_times(times: Floats | float, part: Floats) -> Floats:
    """Return by how much the logarithm of the use grows if a part of it grows so many times."""
    return np.asarray(np.log(1 + (times - 1) * part))


def _moves(guests: int, jumps: int, limits: Limits) -> Floats:
    """Return the transition probabilities between states, (from, to)."""
    year, states = 365.0, 1 + guests + 2 * jumps
    visit, jump = limits.belief_guests_a_year / year, limits.belief_jumps_a_year / year
    moves = np.zeros((states, states))
    moves[0, 0], moves[0, 1 : guests + 1] = 1 - visit - jump, visit / guests
    for state in range(1, guests + 1):
        moves[state, state], moves[state, 0] = _stays(limits.belief_guests_days)
    for first in range(guests + 1, guests + 1 + jumps):
        later = first + jumps
        moves[0, first], moves[first, later] = jump / jumps, 1.0
        moves[later, later], moves[later, 0] = _stays(limits.belief_jump_days)
    return moves


def _stays(days: float) -> tuple[float, float]:
    return 1 - 1 / days, 1 / days
