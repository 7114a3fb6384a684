"""Checks the buildings of an installation for alerts, and records them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.life.record import record
from alerts.life.store import AlertStore
from alerts.run import check_building
from operations.alerts.clock import now_ms
from operations.wiring import choose_estates, opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from alerts.run import Checked
    from estate.model import Estate
    from estate.periods import Period
    from operations.settings import Settings


def check_buildings(
    settings: Settings,
    buildings: Sequence[str],
    period: Period,
    tracked: Callable[[Sequence[Estate]], Iterable[Estate]] = iter,
    clock: Callable[[], int] = now_ms,
) -> list[Checked]:
    """
    Check buildings for alerts, and record them; checking again records nothing twice.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        All of the installation where none is named.
    period : Period
    tracked : callable, optional
        Hands the buildings on one by one, such as a progress bar does.
    clock : callable, optional
        [ms since 1970, UTC]

    Returns
    -------
    list of Checked
        One per building.
    """
    estates, done = choose_estates(settings, buildings), []
    with opened_store(settings) as store, opened_database(settings) as engine:
        alerts = AlertStore(engine)
        for estate in tracked(estates):
            checked = check_building(estate, store, period)
            record(alerts, estate, store, checked, period, clock())
            done.append(checked)
    return done
