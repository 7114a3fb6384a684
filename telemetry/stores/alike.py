"""Finds which stored readings also exist elsewhere, as spans of time. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from telemetry.readings import Records


def spans_alike(
    stored: Records, sealed: Records, arrived_before_ms: int
) -> Iterator[tuple[int, int]]:
    """
    Yield spans whose readings are all the same in both, and were stored before a given time.

    Parameters
    ----------
    stored, sealed : Records
        Of one series, sorted by time; the comparison ignores times of arrival.
    arrived_before_ms : int
        [ms since 1970, UTC]

    Yields
    ------
    (int, int)
        Start inclusive, end exclusive. [ms since 1970, UTC]
    """
    import numpy as np

    if not (stored.number and sealed.number):
        return
    place = np.minimum(np.searchsorted(sealed.time_ms, stored.time_ms), sealed.number - 1)
    same = (
        (sealed.time_ms[place] == stored.time_ms)
        & (sealed.value[place] == stored.value)
        & (sealed.quality[place] == stored.quality)
        & (stored.arrival_ms < arrived_before_ms)
    )
    change = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    for first, end in zip(change[::2].tolist(), change[1::2].tolist(), strict=True):
        yield int(stored.time_ms[first]), int(stored.time_ms[end - 1]) + 1
