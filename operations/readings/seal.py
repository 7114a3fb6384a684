"""Seals the closed months of readings of every building."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from estate.errors import DataError
from operations.clock import now_ms
from operations.wiring import known_buildings, opened_sealed_store
from telemetry.stores.sealed.damage import SealedDamaged

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.settings import Settings
    from telemetry.stores.sealed.seal import Sealed

DAY_MS = 86_400_000


class SealedMonth(NamedTuple):
    """
    What was sealed for a building.

    Attributes
    ----------
    building : str
    sealed : Sealed
    """

    building: str
    sealed: Sealed


class DueMonth(NamedTuple):
    """A month and quantity of a building that would be sealed; ``month`` is ``YYYY-MM``."""

    building: str
    month: str
    quantity: str


def seal_months(
    settings: Settings, on_progress: Callable[[str], None] = lambda _building: None
) -> list[SealedMonth]:
    """
    Seal every month that ended `sealed.after_days` ago, and reseal those with late readings.

    If interrupted, the next run continues.

    Parameters
    ----------
    settings : Settings
    on_progress : callable
        Called with a building before its months are sealed.

    Returns
    -------
    list of SealedMonth
        None if the settings name no folder for sealed months.

    Raises
    ------
    StoreUnavailable
        If the store does not answer. A damaged or missing sealed file is reported at the end, once
        everything else is sealed.
    DataError
        If a folder does not say which building it is; the others are sealed.
    """
    now, found, failed = now_ms(), [], []
    with opened_sealed_store(settings) as store:
        if store is None:
            return []
        buildings, left_out = known_buildings(settings)
        for building in buildings:
            on_progress(building)
            sealed = store.seal(
                building, _before_ms(settings, now), now, release=settings.sealed.release
            )
            try:
                found += [SealedMonth(building, each) for each in sealed]
            except SealedDamaged as error:
                failed.append(error)
        if found:
            store.hot.give_back()
    if failed:
        raise failed[0]
    if left_out:
        raise DataError(left_out)
    return found


def due_months(settings: Settings) -> list[DueMonth]:
    """Return what `seal_months` would consider; nothing is changed."""
    before_ms = _before_ms(settings, now_ms())
    with opened_sealed_store(settings) as store:
        if store is None:
            return []
        buildings, left_out = known_buildings(settings)
        if left_out:
            raise DataError(left_out)
        return [
            DueMonth(building, month, quantity)
            for building in buildings
            for month, quantity in store.due(building, before_ms)
        ]


def _before_ms(settings: Settings, now: int) -> int:
    return now - settings.sealed.after_days * DAY_MS
