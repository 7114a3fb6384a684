"""What somebody must know of a meter's readings beside what it counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing.measured.meters.meter_parts import LeftOut, Still
from billing.measured.meters.register_use import Break, Unread
from estate.periods import Period

if TYPE_CHECKING:
    from billing.measured.meters.meter_parts import Reading

COMMON = "common"
"""Instead of the flat of a meter that counts for all homes."""


@dataclass(frozen=True)
class MeterNote:
    """
    What is odd about a meter in one place.

    Attributes
    ----------
    flat : str
        `COMMON` where it counts for all homes.
    bare : tuple of Period
        Days beside its own on which no meter of its kind stood in the flat.
    breaks : tuple of Break
    unread : tuple of Unread
        One for each edge that nobody read near to.
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
        """Where it stands, in words."""
        return "common meters" if self.flat == COMMON else f"flat {self.flat}"


def note_of(reading: Reading) -> MeterNote:
    """Keep of a reading what findings are made of."""
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
