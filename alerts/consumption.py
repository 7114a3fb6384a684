"""
Detects leaks and spikes in metered consumption. Pure functions of arrays.

A missing value is neither zero nor use: it starts, ends and extends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from alerts.runs import runs

if TYPE_CHECKING:
    import numpy.typing as npt

    from alerts.rules import AlertRules
    from estate.numbers.arrays import Bools, Floats


@dataclass(frozen=True)
class Leak:
    """
    Continuous flow without an hour of rest.

    Attributes
    ----------
    row : int
        Row of the meter.
    start, end : int
        Indices of its hours, end exclusive.
    raised : int
        Index after the last hour that the alert needed.
    flow_l_per_h : float
        Lowest flow of a measured hour: what flows when nobody uses water. [l/h]
    measured_hours, missing_hours : int
    """

    row: int
    start: int
    end: int
    raised: int
    flow_l_per_h: float
    measured_hours: int
    missing_hours: int


@dataclass(frozen=True)
class Spike:
    """
    Days of much higher use than usual.

    Attributes
    ----------
    row : int
        Row of the meter.
    start, end : int
        Indices of its days, end exclusive: from the first to the last high day.
    raised : int
        Index after the last day that the alert needed.
    high_days : int
    used, expected : float
        Use over the high days. [unit of the use]
    """

    row: int
    start: int
    end: int
    raised: int
    high_days: int
    used: float
    expected: float


@dataclass(frozen=True)
class Usual:
    """
    Expected use of each day, shape (rows, days); NaN if unknown.

    Attributes
    ----------
    own : array
        Median of the row's own days before. [unit of the use]
    expected : array
        The row's usual share of the median row, times the median row on that day. [unit]
    spread : array
        Scaled median absolute deviation from the usual share, of the days before, times the
        median row. [unit]
    house : (days,) array
        The median row; 0 where there is no group. [unit]
    """

    own: Floats
    expected: Floats
    spread: Floats
    house: Floats


def find_leaks(use_l: Floats, rules: AlertRules) -> list[Leak]:
    """
    Find continuous flow.

    An hour flows where more than ``leak_flow_l_per_h`` is used. ``leak_hours`` measured ones with
    no hour of rest in between are a leak. Up to ``leak_gap_hours`` consecutive missing hours
    between two hours of flow are skipped; a longer gap ends the flow, since there may have been
    rest.

    Parameters
    ----------
    use_l : (rows, hours) float64 array
        Use of each hour, NaN where missing. [l]
    rules : AlertRules

    Returns
    -------
    list of Leak
        By row and start.
    """
    flowing = use_l > rules.leak_flow_l_per_h
    spans = runs(flowing | _short_gaps(np.isnan(use_l), flowing, rules.leak_gap_hours))
    return [
        _leak(use_l[row, start:end], row, start, rules.leak_hours)
        for row, start, end in spans
        if np.count_nonzero(flowing[row, start:end]) >= rules.leak_hours
    ]


def find_spikes(use: Floats, floor: float, rules: AlertRules) -> list[Spike]:
    """
    Find days of much higher use than usual.

    A day is high where it is more than ``floor``, and ``spike_house_share`` of the median row,
    above both the row's own usual and what the group leads to expect, and beyond the latter by
    ``spike_mads`` of its spread. ``spike_high_days`` high days
    within ``spike_window_days`` are a spike; windows that touch are one.

    Parameters
    ----------
    use : (rows, days) float64 array
        Daily use of similar meters of one building, NaN where missing. [any one unit]
    floor : float
        [the same unit]
    rules : AlertRules

    Returns
    -------
    list of Spike
        By row and start.
    """
    usual = usual_use(use, rules)
    excess = np.minimum(use - usual.own, use - usual.expected)
    least = np.maximum(floor, rules.spike_house_share * usual.house)
    high = (excess > least) & (use - usual.expected > rules.spike_mads * usual.spread)
    counts = _trailing_counts(high, rules.spike_window_days)
    return [
        _spike(use, usual, high, row, start, end, rules)
        for row, start, end in runs(counts >= rules.spike_high_days)
    ]


def usual_use(use: Floats, rules: AlertRules) -> Usual:
    """Return the expected use of each day from the days before it, shape (rows, days)."""
    house = _house_median(use, rules.spike_group_flats)
    # Without a group each row is compared with itself.
    measure = np.where(house == 0, 1.0, house)
    shares = _days_before(use / measure, rules.spike_baseline_days)
    share = _median_of_known(shares, rules.spike_baseline_min_days)
    deviations = np.abs(shares - share[..., np.newaxis])
    spread = rules.mad_scale * _median_of_known(deviations, rules.spike_baseline_min_days)
    own = _median_of_known(
        _days_before(use, rules.spike_baseline_days), rules.spike_baseline_min_days
    )
    return Usual(own, share * measure, spread * measure, house)


def _house_median(use: Floats, least: int) -> Floats:
    """
    Return the median row of each day, shape (days,).

    If no day has enough known rows there is no group, and it is 0. Otherwise a day on which the
    median is 0, or too few rows are known, is NaN and not judged.
    """
    if np.count_nonzero(~np.isnan(use), axis=0).max(initial=0) < least:
        return np.zeros(use.shape[1])
    median = _median_of_known(use.T, least)
    return np.where(median > 0, median, np.nan)


def _days_before(rows: Floats, window: int) -> Floats:
    """Return the days before each day, shape (rows, days, window); NaN before the first."""
    before = np.full((rows.shape[0], window), np.nan)
    padded = np.concatenate([before, rows[:, :-1]], axis=1)
    return np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)


def _median_of_known(values: Floats, least: int) -> Floats:
    """Return the median over the last axis; NaN where fewer than `least` values are known."""
    count = np.count_nonzero(~np.isnan(values), axis=-1)
    # NaN sorts last, so the known values come first.
    ordered = np.sort(values, axis=-1)
    lower, upper = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, values.shape[-1] - 1)
    middle = [np.take_along_axis(ordered, at[..., np.newaxis], -1)[..., 0] for at in (lower, upper)]
    return np.where(count >= max(least, 1), (middle[0] + middle[1]) / 2, np.nan)


def _trailing_counts(flags: Bools, window: int) -> npt.NDArray[np.int64]:
    """Count the flags at each position and the `window` - 1 before it."""
    sums = np.cumsum(np.pad(flags, ((0, 0), (window, 0))), axis=1)
    return sums[:, window:] - sums[:, :-window]


def _short_gaps(missing: Bools, flowing: Bools, longest: int) -> Bools:
    """Flag the missing hours of short gaps between two hours of flow."""
    passed = np.zeros_like(missing)
    for row, start, end in runs(missing):
        inside = start > 0 and end < missing.shape[1]
        if inside and end - start <= longest and flowing[row, start - 1] and flowing[row, end]:
            passed[row, start:end] = True
    return passed


def _leak(use_l: Floats, row: int, start: int, leak_hours: int) -> Leak:
    measured = np.flatnonzero(~np.isnan(use_l))
    return Leak(
        row=row,
        start=start,
        end=start + len(use_l),
        raised=start + int(measured[leak_hours - 1]) + 1,
        flow_l_per_h=float(np.nanmin(use_l)),
        measured_hours=len(measured),
        missing_hours=len(use_l) - len(measured),
    )


def _spike(
    use: Floats, usual: Usual, high: Bools, row: int, start: int, end: int, rules: AlertRules
) -> Spike:
    """Return the spike of a run of windows with enough high days, each ending on its day."""
    first = max(start - rules.spike_window_days + 1, 0)
    days = first + np.flatnonzero(high[row, first:end])
    return Spike(
        row=row,
        start=int(days[0]),
        end=int(days[-1]) + 1,
        raised=start + 1,
        high_days=len(days),
        used=float(use[row, days].sum()),
        expected=float(usual.expected[row, days].sum()),
    )
