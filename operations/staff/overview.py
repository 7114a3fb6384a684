"""An overview of an installation for its staff: what is silent, where to go, how late data is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from alerts.life.store import AlertStore
from ingest.remarks import Remarks
from operations.clock import now_ms
from operations.staff.devices import device_rows
from operations.staff.visits import route, visits
from operations.wiring import choose_estates, opened_database, opened_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from estate.model import Estate
    from operations.settings import Settings
    from operations.staff.devices import DeviceRow
    from operations.staff.visits import Visit


@dataclass(frozen=True)
class Lag:
    """
    How far behind a building's readings are.

    Attributes
    ----------
    newest_ms : int or None
        Of the newest reading; None if none arrived in the days searched. [ms]
    lag_minutes : int or None
        From it to now; 0 if a device's clock is ahead. [min]
    """

    building: str
    newest_ms: int | None
    lag_minutes: int | None
    devices: int


@dataclass(frozen=True)
class Overview:
    """
    The overview for staff.

    Attributes
    ----------
    made_ms : int
        [ms since 1970, UTC]
    visits : tuple of Visit
        In walking order.
    devices : tuple of DeviceRow
        All devices, building by building, the worst of each first.
    """

    made_ms: int
    visits: tuple[Visit, ...]
    devices: tuple[DeviceRow, ...]
    lags: tuple[Lag, ...]


def overview(
    settings: Settings, buildings: Sequence[str] = (), clock: Callable[[], int] = now_ms
) -> Overview:
    """
    Make the overview of some buildings, by default all of the installation.

    Parameters
    ----------
    settings : Settings
    buildings : sequence of str, optional
    clock : callable, optional
        [ms since 1970, UTC]

    Raises
    ------
    DataError
        If an estate is not in order.
    UsageError
        If there is no such building.
    StoreUnavailable
    """
    moment = clock()
    estates = choose_estates(settings, buildings)
    with opened_store(settings) as store, opened_database(settings) as engine:
        words, cases = Remarks(engine), AlertStore(engine).list(only_open=True)
        rows = [
            (estate, device_rows(store, estate, words.list_rows(estate.building.id), moment))
            for estate in estates
        ]
    routes = [
        (
            estate,
            visits(estate, own, [each for each in cases if each.building == estate.building.id]),
        )
        for estate, own in rows
    ]
    return Overview(
        made_ms=moment,
        visits=tuple(route(routes)),
        devices=tuple(row for _, own in rows for row in own),
        lags=tuple(_lag(estate, own, moment) for estate, own in rows),
    )


def _lag(estate: Estate, rows: Sequence[DeviceRow], moment: int) -> Lag:
    newest = max((each.last_ms for each in rows if each.last_ms is not None), default=None)
    minutes = None if newest is None else max(moment - newest, 0) // 60_000
    return Lag(estate.building.id, newest, minutes, len(rows))
