"""What a detector found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alerts.model import AlertKind


@dataclass
class Found:
    """
    One thing that a detector raised; only its end moves afterwards.

    Attributes
    ----------
    row : int
        Row of the meter.
    kind : AlertKind
    start_ms, end_ms : int
        The span it is about, as far as it is known; end exclusive. [ms since 1970, UTC]
    raised_ms : int
        Time of the last reading that it needed. [ms since 1970, UTC]
    evidence : dict
        JSON-able numbers with the unit in their names, as they were when it was raised.
    """

    row: int
    kind: AlertKind
    start_ms: int
    end_ms: int
    raised_ms: int
    evidence: dict[str, Any] = field(default_factory=dict)
