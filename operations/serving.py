"""What a process that answers many requests keeps open: database, store, estates."""

from __future__ import annotations

import logging
import math
import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from estate.errors import DataError
from operations.clock import now_ms
from operations.visitors.people import homes_by_subject
from operations.wiring import opened_database, opened_estates, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from estate.model import Estate
    from estate.sources.port import EstateSource
    from operations.channel_settings import PortalSettings
    from operations.settings import Settings
    from operations.visitors.roles import Home
    from telemetry.stores.store import Store

log = logging.getLogger(__name__)
Made = TypeVar("Made")
LOOK_SECONDS = 1.0
"""How often a process looks at most whether an estate was changed."""
MOST_KEPT = 5000


@dataclass(frozen=True)
class Estates:
    """
    Every building at one moment.

    Attributes
    ----------
    by_building : mapping of str to Estate
    """

    by_building: Mapping[str, Estate]

    @cached_property
    def homes(self) -> Mapping[str, tuple[Home, ...]]:
        """The homes of everybody, by what they can prove."""
        return homes_by_subject(self.by_building.values())


@dataclass
class Serving:
    """
    An installation that is open, for many threads.

    Attributes
    ----------
    settings : Settings
    engine : Engine
    clock : callable
        [ms since 1970, UTC]
    changes : Path or None
        File whose time says to every process that shares the work when one of them changed
        something; None where one process does all of it.
    """

    settings: Settings
    engine: Engine
    clock: Callable[[], int]
    _source: EstateSource
    _store: Store
    changes: Path | None = None
    _known: dict[str, tuple[Hashable, Estate]] = field(default_factory=dict)
    _estates: Estates = field(default_factory=lambda: Estates({}))
    _looked_s: float = -math.inf
    _heard_ns: int = 0
    _kept: dict[Hashable, tuple[int, Any]] = field(default_factory=dict)
    _reading: Lock = field(default_factory=Lock)
    _asking: Lock = field(default_factory=Lock)

    @property
    def portal(self) -> PortalSettings:
        """The settings of the portal."""
        from operations.channel_settings import PortalSettings

        return self.settings.portal or PortalSettings(url="http://127.0.0.1:8080")

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Use the store of readings, one thread at a time."""
        with self._asking:
            yield self._store

    def estates(self) -> Estates:
        """
        Return the estates as they were a second ago or later.

        One that is out of order stays as it was.

        Raises
        ------
        StoreUnavailable
        """
        self._hear()
        if time.monotonic() - self._looked_s < LOOK_SECONDS:
            return self._estates
        with self._reading:
            # Of many who come at once one looks, and the others wait for it.
            if time.monotonic() - self._looked_s < LOOK_SECONDS:
                return self._estates
            revisions = self._source.revisions()
            if revisions != {name: mark for name, (mark, _) in self._known.items()}:
                self._read(revisions)
            # Not before: whoever comes meanwhile would be shown what was there until now.
            self._looked_s = time.monotonic()
            return self._estates

    def look_again(self) -> None:
        """Let the next who asks, this process or another, see what was just changed."""
        self._looked_s = -math.inf
        self._kept.clear()
        if self.changes is not None:
            os.utime(self.changes)

    def _hear(self) -> None:
        """Look again where another process changed something."""
        if self.changes is None:
            return
        changed_ns = self.changes.stat().st_mtime_ns
        if changed_ns != self._heard_ns:
            self._heard_ns = changed_ns
            self._looked_s = -math.inf
            self._kept.clear()

    def kept(self, key: Hashable, lasts_ms: int, make: Callable[[], Made]) -> Made:
        """
        Return what is computed for a key, computed anew after its time.

        Parameters
        ----------
        key : hashable
            Names all that it is made of, a home with its days among it.
        lasts_ms : int
            [ms]
        make : callable
        """
        now = self.clock()
        found = self._kept.get(key)
        if found is not None and 0 <= now - found[0] < lasts_ms:
            made: Made = found[1]
            return made
        made = make()
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = (now, made)
        return made

    def _read(self, revisions: Mapping[str, Hashable]) -> None:
        known = {name: self._known[name] for name in revisions if name in self._known}
        for name, mark in revisions.items():
            if name not in known or known[name][0] != mark:
                try:
                    known[name] = (mark, self._source.read(name))
                except DataError as error:
                    log.warning("building %s is out of order and stays as it was: %s", name, error)
                    if name in known:
                        known[name] = (mark, known[name][1])
        self._known = known
        self._kept.clear()
        self._estates = Estates({name: estate for name, (_, estate) in known.items()})


@contextmanager
def serving(
    settings: Settings, clock: Callable[[], int] = now_ms, changes: Path | None = None
) -> Iterator[Serving]:
    """
    Open an installation until the block ends.

    Parameters
    ----------
    settings : Settings
    clock : callable, optional
        [ms since 1970, UTC]
    changes : Path, optional
        As of `Serving`.

    Raises
    ------
    StoreUnavailable
    UsageError
    """
    with ExitStack() as opened:
        yield Serving(
            settings,
            opened.enter_context(opened_database(settings)),
            clock,
            opened.enter_context(opened_estates(settings)),
            opened.enter_context(opened_store(settings)),
            changes,
        )
