"""A home's heat by the outdoor temperature: a base, and a slope below a balance temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from alerts.detectors.limits import Limits
    from estate.numbers.arrays import Floats


PARAMETERS = 3


class HeatLine(NamedTuple):
    """
    Heat of a day: base + slope x max(balance - outdoor temperature, 0).

    Attributes
    ----------
    base_kwh : float
        [kWh/d]
    slope_kwh_per_k : float
        [kWh/(d K)]
    balance_c : float
        Outdoor temperature from which no heating is needed. [°C]
    """

    base_kwh: float
    slope_kwh_per_k: float
    balance_c: float

    def expected(self, outdoor_c: npt.ArrayLike) -> Floats:
        """Return the expected heat of days. [kWh/d]"""
        below = np.maximum(self.balance_c - np.asarray(outdoor_c, dtype=np.float64), 0.0)
        return np.asarray(self.base_kwh + self.slope_kwh_per_k * below)


def fit_heat_line(use: Floats, outdoor_c: Floats, limits: Limits) -> HeatLine | None:
    """
    Fit the line to days, with a loss that is robust to single odd days.

    Parameters
    ----------
    use : (days,) array
        NaN where unknown. [kWh/d, or another unit of energy a day]
    outdoor_c : (days,) array
        [°C]
    limits : Limits

    Returns
    -------
    HeatLine or None
        None with too few days, or too little variation of the weather.

    Notes
    -----
    Least squares with the soft L1 loss of SciPy, scaled by the spread of the days. If all days
    were cold, the balance temperature is undetermined, and that of the Danish degree-days is used.
    """
    from scipy.optimize import least_squares

    known = np.isfinite(use) & np.isfinite(outdoor_c)
    heat, outdoor = use[known], outdoor_c[known]
    if len(heat) < limits.line_least_days or np.ptp(outdoor) < limits.line_least_range_k:
        return None
    scale = max(float(np.quantile(heat, 0.9)), 1e-9)
    usual_c = limits.line_balance_c
    free = np.count_nonzero(outdoor > usual_c) >= limits.line_least_warm_days
    low, high = limits.line_balance_range_c if free else (usual_c - 1e-6, usual_c + 1e-6)

    def off(line: Floats) -> Floats:
        base, slope, balance = line
        return np.asarray(base + slope * np.maximum(balance - outdoor, 0.0) - heat / scale)

    def slopes(line: Floats) -> Floats:
        _, slope, balance = line
        below = np.maximum(balance - outdoor, 0.0)
        return np.stack([np.ones_like(outdoor), below, slope * (below > 0)], axis=1)

    fits = [
        least_squares(
            off,
            [0.1, 0.05, start_c],
            jac=slopes,
            bounds=([0.0, 0.0, low], [np.inf, np.inf, high]),
            loss="soft_l1",
            f_scale=limits.line_odd_part,
            x_scale=[0.1, 0.05, 3.0],
        )
        for start_c in ([usual_c - 3, usual_c] if free else [usual_c])
    ]
    base, slope, balance = min(fits, key=lambda fit: float(fit.cost)).x.tolist()
    return HeatLine(base * scale, slope * scale, balance)
