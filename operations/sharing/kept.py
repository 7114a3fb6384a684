"""A cache of results that stay good enough for a while."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Made = TypeVar("Made")


class Kept:
    """
    Keeps computed results, and evicts the least recently used ones when there are too many.

    Parameters
    ----------
    most : int
        Largest number of results kept.
    clock : callable
        [ms since 1970, UTC]
    """

    def __init__(self, most: int, clock: Callable[[], int]) -> None:
        self._most, self._clock = most, clock
        self._made: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
        self._times_cleared = 0
        self._lock = Lock()

    def of(self, key: Hashable, lasts_ms: int, make: Callable[[], Made]) -> Made:
        """
        Return the result for a key, recomputed once it expires.

        Parameters
        ----------
        key : hashable
            Identifies everything that it depends on.
        lasts_ms : int
            [ms]
        make : callable
        """
        now = self._clock()
        with self._lock:
            found = self._made.get(key)
            if found is not None and 0 <= now - found[0] < lasts_ms:
                self._made.move_to_end(key)
                kept: Made = found[1]
                return kept
            begun = self._times_cleared
        made = make()
        with self._lock:
            # If the cache was cleared in the meantime, the result may rest on outdated data.
            if begun == self._times_cleared:
                self._made[key] = (now, made)
                self._made.move_to_end(key)
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
        return made

    def clear(self) -> None:
        """Drop everything computed so far."""
        with self._lock:
            self._made.clear()
            self._times_cleared += 1
