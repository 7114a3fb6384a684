"""Seldom walks of the garbage collector: they took a sixth of the processor time of the tests."""

from __future__ import annotations

import gc

THRESHOLDS = (50_000, 20, 20)
"""
Of each generation (`gc.set_threshold`).

Collecting the tests makes millions of objects that stay; by default the collector walks over all of
them for every few thousand new ones.
"""


def collect_seldom() -> None:
    """Let the collector look less often from now on."""
    gc.set_threshold(*THRESHOLDS)


def keep_for_good() -> None:
    """Let the collector pass over what there is now."""
    gc.freeze()
