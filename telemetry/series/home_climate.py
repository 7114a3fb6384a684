"""
Hourly indoor climate of each home, and outdoor climate.

Sensors of one room are averaged first, then the rooms, so that a second sensor in the living room
does not outweigh the bedroom. Sensors without a room share one unnamed room. A sensor counts for a
home only on the days it was there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.periods import day_start_ms, local_date
from telemetry.series.box_checks import (
    INDOOR_QUANTITIES,
    Surroundings,
    Suspicion,
    doubted_quantities,
    still_alone,
    suspicions,
)
from telemetry.series.box_limits import box_limits
from telemetry.series.hourly import Window, read_windows
from telemetry.series.humidity import water_g_per_m3

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from estate.model import Device, DeviceKind, Estate
    from estate.numbers.arrays import Bools, Floats
    from estate.periods import Hours
    from telemetry.series.box_limits import BoxLimits
    from telemetry.series.hourly import HourlyMeans
    from telemetry.stores.store import SampleSource


BOXES_AT_ONCE = 50
HOURS_AT_ONCE = 744
OUTDOOR_QUANTITIES = ("temperature_c", "humidity_pct")
QUANTITIES: Mapping[DeviceKind, Sequence[str]] = {
    "outdoor": OUTDOOR_QUANTITIES, "climate": INDOOR_QUANTITIES,
}  # fmt: skip
"""What is read of the boxes of each kind, in this order."""


@dataclass(frozen=True)
class Doubt:
    """
    Suspect hours of a sensor for one reason.

    Attributes
    ----------
    flat : str or None
        None outdoors.
    hours : int
    quantities : tuple of str
    """

    device: str
    flat: str | None
    reason: Suspicion
    hours: int
    quantities: tuple[str, ...]


class Doubted(NamedTuple):
    """The hours of a `Doubt`, (hours,) bool array."""

    device: str
    flat: str | None
    reason: Suspicion
    hours: Bools


@dataclass(frozen=True)
class Glitches:
    """
    Single readings of a sensor far from their neighbours, left out of its hours.

    Attributes
    ----------
    flat : str or None
        None outdoors.
    readings : int
    """

    device: str
    flat: str | None
    quantity: str
    readings: int


@dataclass(frozen=True)
class HomeClimate:
    """
    Hourly climate of a building.

    Attributes
    ----------
    hours : Hours
    values : mapping of str to (flats, hours) float64 array
        By quantity (``temperature_c`` [°C], ``humidity_pct`` [%], ``co2_ppm`` [ppm]), rows in the
        order of `Estate.flats`; NaN where no sensor of the home has a valid reading.
    outdoor : mapping of str to (hours,) float64 array
        Mean of the outdoor sensors, by quantity (``temperature_c``, ``humidity_pct``); NaN
        likewise.
    suspect : mapping of Suspicion to (flats, hours) bool array
        Hours in which a sensor of the home is suspect, by reason; they are left out of
        `values`.
    doubts : tuple of Doubt
        The same by sensor, outdoor sensors included.
    glitches : tuple of Glitches
    rooms : tuple of (int, str)
        Row of the flat and name of each room, of the homes that have sensors in several.
    by_room : mapping of str to (rooms, hours) float64 array
        The `values` of those rooms, by quantity.
    doubted : tuple of Doubted
        Hours of the doubts about indoor sensors, except those for implausible values.
    heard : mapping of str to (hours,) bool array
        Hours in which each indoor sensor sent a temperature, by device.
    """

    hours: Hours
    values: Mapping[str, Floats]
    outdoor: Mapping[str, Floats]
    suspect: Mapping[Suspicion, npt.NDArray[np.bool_]] = field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()
    glitches: tuple[Glitches, ...] = ()
    rooms: tuple[tuple[int, str], ...] = ()
    by_room: Mapping[str, Floats] = field(default_factory=dict)
    doubted: tuple[Doubted, ...] = ()
    heard: Mapping[str, Bools] = field(default_factory=dict)


@dataclass(frozen=True)
class _Part:
    """One window of readings: hourly means by placement, and what was left out of them."""

    estate: Estate
    window: Window
    placed: dict[str, dict[str, Floats]]
    left_out: list[Glitches] = field(default_factory=list)
    implausible: list[Doubt] = field(default_factory=list)

    @classmethod
    def of(cls, estate: Estate, hours: Hours) -> _Part:
        """Prepare a window whose limits are those of its first day."""
        first_day = local_date(hours.start_ms, estate.building.zone)
        return cls(estate, Window(hours, first_day), {kind: {} for kind in QUANTITIES})

    def places(self, kind: DeviceKind) -> list[Device]:
        """Return the boxes that share an hour with the window."""
        standing = _standing(self.estate, kind, self.window.hours)
        return [box for box in standing if kind == "outdoor" or box.flat is not None]

    def take(
        self, kind: DeviceKind, quantity: str, devices: Sequence[str], read: HourlyMeans
    ) -> None:
        """Keep the (places, hours) means, with NaN where a box was not in that place."""
        places, hours = self.places(kind), self.window.hours
        row = {device: number for number, device in enumerate(devices)}
        flat = {place.device: place.flat for place in places}
        for device in sorted(flat):
            glitches, lost = int(read.glitches[row[device]]), int(read.implausible[row[device]])
            if glitches:
                self.left_out.append(Glitches(device, flat[device], quantity, glitches))
            if lost:
                self.implausible.append(
                    Doubt(device, flat[device], Suspicion.IMPLAUSIBLE, lost, (quantity,))
                )
        placed = _picked(read.means, [row[place.device] for place in places])
        for number, place in enumerate(places):
            placed[number, ~_stood(self.estate, place, hours)] = np.nan
        self.placed[kind][quantity] = placed

    def climate(self) -> HomeClimate:
        """Judge the boxes, and average the trusted ones by room and home."""
        boxes, hours = self.places("climate"), self.window.hours
        limits = box_limits(self.window.on)
        outdoor, outdoor_doubts = _outdoor(self.places("outdoor"), self.placed["outdoor"], limits)
        placed = self.placed["climate"]
        heard: dict[str, Bools] = {}
        for box, known in zip(boxes, np.isfinite(placed["temperature_c"]), strict=True):
            heard[box.device] = heard.get(box.device, np.False_) | known
        suspect, doubted = _without_suspect(self.estate, boxes, placed, outdoor, hours, limits)
        rooms = _rooms_of(self.estate, boxes)
        number = Counter(flat for flat, _ in rooms)
        several = [row for row, (flat, _) in enumerate(rooms) if number[flat] > 1]
        means, by_room = {}, {}
        for name in INDOOR_QUANTITIES:
            of_rooms = _room_means(self.estate, boxes, rooms, placed.pop(name))
            by_room[name] = of_rooms[several]
            means[name] = _mean_by([flat for flat, _ in rooms], len(self.estate.flats), of_rooms)
        return HomeClimate(
            hours,
            means,
            outdoor,
            suspect,
            (*self.implausible, *map(_doubt, doubted), *outdoor_doubts),
            tuple(self.left_out),
            tuple(rooms[row] for row in several),
            by_room,
            tuple(doubted),
            heard,
        )


def _doubt(doubted: Doubted) -> Doubt:
    number, quantities = int(doubted.hours.sum()), doubted_quantities(doubted.reason)
    return Doubt(doubted.device, doubted.flat, doubted.reason, number, quantities)


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
    (climate,) = home_climates(source, estate, [hours])
    return climate


def home_climates(
    source: SampleSource, estate: Estate, windows: Sequence[Hours]
) -> list[HomeClimate]:
    """
    Read the climate of several overlapping windows, fetching each reading only once.

    Each window gets what `home_climate` returns for it: a box is judged only by the window's hours.
    """
    parts = [_Part.of(estate, hours) for hours in windows]
    for kind, quantities in QUANTITIES.items():
        devices = sorted({place.device for part in parts for place in part.places(kind)})
        for quantity in quantities:
            read = read_windows(
                source, estate.building.id, devices, quantity, [part.window for part in parts]
            )
            for part, means in zip(parts, read, strict=True):
                part.take(kind, quantity, devices, means)
    return [part.climate() for part in parts]


def _outdoor(
    boxes: Sequence[Device], placed: Mapping[str, Floats], limits: BoxLimits
) -> tuple[dict[str, Floats], list[Doubt]]:
    """Average the outdoor sensors, by quantity; a sensor stuck on one value is left out."""
    stuck, _ = still_alone([placed[name] for name in OUTDOOR_QUANTITIES], (np.inf, np.inf), limits)
    placed["temperature_c"][stuck] = np.nan
    doubts = [
        Doubt(box.device, None, Suspicion.TEMPERATURE_STILL, int(hours.sum()), ("temperature_c",))
        for box, hours in zip(boxes, stuck, strict=True)
        if hours.any()
    ]
    return {name: _mean_by([0] * len(boxes), 1, means)[0] for name, means in placed.items()}, doubts


def _without_suspect(
    estate: Estate,
    boxes: Sequence[Device],
    placed: Mapping[str, Floats],
    outdoor: Mapping[str, Floats],
    hours: Hours,
    limits: BoxLimits,
) -> tuple[dict[Suspicion, Bools], list[Doubted]]:
    """Remove suspect hours from the means, in place; return them by home and by sensor."""
    found = {
        reason: np.zeros((len(estate.flats), hours.count), dtype=np.bool_) for reason in Suspicion
    }
    doubts: list[Doubted] = []
    median_c = _median_box(placed["temperature_c"], limits)
    outdoor_c = outdoor["temperature_c"]
    outdoor_g_per_m3 = water_g_per_m3(outdoor_c, outdoor["humidity_pct"])
    # A few sensors at a time: the checks need many arrays of their size.
    for first in range(0, len(boxes), BOXES_AT_ONCE):
        some = slice(first, first + BOXES_AT_ONCE)
        inhabited = np.stack([_inhabited(estate, box.flat or "", hours) for box in boxes[some]])
        temperature_c, humidity_pct, co2_ppm = (placed[name][some] for name in INDOOR_QUANTITIES)
        rows = [estate.flat_index[box.flat or ""] for box in boxes[some]]
        around = Surroundings(inhabited, median_c, outdoor_c, outdoor_g_per_m3)
        reasons = suspicions(temperature_c, humidity_pct, co2_ppm, around, limits)
        for reason, suspect in reasons.items():
            for row, own in zip(rows, suspect, strict=True):
                found[reason][row] |= own
            names = doubted_quantities(reason)
            for name in names:
                placed[name][some][suspect] = np.nan
            doubts += [
                Doubted(box.device, box.flat, reason, own)
                for box, own in zip(boxes[some], suspect, strict=True)
                if own.any()
            ]
    return found, doubts


def _median_box(temperature_c: Floats, limits: BoxLimits) -> Floats:
    median_c = np.full(temperature_c.shape[1], np.nan)
    for first in range(0, len(median_c), HOURS_AT_ONCE):
        some_c, median = (
            each[..., first : first + HOURS_AT_ONCE] for each in (temperature_c, median_c)
        )
        of_homes = (some_c > limits.coldest_c) & (some_c < limits.warmest_c)
        known = of_homes.any(axis=0)
        median[known] = np.nanmedian(np.where(of_homes, some_c, np.nan)[:, known], axis=0)
    return median_c


def _inhabited(estate: Estate, flat: str, hours: Hours) -> Bools:
    """Return the hours in which a flat is let, shape (hours,)."""
    zone = estate.building.zone
    rented = np.zeros(hours.count, dtype=np.bool_)
    for tenancy in estate.tenancies_of.get(flat, ()):
        days = (day_start_ms(day, zone) for day in (tenancy.start, tenancy.end) if day)
        start_ms, end_ms = (*days, hours.end_ms)[:2]
        rented |= hours.between(start_ms, end_ms)
    return rented


def _standing(estate: Estate, kind: DeviceKind, hours: Hours) -> list[Device]:
    """Return the placements of sensors that share an hour with the axis."""
    return [place for place in estate.devices_of_kind(kind) if _stood(estate, place, hours).any()]


def _stood(estate: Estate, place: Device, hours: Hours) -> npt.NDArray[np.bool_]:
    """Return for each hour whether a device was in a place, shape (hours,)."""
    zone = estate.building.zone
    stood = hours.starts_ms >= day_start_ms(place.start, zone)
    if place.end is not None:
        stood &= hours.starts_ms < day_start_ms(place.end, zone)
    return stood


def _room(estate: Estate, place: Device) -> tuple[int, str]:
    return estate.flat_index[place.flat or ""], place.room or ""


def _rooms_of(estate: Estate, places: Sequence[Device]) -> list[tuple[int, str]]:
    """Return the rooms with sensors, by flat and name; those without a name share one."""
    return sorted({_room(estate, place) for place in places})


def _room_means(
    estate: Estate, places: Sequence[Device], rooms: Sequence[tuple[int, str]], placed: Floats
) -> Floats:
    """Average the sensors of each room: (placements, hours) to (rooms, hours)."""
    row = {room: number for number, room in enumerate(rooms)}
    return _mean_by([row[_room(estate, place)] for place in places], len(rooms), placed)


def _picked(values: Floats, rows: Sequence[int]) -> Floats:
    """Return some rows; all of them as they are, without a copy."""
    return values if list(rows) == list(range(len(values))) else values[rows]


def _mean_by(group: Sequence[int], groups: int, values: Floats) -> Floats:
    """Average the known values of each group: (n, hours) to (groups, hours)."""
    rows = np.asarray(group, dtype=np.intp)
    if list(group) == list(range(groups)):
        return values
    if len(set(group)) == len(group):
        # One sensor per group, as in most homes: nothing to average.
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
