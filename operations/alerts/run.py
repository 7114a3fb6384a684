"""Checks the buildings of an installation for alerts, records them, and queues messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.life.record import record
from alerts.life.store import AlertStore
from alerts.model import AlertKind
from alerts.run import check_building
from operations.alerts.announce import announce, post_of
from operations.alerts.checkpoints import Checkpoints
from operations.alerts.said import said_of
from operations.alerts.tiers import HOURLY_KINDS, Looked, Looking, Tier, usual_period
from operations.clock import now_ms
from operations.wiring import choose_estates, open_estates, opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Engine

    from alerts.run import Checked
    from estate.model import Estate
    from estate.periods import Period
    from operations.alerts.announce import Announced
    from operations.settings import Settings
    from telemetry.stores.store import Store


@dataclass(frozen=True)
class AlertRun:
    """
    What a run did.

    Attributes
    ----------
    looked : list of Looked
        One per building.
    announced : Announced
    """

    looked: list[Looked]
    announced: Announced

    @property
    def checked(self) -> list[Checked]:
        """What was found in each building."""
        return [each.checked for each in self.looked]


def run_alerts(
    settings: Settings,
    buildings: Sequence[str],
    period: Period | None = None,
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
    clock: Callable[[], int] = now_ms,
    *,
    whole: bool = False,
) -> AlertRun:
    """
    Check buildings for alerts, record them, and queue messages; doing it again repeats nothing.

    If interrupted at any moment, what was recorded stays, and the next run notifies those not yet
    notified: a message is queued in the same transaction that records it.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        Default: all of the installation.
    period : Period, optional
        A full run for days other than the last ones; it keeps nothing for the next run.
    tracked : callable, optional
        Wraps the iteration over buildings, such as in a progress bar.
    clock : callable, optional
        [ms since 1970, UTC]
    whole : bool, optional
        Whether to run every building in full, even if that is not due.
    """
    estates, done = choose_estates(settings, buildings), []
    with opened_store(settings) as store, opened_database(settings) as engine:
        alerts, looking = AlertStore(engine), Looking(store, Checkpoints(engine))
        for estate in tracked(estates):
            moment_ms = clock()
            if period is None:
                first_ms = usual_period(estate, moment_ms).hours(estate.building.zone).start_ms
                said = said_of(engine, estate.building.id, first_ms)
                looked = looking.look(estate, said, moment_ms, whole=whole)
            else:
                looked = _of_days(engine, store, estate, period, moment_ms)
            kinds = HOURLY_KINDS if looked.tier is Tier.HOURLY else frozenset(AlertKind)
            record(alerts, estate, store, looked.checked, looked.period, moment_ms, kinds)
            done.append(looked)
        told = {each.building.id: each for each in estates}
        if buildings or any(each.tier is Tier.WHOLE for each in done):
            # For the other buildings too, and persons may have changed in the meantime.
            told = open_estates(settings)
        return AlertRun(done, announce(engine, told, post_of(settings), clock()))


def _of_days(
    engine: Engine, store: Store, estate: Estate, period: Period, moment_ms: int
) -> Looked:
    said = said_of(engine, estate.building.id, period.hours(estate.building.zone).start_ms)
    checked = check_building(estate, store, period, said=said, now_ms=moment_ms)
    return Looked(estate.building.id, Tier.WHOLE, "asked", period, checked)
