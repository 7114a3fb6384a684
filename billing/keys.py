r"""
Keys: the weight of each row in a cost. Pure functions of arrays.

A row is a tenancy's days in a flat (or a whole flat). Hourly arrays are (rows, hours) and `counted`
marks the hours of the row that count; a NaN in a counted hour makes the row's weight NaN, so
that a missing hour is never taken for a cheap one: the caller estimates and counts it first.

Symbols: T indoor temperature, T_o outdoor temperature [°C], A area [m²], H heat loss [W/K].
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from estate.numbers.arrays import Bools, Codes, Floats

WATTS_PER_KILOWATT = 1000.0
ROWS_AT_ONCE = 8


def degree_hours(
    area_m2: Floats, temperature_c: Floats, outdoor_c: Floats, counted: Bools
) -> Floats:
    r"""
    Weight by area and degree-hours above the outdoor temperature.

    Parameters
    ----------
    area_m2 : (rows,) array
        [m²]
    temperature_c : (rows, hours) array
        [°C]
    outdoor_c : (hours,) array
        [°C]
    counted : (rows, hours) bool array

    Returns
    -------
    (rows,) array
        :math:`A \sum_h \max(T_h - T_{o,h}, 0)`. [m² K h]

    References
    ----------
    .. [1] Polish practice of splitting by the difference of room and outdoor temperature,
       ogrzewanie.smnt.pl/rozl_obraz.html
    """
    return kelvin_hours(area_m2, temperature_c, outdoor_c, counted)


def base_temperature(
    area_m2: Floats, temperature_c: Floats, counted: Bools, base_c: float
) -> Floats:
    r"""
    Weight by area and degree-hours above a base temperature.

    Parameters
    ----------
    area_m2 : (rows,) array
        [m²]
    temperature_c : (rows, hours) array
        [°C]
    counted : (rows, hours) bool array
    base_c : float
        [°C]

    Returns
    -------
    (rows,) array
        :math:`A \sum_h \max(T_h - T_b, 0)`. [m² K h]

    References
    ----------
    .. [1] Michnikowski and Cholewa, Energies 2021, 14(19) 6346.
    """
    return kelvin_hours(area_m2, temperature_c, base_c, counted)


def kelvin_hours(
    area_m2: Floats, temperature_c: Floats, base_c: Floats | float, counted: Bools
) -> Floats:
    """Weight by area and by how far each hour is above a base: one base, or one for each hour."""
    return area_m2 * _sum_counted(above(temperature_c, base_c), counted)


def above(temperature_c: Floats, base_c: Floats | float) -> Floats:
    """Return how far each hour is above a base, 0 below it; NaN stays. [K]"""
    return np.maximum(temperature_c - base_c, 0.0)


def own_heat_loss(
    heat_loss_w_per_k: Floats,
    gains_w: Floats,
    temperature_c: Floats,
    outdoor_c: Floats,
    counted: Bools,
    day_index: npt.NDArray[np.int64],
    ventilation_w_per_k: Floats | None = None,
) -> Floats:
    r"""
    Weight by the daily heat loss to the outdoors beyond internal gains.

    Heat from or to neighbours is returned by this: only the home's own loss counts.

    Parameters
    ----------
    heat_loss_w_per_k : (rows,) array
        [W/K]
    gains_w : (rows,) array
        Internal and solar gains. [W]
    temperature_c : (rows, hours) array
        [°C]
    outdoor_c : (hours,) array
        [°C]
    counted : (rows, hours) bool array
    day_index : (hours,) array
        Number of the local day of each hour, from 0.
    ventilation_w_per_k : (rows, hours) array, optional
        Additional heat loss by open windows and other air change. [W/K]

    Returns
    -------
    (rows,) array
        :math:`\sum_d \max(\sum_{h \in d} (H (T_h - T_{o,h}) - G), 0) / 1000`. [kWh]

    References
    ----------
    .. [1] Siggelsten 2014, neighbour heat estimated and returned; Michnikowski 2017, needs
       computed from the flat's mean temperature.
    """
    surplus_w = _surplus_w(
        heat_loss_w_per_k, gains_w, temperature_c, outdoor_c, ventilation_w_per_k
    )
    # A gap must stay a gap: 0 times NaN is NaN only if the hour counts.
    by_day_wh = by_day(np.where(counted, surplus_w, 0.0), day_index)
    return np.asarray(np.maximum(by_day_wh, 0.0).sum(axis=1) / WATTS_PER_KILOWATT)


def daily_heat_loss_wh(
    heat_loss_w_per_k: Floats,
    gains_w: Floats,
    temperature_c: Floats,
    outdoor_c: Floats,
    day_index: npt.NDArray[np.int64],
    ventilation_w_per_k: Floats | None = None,
) -> Floats:
    r"""
    Return each local day's part of `own_heat_loss`, all of its hours counted.

    Returns
    -------
    (rows, days) array
        :math:`\max(\sum_{h \in d} (H (T_h - T_{o,h}) - G), 0)`. [Wh]
    """
    surplus_w = _surplus_w(
        heat_loss_w_per_k, gains_w, temperature_c, outdoor_c, ventilation_w_per_k
    )
    return np.maximum(by_day(surplus_w, day_index), 0.0)


def _surplus_w(
    heat_loss_w_per_k: Floats,
    gains_w: Floats,
    temperature_c: Floats,
    outdoor_c: Floats,
    ventilation_w_per_k: Floats | None,
) -> Floats:
    loss_w_per_k = heat_loss_w_per_k[:, None]
    if ventilation_w_per_k is not None:
        loss_w_per_k = loss_w_per_k + ventilation_w_per_k
    return np.asarray(loss_w_per_k * (temperature_c - outdoor_c) - gains_w[:, None])


def by_day(values: Floats, day_index: npt.NDArray[np.int64]) -> Floats:
    """Add up the hours of each local day: (rows, hours) to (rows, days)."""
    starts = np.flatnonzero(np.diff(day_index, prepend=-1))
    return np.asarray(np.add.reduceat(values, starts, axis=1))


def climate_bands(
    area_m2: Floats,
    colours: Codes,
    weights: Floats,
    counted: Bools,
    estimated: Floats | None = None,
) -> Floats:
    r"""
    Weight by area and mean colour weight of the hours.

    Parameters
    ----------
    area_m2 : (rows,) array
        [m²]
    colours : (rows, hours) int8 array
        Index of each hour's colour in `weights`; below 0 = gap.
    weights : (colours,) array
        Such as 1 green, 1.5 yellow, 2 red.
    counted : (rows, hours) bool array
    estimated : (rows,) array, optional
        Sum of the estimated weights of each row's gaps. Without it a gap in a counted hour
        makes the row's weight NaN.

    Returns
    -------
    (rows,) array
        :math:`A \cdot \frac{1}{N} \sum_{h} w_h` with N all hours of the period, so that the
        tenancies of a flat add up to the flat. [m²]

    References
    ----------
    .. [1] The form that fits publications on the Danish trials; the weights are ours.
    """
    rows, hours = colours.shape
    total = np.zeros(rows) if estimated is None else estimated.copy()
    # Counting bytes, a few rows at a time in the cache, is faster than adding a weight per hour.
    for first in range(0, rows, ROWS_AT_ONCE):
        some = slice(first, first + ROWS_AT_ONCE)
        for colour, weight in enumerate(weights.tolist()):
            total[some] += weight * _count((colours[some] == colour) & counted[some])
        if estimated is None:
            gaps = _count((colours[some] < 0) & counted[some])
            total[some][gaps > 0] = np.nan
    return np.asarray(area_m2 * total / hours)


def _count(holds: Bools) -> Floats:
    """Count the true values of each row."""
    return np.array([np.count_nonzero(row) for row in holds], dtype=np.float64)


def position_needs(
    heat_loss_w_per_k: Floats, gains_w: Floats, area_m2: Floats, indoor_c: float, outdoor_c: float
) -> Floats:
    r"""
    Return the heat demand of each flat per square metre under one condition.

    Parameters
    ----------
    heat_loss_w_per_k, gains_w, area_m2 : (flats,) arrays
        [W/K], [W], [m²]
    indoor_c, outdoor_c : float
        [°C]

    Returns
    -------
    (flats,) array
        :math:`q = (H (T_i - T_o) - G) / A`; NaN if anything is unknown. [W/m²]

    References
    ----------
    .. [1] DS 418, heat loss at the design condition; without gains.
    """
    return np.asarray((heat_loss_w_per_k * (indoor_c - outdoor_c) - gains_w) / area_m2)


def position_factors(need_w_per_m2: Floats) -> Floats:
    r"""
    Return the factor that corrects a flat's units for its exposed position.

    Parameters
    ----------
    need_w_per_m2 : (flats,) array
        Heat demand of each flat under one condition; NaN if unknown. [W/m²]

    Returns
    -------
    (flats,) array
        :math:`f_i = \min_j q_j / q_i` over the demands above 0. A flat without demand is the
        least exposed: 1. NaN where the demand is. [1]

    References
    ----------
    .. [1] Teknologisk Institut's recipe for exposed position: lowest need over own need.
    """
    needs = need_w_per_m2 > 0
    least = need_w_per_m2[needs].min(initial=np.inf)
    factors = np.divide(least, need_w_per_m2, out=np.ones_like(need_w_per_m2), where=needs)
    return np.where(np.isnan(need_w_per_m2), np.nan, factors)


def _sum_counted(values: Floats, counted: Bools) -> Floats:
    return np.asarray(np.sum(values, axis=1, where=counted))
