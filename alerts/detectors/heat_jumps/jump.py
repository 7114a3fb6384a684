"""
Probability that a home's heat has jumped, rather than being due to a cold spell.

A day's deviation is partly that of the day before, and partly new. The belief in states is
carried from day to day (a hidden Markov model, filtered forward): usual; a jump, which affects only
part of its first day; and colder weather than is known. The new part has heavier tails than the
normal distribution, so that no single day is decisive in a home whose days vary a lot.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from alerts.detectors.heat_jumps.scatter import Scatter
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats, Integers

USUAL = 0
PARTS = np.array([0.125, 0.375, 0.625, 0.875, 1.0])
"""Of its first day a jump may take any part: the middles of four equal ones, and all of it."""
YEAR_DAYS = 365.0


class Day(NamedTuple):
    """
    A day of each meter, (meters,).

    Attributes
    ----------
    off_kwh, expected_kwh : array
        Its use beyond what was expected, and what was expected. [kWh/d]
    kwh_per_k : array
        Its additional use if it were a kelvin colder. [kWh/(d K)]
    """

    off_kwh: Floats
    expected_kwh: Floats
    kwh_per_k: Floats


class _States(NamedTuple):
    """
    The states, and the transition probabilities between them.

    Attributes
    ----------
    more : (states,) array
        Heat above what is expected, as a fraction of it.
    colder_k : (states,) array
    jumped : (states,) bool array
    largest : (states,) bool array
        The largest jump; anything beyond it is a jump as well.
    before, after : (moves,) int array
    likely : (moves,) array
    """

    more: Floats
    colder_k: Floats
    jumped: Bools
    largest: Bools
    before: Integers
    after: Integers
    likely: Floats


class Jumps:
    """
    The belief that the heat of meters has jumped.

    Parameters
    ----------
    meters : int
    limits : Limits
    """

    def __init__(self, meters: int, limits: Limits) -> None:
        self._limits, self._states = limits, _states(limits)
        self._belief = np.zeros((meters, len(self._states.more)))
        self._belief[:, USUAL] = 1.0
        nothing = np.full(meters, np.nan)
        self._before = Day(nothing, nothing, nothing)

    def step(self, day: Day, scatter: Scatter, judged: Bools) -> Floats:
        """
        Take a day of each meter, and return the probability that its heat has jumped, (meters,).

        Parameters
        ----------
        day : Day
            NaN where unknown.
        scatter : Scatter
        judged : (meters,) bool array
            Where the day is informative.
        """
        states = self._states
        likely = np.where(judged[:, None], self._likelihood(day, scatter), 1.0)
        moved = self._belief[:, states.before] * states.likely * likely
        belief = np.zeros_like(self._belief)
        np.add.at(belief.T, states.after, moved.T)
        self._belief = belief / belief.sum(axis=1, keepdims=True)
        self._before = day
        return np.asarray(self._belief[:, states.jumped].sum(axis=1))

    def _likelihood(self, day: Day, scatter: Scatter) -> Floats:
        """Return how well each transition explains what is new in a day, (meters, moves)."""
        states, tail = self._states, self._limits.heat_tail
        follows = np.isfinite(self._before.off_kwh)
        stays = np.where(follows, scatter.stays, 0.0)[:, None]
        news_kwh = np.where(
            follows, scatter.news_kwh, scatter.news_kwh / np.sqrt(1 - scatter.stays**2)
        )
        off_kwh = day.off_kwh[:, None] - self._shift_kwh(day)[:, states.after]
        before = self._before.off_kwh[:, None] - self._shift_kwh(self._before)[:, states.before]
        new_kwh = off_kwh - stays * np.nan_to_num(before)
        new_kwh = np.where(states.largest[states.after], np.minimum(new_kwh, 0.0), new_kwh)
        spreads = new_kwh / news_kwh[:, None]
        return np.asarray((1 + spreads**2 / tail) ** (-(tail + 1) / 2))

    def _shift_kwh(self, day: Day) -> Floats:
        """Return the additional heat in each state, (meters, states)."""
        states = self._states
        jumped_kwh = states.more * day.expected_kwh[:, None]
        return np.asarray(jumped_kwh + states.colder_k * day.kwh_per_k[:, None])

    def forget(self, rows: Bools) -> None:
        """Start again from the usual state."""
        self._belief[rows] = 0.0
        self._belief[rows, USUAL] = 1.0


def _states(limits: Limits) -> _States:
    jumps, spells = (each / YEAR_DAYS for each in (limits.heat_jumps_a_year, limits.cold_a_year))
    sizes, colder = limits.heat_jump_times, limits.cold_k
    more, colder_k, largest = [0.0], [0.0], [False]
    moves = [(USUAL, USUAL, 1 - jumps - spells)]

    def state(part: float, kelvin: float, *, is_largest: bool = False) -> int:
        more.append(part)
        colder_k.append(kelvin)
        largest.append(is_largest)
        return len(more) - 1

    for times in sizes:
        jump = state(times - 1, 0.0, is_largest=times == max(sizes))
        moves += _leaving(jump, limits.heat_jump_days)
        for part in PARTS.tolist():
            first = state(part * (times - 1), 0.0)
            moves += [(USUAL, first, jumps / len(sizes) / len(PARTS)), (first, jump, 1.0)]
    for kelvin in colder:
        spell = state(0.0, kelvin)
        moves += [(USUAL, spell, spells / len(colder)), *_leaving(spell, limits.cold_days)]
    before, after, likely = (np.array(each) for each in zip(*moves, strict=True))
    extra = np.array(more)
    return _States(extra, np.array(colder_k), extra > 0, np.array(largest), before, after, likely)


def _leaving(state: int, days: float) -> list[tuple[int, int, float]]:
    """Return the transitions out of a state with a given mean duration."""
    return [(state, state, 1 - 1 / days), (state, USUAL, 1 / days)]
