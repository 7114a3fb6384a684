"""All of a home's own data, as CSV and JSON, in the columns of a readings file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, NamedTuple

from estate.periods import Period, local_date, local_time
from estate.purposes.agreement import agreed_on
from estate.purposes.table import Form, needs_agreement
from estate.quantities import quantities
from operations.residents.clip import own_days, own_estate, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from estate.model import Estate
    from estate.purposes.table import Reader
    from operations.serving import Serving
    from operations.visitors.roles import Home

COLUMNS = ("time", "device", "quantity", "value")


class OwnReading(NamedTuple):
    """A reading of a home; the value in the quantity's unit."""

    time: str
    device: str
    quantity: str
    value: float


def own_readings(
    serving: Serving, home: Home, period: Period, reader: Reader
) -> Iterator[OwnReading]:
    """
    Yield every reading of a home in a period, within its own days, by device and quantity.

    Raises
    ------
    StoreUnavailable
    """
    estate = own_estate(serving.estates().by_building[home.building], home)
    days = own_days(home, period)
    if days is None:
        return
    for device in estate.devices:
        stay = days.overlap(device.start, device.end)
        if stay is not None:
            for quantity in shown(reader, sorted(quantities()), Form.READING):
                yield from _of_device(serving, estate, device.device, quantity, stay)


def _of_device(
    serving: Serving, estate: Estate, device: str, quantity: str, stay: Period
) -> Iterator[OwnReading]:
    zone = estate.building.zone
    hours = stay.hours(zone)
    with serving.store() as store:
        found = store.samples(estate.building.id, [device], quantity, hours.start_ms, hours.end_ms)
    agreed = needs_agreement(quantity)
    for time_ms, value in zip(found.time_ms.tolist(), found.value.tolist(), strict=True):
        day = local_date(time_ms, zone)
        if not agreed or all(agreed_on(each, day) for each in estate.tenancies):
            yield OwnReading(local_time(time_ms, zone).isoformat(), device, quantity, value)


def as_csv(rows: Iterator[OwnReading]) -> Iterator[str]:
    """Yield the lines of a readings file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(row)
        if buffer.tell() > 1 << 16:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def own_document(serving: Serving, home: Home, period: Period, reader: Reader) -> dict[str, Any]:
    """Return the data held about a home in a period as JSON-able data."""
    estate = own_estate(serving.estates().by_building[home.building], home)
    return {
        "building": home.building,
        "tenancy": home.tenancy,
        "flat": home.flat,
        "from": str(home.start),
        "to": None if home.end is None else str(home.end),
        "persons": [each.model_dump(mode="json") for each in estate.persons],
        "devices": [each.model_dump(mode="json", by_alias=True) for each in estate.devices],
        "readings": [each._asdict() for each in own_readings(serving, home, period, reader)],
    }
