"""Absolute humidity of air. Pure functions of arrays of any shape."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from estate.numbers.arrays import Floats

KELVIN = 273.15
MAGNUS_HPA, MAGNUS_FACTOR, MAGNUS_C = 6.112, 17.62, 243.12
WATER_G_K_PER_M3_HPA = 216.68
PERCENT = 100.0


def saturation_hpa(temperature_c: npt.ArrayLike) -> Floats:
    """
    Return the saturation vapour pressure over water. [hPa]

    References
    ----------
    .. [1] Magnus formula of WMO No. 8: 6.112 hPa, 17.62, 243.12 °C.
    """
    t = np.asarray(temperature_c, dtype=np.float64)
    return np.asarray(MAGNUS_HPA * np.exp(MAGNUS_FACTOR * t / (MAGNUS_C + t)))


def water_g_per_m3(temperature_c: Floats, humidity_pct: Floats) -> Floats:
    """Return the absolute humidity; any shape. [g/m³]"""
    vapour_hpa = humidity_pct / PERCENT * saturation_hpa(temperature_c)
    return np.asarray(WATER_G_K_PER_M3_HPA * vapour_hpa / (temperature_c + KELVIN))
