"""Estimates for hours that nothing measured. Pure functions; whoever calls counts the hours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def fill_outdoor(outdoor_c: Floats) -> Floats:
    """
    Fill gaps of the outdoor temperature by a straight line between the hours around them.

    Parameters
    ----------
    outdoor_c : (hours,) array
        NaN = gap; before the first and after the last known hour that one holds. [°C]

    Returns
    -------
    (hours,) array
        NaN only where nothing is known at all. [°C]
    """
    known = np.isfinite(outdoor_c)
    if not known.any():
        return outdoor_c.copy()
    positions = np.arange(len(outdoor_c))
    return np.where(known, outdoor_c, np.interp(positions, positions[known], outdoor_c[known]))


def fill_temperature(
    temperature_c: Floats,
    outdoor_c: Floats,
    fit_hours: int,
    least_spread_k: float,
    reach_hours: int,
) -> Floats:
    """
    Fill gaps of homes' temperatures from the outdoor temperature and the home's own hours.

    A home with at least `fit_hours` measured hours follows the outdoor temperature by a straight
    line fitted to them; with fewer it takes their mean. How far the hours beside a gap lie from
    that is carried into it, ever less up to `reach_hours` from them: so a box that is unplugged
    whenever it is warm is filled with warm hours. No estimate leaves what the home ever measured.
    A home with no hour takes the mean of the other homes in that hour.

    Parameters
    ----------
    temperature_c : (flats, hours) array
        NaN = gap. [°C]
    outdoor_c : (hours,) array
        Without a gap. [°C]
    fit_hours : int
    least_spread_k : float
        Where the outdoor temperature varied less, the mean stands in too. [K]
    reach_hours : int

    Returns
    -------
    (flats, hours) array
        Measured hours unchanged; NaN only where no home measured anything. [°C]
    """
    filled = temperature_c.copy()
    for row, own in enumerate(temperature_c):
        known = np.isfinite(own)
        if known.any() and not known.all():
            usual_c = _usual(own, known, outdoor_c, fit_hours, least_spread_k)
            beside_k = _carried(own - usual_c, known, reach_hours)
            estimate_c = np.clip(usual_c + beside_k, own[known].min(), own[known].max())
            filled[row, ~known] = estimate_c[~known]
    return _silent_filled(filled)


def _usual(
    own: Floats, known: Bools, outdoor_c: Floats, fit_hours: int, least_spread_k: float
) -> Floats:
    """Give what the home has at each hour's outdoor temperature, shape (hours,)."""
    measured_c, outdoor_known = own[known], outdoor_c[known]
    if len(measured_c) < fit_hours or np.ptp(outdoor_known) < least_spread_k:
        return np.full(len(own), measured_c.mean())
    slope, level = np.polyfit(outdoor_known, measured_c, 1)
    return np.asarray(level + slope * outdoor_c)


def _carried(values: Floats, known: Bools, reach_hours: int) -> Floats:
    """Carry values into gaps: a straight line between the edges, fading with the distance."""
    positions, measured = np.arange(len(values)), np.flatnonzero(known)
    line = np.interp(positions, measured, values[measured])
    return np.asarray(line * np.maximum(1 - _distance(known) / reach_hours, 0.0))


def _distance(known: Bools) -> npt.NDArray[np.int64]:
    """Give the hours from each hour to the nearest known one, shape (hours,)."""
    before, after = _beside(known)
    positions = np.arange(len(known))
    to_before = np.where(before >= 0, positions - before, len(known))
    to_after = np.where(after < len(known), after - positions, len(known))
    return np.minimum(to_before, to_after)


def _beside(known: Bools) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the known hour at or before each hour (-1: none), and at or after it (end: none)."""
    hours = len(known)
    positions = np.arange(hours)
    before = np.maximum.accumulate(np.where(known, positions, -1))
    after = np.minimum.accumulate(np.where(known, positions, hours)[::-1])[::-1]
    return before, after


def fill_colour_weights(
    worst: npt.NDArray[np.int8], weights: Floats, missing: int, reach_hours: int
) -> Floats:
    """
    Give each hour its colour's weight; an hour without a colour is never taken for a green one.

    Up to `reach_hours` from a measured hour a gap weighs one colour worse than the worse of its
    edges, since a climate moves by one colour at most within an hour: so a box that is unplugged
    whenever the colour turns earns nothing. Farther off it weighs the home's own mean, and a home
    with no hour the mean of the others.

    Parameters
    ----------
    worst : (flats, hours) int8 array
        Codes from 0 (green) on; `missing` = gap.
    weights : (colours,) array
        Rising.
    missing : int
    reach_hours : int

    Returns
    -------
    (flats, hours) array
    """
    filled = np.append(weights, np.nan)[worst]
    for row, own in enumerate(worst):
        known = own != missing
        if known.any() and not known.all():
            near = ~known & (_distance(known) <= reach_hours)
            filled[row, ~known] = filled[row, known].mean()
            filled[row, near] = weights[_worse(own, known, len(weights))[near]]
    return _silent_filled(filled)


def _worse(codes: npt.NDArray[np.int8], known: Bools, colours: int) -> npt.NDArray[np.int64]:
    """Give the colour after the worse of the two known hours beside each hour."""
    before, after = _beside(known)
    padded = np.append(codes, np.int8(-1)).astype(np.int64)
    worse = np.maximum(np.where(before >= 0, padded[before], -1), padded[after])
    return np.asarray(np.minimum(worse + 1, colours - 1))


def fill_refused(filled: Floats, refused: Bools) -> Floats:
    """
    Give the hours of homes that refused a box what the median of the other homes has.

    In an hour in which all of them refused, that is the mean of its other hours.

    Parameters
    ----------
    filled : (flats, hours) array
        Without gaps, except where no home measured anything.
    refused : (flats, hours) bool array

    Returns
    -------
    (flats, hours) array
        NaN only where all homes refused in all hours.
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


def _silent_filled(filled: Floats) -> Floats:
    """Give rows of gaps the mean of the others."""
    silent = ~np.isfinite(filled).any(axis=1)
    if silent.any() and not silent.all():
        filled[silent] = filled[~silent].mean(axis=0)
    return filled
