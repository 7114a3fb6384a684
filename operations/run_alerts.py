"""Checks the buildings of an installation for alerts, and stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.run import check_building
from alerts.tables import AlertStore
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
) -> list[Checked]:
    """
    Check buildings for alerts, and store them; checking again stores each alert once.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str
        All of the installation where none is named.
    period : Period
    tracked : callable, optional
        Hands the buildings on one by one, such as a progress bar does.

    Returns
    -------
    list of Checked
        One per building.
    """
    estates = choose_estates(settings, buildings)
    with opened_store(settings) as store:
        checked = [check_building(estate, store, period) for estate in tracked(estates)]
    with opened_database(settings) as engine:
        AlertStore(engine).save([alert for each in checked for alert in each.alerts])
    return checked
