"""Notes on a meter's readings, for findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.measured.meters.meter_parts import LeftOut, Still
from billing.measured.meters.register_use import Break, Unread
from estate.periods import Period

if TYPE_CHECKING:
    from billing.measured.meters.meter_parts import Reading

COMMON = "common"
"""Used as flat of a common meter."""


@dataclass(frozen=True)
class MeterNote:
    """
    Anomalies of a meter in one place.

    Attributes
    ----------
    flat : str
        `COMMON` for a common meter.
    bare : tuple of Period
        Adjacent days on which the flat had no meter of its kind.
    breaks : tuple of Break
    unread : tuple of Unread
        One for each edge without a reading nearby.
    still : Still
    left_out : LeftOut or None
    """

    device: str
    flat: str
    bare: tuple[Period, ...]
    breaks: tuple[Break, ...]
    unread: tuple[Unread, ...]
    still: Still
    left_out: LeftOut | None

    @property
    def place(self) -> str:
        """Location in words."""
        return "common meters" if self.flat == COMMON else f"flat {self.flat}"


def note_of(reading: Reading) -> MeterNote:
    """Extract from a reading what findings need."""
    placement = reading.placement
    unread = (each for count in reading.counts for each in count.unread)
    return MeterNote(
        device=placement.device.device,
        flat=placement.flat,
        bare=tuple(days for days in (placement.before_it, placement.after_it) if days is not None),
        breaks=reading.breaks,
        unread=tuple({each.edge_ms: each for each in unread}.values()),
        still=reading.still,
        left_out=reading.left_out,
    )
