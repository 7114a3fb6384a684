"""Open stores of readings shared by threads: each is used by one thread at a time."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from telemetry.stores.store import Store

MOST = 4
"""Stores at most; who comes when all are in use waits."""


class StorePool:
    """
    Opens a store when all open ones are in use, and keeps it for the next caller.

    Parameters
    ----------
    open_one : callable
        Returns a store that is open until its block ends.
    """

    def __init__(self, open_one: Callable[[], AbstractContextManager[Store]]) -> None:
        self._open_one = open_one
        self._opened = ExitStack()
        self._opening = Lock()
        self._room = BoundedSemaphore(MOST)
        self._idle: deque[Store] = deque()

    @contextmanager
    def lent(self) -> Iterator[Store]:
        """Lend a store exclusively until the block ends; raises as opening one does."""
        with self._room:
            try:
                store = self._idle.pop()
            except IndexError:
                with self._opening:
                    store = self._opened.enter_context(self._open_one())
            try:
                yield store
            finally:
                self._idle.append(store)

    def close(self) -> None:
        """Close the stores; nobody may use one any more."""
        self._idle.clear()
        self._opened.close()
