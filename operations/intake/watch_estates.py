"""
Watches the estates of an installation, so that a worker knows a new device without a restart.

An estate that is invalid or unavailable costs nobody else a reading: known devices stay known.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from estate.errors import FairvarmeError
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from estate.sources.port import EstateSource
    from ingest.validation.devices import DeviceTable

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""How often it is asked whether an estate was changed. [s]"""
WHOLE = ""
"""Stands for all buildings in what is told of them."""


class EstateWatch:
    """
    A worker's validation rules, up to date with the estates.

    Parameters
    ----------
    source : EstateSource
        Used by one thread at a time.

    Attributes
    ----------
    rules : ReadingRules
        Replaced as a whole, so that any thread may read it at any time.

    Raises
    ------
    FairvarmeError
        If an estate is invalid at the start.
    """

    def __init__(self, source: EstateSource) -> None:
        self._source = source
        self._marks: dict[str, Hashable] = dict(source.revisions())
        self._tables = {building: self._read(building) for building in self._marks}
        self._told: dict[str, str] = {}
        self.rules = self._joined()

    def look(self) -> None:
        """Read the estates that have changed since."""
        try:
            marks = self._source.revisions()
        except FairvarmeError as error:
            self._tell(WHOLE, error)
            return
        self._told.pop(WHOLE, None)
        changed = [each for each in marks if marks[each] != self._marks.get(each)]
        taken = [each for each in changed if self._take_up(each, marks[each])]
        gone = self._tables.keys() - marks.keys()
        for building in gone:
            del self._tables[building], self._marks[building]
        if taken or gone:
            self.rules = self._joined()
            more = {"event": "estates_changed", "buildings": [*taken, *sorted(gone)]}
            log.info("estates were changed: %s", ", ".join([*taken, *sorted(gone)]), extra=more)

    def _take_up(self, building: str, mark: Hashable) -> bool:
        try:
            table = self._read(building)
        except FairvarmeError as error:
            self._tell(building, error)
            return False
        self._tables[building], self._marks[building] = table, mark
        self._told.pop(building, None)
        return True

    def _read(self, building: str) -> DeviceTable:
        return device_table([self._source.read(building)])

    def _joined(self) -> ReadingRules:
        return ReadingRules(
            {key: spans for table in self._tables.values() for key, spans in table.items()}
        )

    def _tell(self, building: str, error: FairvarmeError) -> None:
        """Report what is wrong, but only once while it stays the same."""
        if self._told.get(building) != str(error):
            self._told[building] = str(error)
            more = {"event": "estate_refused", "building": building}
            log.warning("the devices known so far stay: %s", error, extra=more)


@contextmanager
def watched(source: EstateSource, seconds: float = LOOK_SECONDS) -> Iterator[EstateWatch]:
    """Check at regular intervals, in a separate thread, until the block ends."""
    watch, stop = EstateWatch(source), threading.Event()

    def work() -> None:
        while not stop.wait(seconds):
            watch.look()

    thread = threading.Thread(target=work, name="estates", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        stop.set()
        thread.join()
