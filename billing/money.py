"""Splits money in whole øre, without a remainder. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MICRO = 1_000_000
"""Weights are used as whole millionths of their unit, the precision of bill.csv."""


def split(amount_ore: int, weights: Sequence[int]) -> list[int]:
    """
    Split an amount by weights, by largest remainder; a tie goes to the lower index.

    A negative amount is split by its absolute value.

    Parameters
    ----------
    amount_ore : int
        [øre]
    weights : sequence of int
        Not negative, in the order of the ids that break ties.

    Returns
    -------
    list of int
        One amount for each weight; they add up to `amount_ore`. [øre]

    Raises
    ------
    ValueError
        If a weight is negative or all of them are 0.

    Examples
    --------
    >>> split(10000, [1, 1, 1])
    [3334, 3333, 3333]
    """
    total = sum(weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative, and at least one must be above 0")
    # Python's integers are exact at any size.
    parts = [divmod(abs(amount_ore) * weight, total) for weight in weights]
    shares = [whole for whole, _ in parts]
    left = abs(amount_ore) - sum(shares)
    by_remainder = sorted(range(len(parts)), key=lambda position: -parts[position][1])
    for position in by_remainder[:left]:
        shares[position] += 1
    return shares if amount_ore >= 0 else [-share for share in shares]


def micro(weight: float) -> int:
    """
    Round a weight to whole millionths of its unit.

    Raises
    ------
    ValueError
        If it is NaN or infinite.
    """
    return round(weight * MICRO)
