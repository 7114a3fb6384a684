"""
Groups of users: homes with different kinds of meters, each split by its own kind.

Allocator units are not kilowatt-hours, so the costs are first divided among groups by area
or by the main meter, and each group's part is split by its own meters.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from billing.measured.meters.meter_use import MeterUse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.bill.bill import RegisterUse
    from estate.model import Device, DeviceKind, Estate
    from estate.numbers.arrays import Floats, Integers
    from estate.periods import Period


@dataclass(frozen=True)
class UserGroups:
    """
    The kind of meter that counts each home.

    Attributes
    ----------
    kinds : tuple of DeviceKind
        Kinds of meters, at least one.
    of_flats : (flats,) int64 array
        Index of each flat's kind in `kinds`.
    not_counted : tuple of Device
        Meters of flats that are counted by another kind.
    """

    kinds: tuple[DeviceKind, ...]
    of_flats: Integers
    not_counted: tuple[Device, ...] = ()

    @property
    def several(self) -> bool:
        """Whether there is more than one group."""
        return len(self.kinds) > 1


def user_groups(estate: Estate, period: Period, kinds: Sequence[DeviceKind]) -> UserGroups:
    """
    Return which of some kinds of meters counts each home in a period.

    A home is counted by the kind that it had on most days, the earlier of `kinds` on
    a tie; a home without any, by the kind with the largest area. A common meter does not count for
    a home's.
    """
    days = _days_metered(estate, period, kinds)
    own = {flat: max(kinds, key=lambda kind: by_kind[kind]) for flat, by_kind in days.items()}
    area: dict[DeviceKind, float] = defaultdict(float)
    for flat in estate.flats:
        if flat.flat in own:
            area[own[flat.flat]] += flat.area_m2
    usual = max(kinds, key=lambda kind: area[kind])
    found = tuple(kind for kind in kinds if kind in own.values()) or (kinds[0],)
    places = [found.index(own.get(flat.flat, usual)) for flat in estate.flats]
    others = tuple(
        device
        for device in estate.devices
        if device.kind in kinds
        and own.get(device.flat or "", device.kind) != device.kind
        and period.overlap(device.start, device.end)
    )
    return UserGroups(found, np.array(places, dtype=np.int64), others)


def _days_metered(
    estate: Estate, period: Period, kinds: Sequence[DeviceKind]
) -> Mapping[str, Mapping[DeviceKind, int]]:
    """Count the days with meters of each kind in each home that has one."""
    days: dict[str, dict[DeviceKind, int]] = {}
    for kind in kinds:
        for device in estate.devices_of_kind(kind):
            stood = period.overlap(device.start, device.end)
            if device.flat is None or stood is None:
                continue
            by_kind = days.setdefault(device.flat, dict.fromkeys(kinds, 0))
            # There is an allocator in every room: the one installed longest decides.
            by_kind[kind] = max(by_kind[kind], stood.days)
    return days


def grouped_weights(own: Floats, size: Floats, group: Integers, shares: Floats) -> Floats:
    r"""
    Convert the weights of several groups to one scale, each group by its own meters.

    Parameters
    ----------
    own : (rows,) array
        Weight of each row within its group, in the group's unit.
    size : (rows,) array
        Substitute if a group counted nothing, such as area times days.
    group : (rows,) int64 array
        From 0 on.
    shares : (groups,) array
        Shares of the groups.

    Returns
    -------
    (rows,) array
        Weights of a group add up in proportion to its share; those of the first are `own`, if
        it counted something. NaN where `own` is.
    """
    weights = np.zeros_like(own)
    for number, share in enumerate(shares.tolist()):
        within = group == number
        counted = own[within] if own[within].sum() != 0 else size[within]
        weights[within] = share * counted / counted.sum()
    first = own[group == 0].sum()
    return np.asarray(weights * (first / shares[0]) if first > 0 and shares[0] > 0 else weights)


def group_areas(groups: UserGroups, area_m2: Floats) -> Floats:
    """Return the area of each group. [m²]"""
    sums = [area_m2[groups.of_flats == number].sum() for number in range(len(groups.kinds))]
    return np.array(sums)


def scattered(found: MeterUse, counted: npt.NDArray[np.bool_]) -> MeterUse:
    """Return what was read of some spans as that of all: the others have no use and no register."""
    places = np.flatnonzero(counted)
    uses, hours = np.full(len(counted), np.nan), np.zeros(len(counted), dtype=np.int64)
    uses[places], hours[places] = found.use, found.estimated_hours
    parts = np.zeros(len(counted))
    parts[places] = found.estimated_part
    registers: list[tuple[RegisterUse, ...]] = [() for _ in counted]
    for place, own in zip(places.tolist(), found.registers, strict=True):
        registers[place] = own
    return MeterUse(uses, hours, parts, tuple(registers), found.notes)
