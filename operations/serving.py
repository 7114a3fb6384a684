"""The resources that a process serving many requests keeps open: database, store, estates."""

from __future__ import annotations

import logging
import math
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from estate.errors import DataError
from operations.clock import now_ms
from operations.sharing.folder import last_change_ns, shared_folder, tell_of_change
from operations.sharing.kept import Kept
from operations.sharing.store_pool import StorePool
from operations.visitors.names import building_names
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
MOST_FIGURES, MOST_PAPERS = 5000, 100


@dataclass(frozen=True)
class Estates:
    """
    All buildings at one moment.

    Attributes
    ----------
    by_building : mapping of str to Estate
    """

    by_building: Mapping[str, Estate]

    @cached_property
    def homes(self) -> Mapping[str, tuple[Home, ...]]:
        """The homes of everybody, by what they can prove."""
        return homes_by_subject(self.by_building.values())

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The name of each building by id, made distinct if two share it."""
        return building_names([each.building for each in self.by_building.values()])


@dataclass
class Serving:
    """
    An open installation, for many threads.

    Attributes
    ----------
    settings : Settings
    engine : Engine
    clock : callable
        [ms since 1970, UTC]
    shared : Path
        Folder of the processes that share the work.
    """

    settings: Settings
    engine: Engine
    clock: Callable[[], int]
    _source: EstateSource
    _stores: StorePool
    shared: Path
    _known: dict[str, tuple[Hashable, Estate]] = field(default_factory=dict)
    _estates: Estates = field(default_factory=lambda: Estates({}))
    _looked_s: float = -math.inf
    _heard_ns: int = 0
    _reading: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self._figures = Kept(MOST_FIGURES, self.clock)
        self._papers = Kept(MOST_PAPERS, self.clock)

    @property
    def portal(self) -> PortalSettings:
        """The settings of the portal."""
        from operations.channel_settings import PortalSettings

        return self.settings.portal or PortalSettings(url="http://127.0.0.1:8080")

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Use a store of readings that no other thread uses."""
        with self._stores.lent() as store:
            yield store

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
            # If many requests arrive at once, one thread refreshes and the others wait for it.
            if time.monotonic() - self._looked_s < LOOK_SECONDS:
                return self._estates
            revisions = self._source.revisions()
            if revisions != {name: mark for name, (mark, _) in self._known.items()}:
                self._read(revisions)
            # Not earlier: requests in the meantime would be served the old state.
            self._looked_s = time.monotonic()
            return self._estates

    def look_again(self) -> None:
        """Make the next request, in this process or another, see the latest change."""
        self._looked_s = -math.inf
        self._forget()
        tell_of_change(self.shared)

    def _hear(self) -> None:
        """Refresh if another process changed something."""
        changed_ns = last_change_ns(self.shared)
        if changed_ns != self._heard_ns:
            self._heard_ns = changed_ns
            self._looked_s = -math.inf
            self._forget()

    def kept(self, key: Hashable, lasts_ms: int, make: Callable[[], Made]) -> Made:
        """
        Return the cached value for a key; recomputed once it expires or an estate changes.

        Parameters
        ----------
        key : hashable
            Identifies everything that it depends on, including a home with its days.
        lasts_ms : int
            [ms]
        make : callable
        """
        return self._figures.of(key, lasts_ms, make)

    def kept_paper(self, key: Hashable, lasts_ms: int, make: Callable[[], Made]) -> Made:
        """Return a cached PDF, as `kept` does for figures; fewer are kept, since they are large."""
        return self._papers.of(key, lasts_ms, make)

    def _forget(self) -> None:
        self._figures.clear()
        self._papers.clear()

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
        self._forget()
        self._estates = Estates({name: estate for name, (_, estate) in known.items()})


@contextmanager
def serving(
    settings: Settings, clock: Callable[[], int] = now_ms, shared: Path | None = None
) -> Iterator[Serving]:
    """
    Open an installation until the block ends.

    Parameters
    ----------
    settings : Settings
    clock : callable, optional
        [ms since 1970, UTC]
    shared : Path, optional
        As of `Serving`; a folder of its own where one process does all of the work.

    Raises
    ------
    StoreUnavailable
    UsageError
    """
    with ExitStack() as opened:
        shared = shared or opened.enter_context(shared_folder(settings))
        stores = opened.enter_context(closing(StorePool(lambda: opened_store(settings))))
        with stores.lent():
            # Opened now, so that a missing store is reported before the first request.
            pass
        yield Serving(
            settings,
            opened.enter_context(opened_database(settings)),
            clock,
            opened.enter_context(opened_estates(settings)),
            stores,
            shared,
        )
