"""
The hourly climate of each home, and of the air outdoors.

Boxes of one room are averaged first, then the rooms, so that a second box in the living room does
not outweigh the bedroom. Boxes without a room share one, the unnamed: nobody said that they stand
apart. A box counts for a home only on the days it stood there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from estate.periods import day_start_ms
from telemetry.box_checks import Suspicion, suspicions
from telemetry.box_limits import box_limits
from telemetry.hourly import read_hourly_means

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from estate.model import Device, DeviceKind, Estate
    from estate.periods import Hours
    from telemetry.store import SampleSource

    Bools = npt.NDArray[np.bool_]
    Floats = npt.NDArray[np.float64]

INDOOR_QUANTITIES = ("temperature_c", "humidity_pct", "co2_ppm")
SUSPECT_QUANTITIES: Mapping[Suspicion, Sequence[str]] = {Suspicion.BASELINE: ("co2_ppm",)}
"""What a reason makes suspect, where that is not all that the box measures."""
BOXES_AT_ONCE = 50
OUTDOOR_QUANTITIES = ("temperature_c", "humidity_pct")


@dataclass(frozen=True)
class HomeClimate:
    """
    Hourly climate of a building.

    Attributes
    ----------
    hours : Hours
    values : mapping of str to (flats, hours) float64 array
        By quantity (``temperature_c`` [°C], ``humidity_pct`` [%], ``co2_ppm`` [ppm]), rows in the
        order of `Estate.flats`; NaN where no box of the home gave a valid reading.
    outdoor : mapping of str to (hours,) float64 array
        Mean of the outdoor boxes, by quantity (``temperature_c``, ``humidity_pct``); NaN likewise.
    suspect : mapping of Suspicion to (flats, hours) bool array
        Where a box of the home is not believed, by reason; such hours of it are left out of
        `values`.
    """

    hours: Hours
    values: Mapping[str, Floats]
    outdoor: Mapping[str, Floats]
    suspect: Mapping[Suspicion, npt.NDArray[np.bool_]] = field(default_factory=dict)


def home_climate(source: SampleSource, estate: Estate, hours: Hours) -> HomeClimate:
    """
    Read the hourly climate of all homes of a building.

    Parameters
    ----------
    source : SampleSource
    estate : Estate
    hours : Hours

    Returns
    -------
    HomeClimate

    Raises
    ------
    StoreUnavailable
    """
    boxes = [box for box in _standing(estate, "climate", hours) if box.flat is not None]
    outdoor_boxes = _standing(estate, "outdoor", hours)
    placed = {name: _placed(source, estate, boxes, name, hours) for name in INDOOR_QUANTITIES}
    suspect = _without_suspect(estate, boxes, placed, hours)
    values = {name: _home_means(estate, boxes, placed.pop(name)) for name in INDOOR_QUANTITIES}
    outdoor = {}
    for quantity in OUTDOOR_QUANTITIES:
        means = _placed(source, estate, outdoor_boxes, quantity, hours)
        outdoor[quantity] = _mean_by([0] * len(outdoor_boxes), 1, means)[0]
    return HomeClimate(hours, values, outdoor, suspect)


def _without_suspect(
    estate: Estate, boxes: Sequence[Device], placed: Mapping[str, Floats], hours: Hours
) -> dict[Suspicion, Bools]:
    """Take suspect hours out of the boxes' means, in place; tell them by home, (flats, hours)."""
    found = {
        reason: np.zeros((len(estate.flats), hours.count), dtype=np.bool_) for reason in Suspicion
    }
    median_c = _median_box(placed["temperature_c"])
    # A few boxes at a time: the checks need many arrays of their size.
    for first in range(0, len(boxes), BOXES_AT_ONCE):
        some = slice(first, first + BOXES_AT_ONCE)
        inhabited = np.stack([_inhabited(estate, box.flat or "", hours) for box in boxes[some]])
        temperature_c, humidity_pct, co2_ppm = (placed[name][some] for name in INDOOR_QUANTITIES)
        rows = [estate.flat_index[box.flat or ""] for box in boxes[some]]
        reasons = suspicions(
            temperature_c, humidity_pct, co2_ppm, median_c, inhabited, box_limits()
        )
        for reason, suspect in reasons.items():
            np.logical_or.at(found[reason], rows, suspect)
            for name in SUSPECT_QUANTITIES.get(reason, INDOOR_QUANTITIES):
                placed[name][some][suspect] = np.nan
    return found


