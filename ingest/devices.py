"""Which devices stand in which building, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from estate.periods import day_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from estate.model import Device, Estate

    DeviceTable = Mapping[tuple[str, str], tuple["Span", ...]]
    """Spans in which a device stands, by (building, device), the first one first."""

FOR_EVER_MS = 2**63 - 1


class Span(NamedTuple):
    """From an instant (inclusive) to another (exclusive). [ms since 1970, UTC]"""

    start_ms: int
    end_ms: int


def device_table(estates: Iterable[Estate]) -> DeviceTable:
    """Give every device of some buildings with the spans in which it stands there."""
    return {
        (estate.building.id, device): tuple(_span(estate, row) for row in rows)
        for estate in estates
        for device, rows in estate.placements.items()
    }


def _span(estate: Estate, device: Device) -> Span:
    zone = estate.building.zone
    end_ms = FOR_EVER_MS if device.end is None else day_start_ms(device.end, zone)
    return Span(day_start_ms(device.start, zone), end_ms)
