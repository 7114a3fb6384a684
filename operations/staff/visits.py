"""Homes that need a visit, why, and in which walking order. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from alerts.life.kinds import kind_rules
from correspondence.stairwells import walking_order
from operations.staff.devices import DeviceState, address_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from alerts.life.case import Case
    from estate.model import Estate
    from operations.staff.devices import DeviceRow

DEVICE = "device"
"""Begins the name of a reason that is a device's; what follows is its `DeviceState`."""


class Reason(NamedTuple):
    """
    The reason for a visit.

    Attributes
    ----------
    name : str
        ``device.silent``, ``device.mute``, ``device.suspect``, or ``alert.`` and its kind.
    since_ms : int or None
        None: further back than was searched. [ms since 1970, UTC]
    device : str
        Id of the device concerned; empty for a home as a whole.
    kind : str
        Kind of the device; empty likewise.
    alert : str
        Id of the alert; empty for a device.
    dangerous : bool
    """

    name: str
    since_ms: int | None
    device: str = ""
    kind: str = ""
    alert: str = ""
    dangerous: bool = False


@dataclass(frozen=True)
class Visit:
    """
    A place to visit; it contains no person's name.

    Attributes
    ----------
    flat : str
        Empty for common parts.
    reasons : tuple of Reason
        The dangerous ones first, then the oldest.
    """

    building: str
    flat: str
    address: str
    reasons: tuple[Reason, ...]

    @property
    def dangerous(self) -> bool:
        """Whether one of the reasons is a danger."""
        return any(each.dangerous for each in self.reasons)


def visits(estate: Estate, devices: Iterable[DeviceRow], cases: Iterable[Case]) -> list[Visit]:
    """
    List the places of a building that need a visit, in walking order, common parts first.

    Parameters
    ----------
    estate : Estate
    devices : iterable of DeviceRow
        Of the building.
    cases : iterable of Case
        Of the building; those that are over, or explained by another, need no visit.
    """
    found: dict[str, list[Reason]] = {}
    for row in devices:
        if row.state is not DeviceState.OK:
            name = f"{DEVICE}.{row.state}"
            found.setdefault(row.flat, []).append(Reason(name, row.last_ms, row.device, row.kind))
    for case in cases:
        if case.open and not case.inhibited_by:
            dangerous = kind_rules()[case.kind].dangerous
            reason = Reason(
                f"alert.{case.kind}", case.start_ms, case.device, _kind(estate, case.device),
                case.id, dangerous,
            )  # fmt: skip
            found.setdefault(_flat(estate, case), []).append(reason)
    return [
        Visit(estate.building.id, flat, address_of(estate, flat), _ordered(found[flat]))
        for flat in _walk(estate, found)
    ]


def route(of_buildings: Iterable[tuple[Estate, Sequence[Visit]]]) -> list[Visit]:
    """Combine the visits of several buildings into one round: by building, then by address."""
    ordered = sorted(of_buildings, key=lambda each: (each[0].building.address, each[0].building.id))
    return [visit for _, own in ordered for visit in own]


def _ordered(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=_urgency))


def _urgency(each: Reason) -> tuple[bool, int, str, str]:
    return not each.dangerous, each.since_ms or 0, each.name, each.device


def _walk(estate: Estate, wanted: Iterable[str]) -> list[str]:
    there = set(wanted)
    flats = [each.flat for each in sorted(estate.flats, key=walking_order) if each.flat in there]
    return [*sorted(there.difference(flats)), *flats]


def _flat(estate: Estate, case: Case) -> str:
    """Return the home of an alert; if it is no longer in the estate, the building."""
    return case.flat if case.flat in estate.flat_index else ""


def _kind(estate: Estate, device: str) -> str:
    placements = estate.placements.get(device, ())
    return placements[-1].kind if placements else ""
