"""Table of the devices in each building, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from estate.periods import day_start_ms
from estate.purposes.agreement import unagreed_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from estate.model import Device, DeviceKind, Estate

    DeviceTable = Mapping[tuple[str, str], tuple["DeviceSpan", ...]]
    """Time spans of a device in a building, by (building, device), in order."""

FOR_EVER_MS = 2**63 - 1


class DeviceSpan(NamedTuple):
    """
    From an instant (inclusive) to another (exclusive), and the device's kind then.

    Attributes
    ----------
    start_ms, end_ms : int
        [ms since 1970, UTC]
    kind : str, optional
        Kind in devices.csv; if None the device may measure anything.
    unagreed : tuple of (int, int)
        When the resident has not consented to climate measurements. [ms since 1970, UTC]
    """

    start_ms: int
    end_ms: int
    kind: DeviceKind | None = None
    unagreed: tuple[tuple[int, int], ...] = ()


def device_table(estates: Iterable[Estate]) -> DeviceTable:
    """Return every device of some buildings with its time spans."""
    return {
        (estate.building.id, device): tuple(_span(estate, row) for row in rows)
        for estate in estates
        for device, rows in estate.placements.items()
    }


def _span(estate: Estate, device: Device) -> DeviceSpan:
    zone = estate.building.zone
    end_ms = FOR_EVER_MS if device.end is None else day_start_ms(device.end, zone)
    start_ms = day_start_ms(device.start, zone)
    unagreed = tuple(
        (first, last)
        for first, last in unagreed_spans(estate, device.flat)
        if first < end_ms and start_ms < last
    )
    return DeviceSpan(start_ms, end_ms, device.kind, unagreed)


def kinds_by_building(devices: DeviceTable) -> Mapping[str, Mapping[str, DeviceKind]]:
    """Return each device's latest kind, by building and id."""
    found: dict[str, dict[str, DeviceKind]] = {}
    for (building, device), spans in devices.items():
        if spans and spans[-1].kind is not None:
            found.setdefault(building, {})[device] = spans[-1].kind
    return found
