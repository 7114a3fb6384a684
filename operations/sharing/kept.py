"""What was computed a while ago and is still good enough."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

Made = TypeVar("Made")


class Kept:
    """
    Keeps what was computed, the least lately asked for going first when there is too much.

    Parameters
    ----------
    most : int
        How many are kept.
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
        Return what is computed for a key, computed anew after its time.

        Parameters
        ----------
        key : hashable
            Names all that it is made of.
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
            # What was cleared meanwhile may have been made of what is no longer true.
            if begun == self._times_cleared:
                self._made[key] = (now, made)
                self._made.move_to_end(key)
                while len(self._made) > self._most:
                    self._made.popitem(last=False)
        return made

    def clear(self) -> None:
        """Keep nothing of what was computed until now."""
        with self._lock:
            self._made.clear()
            self._times_cleared += 1
