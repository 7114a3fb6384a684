"""
Registers across breaks: a meter that rolls over, is reset, is replaced under its old id, or falls.

A register only rises, and no faster than its meter can count. Each step that does otherwise is
named here, and what was counted across it is given where that can be told from the two readings
alone: past the largest number of its digits, or from zero. Across any other break nothing is
known; whoever calls estimates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from estate.numbers.values import load_values
from estate.periods import HOUR_MS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from estate.numbers.arrays import Bools, Floats, Integers


MIDDLE = 2
"""A reading is judged between the one before and the one after it."""


class Step(IntEnum):
    """What a step from one reading of a register to the next is."""

    COUNTED = 0
    ROLLED_OVER = 1
    """Past the largest number of its digits: 99,990 and then 12."""
    RESET = 2
    """Begun at zero within a day and a half: 4,200 and then 3."""
    BROKEN = 3
    """Another meter, or a count set back or forth; what was used is not known."""


class Steps(NamedTuple):
    """
    Steps of one register from each reading to the next.

    Attributes
    ----------
    kind : (n - 1,) int8 array
        Of `Step`.
    use : (n - 1,) float64 array
        Never below 0; NaN where the step is broken. [the register's unit]
    """

    kind: npt.NDArray[np.int8]
    use: Floats


@dataclass(frozen=True)
class RegisterLimits:
    """
    What a home's meter can count.

    Attributes
    ----------
    most_per_hour : mapping of str to float
        By quantity. [its unit/h]
    fewest_digits : int
        Before a register rolls over.
    long_hours : float
        Over a longer step nobody knows what a meter counted before it began anew, and one rolled
        over only where that fits its own use. [h]
    glitch_part, most_breaks, usual_quantile, usual_times, usual_part, jump_times, clear_times
        As `telemetry.series.registers.one_register` tells one meter's readings from another's.
    """

    most_per_hour: Mapping[str, float]
    fewest_digits: int
    long_hours: float
    glitch_part: float
    most_breaks: int
    usual_quantile: float
    usual_times: float
    usual_part: float
    jump_times: float
    clear_times: int


def register_limits(on: date | None = None) -> RegisterLimits:
    """Read the limits that hold on a day; without it the newest."""
    return load_values(RegisterLimits, "telemetry.series.registers", "register_limits.yaml", on)


def without_glitches(
    time_ms: Integers, value: Floats, most_per_hour: float, fewest_digits: int
) -> npt.NDArray[np.bool_]:
    """
    Tell which readings are kept: not a single one without which the register simply rises.

    Parameters
    ----------
    time_ms, value, most_per_hour, fewest_digits : as of `register_steps`

    Returns
    -------
    (n,) bool array
    """
    kept = np.ones(len(value), dtype=np.bool_)
    if len(value) > MIDDLE:
        limits = most_per_hour, fewest_digits
        odd = register_steps(time_ms, value, *limits).kind != Step.COUNTED
        for start in (0, 1):
            skipping = register_steps(time_ms[start::2], value[start::2], *limits).kind
            middle = np.arange(start + 1, len(value) - 1, MIDDLE)
            kept[middle] = ~((odd[middle - 1] | odd[middle]) & (skipping == Step.COUNTED))
    return kept


def register_steps(
    time_ms: Integers, value: Floats, most_per_hour: float, fewest_digits: int
) -> Steps:
    """
    Tell what a register counted from each reading to the next, across breaks too.

    Parameters
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    value : (n,) float64 array
        Without NaN. [the register's unit]
    most_per_hour : float
        What the meter can count; a step shorter than an hour is given a whole one, since a
        register may be sent late. [the register's unit/h]
    fewest_digits : int
        Before the register rolls over; it had at least those that it showed.

    Returns
    -------
    Steps
    """
    before, after = value[:-1], value[1:]
    hours = np.maximum(np.diff(time_ms) / HOUR_MS, 1.0)
    most, falls, counted = most_per_hour * hours, after < before, after - before
    rolled = rolls_over_at(before, fewest_digits) - before + after
    # A count that is set back a little is no meter that begins anew.
    anew = (after <= most) & (after < before / 2)
    plain = ~falls & (counted <= most)
    long = hours > register_limits().long_hours
    # Over a long gap the largest use that a meter can count says little: its own says more.
    rates = np.where(plain, counted / hours, 0.0)
    plain &= ~(long & _unlike(rates, rates, most_per_hour))
    anew &= ~_unlike(after / hours, np.where(plain, rates, 0.0), most_per_hour)
    fastest = register_limits().usual_times * float((counted / hours)[plain].max(initial=0.0))
    likely = ~long | (rolled <= fastest * hours) | (fastest == 0)
    kind = np.select(
        [plain, falls & (rolled <= most) & likely, falls & anew & ~long],
        [Step.COUNTED, Step.ROLLED_OVER, Step.RESET],
        Step.BROKEN,
    ).astype(np.int8)
    use = np.choose(kind, [counted, rolled, after, np.full(len(after), np.nan)])
    return Steps(kind, np.asarray(use))


def _unlike(rate: Floats, counted: Floats, most_per_hour: float) -> Bools:
    """Tell which rates are high for any home, and far above all others that were counted."""
    limits = register_limits()
    fastest, second = np.sort(np.append(counted, [0.0, 0.0]))[[-1, -2]]
    others = np.where(counted == fastest, second, fastest)
    high = rate > limits.usual_part * most_per_hour
    return np.asarray(high & (others > 0) & (rate > limits.usual_times * others))


def rolls_over_at(shown: Floats, fewest_digits: int) -> Floats:
    """Return the number at which a register that showed some number is back at zero."""
    digits = np.floor(np.log10(np.maximum(shown, 1.0))) + 1
    return np.asarray(10.0 ** np.maximum(digits, fewest_digits))
