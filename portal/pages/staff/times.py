"""Local times on the pages of staff."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from correspondence.catalogue import Catalogue
    from operations.serving import Serving


class Times:
    """
    Writes instants by each building's clock.

    Parameters
    ----------
    serving : Serving
    words : Catalogue
    """

    def __init__(self, serving: Serving, words: Catalogue) -> None:
        estates = serving.estates()
        self._estates, self._names = estates.by_building, estates.names
        self._words = words

    def at(self, time_ms: int | None, building: str) -> str:
        """Write an instant to the minute; a dash for none. [ms since 1970, UTC]"""
        if time_ms is None:
            return "–"
        estate = self._estates.get(building)
        zone = estate.building.zone if estate else UTC
        local = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
        return f"{self._words.full_date(local.date())} {local:%H:%M}"

    def name(self, building: str) -> str:
        """Return what a building is called, so that two of one name can be told apart."""
        return self._names.get(building, building)
