"""Merges readings of one series from two places. Pure."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING

import numpy as np

from telemetry.readings import Records

if TYPE_CHECKING:
    from collections.abc import Iterable

NOTHING = Records(np.empty(0, np.int64), np.empty(0), np.empty(0, np.uint8), np.empty(0, np.int64))


def merged(old: Records, new: Records) -> Records:
    """
    Overwrite earlier readings with later ones, as a store does.

    Parameters
    ----------
    old, new : Records
        Sorted by time. At a time that both have, the new value and quality apply; if they are
        unchanged, the old time of arrival is kept.
    """
    if not old.number or not new.number:
        return new if new.number else old
    if old.time_ms[-1] < new.time_ms[0]:
        return joined([old, new])
    place = np.minimum(np.searchsorted(old.time_ms, new.time_ms), old.number - 1)
    again = old.time_ms[place] == new.time_ms
    same = again & (old.value[place] == new.value) & (old.quality[place] == new.quality)
    over = np.ones(old.number, dtype=np.bool_)
    over[place[again & ~same]] = False
    found = joined([old.take(over), new.take(~same)])
    return found.take(np.argsort(found.time_ms, kind="stable"))


def joined(pieces: Iterable[Records]) -> Records:
    """Concatenate pieces."""
    return Records.of(np.concatenate(each) for each in zip(NOTHING, *pieces, strict=True))


def same(one: Records, other: Records) -> bool:
    """Return whether two records are equal in every column."""
    return all(starmap(np.array_equal, zip(one, other, strict=True)))
