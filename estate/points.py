"""
Measuring points: what is measured where. They stay while their devices come and go.

A device is in the point that devices.csv names. If it names none, it replaces a device
of its kind, flat and room that has left, if only one can be meant; else it gets a point of its own.
A device that is already in a point stays in it. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from estate.findings import Finding
from estate.periods import share_days

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from estate.model import Device, DeviceKind

COMMON = "common"
BETWEEN = ":"


class Point(NamedTuple):
    """A measuring point."""

    point: str
    kind: DeviceKind
    flat: str | None
    room: str | None


class Placement(NamedTuple):
    """
    A row of devices.csv.

    Attributes
    ----------
    row : int
        Its number in the file.
    held : str or None
        The point that it is already in.
    """

    row: int
    device: Device
    held: str | None = None


@dataclass
class Places:
    """
    The measuring points of a building, and which devices are in each.

    Attributes
    ----------
    points : dict of str to Point
    taken : dict of str to list of Placement
        The placements in each point.
    findings : list of Finding
    """

    points: dict[str, Point]
    taken: dict[str, list[Placement]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def point_of(self) -> dict[int, str]:
        """Return the point of each row of devices.csv."""
        return {each.row: point for point, held in self.taken.items() for each in held}


def place_devices(placements: Iterable[Placement], known: Mapping[str, Point]) -> Places:
    """
    Find the measuring point of each device.

    Parameters
    ----------
    placements : iterable of Placement
    known : mapping of str to Point
        The existing points.
    """
    places = Places(dict(known))
    waiting = []
    for each in sorted(placements, key=lambda one: (one.device.start, one.device.device)):
        held = each.device.point or _still_held(each, known)
        if held is None:
            waiting.append(each)
        else:
            _take(places, held, each)
    for each in waiting:
        _take(places, _found(places, each), each)
    for point, held_by in sorted(places.taken.items()):
        places.findings += _contradictions(places.points[point], held_by)
    return places


def _still_held(each: Placement, known: Mapping[str, Point]) -> str | None:
    """Return the point that a device is in, unless devices.csv now places it elsewhere."""
    point = known.get(each.held) if each.held else None
    device = each.device
    return point.point if point and (point.kind, point.flat) == (device.kind, device.flat) else None


def _take(places: Places, point: str, each: Placement) -> None:
    device = each.device
    places.points.setdefault(point, Point(point, device.kind, device.flat, device.room))
    places.taken.setdefault(point, []).append(each)


def _found(places: Places, each: Placement) -> str:
    """Return the point whose device has left for this one, else a new one."""
    device = each.device
    same = (device.kind, device.flat, device.room)
    alike = [name for name, point in places.points.items() if point[1:] == same]
    free = {name: held for name in alike if _is_free(held := places.taken.get(name, ()), each)}
    left = [name for name, held in free.items() if _left_on(held, device.start)]
    fitting = left if len(left) == 1 else sorted(free)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        places.findings.append(_which(each, fitting))
    return _new_name(places, device)


def _left_on(held_by: Sequence[Placement], day: date) -> bool:
    return any(each.device.end == day for each in held_by)


def _is_free(held_by: Sequence[Placement], each: Placement) -> bool:
    return not any(share_days(one.device, each.device) for one in held_by)


def _new_name(places: Places, device: Device) -> str:
    parts = (device.flat or COMMON, device.kind, device.room)
    name = first = BETWEEN.join(part for part in parts if part)
    number = 1
    while name in places.points:
        number += 1
        name = f"{first}{BETWEEN}{number}"
    return name


def _contradictions(point: Point, held_by: Sequence[Placement]) -> Iterator[Finding]:
    ordered = sorted(held_by, key=lambda each: (each.device.start, each.row))
    for before, each in pairwise(ordered):
        if share_days(before.device, each.device):
            problem = (
                f"stands in the measuring point {point.point} from {each.device.start} on, as "
                f"{before.device.device} (row {before.row}) does; end that row by then, or give "
                "another point"
            )
            yield _finding("point_taken", point, each, problem)
    for each in ordered:
        if (each.device.kind, each.device.flat) != (point.kind, point.flat):
            problem = (
                f"names the measuring point {point.point}, which is {point.kind} of "
                f"{_place(point)}; name another point, or correct kind and flat"
            )
            yield _finding("point_elsewhere", point, each, problem)


def _place(point: Point) -> str:
    return f"flat {point.flat}" if point.flat else "the building"


def _which(each: Placement, free: Sequence[str]) -> Finding:
    named = ", ".join(free)
    device = each.device
    return Finding(
        "import.point_unclear",
        f"devices.csv row {each.row}: {device.device} may take the place of a device in "
        f"{named}, and is a measuring point of its own; write which one into its column point",
        {"file": "devices.csv", "row": each.row, "device": device.device, "points": list(free)},
    )


def _finding(fault: str, point: Point, each: Placement, problem: str) -> Finding:
    return Finding(
        f"estate.rows.{fault}",
        f"devices.csv row {each.row}: {each.device.device} {problem}",
        {"file": "devices.csv", "row": each.row, "point": point.point},
    )
