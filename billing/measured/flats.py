"""Columns of flats.csv and neighbours.csv, as arrays in the order of the flats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from estate.model import Estate

    Floats = npt.NDArray[np.float64]


def flat_column(estate: Estate, column: str) -> Floats:
    """Return a column of flats.csv, NaN where blank, shape (flats,)."""
    cells = [flat.number(column) for flat in estate.flats]
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)


def flat_coupling(estate: Estate) -> Floats:
    """Return the thermal coupling of flats, shape (flats, flats). [W/K]"""
    index, coupling = estate.flat_index, np.zeros((len(estate.flats),) * 2)
    for pair in estate.neighbours:
        a, b = index[pair.flat_a], index[pair.flat_b]
        coupling[a, b] = coupling[b, a] = pair.coupling_w_per_k
    return coupling
