"""Days on which homes are heated, by the outdoor temperature as measured. Pure functions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def measured_degree_days(
    outdoor_c: Floats, day_index: npt.NDArray[np.int64], limit_c: float
) -> Floats:
    """
    Give how far each local day's mean stays below the heating limit.

    Parameters
    ----------
    outdoor_c : (hours,) array
        [°C]
    day_index : (hours,) array
        Number of the local day of each hour, from 0.
    limit_c : float
        [°C]

    Returns
    -------
    (days,) array
        [K d]

    References
    ----------
    .. [1] Danish degree-days: base 17 °C, mean of the day below it;
       nfs.as/varme/varmeforbrug-og-besparelser/graddage
    """
    mean_c = np.bincount(day_index, weights=outdoor_c) / np.bincount(day_index)
    return np.maximum(limit_c - mean_c, 0.0)


def heated_hours(outdoor_c: Floats, day_index: npt.NDArray[np.int64], limit_c: float) -> Bools:
    """
    Tell which hours lie in a local day that is colder on average than the heating limit.

    Parameters
    ----------
    outdoor_c : (hours,) array
        [°C]
    day_index : (hours,) array
        Number of the local day of each hour, from 0.
    limit_c : float
        [°C]

    Returns
    -------
    (hours,) bool array
        False throughout a day that holds a NaN.
    """
    return np.asarray((measured_degree_days(outdoor_c, day_index, limit_c) > 0)[day_index])
