"""Estimates for hours that nothing measured. Pure functions; whoever calls counts the hours."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


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
    temperature_c: Floats, outdoor_c: Floats, fit_hours: int, least_spread_k: float
) -> Floats:
    """
    Fill gaps of homes' temperatures from the outdoor temperature and the home's own hours.

    A home with at least `fit_hours` measured hours follows the outdoor temperature by a straight
    line fitted to them, within what it ever measured; with fewer it takes their mean; with none
    it takes the mean of the other homes in that hour.

    Parameters
    ----------
    temperature_c : (flats, hours) array
        NaN = gap. [°C]
    outdoor_c : (hours,) array
        Without a gap. [°C]
    fit_hours : int
    least_spread_k : float
        Where the outdoor temperature varied less, the mean stands in too. [K]

    Returns
    -------
    (flats, hours) array
        Measured hours unchanged; NaN only where no home measured anything. [°C]
    """
    filled = temperature_c.copy()
    for row, own in enumerate(temperature_c):
        known = np.isfinite(own)
        if known.any() and not known.all():
            filled[row, ~known] = _own_estimate(
                own[known], outdoor_c, known, fit_hours, least_spread_k
            )
    silent = ~np.isfinite(temperature_c).any(axis=1)
    if silent.any() and not silent.all():
        filled[silent] = filled[~silent].mean(axis=0)
    return filled


def _own_estimate(
    measured_c: Floats,
    outdoor_c: Floats,
    known: npt.NDArray[np.bool_],
    fit_hours: int,
    least_spread_k: float,
) -> Floats:
    outdoor_known, outdoor_gap = outdoor_c[known], outdoor_c[~known]
    if len(measured_c) < fit_hours or np.ptp(outdoor_known) < least_spread_k:
        return np.full(len(outdoor_gap), measured_c.mean())
    slope, level = np.polyfit(outdoor_known, measured_c, 1)
    return np.asarray(np.clip(level + slope * outdoor_gap, measured_c.min(), measured_c.max()))


def fill_weights(hour_weight: Floats) -> Floats:
    """
    Fill hours without a colour by the mean weight of the home's own hours.

    A home with none takes the mean of the others in that hour.

    Parameters
    ----------
    hour_weight : (flats, hours) array
        NaN = gap.
    """
    filled = hour_weight.copy()
    for row, own in enumerate(hour_weight):
        known = np.isfinite(own)
        if known.any():
            filled[row, ~known] = own[known].mean()
    silent = ~np.isfinite(hour_weight).any(axis=1)
    if silent.any() and not silent.all():
        filled[silent] = filled[~silent].mean(axis=0)
    return filled
