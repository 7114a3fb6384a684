"""Runs of flags along a row."""

from __future__ import annotations

import numpy as np

from alerts.runs import runs


def test_runs() -> None:
    flags = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1]], dtype=np.bool_)
    assert list(runs(flags)) == [(0, 0, 2), (0, 3, 4), (2, 1, 4)]
