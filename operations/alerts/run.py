"""Checks the buildings of an installation for alerts, records them, and queues what is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from alerts.life.record import record
from alerts.life.store import AlertStore
from alerts.run import check_building
from estate.periods import Period, local_date
from operations.alerts.announce import announce, post_of
from operations.alerts.said import said_of
from operations.clock import now_ms
from operations.wiring import choose_estates, open_estates, opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from alerts.run import Checked
    from estate.model import Estate
    from operations.alerts.announce import Announced
    from operations.settings import Settings

USUAL_DAYS = 14
"""Days that a run looks at which names none: what is corrected within them is withdrawn."""


@dataclass(frozen=True)
class AlertRun:
    """
    What a run did.

    Attributes
    ----------
    checked : list of Checked
        One per building.
    announced : Announced
    """

    checked: list[Checked]
    announced: Announced


def run_alerts(
    settings: Settings,
    buildings: Sequence[str],
    period: Period | None = None,
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
    clock: Callable[[], int] = now_ms,
) -> AlertRun:
    """
    Check buildings for alerts, record them, and queue messages; doing it again repeats nothing.

    Interrupted at any moment, what was recorded stays, and who was not yet told is told by the next
    run: a message is queued in the transaction that writes down that it is.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        All of the installation where none is named.
    period : Period, optional
        The last `USUAL_DAYS` unless given.
    tracked : callable, optional
        Hands the buildings on one by one, such as a progress bar does.
    clock : callable, optional
        [ms since 1970, UTC]
    """
    estates, done = choose_estates(settings, buildings), []
    with opened_store(settings) as store, opened_database(settings) as engine:
        alerts = AlertStore(engine)
        for estate in tracked(estates):
            days = period or _usual_days(estate, clock())
            told = said_of(engine, estate.building.id, days.hours(estate.building.zone).start_ms)
            checked = check_building(estate, store, days, said=told, now_ms=clock())
            record(alerts, estate, store, checked, days, clock())
            done.append(checked)
        return AlertRun(done, announce(engine, open_estates(settings), post_of(settings), clock()))


def _usual_days(estate: Estate, moment_ms: int) -> Period:
    tomorrow = local_date(moment_ms, estate.building.zone) + timedelta(days=1)
    return Period(tomorrow - timedelta(days=USUAL_DAYS + 1), tomorrow)
