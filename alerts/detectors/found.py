"""What a detector found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alerts.model import AlertKind


FAR_AHEAD_MS = 2**63 - 1


@dataclass
class Found:
    """
    Something that a detector raised; afterwards only its end may move.

    Attributes
    ----------
    row : int
        Row of the meter.
    kind : AlertKind
    start_ms, end_ms : int
        The span that it covers, as far as known; end exclusive. [ms since 1970, UTC]
    raised_ms : int
        Time of the last reading that it needed. [ms since 1970, UTC]
    evidence : dict
        JSON-able numbers with the unit in their names, as of when it was raised.
    open_ms : list of (int, int)
        From which reading to which it was open, if its detector records this: unlike the end, which
        a later reading may move, it shows what was known at each time.
        [ms since 1970, UTC]
    """

    row: int
    kind: AlertKind
    start_ms: int
    end_ms: int
    raised_ms: int
    evidence: dict[str, Any] = field(default_factory=dict)
    open_ms: list[tuple[int, int]] = field(default_factory=list)

    def opens(self, at_ms: int) -> None:
        """Note that it is open from a reading on."""
        self.open_ms.append((at_ms, FAR_AHEAD_MS))

    def closes(self, at_ms: int) -> None:
        """Note that it is no longer open."""
        self.open_ms[-1] = self.open_ms[-1][0], at_ms

    def explains(self, other: Found) -> bool:
        """Whether it was open when another of the same meter was raised, or while that lasted."""
        return self.row == other.row and any(
            opened <= other.raised_ms and closed > other.start_ms for opened, closed in self.open_ms
        )
