"""Estimates missing hours. Pure functions; the caller counts the hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.measured.climate.gaps import Axis, find_gaps
from estate.numbers.arrays import Bools, Floats

if TYPE_CHECKING:
    from billing.rules import BillingRules


@dataclass(frozen=True)
class Filled:
    """
    Hourly values of homes without gaps.

    Attributes
    ----------
    values : (flats, hours) array
        [the quantity's unit]
    by_house : (flats, hours) bool array
        Hours estimated from the house, for lack of data from the home.
    """

    values: Floats
    by_house: Bools


def fill_outdoor(outdoor_c: Floats) -> Floats:
    """
    Fill gaps of the outdoor temperature by a straight line between the hours around them.

    Parameters
    ----------
    outdoor_c : (hours,) array
        NaN = gap; before the first and after the last known hour, that value is used. [°C]

    Returns
    -------
    (hours,) array
        NaN only if nothing is known. [°C]
    """
    known = np.isfinite(outdoor_c)
    if not known.any():
        return outdoor_c.copy()
    positions = np.arange(len(outdoor_c))
    return np.where(known, outdoor_c, np.interp(positions, positions[known], outdoor_c[known]))


def fill_temperature(
    temperature_c: Floats,
    axis: Axis,
    rules: BillingRules,
    excused: Bools | None = None,
) -> Filled:
    """
    Fill gaps of homes' temperatures so that nobody gains from a gap.

    A home is modelled as a linear function of outdoor temperature fitted to its own hours; with
    fewer than `fit_hours`, as their mean. The deviation of the hours next to a gap is carried into
    it, fading over `gap_reach_hours`. Estimates stay within the home's measured range.

    If the home has too little data (`Gaps`), the upper quartile of the other homes in that
    hour plus half a degree (`house_step_k`) is used.

    Parameters
    ----------
    temperature_c : (flats, all hours) array
        NaN = gap. [°C]
    axis : Axis
    rules : BillingRules
    excused : (flats, hours) bool array, optional
        Hours that are left as they are, because the resident opted out.

    Returns
    -------
    Filled
        Temperatures; measured hours unchanged; NaN only if no home measured anything. [°C]
    """
    known = np.isfinite(temperature_c)
    gaps = find_gaps(known, axis, rules, rules.own_part, excused)
    filled_c = temperature_c[:, axis.period].copy()
    for row in np.flatnonzero(gaps.missing.any(axis=1) & known.any(axis=1)).tolist():
        own = temperature_c[row]
        usual_c = _usual(own, known[row], axis.outdoor_c, rules)
        beside_k = _carried(own - usual_c, known[row], rules.gap_reach_hours)[axis.period]
        low_c, high_c = own[known[row]].min(), own[known[row]].max()
        estimate_c = np.clip(usual_c[axis.period] + beside_k, low_c, high_c)
        filled_c[row, gaps.missing[row]] = estimate_c[gaps.missing[row]]
    alone = gaps.missing & ~gaps.told
    if not alone.any():
        return Filled(filled_c, alone)
    upper_c, mean_c = _of_house(filled_c, alone, rules.house_quantile)
    stand_in = np.where(gaps.together, mean_c, upper_c + rules.house_step_k)
    return _with_house(filled_c, alone, stand_in)


def _usual(own: Floats, telling: Bools, outdoor_c: Floats, rules: BillingRules) -> Floats:
    """Return the home's usual value at each hour's outdoor temperature, shape (all hours,)."""
    measured_c, outdoor_known = own[telling], outdoor_c[telling]
    # Without outdoor temperatures there is no fit either.
    told = np.ptp(outdoor_known) >= rules.meaningful_spread_k
    if len(measured_c) < rules.fit_hours or not told:
        return np.full(len(own), measured_c.mean())
    slope, level = np.polyfit(outdoor_known, measured_c, 1)
    return np.asarray(level + slope * outdoor_c)


def _with_house(filled: Floats, alone: Bools, stand_in: Floats) -> Filled:
    """Use a substitute where a home has too little data, never below its own estimate."""
    values = np.where(alone, np.fmax(filled, stand_in), filled)
    return Filled(values, alone & np.isfinite(values))


def _of_house(filled: Floats, alone: Bools, quantile: float) -> tuple[Floats, Floats]:
    """Return quantile and mean of the homes with data, in hours in which one lacks it, (hours,)."""
    upper, mean = (np.full(filled.shape[1], np.nan) for _ in range(2))
    # A home without enough data does not count among the others.
    others = np.where(alone, np.nan, filled)
    asked, told = alone.any(axis=0), np.isfinite(others).any(axis=0)
    some = asked & told
    if some.any():
        upper[some] = _quantiles(others[:, some], quantile)
        mean[some] = np.nanmean(others[:, some], axis=0)
        upper[asked & ~told], mean[asked & ~told] = upper[some].mean(), mean[some].mean()
    return upper, mean


def _quantiles(values: Floats, quantile: float) -> Floats:
    """Return the quantile of the known values of each column, (hours,); each has at least one."""
    # NaN sorts last. numpy's nanquantile processes columns one by one, ten times slower.
    ordered, count = np.sort(values, axis=0), np.isfinite(values).sum(axis=0)
    place = (count - 1) * quantile
    below = np.floor(place).astype(np.int64)
    low, high = (
        np.take_along_axis(ordered, np.minimum(each, count - 1)[None], axis=0)[0]
        for each in (below, below + 1)
    )
    return np.asarray(low + (high - low) * (place - below))


def _carried(values: Floats, known: Bools, reach_hours: int) -> Floats:
    """Extend values into gaps: linear between the edges, fading with distance."""
    positions, measured = np.arange(len(values)), np.flatnonzero(known)
    line = np.interp(positions, measured, values[measured])
    return np.asarray(line * np.maximum(1 - _distance(known) / reach_hours, 0.0))


def _distance(known: Bools) -> npt.NDArray[np.int64]:
    """Return the hours from each hour to the nearest known one, shape (hours,)."""
    before, after = _beside(known)
    positions = np.arange(len(known))
    to_before = np.where(before >= 0, positions - before, len(known))
    to_after = np.where(after < len(known), after - positions, len(known))
    return np.minimum(to_before, to_after)


def _beside(known: Bools) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the known hour at or before each hour (-1: none), and at or after it (end: none)."""
    hours = len(known)
    positions = np.arange(hours)
    before = np.maximum.accumulate(np.where(known, positions, -1))
    after = np.minimum.accumulate(np.where(known, positions, hours)[::-1])[::-1]
    return before, after


def fill_colour_weights(
    colours: npt.NDArray[np.int8],
    axis: Axis,
    rules: BillingRules,
    weights: Floats,
    missing: int,
    excused: Bools | None = None,
    least: Floats | None = None,
) -> Filled:
    """
    Return each hour's colour weight; an hour without a colour never counts as green.

    Up to `gap_reach_hours` from a measured hour a gap of one sensor weighs one colour worse than
    the worse of its edges, since a climate changes by at most one colour within an hour. Thus a
    sensor that is unplugged whenever the colour changes gains nothing. Further away it weighs as
    the upper quartile of the home's own days. If the home has too little data, it weighs as the
    worst colour. In hours that many sensors lost at once it weighs as the home's own mean, or that
    of the others.

    Parameters
    ----------
    colours : (flats, all hours) int8 array
        Codes from 0 (green) on; `missing` = gap.
    axis : Axis
    rules : BillingRules
    weights : (colours,) array
        Rising.
    missing : int
    excused : (flats, hours) bool array, optional
        As `fill_temperature`.
    least : (flats, hours) array, optional
        Minimum weight of a gap, if some quantities are known; NaN = none.

    Returns
    -------
    Filled
        Of weights.
    """
    known = colours != missing
    gaps = find_gaps(known, axis, rules, rules.own_part_colours, excused)
    filled = np.append(weights, np.nan)[colours]
    for row in np.flatnonzero(gaps.missing.any(axis=1) & known.any(axis=1)).tolist():
        telling = gaps.telling(row, known)
        mean = filled[row, known[row]].mean()
        upper = max(mean, _upper_day(filled[row], telling, axis.day, rules.house_quantile))
        near = (~known[row] & (_distance(known[row]) <= rules.gap_reach_hours))[axis.period]
        worse = weights[_worse(colours[row], known[row], len(weights))][axis.period]
        estimate = np.where(gaps.together[row], mean, np.where(near, worse, upper))
        filled[row, axis.period][gaps.missing[row]] = estimate[gaps.missing[row]]
    filled = filled[:, axis.period]
    if least is not None:
        filled = np.where(gaps.missing, np.fmax(filled, least), filled)
    alone = gaps.missing & ~gaps.told
    _, mean_of_house = _of_house(filled, alone, rules.house_quantile)
    stand_in = np.where(gaps.together, mean_of_house, weights[-1])
    return _with_house(filled, alone & known.any(), stand_in)


def _upper_day(
    values: Floats, telling: Bools, day: npt.NDArray[np.int64], quantile: float
) -> float:
    """Return the quantile of daily means of the usable hours."""
    hours = np.bincount(day[telling])
    sums = np.bincount(day[telling], weights=values[telling])
    return float(np.quantile(sums[hours > 0] / hours[hours > 0], quantile))


def _worse(codes: npt.NDArray[np.int8], known: Bools, colours: int) -> npt.NDArray[np.int64]:
    """Return one colour worse than the worse of the two nearest known hours."""
    before, after = _beside(known)
    padded = np.append(codes, np.int8(-1)).astype(np.int64)
    worse = np.maximum(np.where(before >= 0, padded[before], -1), padded[after])
    return np.asarray(np.minimum(worse + 1, colours - 1))


def fill_refused(filled: Floats, refused: Bools) -> Floats:
    """
    Fill the hours of opted-out homes with the median of the other homes.

    In an hour in which all opted out, that is the mean of its other hours.

    Parameters
    ----------
    filled : (flats, hours) array
        Without gaps, except if no home measured anything.
    refused : (flats, hours) bool array

    Returns
    -------
    (flats, hours) array
        NaN only if all homes opted out in all hours.
    """
    if not refused.any():
        return filled
    others = np.where(refused, np.nan, filled)
    some = np.isfinite(others).any(axis=0)
    median = np.full(filled.shape[1], np.nan)
    if some.any():
        median[some] = np.nanmedian(others[:, some], axis=0)
        median[~some] = median[some].mean()
    return np.where(refused, median, filled)
