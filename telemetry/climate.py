"""The hourly climate of each home, and outdoors, from boxes in the places where they stood."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from estate.periods import day_start_ms
from telemetry.hourly import hourly_means

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from estate.model import Device, Estate
    from estate.periods import Hours
    from telemetry.store import SampleSource

    Floats = npt.NDArray[np.float64]

INDOOR = ("temperature_c", "humidity_pct", "co2_ppm")
OUTDOOR = ("temperature_c", "humidity_pct")


@dataclass(frozen=True)
class HomeClimate:
    """
    Hourly means, NaN where nothing valid was measured.

    Attributes
    ----------
    hours : Hours
    values : mapping of str to (flats, hours) float64 array
        By quantity, in the order of the estate's flats. [the quantity's unit]
    outdoor : mapping of str to (hours,) float64 array
        By quantity. [the quantity's unit]
    """

    hours: Hours
    values: Mapping[str, Floats]
    outdoor: Mapping[str, Floats]


def home_climate(source: SampleSource, estate: Estate, hours: Hours) -> HomeClimate:
    """
    Read the climate of every home of a building.

    Several boxes in a home are averaged, by room first, so that a room with two of them does not
    weigh double. Boxes without a room share one. A box counts for a flat on the days on which it
    stood there.
    """
    boxes = [box for box in estate.devices_of_kind("climate") if box.flat is not None]
    outdoor = estate.devices_of_kind("outdoor")
    values = {}
    for quantity in INDOOR:
        rows = placed_hours(source, estate, boxes, quantity, hours)
        values[quantity] = _by_flat(estate, boxes, rows)
    outside = {
        quantity: mean_of_known(placed_hours(source, estate, outdoor, quantity, hours))
        for quantity in OUTDOOR
    }
    return HomeClimate(hours, values, outside)


def placed_hours(
    source: SampleSource,
    estate: Estate,
    placements: Sequence[Device],
    quantity: str,
    hours: Hours,
) -> Floats:
    """
    Give the hourly means of each placement, NaN outside its days.

    Returns
    -------
    (placements, hours) float64 array
        [the quantity's unit]
    """
    devices = [each.device for each in placements]
    building = estate.building.id
    samples = source.samples(building, devices, quantity, hours.start_ms, hours.end_ms)
    means = hourly_means(samples, len(devices), hours)
    for row, placement in enumerate(placements):
        means[row, ~_standing(estate, placement, hours)] = np.nan
    return means


def mean_of_known(rows: Floats) -> Floats:
    """Average over the first axis what is not NaN; NaN where nothing is known."""
    known = np.isfinite(rows)
    counts = known.sum(axis=0)
    sums = np.where(known, rows, 0.0).sum(axis=0)
    return np.divide(sums, counts, out=np.full(rows.shape[1], np.nan), where=counts > 0)


def _standing(estate: Estate, placement: Device, hours: Hours) -> npt.NDArray[np.bool_]:
    zone = estate.building.zone
    standing = hours.starts_ms >= day_start_ms(placement.start, zone)
    if placement.end is not None:
        standing &= hours.starts_ms < day_start_ms(placement.end, zone)
    return standing


def _by_flat(estate: Estate, boxes: Sequence[Device], rows: Floats) -> Floats:
    rooms: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, box in enumerate(boxes):
        rooms[box.flat or ""][box.room or ""].append(number)
    homes = np.full((len(estate.flats), rows.shape[1]), np.nan)
    for flat, members in rooms.items():
        by_room = _stacked(mean_of_known(rows[numbers]) for numbers in members.values())
        homes[estate.flat_index[flat]] = mean_of_known(by_room)
    return homes


def _stacked(rows: Iterable[Floats]) -> Floats:
    return np.stack(list(rows))
