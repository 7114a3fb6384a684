"""Who looked at a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from operations.access.record import who_looked
from operations.residents.clip import END_OF_TIME_MS, span_ms

if TYPE_CHECKING:
    from operations.access.record import Entry
    from operations.serving import Serving
    from operations.visitors.roles import Home


def viewers_of(serving: Serving, home: Home) -> list[Entry]:
    """Return who looked at a home in its own days, the latest first."""
    estate = serving.estates().by_building[home.building]
    start_ms, end_ms = span_ms(estate, home, 0, END_OF_TIME_MS)
    return who_looked(serving.engine, home.building, home.tenancy, start_ms, end_ms)
