r"""
Heat of coupled flats: one node each, stepped implicitly, so that any step is stable.

.. math:: C_i \dot T_i = H_i (T_o - T_i) + \sum_j K_{ij} (T_j - T_i) + P_i
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Network:
    """
    Flats and what lies between them.

    Attributes
    ----------
    capacity_wh_per_k : (flats,) array
        [Wh/K]
    heat_loss_w_per_k : (flats,) array
        To the outdoors. [W/K]
    coupling_w_per_k : (flats, flats) array
        Symmetric, 0 on the diagonal. [W/K]
    step_hours : float
        [h]
    """

    capacity_wh_per_k: Floats
    heat_loss_w_per_k: Floats
    coupling_w_per_k: Floats
    step_hours: float

    @cached_property
    def _inverse(self) -> Floats:
        stored = self.capacity_wh_per_k / self.step_hours
        lost = stored + self.heat_loss_w_per_k + self.coupling_w_per_k.sum(axis=1)
        return np.asarray(np.linalg.inv(np.diag(lost) - self.coupling_w_per_k))

    def step(self, temperature_c: Floats, outdoor_c: float, power_w: Floats) -> Floats:
        """
        Give the temperatures at the end of a step.

        Parameters
        ----------
        temperature_c : (flats,) array
            At its start. [°C]
        outdoor_c : float
            [°C]
        power_w : (flats,) array
            Heat put in over the step: radiators, people, sun; less what airing took. [W]
        """
        stored = self.capacity_wh_per_k / self.step_hours
        inflow = stored * temperature_c + self.heat_loss_w_per_k * outdoor_c + power_w
        return np.asarray(self._inverse @ inflow)

    def to_neighbours_w(self, temperature_c: Floats) -> Floats:
        """Give the heat that flows to neighbours, shape (flats,) or (steps, flats). [W]"""
        own = self.coupling_w_per_k.sum(axis=1) * temperature_c
        return np.asarray(own - temperature_c @ self.coupling_w_per_k)


def radiator_w(
    temperature_c: Floats, setpoint_c: Floats, gain_w_per_k: Floats, largest_w: Floats
) -> Floats:
    """Give what a thermostat lets a radiator deliver, shape (flats,). [W]"""
    return np.clip(gain_w_per_k * (setpoint_c - temperature_c), 0.0, largest_w)
