"""Names for array types; shapes and units are stated where they are used."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
"""Measured or computed; NaN where nothing is known."""
Integers = npt.NDArray[np.int64]
"""Counts, positions, and instants in milliseconds since 1970, UTC."""
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
"""Small numbers that stand for words, such as colours; a negative one for none."""
