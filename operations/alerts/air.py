"""The air of the homes of a building over some days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alerts.air.homes import air_of_homes
from operations.wiring import choose_estates, opened_store
from telemetry.series.home_climate import home_climate

if TYPE_CHECKING:
    from alerts.air.homes import HomeAir
    from estate.periods import Period
    from operations.settings import Settings


def building_air(settings: Settings, building: str, period: Period) -> list[HomeAir]:
    """
    Judge the air of every home of a building, for staff.

    Raises
    ------
    UsageError
        No such building in the settings.
    StoreUnavailable
    """
    (estate,) = choose_estates(settings, [building])
    with opened_store(settings) as store:
        climate = home_climate(store, estate, period.hours(estate.building.zone))
    return air_of_homes(estate, climate)
