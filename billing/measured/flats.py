"""Columns of flats.csv and neighbours.csv, as arrays in the order of the flats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from billing import keys

if TYPE_CHECKING:
    from billing.rules import BillingRules
    from billing.schemes import PositionCondition
    from estate.model import Estate
    from estate.numbers.arrays import Floats


def flat_column(estate: Estate, column: str) -> Floats:
    """Return a column of flats.csv, NaN where blank, shape (flats,)."""
    cells = [flat.number(column) for flat in estate.flats]
    return np.array([np.nan if cell is None else cell for cell in cells], dtype=np.float64)


def position_needs(estate: Estate, rules: BillingRules, condition: PositionCondition) -> Floats:
    """Heat that each flat needs under a condition, NaN where not known, shape (flats,). [W/m²]"""
    area_m2 = flat_column(estate, "area_m2")
    indoor_c, outdoor_c = condition.indoor_c, condition.outdoor_c
    return keys.position_needs(
        flat_column(estate, "heat_loss_w_per_k"),
        flat_column(estate, "gains_w") if condition.gains else np.zeros_like(area_m2),
        area_m2,
        rules.position_indoor_c if indoor_c is None else indoor_c,
        rules.position_outdoor_c if outdoor_c is None else outdoor_c,
    )


def position_factors(estate: Estate, rules: BillingRules, condition: PositionCondition) -> Floats:
    """Position factor of each flat: given, else computed under a condition, shape (flats,)."""
    given = flat_column(estate, "position_factor")
    computed = keys.position_factors(position_needs(estate, rules, condition))
    return np.where(np.isfinite(given), given, computed)


def flat_coupling(estate: Estate) -> Floats:
    """Return the thermal coupling of flats, shape (flats, flats). [W/K]"""
    index, coupling = estate.flat_index, np.zeros((len(estate.flats),) * 2)
    for pair in estate.neighbours:
        a, b = index[pair.flat_a], index[pair.flat_b]
        coupling[a, b] = coupling[b, a] = pair.coupling_w_per_k
    return coupling
