r"""
Which metered heat a home can have had at all. Pure functions of hourly temperatures.

The balance of a home: what its radiators give is what it loses to the outdoors and to its
neighbours, less its free gains.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

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
    Return what radiators must give to hold homes at temperatures beside neighbours at others.

    Parameters
    ----------
    heat_loss_w_per_k, gains_w : (homes,) arrays
        [W/K], [W]
    coupling_w_per_k : (homes, homes) array
        Symmetric, 0 between homes that do not touch. [W/K]
    temperature_c : (homes, hours) array
        Of each home in its own balance. [°C]
    neighbours_c : (homes, hours) array
        Of each home in the balance of the others. [°C]
    outdoor_c : (hours,) array
        [°C]

    Returns
    -------
    (homes, hours) array
        :math:`H_i (T_i - T_o) + \sum_j H_{ij} (T_i - T_j) - G_i`, below 0 where none are needed.
        [W]
    """
    out = heat_loss_w_per_k[:, None] * (temperature_c - outdoor_c)
    touching = coupling_w_per_k.sum(axis=1)[:, None]
    through = touching * temperature_c - coupling_w_per_k @ neighbours_c
    return np.asarray(out + through - gains_w[:, None])


def plausible_kwh_by_hour(
    heat_loss_w_per_k: Floats,
    gains_w: Floats,
    coupling_w_per_k: Floats,
    temperature_c: Floats,
    outdoor_c: Floats,
    warmest_c: float,
) -> tuple[Floats, Floats]:
    r"""
    Return the least and the most heat that the homes' meters can have counted in each hour.

    Parameters
    ----------
    heat_loss_w_per_k, gains_w, coupling_w_per_k, temperature_c, outdoor_c : as of `radiators_w`
        The temperature is the measured one.
    warmest_c : float
        Nobody heats beyond. [°C]

    Returns
    -------
    least : (homes, hours) array
        What the measured temperatures need after twice the free gains. [kWh]
    most : (homes, hours) array
        What `warmest_c` would have needed beside the same neighbours without any gains. [kWh]

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
    Return the metered heat that homes do not need for their temperatures.

    Parameters
    ----------
    heat_kwh : (homes,) array
        Metered over all of the hours; NaN = not known. [kWh]
    heat_loss_w_per_k, gains_w, coupling_w_per_k, temperature_c, outdoor_c : as of `radiators_w`

    Returns
    -------
    (homes,) array
        Below 0 where they need more; NaN where something is not known. [kWh]
    """
    needed_w = radiators_w(
        heat_loss_w_per_k, gains_w, coupling_w_per_k, temperature_c, temperature_c, outdoor_c
    )
    return np.asarray(heat_kwh - needed_w.sum(axis=1) / WATTS_PER_KILOWATT)
