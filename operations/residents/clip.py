"""Clips an estate to one person's home and days; pages compute from nothing else. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from estate.periods import Period, day_start_ms
from estate.purposes.table import Form, Reader, may_see

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from estate.model import Device, Estate
    from operations.visitors.roles import Home, Visitor

END_OF_TIME_MS = 1 << 62


def own_estate(estate: Estate, home: Home) -> Estate:
    """
    Return an estate with one flat, one person, and devices only for the home's days.

    A device that was already there counts from the first day on; its registers at a change of
    device are kept where the change falls within.
    """
    return replace(
        estate,
        flats=tuple(each for each in estate.flats if each.flat == home.flat),
        neighbours=(),
        tenancies=tuple(
            each.model_copy(update={"start": home.start, "end": home.end})
            for each in estate.tenancies
            if each.tenancy == home.tenancy
        ),
        persons=tuple(
            each
            for each in estate.persons
            if (each.tenancy, each.person) == (home.tenancy, home.person)
        ),
        devices=tuple(_own_devices(estate.devices, home)),
        costs=(),
        aconto=tuple(each for each in estate.aconto if each.tenancy == home.tenancy),
    )


def _own_devices(devices: Sequence[Device], home: Home) -> Iterator[Device]:
    for device in devices:
        if device.flat != home.flat:
            continue
        start = max(device.start, home.start)
        end = min((each for each in (device.end, home.end) if each is not None), default=None)
        if end is not None and end <= start:
            continue
        changed: dict[str, object] = {"start": start, "end": end}
        if start != device.start:
            changed["start_register"] = None
        if end != device.end:
            changed["end_register"] = None
        yield device.model_copy(update=changed)


def span_ms(estate: Estate, home: Home, start_ms: int, end_ms: int) -> tuple[int, int]:
    """Return the part of a time span that is the home's. [ms since 1970, UTC]"""
    zone = estate.building.zone
    last = END_OF_TIME_MS if home.end is None else day_start_ms(home.end, zone)
    return max(start_ms, day_start_ms(home.start, zone)), min(end_ms, last)


def own_days(home: Home, period: Period) -> Period | None:
    """Return the days of a period that belong to the home; None if there are none."""
    return period.overlap(home.start, home.end)


def reader_of(visitor: Visitor, *, case_is_open: bool) -> Reader:
    """Return the role in which a visitor reads a home: staff see climate only for an open case."""
    if not visitor.acting_for:
        return Reader.RESIDENT
    return Reader.CASE if case_is_open else Reader.NOBODY


def shown(reader: Reader, quantities: Sequence[str], form: Form) -> list[str]:
    """Return the quantities that a reader may see in a form, by the table of purposes."""
    return [each for each in quantities if may_see(reader, each, form)]
