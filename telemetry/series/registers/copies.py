"""
Detects copies among the readings of a register: late, or rounded.

Two gateways often hear one meter. One of them may pass its telegrams on an hour late under the
time of arrival, or round them to whole kilowatt hours. Such a reading is lower than the one
before it, but shows no other register: it is left out, and the meter's own readings stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estate.periods import HOUR_MS
from telemetry.series.registers.register_breaks import register_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from estate.numbers.arrays import Bools, Floats, Integers

FINEST = 1e-3
"""A register shows no finer step. [the register's unit]"""


def copies(time_ms: Integers, value: Floats) -> Bools:
    """
    Return which readings copy another one shortly before or after.

    A number that comes late more than a few times is another meter's, or a filler.

    Parameters
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    value : (n,) float64 array
        Without NaN. [the register's unit]

    Returns
    -------
    (n,) bool array
    """
    limits = register_limits()
    within_ms = limits.long_hours * HOUR_MS
    found = np.zeros(len(value), dtype=np.bool_)
    times, values = time_ms.tolist(), value.tolist()
    rounded = _roundings(value, limits.coarsest).tolist()
    seen: dict[float, int] = {}
    own: list[int] = []
    for at, (time, shown) in enumerate(zip(times, values, strict=True)):
        if own and shown < values[own[-1]] and time - seen.get(shown, -np.inf) <= within_ms:
            found[at] = True
            continue
        while own and time - times[own[-1]] <= within_ms and _rounds(own[-1], at, values, rounded):
            found[own.pop()] = True
        if own and time - times[own[-1]] <= within_ms and _rounds(at, own[-1], values, rounded):
            found[at] = True
            continue
        own.append(at)
        seen[shown] = time
    late, times_late = np.unique(value[found], return_counts=True)
    return found & ~np.isin(value, late[times_late > limits.most_breaks])


def _rounds(one: int, other: int, values: Sequence[float], rounded: Sequence[float]) -> bool:
    """Whether one of two readings that fall from the earlier to the later is the other, rounded."""
    first, second = sorted((one, other))
    fall = values[first] - values[second]
    return 0 < fall < rounded[one] and rounded[one] > rounded[other]


def _roundings(value: Floats, coarsest: float) -> Floats:
    """Return the largest power of ten, up to the coarsest, of which each value is a multiple."""
    step = np.full(len(value), FINEST)
    for exponent in range(round(np.log10(FINEST)) + 1, round(np.log10(coarsest)) + 1):
        size = 10.0**exponent
        step[np.isclose(value / size, np.round(value / size), rtol=0, atol=1e-6)] = size
    return step
