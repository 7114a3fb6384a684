"""The overview of an installation, refreshed every few minutes since it reads a day of readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from operations.staff.overview import Overview, overview

if TYPE_CHECKING:
    from starlette.requests import Request

    from operations.serving import Serving

FRESH_MS = 5 * 60_000


@dataclass
class Looked:
    """The newest overview; one thread makes the next, and the others wait for it."""

    newest: Overview | None = None
    _making: Lock = field(default_factory=Lock)

    def now(self, serving: Serving) -> Overview:
        """Return an overview that is at most `FRESH_MS` old."""
        with self._making:
            moment = serving.clock()
            if self.newest is None or moment - self.newest.made_ms >= FRESH_MS:
                self.newest = overview(serving.settings, clock=serving.clock)
            return self.newest


def overview_of(request: Request, serving: Serving) -> Overview:
    """Return the overview of the installation that an application serves."""
    state = request.app.state
    if not hasattr(state, "looked"):
        state.looked = Looked()
    looked: Looked = state.looked
    return looked.now(serving)
