"""Water in the air. Pure functions of arrays of any shape."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

KELVIN = 273.15
MAGNUS_HPA, MAGNUS_FACTOR, MAGNUS_C = 6.112, 17.62, 243.12
WATER_G_K_PER_M3_HPA = 216.68
PERCENT = 100.0


def water_g_per_m3(temperature_c: Floats, humidity_pct: Floats) -> Floats:
    """
    Return the water in the air; any shape. [g/m³]

    References
    ----------
    .. [1] Magnus formula of WMO No. 8: 6.112 hPa, 17.62, 243.12 °C.
    """
    saturation_hpa = MAGNUS_HPA * np.exp(MAGNUS_FACTOR * temperature_c / (MAGNUS_C + temperature_c))
    vapour_hpa = humidity_pct / PERCENT * saturation_hpa
    return np.asarray(WATER_G_K_PER_M3_HPA * vapour_hpa / (temperature_c + KELVIN))
