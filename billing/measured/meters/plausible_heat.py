r"""
Plausible range of a home's metered heat. Pure functions of hourly temperatures.

Heat balance of a home: radiator heat equals the loss to the outdoors and to its
neighbours, less internal gains.
"""

from __future__ import annotations

import numpy as np

from estate.numbers.arrays import Floats

WATTS_PER_KILOWATT = 1000.0


def radiators_w(
    heat_loss_w_per_k: Floats,
    gains_w: Floats,
    coupling_w_per_k: Floats,
    temperature_c: Floats,
    neighbours_c: Floats,
    outdoor_c: Floats,
) -> Floats:
    r"""
    Return the radiator output that keeps homes at given temperatures next to neighbours.

    Parameters
    ----------
    heat_loss_w_per_k, gains_w : (homes,) arrays
        [W/K], [W]
    coupling_w_per_k : (homes, homes) array
        Symmetric, 0 between homes that do not touch. [W/K]
    temperature_c : (homes, hours) array
        Temperature of each home in its own balance. [°C]
    neighbours_c : (homes, hours) array
        Temperature of each home in the balance of the others. [°C]
    outdoor_c : (hours,) array
        [°C]

    Returns
    -------
    (homes, hours) array
        :math:`H_i (T_i - T_o) + \sum_j H_{ij} (T_i - T_j) - G_i`, below 0 if none are needed.
        [W]
    """
    out = heat_loss_w_per_k[:, None] * (temperature_c - outdoor_c)
    if coupling_w_per_k.any():
        touching = coupling_w_per_k.sum(axis=1)[:, None]
        out += touching * temperature_c - coupling_w_per_k @ neighbours_c
    return np.asarray(out - gains_w[:, None])


def plausible_kwh_by_hour(
    heat_loss_w_per_k: Floats,
    gains_w: Floats,
    coupling_w_per_k: Floats,
    temperature_c: Floats,
    outdoor_c: Floats,
    warmest_c: float,
) -> tuple[Floats, Floats]:
    r"""
    Return the plausible range of the homes' metered heat in each hour.

    Parameters
    ----------
    heat_loss_w_per_k, gains_w, coupling_w_per_k, temperature_c, outdoor_c : as of `radiators_w`
        The temperature is the measured one.
    warmest_c : float
        Highest plausible room temperature. [°C]

    Returns
    -------
    least : (homes, hours) array
        Demand of the measured temperatures with twice the internal gains. [kWh]
    most : (homes, hours) array
        Demand at `warmest_c` next to the same neighbours without gains. [kWh]

    References
    ----------
    .. [1] Cholewa et al., Energies 2023, 16(2) 995: least and most plausible cost of a flat.
    """
    loss, coupling, own_c = heat_loss_w_per_k, coupling_w_per_k, temperature_c
    least = radiators_w(loss, 2 * gains_w, coupling, own_c, own_c, outdoor_c)
    hottest_c = np.full(own_c.shape, warmest_c)
    most = radiators_w(loss, np.zeros(len(loss)), coupling, hottest_c, own_c, outdoor_c)
    return np.maximum(least, 0.0) / WATTS_PER_KILOWATT, np.maximum(most, 0.0) / WATTS_PER_KILOWATT


def unexplained_kwh(
    heat_kwh: Floats,
    heat_loss_w_per_k: Floats,
    gains_w: Floats,
    coupling_w_per_k: Floats,
    temperature_c: Floats,
    outdoor_c: Floats,
) -> Floats:
    """
    Return the metered heat beyond the homes' demand for their temperatures.

    Parameters
    ----------
    heat_kwh : (homes,) array
        Metered heat over all hours; NaN = unknown. [kWh]
    heat_loss_w_per_k, gains_w, coupling_w_per_k, temperature_c, outdoor_c : as of `radiators_w`

    Returns
    -------
    (homes,) array
        Below 0 if they need more; NaN if anything is unknown. [kWh]
    """
    needed_w = radiators_w(
        heat_loss_w_per_k, gains_w, coupling_w_per_k, temperature_c, temperature_c, outdoor_c
    )
    return np.asarray(heat_kwh - needed_w.sum(axis=1) / WATTS_PER_KILOWATT)
