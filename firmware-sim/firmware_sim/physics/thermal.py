r"""
Heat balance of coupled flats: one node each, implicit steps, so any step is stable.

.. math:: C_i \dot T_i = H_i (T_o - T_i) + \sum_j K_{ij} (T_j - T_i) + P_i
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from firmware_sim.arrays import Floats

Integers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Network:
    """
    Thermal network of flats.

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
    def _blocks(self) -> list[tuple[Integers, Floats]]:
        """
        Inverses of separate houses, grouped by size.

        Rows of shape (houses, size), inverses of shape (houses, size, size).
        """
        stored = self.capacity_wh_per_k / self.step_hours
        lost = stored + self.heat_loss_w_per_k + self.coupling_w_per_k.sum(axis=1)
        labels = _components(self.coupling_w_per_k)
        sizes = np.bincount(labels, minlength=len(labels))[labels]
        blocks = []
        for size in np.unique(sizes).tolist():
            members = np.flatnonzero(sizes == size)
            rows = members[np.argsort(labels[members], kind="stable")].reshape(-1, size)
            coupling = self.coupling_w_per_k[rows[:, :, None], rows[:, None, :]]
            own = lost[rows][:, :, None] * np.eye(size)
            blocks.append((rows, np.linalg.inv(own - coupling)))
        return blocks

    @cached_property
    def _neighbours(self) -> list[tuple[Integers, Floats]]:
        """
        Each flat's first neighbour and its coupling, then each flat's second, and so on.

        Both of shape (flats,); a flat with fewer neighbours is coupled to itself by 0.
        """
        order = np.argsort(self.coupling_w_per_k == 0, axis=1, kind="stable")
        most = int((self.coupling_w_per_k != 0).sum(axis=1).max(initial=0))
        flats = np.arange(len(order))
        return [(order[:, at], self.coupling_w_per_k[flats, order[:, at]]) for at in range(most)]

    def step(self, temperature_c: Floats, outdoor_c: float, power_w: Floats) -> Floats:
        """
        Return the temperatures at the end of a step.

        Parameters
        ----------
        temperature_c : (flats,) array
            At its start. [°C]
        outdoor_c : float
            [°C]
        power_w : (flats,) array
            Heat input over the step: radiators, people, sun, less airing. [W]
        """
        stored = self.capacity_wh_per_k / self.step_hours
        inflow = stored * temperature_c + self.heat_loss_w_per_k * outdoor_c + power_w
        ends = np.empty_like(inflow)
        for rows, inverse in self._blocks:
            ends[rows] = np.matmul(inverse, inflow[rows][:, :, None])[:, :, 0]
        return ends

    def to_neighbours_w(self, temperature_c: Floats) -> Floats:
        """Return the heat that flows to neighbours, shape (flats,) or (steps, flats). [W]"""
        given = np.zeros_like(temperature_c)
        for others, coupling_w_per_k in self._neighbours:
            given += coupling_w_per_k * (temperature_c - temperature_c[..., others])
        return given


def _components(coupling_w_per_k: Floats) -> Integers:
    """Return for each flat the number of the house it is in, flats that heat flows between."""
    # Not at the top: what simulates no house has no use for it.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    labels = connected_components(csr_array(coupling_w_per_k), directed=False)[1]
    return np.asarray(labels, dtype=np.int64)


def radiator_w(
    temperature_c: Floats, setpoint_c: Floats, gain_w_per_k: Floats, largest_w: Floats
) -> Floats:
    """Return the radiator output under thermostat control, shape (flats,). [W]"""
    return np.clip(gain_w_per_k * (setpoint_c - temperature_c), 0.0, largest_w)