def _median_box(temperature_c: Floats) -> Floats:
    known = np.isfinite(temperature_c).any(axis=0)
    median_c = np.full(temperature_c.shape[1], np.nan)
    median_c[known] = np.nanmedian(temperature_c[:, known], axis=0)
    return median_c


def _inhabited(estate: Estate, flat: str, hours: Hours) -> Bools:
    """Tell in which hours somebody rents a flat, shape (hours,)."""
    zone = estate.building.zone
    rented = np.zeros(hours.count, dtype=np.bool_)
    for tenancy in estate.tenancies_of.get(flat, ()):
        days = (day_start_ms(day, zone) for day in (tenancy.start, tenancy.end) if day)
        start_ms, end_ms = (*days, hours.end_ms)[:2]
        rented |= (hours.starts_ms >= start_ms) & (hours.starts_ms < end_ms)
    return rented


def _standing(estate: Estate, kind: DeviceKind, hours: Hours) -> list[Device]:
    """Give the placements of boxes that share an hour with the axis."""
    return [place for place in estate.devices_of_kind(kind) if _stood(estate, place, hours).any()]


def _stood(estate: Estate, place: Device, hours: Hours) -> npt.NDArray[np.bool_]:
    """Tell for each hour whether a device was in a place, shape (hours,)."""
    zone = estate.building.zone
    stood = hours.starts_ms >= day_start_ms(place.start, zone)
    if place.end is not None:
        stood &= hours.starts_ms < day_start_ms(place.end, zone)
    return stood


def _placed(
    source: SampleSource, estate: Estate, places: Sequence[Device], quantity: str, hours: Hours
) -> Floats:
    """Give the (places, hours) means, NaN where the box was not in that place."""
    devices = sorted({place.device for place in places})
    means = read_hourly_means(source, estate.building.id, devices, quantity, hours)
    row = {device: number for number, device in enumerate(devices)}
    placed = means[[row[place.device] for place in places]]
    for number, place in enumerate(places):
        placed[number, ~_stood(estate, place, hours)] = np.nan
    return placed


def _home_means(estate: Estate, places: Sequence[Device], placed: Floats) -> Floats:
    """Average boxes by room, then rooms by home: (places, hours) to (flats, hours)."""
    keys = [(estate.flat_index[place.flat or ""], place.room or "") for place in places]
    rooms = sorted(set(keys))
    room = {key: number for number, key in enumerate(rooms)}
    by_room = _mean_by([room[key] for key in keys], len(rooms), placed)
    return _mean_by([flat for flat, _ in rooms], len(estate.flats), by_room)


def _mean_by(group: Sequence[int], groups: int, values: Floats) -> Floats:
    """Average the known values of each group: (n, hours) to (groups, hours)."""
    rows = np.asarray(group, dtype=np.intp)
    if len(set(group)) == len(group):
        # One of each, as in most homes: there is nothing to average.
        alone = np.full((groups, values.shape[1]), np.nan)
        alone[rows] = values
        return alone
    known = ~np.isnan(values)
    total = np.zeros((groups, values.shape[1]))
    number = np.zeros(total.shape, dtype=np.int32)
    np.add.at(total, rows, np.where(known, values, 0.0))
    np.add.at(number, rows, known)
    means = np.full(total.shape, np.nan)
    np.divide(total, number, out=means, where=number > 0)
    return means
