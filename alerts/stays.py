"""Meters in homes: each separately, and by each household's days."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from alerts.detectors.intervals import Register
from estate.periods import day_start_ms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from zoneinfo import ZoneInfo

    from estate.model import Device, DeviceKind, Estate

WATER: tuple[DeviceKind, ...] = ("cold_water", "hot_water")


@dataclass(frozen=True)
class Stay:
    """A meter in one flat from a day to another (exclusive; None: still there)."""

    device: str
    flat: str
    start: date
    end: date | None

    def shares_home_with(self, other: Stay) -> bool:
        """Whether another meter was in the same flat at the same time."""
        before = self.end is not None and self.end <= other.start
        after = other.end is not None and other.end <= self.start
        return self.flat == other.flat and not before and not after


def placed(estate: Estate, kind: DeviceKind) -> list[Device]:
    """Return the placements of a kind of meter in flats; a common meter has no home to alert."""
    return [each for each in estate.devices_of_kind(kind) if each.flat is not None]


def households(estate: Estate, place: Device) -> Iterator[Stay]:
    """Split a placement where a tenancy starts or ends: a new household has a new usual use."""
    tenancies = estate.tenancies_of.get(place.flat or "", ())
    days = {day for each in tenancies for day in (each.start, each.end) if day is not None}
    inside = {day for day in days if day > place.start and (place.end is None or day < place.end)}
    for start, end in pairwise([place.start, *sorted(inside), place.end]):
        if start is not None:
            yield Stay(place.device, place.flat or "", start, end)


def stays_of(estate: Estate, kind: DeviceKind) -> list[Stay]:
    """Return the stays of all meters of a kind, in the order in which they are judged."""
    return [stay for each in placed(estate, kind) for stay in households(estate, each)]


def within(register: Register, stay: Stay, zone: ZoneInfo) -> Register:
    """Return the readings of a stay, which begin a register of their own."""
    inside = register.time_ms >= day_start_ms(stay.start, zone)
    if stay.end is not None:
        inside &= register.time_ms <= day_start_ms(stay.end, zone)
    anew = register.anew[inside]
    anew[:1] = True
    return Register(register.time_ms[inside], register.value[inside], anew)
