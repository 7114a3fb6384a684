r"""
Infiltration through leaks, driven by wind and buoyancy added in quadrature.

.. math:: Q = A \sqrt{C_s |T_i - T_o| + C_w u^2}

References
----------
.. [1] M. H. Sherman, D. T. Grimsrud 1980, Infiltration-pressurization correlation: simplified
   physical modeling; in the form of the ASHRAE Handbook of Fundamentals, effective leakage area.
"""

from __future__ import annotations

import numpy as np

from firmware_sim.arrays import Floats
from firmware_sim.parameters import parameters

LITRES_PER_S_TO_M3_PER_H = 3.6


def infiltration_m3_per_h(leakage_cm2: Floats, difference_k: Floats, wind_m_per_s: float) -> Floats:
    """
    Return the infiltration air flow of flats.

    Parameters
    ----------
    leakage_cm2 : (flats,) array
        Effective leakage area. [cm²]
    difference_k : (flats,) array
        Indoor less outdoor temperature. [K]
    wind_m_per_s : float
        At the weather station. [m/s]

    Returns
    -------
    (flats,) array
        [m³/h]
    """
    values = parameters()
    stack = values.stack_l2_per_s2_cm4_k * np.abs(difference_k)
    wind = values.wind_l2_per_s2_cm4_m2 * wind_m_per_s**2
    return np.asarray(LITRES_PER_S_TO_M3_PER_H * leakage_cm2 * np.sqrt(stack + wind))
