"""
Probability that a home's use has jumped, rather than being that of guests.

A day's use is usual, that of guests (at a few levels), or a jump. The belief in each is
carried from day to day: guests come and go, a jump lasts for a while (a hidden Markov model,
filtered forward). What is usual, how much days vary and what a weekend adds are learnt from the
home's own last weeks, with homes in general as a prior worth a few days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alerts.detectors.medians import middle_of_known, usual
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Bools, Floats

SATURDAY = 5
THURSDAY = 3
"""Of the first of January 1970."""
LEAST_LIKELIHOOD = 1e-8
"""No day is impossible in any state."""
PARTS = np.linspace(0.0, 1.0, 9)
"""Of its first day a jump may take any part."""


def at_weekend(start_ms: int, end_ms: int) -> bool:
    """Return whether a local day is a Saturday or a Sunday."""
    noon_day = (start_ms + end_ms) // 2 // DAY_MS
    return (noon_day + THURSDAY) % 7 >= SATURDAY


class UsualDay(NamedTuple):
    """The expected use of a day, as a logarithm, and the spread of days around it, (meters,)."""

    level: Floats
    spread: Floats


def usual_day(root: Floats, weekend: Floats, on_weekend: bool, limits: Limits) -> UsualDay:
    """
    Return what is usual on a day, from the days before it.

    Parameters
    ----------
    root : (meters, days) array
        Square root of their use; NaN where unknown.
    weekend : (meters, days) array
        1 at the weekend, otherwise 0; NaN where unknown.
    on_weekend : bool
        Whether the day itself is at the weekend.
    limits : Limits
    """
    log = 2 * np.log(np.where(root > 0, root, np.nan))
    more = _weekend_more(log, weekend, limits)
    alike = log - more[:, None] * np.nan_to_num(weekend)
    level = middle_of_known(alike, limits.usual_least_days)
    spread = usual(alike, limits.usual_least_days).spread
    days = np.count_nonzero(np.isfinite(log), axis=1)
    pooled = limits.belief_prior_days
    variance = (days * spread**2 + pooled * limits.belief_spread**2) / (days + pooled)
    return UsualDay(level + more * on_weekend, np.sqrt(variance))


def _weekend_more(log: Floats, weekend: Floats, limits: Limits) -> Floats:
    """Return by how much the home's weekends exceed its other days, (meters,)."""
    at_work, at_rest = (
        middle_of_known(np.where(weekend == kind, log, np.nan), 1) for kind in (0.0, 1.0)
    )
    days = np.count_nonzero(np.isfinite(log) & (weekend == 1.0), axis=1)
    own, pooled = np.nan_to_num(at_rest - at_work), limits.belief_weekend_days
    return np.asarray((days * own + pooled * np.log(limits.belief_weekend_times)) / (days + pooled))


class Belief:
    """
    The belief that the use of meters has jumped, carried from day to day.

    Parameters
    ----------
    meters : int
    limits : Limits

    Notes
    -----
    States: usual, each level of guests, the first day of a jump, its other days.
    """

    def __init__(self, meters: int, limits: Limits) -> None:
        guests = np.log(limits.belief_guests_times)
        jump = np.log(limits.belief_jump_times)
        self._shift, self._jump = np.concatenate([[0.0], guests, [jump, jump]]), jump
        self._moves = _moves(len(guests), limits)
        self._state = np.zeros((meters, len(self._shift)))
        self._state[:, 0] = 1.0

    def step(self, log_use: Floats, expected: UsualDay, says: Bools) -> Floats:
        """
        Take a day of each meter, and return the probability that its use has jumped, (meters,).

        Parameters
        ----------
        log_use : (meters,) array
        expected : UsualDay
        says : (meters,) bool array
            Where the day is informative; an unknown day, or one away from home, is not.
        """
        judged = says & np.isfinite(log_use - expected.level)
        off = np.where(judged, log_use - expected.level, 0.0)
        spread = np.where(judged, expected.spread, 1.0)
        likely = _density(off[:, None] - self._shift, spread[:, None])
        begun = np.log(1 + (np.exp(self._jump) - 1) * PARTS)
        likely[:, -2] = _density(off[:, None] - begun, spread[:, None]).mean(axis=1)
        # A rise above the size of the jump is a jump as well.
        likely[:, -1] = _density(np.minimum(off - self._jump, 0.0), spread)
        state = self._state @ self._moves
        state = state * np.where(judged[:, None], likely + LEAST_LIKELIHOOD, 1.0)
        self._state = state / state.sum(axis=1, keepdims=True)
        jumped: Floats = self._state[:, -2:].sum(axis=1)
        return jumped

    def forget(self, rows: Bools) -> None:
        """Start again from the usual state."""
        self._state[rows] = 0.0
        self._state[rows, 0] = 1.0


def _density(off: Floats, spread: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * (off / spread) ** 2) / spread)


def _moves(guests: int, limits: Limits) -> Floats:
    """Return the transition probabilities between states, (from, to)."""
    year, states = 365.0, guests + 3
    visit, jump = limits.belief_guests_a_year / year, limits.belief_jumps_a_year / year
    moves = np.zeros((states, states))
    moves[0, 0], moves[0, 1 : guests + 1], moves[0, -2] = 1 - visit - jump, visit / guests, jump
    for state in range(1, guests + 1):
        moves[state, state], moves[state, 0] = _stays(limits.belief_guests_days)
    moves[-2, -1] = 1.0
    moves[-1, -1], moves[-1, 0] = _stays(limits.belief_jump_days)
    return moves


def _stays(days: float) -> tuple[float, float]:
    return 1 - 1 / days, 1 / days
