"""What a day of a home's meters usually counts, how much days differ, and how they go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from alerts.detectors.medians import middle_of_known, usual
from estate.periods import DAY_MS

if TYPE_CHECKING:
    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Floats

SATURDAY = 5
THURSDAY = 3
"""Of the first of January 1970."""


def at_weekend(start_ms: int, end_ms: int) -> bool:
    """Return whether a local day is a Saturday or a Sunday."""
    noon_day = (start_ms + end_ms) // 2 // DAY_MS
    return (noon_day + THURSDAY) % 7 >= SATURDAY


class UsualDay(NamedTuple):
    """
    The expected use of a day, and how days differ from it, all of the logarithm of the use.

    Attributes
    ----------
    level : (meters, registers) array
        Of the meter itself and of the others of its home; NaN where too little is known.
    spread : (meters, registers) array
    together : (meters, registers, registers) array
        Correlation of the departures of a day.
    """

    level: Floats
    spread: Floats
    together: Floats

    def covariance(self) -> Floats:
        """Return the covariance of a day's departures, (meters, registers, registers)."""
        return self.together * self.spread[:, :, None] * self.spread[:, None, :]


def usual_day(log: Floats, weekend: Floats, on_weekend: bool, limits: Limits) -> UsualDay:
    """
    Return what is usual on a day, from the days before it.

    What a weekend adds and how much days differ and go together is learnt from the home's own
    days, with homes in general counted as some days more.

    Parameters
    ----------
    log : (meters, registers, days) array
        Logarithm of the use of days; NaN where unknown.
    weekend : (meters, days) array
        1 at the weekend, otherwise 0; NaN where unknown.
    on_weekend : bool
        Whether the day itself is at the weekend.
    limits : Limits
    """
    more = _weekend_more(log, weekend[:, None], limits)
    alike = log - more[..., None] * np.nan_to_num(weekend)[:, None]
    level = middle_of_known(alike, limits.usual_least_days)
    spread = usual(alike, limits.usual_least_days).spread
    days = np.count_nonzero(np.isfinite(log), axis=-1)
    pooled = limits.belief_prior_days
    variance = (days * spread**2 + pooled * limits.belief_spread**2) / (days + pooled)
    spread = np.sqrt(variance)
    together = _together((alike - level[..., None]) / spread[..., None], limits)
    return UsualDay(level + more * on_weekend, spread, together)


def _weekend_more(log: Floats, weekend: Floats, limits: Limits) -> Floats:
    """Return by how much the home's weekends exceed its other days, (meters, registers)."""
    at_work, at_rest = (
        middle_of_known(np.where(weekend == kind, log, np.nan), 1) for kind in (0.0, 1.0)
    )
    days = np.count_nonzero(np.isfinite(log) & (weekend == 1.0), axis=-1)
    own, pooled = np.nan_to_num(at_rest - at_work), limits.belief_weekend_days
    return np.asarray((days * own + pooled * np.log(limits.belief_weekend_times)) / (days + pooled))


def _together(off: Floats, limits: Limits) -> Floats:
    """
    Return the correlation of departures in spreads, (meters, registers, registers).

    Only days on which all registers with a past are known count, so that it is one of vectors.
    """
    known = np.isfinite(off)
    judged = known.any(axis=-1, keepdims=True)
    whole = (known | ~judged).all(axis=1, keepdims=True) & known.any(axis=1, keepdims=True)
    bound = limits.belief_most_off
    off = np.where(whole & judged, np.clip(off, -bound, bound), 0.0)
    products = off @ off.swapaxes(1, 2)
    size = np.sqrt(np.maximum(np.diagonal(products, axis1=1, axis2=2), 1e-9))
    own = products / (size[:, :, None] * size[:, None, :])
    days, pooled = whole.sum(axis=-1, keepdims=True), limits.belief_prior_days
    one = np.eye(off.shape[1])
    general = limits.belief_together * (1 - one) + one
    return np.asarray((days * own + pooled * general) / (days + pooled) * (1 - one) + one)
