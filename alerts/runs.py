"""Runs of flags along a row. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt


def runs(flags: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int, int]]:
    """
    Return each run of flags in a (rows, n) array, by row and start.

    Yields
    ------
    row, start, end : int
        End exclusive.
    """
    edges = np.diff(np.pad(flags, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
