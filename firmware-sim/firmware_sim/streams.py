"""Random numbers: an independent stream for each purpose and name."""

from __future__ import annotations

import numpy as np


def stream(seed: int, purpose: str, name: str = "") -> np.random.Generator:
    """
    Return the random stream of a purpose, for one flat or device.

    A flat's random numbers do not depend on the other flats.
    """
    key = f"{purpose}/{name}".encode()
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(key)))
