"""Medians and spreads of known values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from estate.numbers.arrays import Floats


HUBER_BOUND = 1.5
"""What is further off than so many spreads counts as if it were so far; usual for Huber's mean."""
HUBER_STEPS = 3
MAD_SCALE = 1.4826
"""Makes it comparable to a standard deviation: 1 / quantile of the normal distribution at 0.75."""


class Usual(NamedTuple):
    """Median of the known values of each row, and the spread around it, (rows,)."""

    median: Floats
    spread: Floats


def usual(values: Floats, least: int) -> Usual:
    """Return the median and the scaled median absolute deviation over the last axis."""
    median = median_of_known(values, least)
    deviations = np.abs(values - median[..., None])
    return Usual(median, MAD_SCALE * median_of_known(deviations, least))


def middle_of_known(values: Floats, least: int) -> Floats:
    """
    Return Huber's mean over the last axis: as efficient as a mean, and robust to odd values.

    NaN where fewer than `least` values are known.
    """
    middle, spread = usual(values, least)
    bound = HUBER_BOUND * spread[..., None]
    count = np.maximum(np.count_nonzero(np.isfinite(values), axis=-1), 1)
    for _ in range(HUBER_STEPS):
        off = np.clip(values - middle[..., None], -bound, bound)
        middle = middle + np.nansum(off, axis=-1) / count
    return middle


def median_of_known(values: Floats, least: int) -> Floats:
    """Return the median over the last axis; NaN where fewer than `least` values are known."""
    return quantile_of_known(values, 0.5, least)


def quantile_of_known(values: Floats, part: float, least: int) -> Floats:
    """Return a quantile over the last axis; NaN where fewer than `least` values are known."""
    count = np.count_nonzero(~np.isnan(values), axis=-1)
    # NaN sorts last, so that the known values come first.
    ordered = np.sort(values, axis=-1).reshape(count.size, values.shape[-1])
    place = part * np.maximum(count - 1, 0)
    lower = np.floor(place).astype(np.int64)
    upper = np.minimum(np.ceil(place).astype(np.int64), values.shape[-1] - 1)
    rows = np.arange(count.size)
    low, high = (ordered[rows, at.ravel()].reshape(count.shape) for at in (lower, upper))
    found = low + (high - low) * (place - lower)
    return np.where(count >= max(least, 1), found, np.nan)
