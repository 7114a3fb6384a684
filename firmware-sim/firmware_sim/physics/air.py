"""Air in homes: water vapour and carbon dioxide. Pure functions of arrays."""

from __future__ import annotations

import numpy as np

from firmware_sim.arrays import Floats

# Magnus formula over water (WMO), and the gas constant of water vapour.
MAGNUS_HPA, MAGNUS_A, MAGNUS_B_C = 6.112, 17.62, 243.12
VAPOUR_CONSTANT = 216.68
"""Grams of water in a cubic metre at 1 hPa and 1 K. [g K / (J/100)]"""
ZERO_C_IN_K = 273.15


def saturation_g_per_m3(temperature_c: Floats) -> Floats:
    """Return the saturation vapour density of air. [g/m³]"""
    pressure_hpa = MAGNUS_HPA * np.exp(MAGNUS_A * temperature_c / (MAGNUS_B_C + temperature_c))
    return np.asarray(VAPOUR_CONSTANT * pressure_hpa / (temperature_c + ZERO_C_IN_K))


def vapour_g_per_m3(temperature_c: Floats, humidity_pct: Floats) -> Floats:
    """Return the absolute humidity of air. [g/m³]"""
    return saturation_g_per_m3(temperature_c) * humidity_pct / 100


def relative_humidity_pct(temperature_c: Floats, vapour_g_per_m3: Floats) -> Floats:
    """Return the relative humidity of air, at most 100: the rest condenses. [%]"""
    return np.minimum(100 * vapour_g_per_m3 / saturation_g_per_m3(temperature_c), 100.0)


def mix(
    inside: Floats, outside: Floats, source: Floats, air_changes_per_h: Floats, hours: float
) -> Floats:
    r"""
    Return a concentration after a step of airing and a steady source, exactly.

    Solves :math:`dc/dt = n (c_o - c) + s`.

    Parameters
    ----------
    inside, outside : (flats,) array or scalar
        Concentrations at the start. [c]
    source : (flats,) array
        [c/h]
    air_changes_per_h : (flats,) array
        Above 0. [1/h]
    hours : float
        Length of the step. [h]

    Returns
    -------
    (flats,) array
        [c]
    """
    steady = outside + source / air_changes_per_h
    return np.asarray(steady + (inside - steady) * np.exp(-air_changes_per_h * hours))
