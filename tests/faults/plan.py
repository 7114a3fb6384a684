"""What is killed, when, and how far into a write: seeded, so that a run can be repeated."""

from __future__ import annotations

import random
from enum import StrEnum, auto
from itertools import accumulate, product
from typing import NamedTuple

# Before the first of these parts of the messages nothing runs yet, after the last all must settle.
FIRST, LAST = 0.02, 0.9
LONGEST_DOWN_SECONDS = 0.5


class Victim(StrEnum):
    """Who is killed. The store of SQLite lives in the worker, which then dies in a transaction."""

    WORKER = auto()
    BROKER = auto()
    STORE = auto()


class Moment(StrEnum):
    """Where the worker's next write of a batch stands at the kill."""

    BEFORE = auto()
    DURING = auto()
    AFTER = auto()


class Kill(NamedTuple):
    """
    One kill.

    Attributes
    ----------
    at_message : int
        How many messages the sender has sent before the kill may fall.
    fraction : float
        How far into the write, where the moment is during it.
    down_seconds : float
        How long the victim stays dead. [s]
    """

    victim: Victim
    moment: Moment
    at_message: int
    fraction: float
    down_seconds: float


def plan_kills(seed: int, messages: int, times: int) -> list[Kill]:
    """Plan every victim at every moment so many times, at random places in random order."""
    rng = random.Random(seed)  # noqa: S311  no secret
    cells = list(product(Victim, Moment)) * times
    rng.shuffle(cells)
    places = sorted(int(rng.uniform(FIRST, LAST) * messages) for _ in cells)
    return [
        Kill(victim, moment, place, rng.random(), rng.uniform(0, LONGEST_DOWN_SECONDS))
        for (victim, moment), place in zip(cells, places, strict=True)
    ]


def limits_of(kills: list[Kill], messages: int) -> list[int]:
    """
    Return how many messages may be sent while each kill is due.

    Every limit is above the one before, so that a kill always meets a write, and reaches to the
    place of the next kill, so that boxes go on sending while the victim is down.
    """
    step = int((1 - LAST) * messages / len(kills))
    places = [kill.at_message for kill in kills]
    next_places = [*places[1:], places[-1]]
    return list(accumulate(next_places, lambda limit, place: max(limit, place) + step, initial=0))[
        1:
    ]
