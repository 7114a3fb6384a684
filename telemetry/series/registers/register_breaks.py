"""
Register use across breaks: roll-over, reset, replacement under the same id, or a fall.

A register only rises, and no faster than its meter can count. Any other step is
classified here, and its use is returned where it follows from the two readings
alone: past the largest number of digits, or from zero. Across any other break it is
unknown, and the caller estimates it.
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
"""Readings needed to judge one: the reading itself and one on each side."""


class Step(IntEnum):
    """Kind of step from one reading of a register to the next."""

    COUNTED = 0
    ROLLED_OVER = 1
    """Rolled over past its largest number: 99,990 and then 12."""
    RESET = 2
    """Restarted at zero within a day and a half: 4,200 and then 3."""
    BROKEN = 3
    """Another meter, or a count that was changed; the use is unknown."""


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
    Rate limits of a home's meter.

    Attributes
    ----------
    most_per_hour : mapping of str to float
        By quantity. [its unit/h]
    fewest_digits : int
        Fewest digits of a register that rolls over.
    long_hours : float
        Over a longer step the use before a reset is unknown, and a roll-over is assumed
        only where it fits the meter's own use. [h]
    glitch_part, most_breaks, usual_quantile, usual_times, usual_part, jump_times, clear_times
        As `telemetry.series.registers.one_register` tells one meter's readings from another's.
    coarsest : float
        Coarsest rounding of a copied reading. [the register's unit]
    unit_tolerance : float
        Relative difference of a step from one between two units.
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
    coarsest: float
    unit_tolerance: float


def register_limits(on: date | None = None) -> RegisterLimits:
    """Return the limits valid on a day; the newest by default."""
    return load_values(RegisterLimits, "telemetry.series.registers", "register_limits.yaml", on)


def without_glitches(
    time_ms: Integers, value: Floats, most_per_hour: float, fewest_digits: int
) -> npt.NDArray[np.bool_]:
    """
    Return which readings are kept: single ones without which the register simply rises are not.

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
    Return the use of a register from each reading to the next, across breaks too.

    Parameters
    ----------
    time_ms : (n,) int64 array
        Rising. [ms since 1970, UTC]
    value : (n,) float64 array
        Without NaN. [the register's unit]
    most_per_hour : float
        What the meter can count; a step shorter than an hour is treated as a whole one, since a
        register may be sent late. [the register's unit/h]
    fewest_digits : int
        Fewest digits at which the register rolls over; at least those that it showed.

    Returns
    -------
    Steps
    """
    before, after = value[:-1], value[1:]
    hours = np.maximum(np.diff(time_ms) / HOUR_MS, 1.0)
    most, falls, counted = most_per_hour * hours, after < before, after - before
    rolled = rolls_over_at(before, fewest_digits) - before + after
    # A count that falls a little is not a reset.
    anew = (after <= most) & (after < before / 2)
    plain = ~falls & (counted <= most)
    limits = register_limits()
    long = hours > limits.long_hours
    # Over a long gap the meter's own rate says more than its largest possible one.
    rates = np.where(plain, counted / hours, 0.0)
    plain &= ~(long & _unlike(rates, rates, most_per_hour))
    anew &= ~_unlike(after / hours, np.where(plain, rates, 0.0), most_per_hour)
    fastest = limits.usual_times * float((counted / hours)[plain].max(initial=0.0))
    # Nor does a home roll a register over by more than any home uses for long.
    usual = limits.usual_part * most_per_hour
    likely = ~long | (rolled <= min(fastest or usual, usual) * hours)
    kind = np.select(
        [plain, falls & (rolled <= most) & likely, falls & anew & ~long],
        [Step.COUNTED, Step.ROLLED_OVER, Step.RESET],
        Step.BROKEN,
    ).astype(np.int8)
    use = np.choose(kind, [counted, rolled, after, np.full(len(after), np.nan)])
    return Steps(kind, np.asarray(use))


def _unlike(rate: Floats, counted: Floats, most_per_hour: float) -> Bools:
    """Return which rates are high for any home, and far above all others."""
    limits = register_limits()
    fastest, second = np.sort(np.append(counted, [0.0, 0.0]))[[-1, -2]]
    others = np.where(counted == fastest, second, fastest)
    high = rate > limits.usual_part * most_per_hour
    return np.asarray(high & (others > 0) & (rate > limits.usual_times * others))


def rolls_over_at(shown: Floats, fewest_digits: int) -> Floats:
    """Return the number at which a register that showed a value rolls over."""
    digits = np.floor(np.log10(np.maximum(shown, 1.0))) + 1
    return np.asarray(10.0 ** np.maximum(digits, fewest_digits))
