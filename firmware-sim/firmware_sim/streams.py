"""Random numbers: a stream of its own for each purpose and name, so that nobody draws another's."""

from __future__ import annotations

import numpy as np


def stream(seed: int, purpose: str, name: str = "") -> np.random.Generator:
    """
    Return the stream of a purpose, and of one flat or device.

    What a flat draws does not hang on which other flats there are.
    """
    key = f"{purpose}/{name}".encode()
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(key)))
