"""Processes the quarantine of an installation again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.intake import Intake
from ingest.quarantine.requeue import requeue
from ingest.quarantine.store import Quarantine
from ingest.validation.devices import device_table
from ingest.validation.validation import ReadingRules
from operations.clock import now_ms
from operations.wiring import open_estates, opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from ingest.quarantine.requeue import Requeued
    from ingest.quarantine.store import Selection
    from operations.settings import Settings


def requeue_quarantine(
    settings: Settings,
    selection: Selection,
    *,
    dry: bool = False,
    clock_was_behind: bool = False,
    on_progress: Callable[[int, int], None] = lambda _number, _total: None,
) -> Requeued:
    """
    Process with the sources, devices and store of the settings; see `ingest.quarantine.requeue`.

    Parameters
    ----------
    settings : Settings
    selection : Selection
    dry : bool, optional
    clock_was_behind : bool, optional
        Judge times by the clock of now.
    on_progress : callable, optional
        Called with the number of messages processed, and the total.
    """
    rules = ReadingRules(device_table(open_estates(settings).values()))
    intake = Intake(settings.sources, rules)
    with opened_store(settings) as store, opened_database(settings) as engine:
        quarantine = Quarantine(engine)
        total = quarantine.count_messages(selection)
        on_progress(0, total)
        return requeue(
            quarantine,
            intake,
            store,
            selection,
            dry=dry,
            now_ms=now_ms() if clock_was_behind else None,
            on_progress=lambda number: on_progress(number, total),
        )
