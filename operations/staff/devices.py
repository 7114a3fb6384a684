"""Devices as staff see them: which are silent, and which send untrustworthy values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from alerts.devices.limits import device_limits
from estate.devices import REGISTER_OF
from estate.periods import DAY_MS, HOUR_MS, local_date
from estate.quantities import quantities
from ingest.remarks import TO_BE_LOOKED_AT
from operations.staff.limits import staff_limits
from telemetry.readings import Quality

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from estate.model import Device, DeviceKind, Estate
    from ingest.remarks import WordRow
    from telemetry.stores.store import SampleSource

AHEAD_MS = DAY_MS
"""A device whose clock is ahead is heard all the same."""
OF_BOXES = "temperature_c"
"""What every box measures."""


class DeviceState(StrEnum):
    """What staff should think of a device."""

    SILENT = "silent"
    """Nothing arrived of it for `DeviceLimits.silent_hours`."""
    MUTE = "mute"
    """It sends, but not what it is there for."""
    SUSPECT = "suspect"
    """Much of what it sends is implausible, or it says itself that something is wrong."""
    OK = "ok"


ORDER = tuple(DeviceState)
"""The worst first."""


@dataclass(frozen=True)
class DeviceRow:
    """
    One device that is in place now.

    Attributes
    ----------
    flat, address : str
        Of its home; in common parts empty, and the building's.
    room, serial : str
        Empty if unknown.
    last_ms : int or None
        Of its last reading, as far back as was searched. [ms since 1970, UTC]
    readings, suspect : int
        Of the last `DeviceLimits.silent_hours`.
    words : tuple of str
        Its status words in these hours that require attention.
    """

    building: str
    device: str
    kind: DeviceKind
    flat: str
    address: str
    room: str
    serial: str
    state: DeviceState
    last_ms: int | None
    readings: int
    suspect: int
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Heard:
    """What arrived, arrays of shape (devices,); times are -1 for none. [ms since 1970, UTC]"""

    last_ms: npt.NDArray[np.int64]
    readings: npt.NDArray[np.int64]
    suspect: npt.NDArray[np.int64]
    own: npt.NDArray[np.int64]
    """Valid readings of what the device is there for."""


def device_rows(
    source: SampleSource, estate: Estate, words: Iterable[WordRow], now_ms: int
) -> list[DeviceRow]:
    """
    Judge every device of a building that is in place now, the worst first.

    Parameters
    ----------
    source : SampleSource
    estate : Estate
    words : iterable of WordRow
        Status words of the building's devices.
    now_ms : int
        [ms since 1970, UTC]

    Raises
    ------
    StoreUnavailable
    """
    limits = staff_limits()
    placed = devices_now(estate, now_ms)
    start_ms = now_ms - round(device_limits().silent_hours * HOUR_MS)
    heard = _heard(source, estate.building.id, placed, start_ms, now_ms)
    last_ms = _looked_back(source, estate.building.id, placed, heard, now_ms)
    said = _said(words, start_ms)
    rows = [
        DeviceRow(
            building=estate.building.id,
            device=each.device,
            kind=each.kind,
            flat=each.flat or "",
            address=address_of(estate, each.flat),
            room=each.room or "",
            serial=each.serial or "",
            state=_state(heard, row, bool(said.get(each.device)), limits.suspect_share),
            last_ms=int(last_ms[row]) if last_ms[row] >= 0 else None,
            readings=int(heard.readings[row]),
            suspect=int(heard.suspect[row]),
            words=said.get(each.device, ()),
        )
        for row, each in enumerate(placed)
    ]
    return sorted(rows, key=lambda each: (ORDER.index(each.state), each.flat, each.device))


def devices_now(estate: Estate, now_ms: int) -> list[Device]:
    """Return the devices that send and are in place on the local day of an instant, by id."""
    today = local_date(now_ms, estate.building.zone)
    return [
        each
        for rows in estate.placements.values()
        for each in rows
        if each.kind != "unmetered"
        and each.start <= today
        and (each.end is None or today < each.end)
    ]


def address_of(estate: Estate, flat: str | None) -> str:
    """Return the address of a home, the building's for common parts."""
    number = estate.flat_index.get(flat) if flat else None
    return estate.building.address if number is None else estate.flats[number].address


def _heard(
    source: SampleSource, building: str, placed: Sequence[Device], start_ms: int, now_ms: int
) -> _Heard:
    names, count = [each.device for each in placed], len(placed)
    own = np.array([_expected(each) for each in placed], dtype=object)
    heard = _Heard(np.full(count, -1), *(np.zeros(count, dtype=np.int64) for _ in range(3)))
    for quantity in quantities() if placed else ():
        found = source.samples(building, names, quantity, start_ms, now_ms + AHEAD_MS)
        bad = (found.quality & Quality.SUSPECT) != 0
        np.maximum.at(heard.last_ms, found.device_index, found.time_ms)
        heard.readings[:] += np.bincount(found.device_index, minlength=count)
        heard.suspect[:] += np.bincount(found.device_index[bad], minlength=count)
        good = np.bincount(found.device_index[~bad], minlength=count)
        heard.own[:] += np.where(own == quantity, good, 0)
    return heard


def _expected(device: Device) -> str:
    return REGISTER_OF.get(device.kind, OF_BOXES)


def _looked_back(
    source: SampleSource, building: str, placed: Sequence[Device], heard: _Heard, now_ms: int
) -> npt.NDArray[np.int64]:
    """Search further back for the last reading of devices that were not heard."""
    last_ms = heard.last_ms.copy()
    start_ms = now_ms - round(device_limits().looked_back_days * DAY_MS)
    by_quantity: dict[str, list[int]] = defaultdict(list)
    for row in np.flatnonzero(last_ms < 0).tolist():
        by_quantity[_expected(placed[row])].append(row)
    for quantity, rows in by_quantity.items():
        names = [placed[row].device for row in rows]
        found = source.samples(building, names, quantity, start_ms, now_ms)
        np.maximum.at(last_ms, np.array(rows)[found.device_index], found.time_ms)
    return last_ms


def _state(heard: _Heard, row: int, complains: bool, suspect_share: float) -> DeviceState:
    if not heard.readings[row]:
        return DeviceState.SILENT
    if heard.suspect[row] >= suspect_share * heard.readings[row] or complains:
        return DeviceState.SUSPECT
    return DeviceState.OK if heard.own[row] else DeviceState.MUTE


def _said(words: Iterable[WordRow], since_ms: int) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for each in words:
        if each.meaning in TO_BE_LOOKED_AT and each.last_ms >= since_ms:
            found[each.device].append(each.word)
    return {device: tuple(sorted(said)) for device, said in found.items()}
