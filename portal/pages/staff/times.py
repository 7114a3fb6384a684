"""Local times on staff pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from correspondence.catalogue import Catalogue
    from operations.serving import Serving


class Times:
    """
    Formats instants in each building's local time.

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
        """Format an instant to the minute; a dash for none. [ms since 1970, UTC]"""
        if time_ms is None:
            return "–"
        estate = self._estates.get(building)
        zone = estate.building.zone if estate else UTC
        local = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(zone)
        return f"{self._words.full_date(local.date())} {self._words.clock(local)}"

    def name(self, building: str) -> str:
        """Return the name of a building, made distinct if two share it."""
        return self._names.get(building, building)
