"""
Flags values that are possible but implausible by themselves as suspect.

Limits are in ``estate/quantities.yaml``. Whether a value fits its neighbours is checked elsewhere,
for registers in `telemetry.series.registers.registers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.quantities import quantities
from telemetry.readings import Quality

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Plain int: every reading passes here, and IntFlag is slow.
GOOD, SUSPECT = int(Quality.GOOD), int(Quality.SUSPECT)

LIMITS = {name: (each.plausible[0], each.plausible[1]) for name, each in quantities().items()}


def suspicion(quantity: str, value: float) -> int:
    """
    Return the quality bits of one value of a known quantity, in its unit.

    Returns
    -------
    int
        Bits of `Quality`.
    """
    low, high = LIMITS[quantity]
    return GOOD if low <= value <= high else SUSPECT


def suspicions(quantity: str, value: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """
    Return the quality bits of values of one known quantity.

    Parameters
    ----------
    quantity : str
    value : (n,) float64 array
        In the quantity's unit.

    Returns
    -------
    (n,) uint8 array
        Bits of `Quality`.
    """
    # Imported here: the worker judges single values and starts faster without it.
    import numpy as np

    low, high = LIMITS[quantity]
    plausible = (low <= value) & (value <= high)
    return np.where(plausible, np.uint8(GOOD), np.uint8(SUSPECT))
