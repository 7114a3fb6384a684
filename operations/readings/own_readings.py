"""A home's readings for its resident to download: only from their own days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from estate.periods import day_start_ms
from estate.quantities import quantities
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from estate.model import Device, Estate
    from estate.periods import Period
    from operations.visitors.roles import Home
    from telemetry.stores.store import SampleSource


class OwnReading(NamedTuple):
    """
    A reading of a home.

    Attributes
    ----------
    time : datetime
        UTC.
    value : float
        [the quantity's unit]
    suspect : bool
        Whether it is treated as missing.
    """

    time: datetime
    device: str
    quantity: str
    value: float
    suspect: bool


def own_readings(
    source: SampleSource, estate: Estate, home: Home, period: Period, quantity: str
) -> Iterator[OwnReading]:
    """
    Yield the readings of one quantity of a home, by device and time, from its own days.

    Parameters
    ----------
    source : SampleSource
    estate : Estate
    home : Home
        Its first and last day limit the period, as do each device's days in the home.
    period : Period
    quantity : str
    """
    days = period.overlap(home.start, home.end)
    for device in sorted(estate.devices, key=lambda each: (each.device, each.start)):
        here = days and device.flat == home.flat and days.overlap(device.start, device.end)
        if here and quantity in quantities():
            yield from _of_device(source, estate, device, here, quantity)


def _of_device(
    source: SampleSource, estate: Estate, device: Device, days: Period, quantity: str
) -> Iterator[OwnReading]:
    zone = estate.building.zone
    span = day_start_ms(days.start, zone), day_start_ms(days.end, zone)
    found = source.samples(estate.building.id, [device.device], quantity, *span)
    suspect = (found.quality & Quality.SUSPECT) != 0
    for time_ms, value, doubted in zip(
        found.time_ms.tolist(), found.value.tolist(), suspect.tolist(), strict=True
    ):
        time = datetime.fromtimestamp(time_ms / 1000, UTC)
        yield OwnReading(time, device.device, quantity, value, doubted)
