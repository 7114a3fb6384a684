"""Checks what arrived: the newest reading of each building, silent devices, and the last hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.devices import REGISTER_OF
from estate.errors import FairvarmeError
from estate.periods import HOUR_MS
from estate.quantities import quantities
from fairvarme.doctor.check import Check, fault, limit, ok, warning
from fairvarme.doctor.data import is_new, named
from ingest.validation.devices import FOR_EVER_MS, device_table
from operations.readings.stored_readings import local_minute
from operations.wiring import opened_hot_store, opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt

    from estate.model import DeviceKind, Estate
    from fairvarme.doctor.check import Patient
    from telemetry.stores.store import HotStore, Store

CLOCK_QUANTITY = "temperature_c"
"""Every box measures it."""
FEW = 3
"""Boxes that are looked at where none has sent lately."""


class Arrivals(NamedTuple):
    """
    What some devices sent.

    Attributes
    ----------
    sent_ms : (devices,) array
        Newest time of anything; -1 for none.
    counted_ms : (quantities, devices) array
        Newest time of valid readings; -1 for none.
    last_hour : (devices,) array
        Number of readings in the last hour.
    """

    sent_ms: npt.NDArray[np.int64]
    counted_ms: npt.NDArray[np.int64]
    last_hour: npt.NDArray[np.int64]


def readings(patient: Patient) -> Iterator[Check]:
    """Check the newest reading of each building, and report silent devices."""
    if is_new(patient.settings.store) or not patient.estates:
        return
    try:
        with opened_store(patient.settings) as opened:
            for estate in patient.estates.values():
                yield from _of_building(patient, estate, opened)
    except FairvarmeError as error:
        yield fault("readings", str(error), "store_away")


def clocks(patient: Patient) -> Iterator[Check]:
    """Check how long after their time boxes' readings arrive, which reveals wrong clocks."""
    if is_new(patient.settings.store) or not patient.estates:
        return
    try:
        with opened_hot_store(patient.settings, create=False) as opened:
            for estate in patient.estates.values():
                yield from _clocks_of(patient, estate, opened)
    except FairvarmeError as error:
        yield fault("clocks", str(error), "store_away")


def _clocks_of(patient: Patient, estate: Estate, opened: HotStore) -> Iterator[Check]:
    kinds = _placed_now(estate, patient.now_ms)
    boxes = [device for device, kind in kinds.items() if kind == "climate"]
    delays = _shortest_delays(opened, estate.building.id, boxes, patient.now_ms, FOR_EVER_MS)
    end_ms = patient.now_ms
    # If the clock is far ahead, everything looks old: search back until there is something.
    while not delays and boxes and end_ms > patient.now_ms - limit("clock_days") * 24 * HOUR_MS:
        delays = _shortest_delays(opened, estate.building.id, boxes[:FEW], end_ms, end_ms)
        end_ms -= limit("silent_hours") * HOUR_MS
    late = {device: delay for device, delay in delays.items() if delay > limit("clock_ms")}
    by = _duration(min(late.values(), default=0))
    if late and len(late) == len(delays) >= limit("clock_devices"):
        detail = f"all {len(late)} boxes of {estate.building.id} are {by} behind it"
        yield fault("clock", detail, "clock_ahead")
    elif late:
        detail = f"readings come {by} after their time or more: {named(sorted(late))}"
        yield warning(f"clocks of {estate.building.id}", detail, "clock_of_box")


def _duration(ms: int) -> str:
    days = ms // (24 * HOUR_MS)
    return f"{days} days" if days > 1 else f"{ms // 60_000} min"


def _shortest_delays(
    opened: HotStore, building: str, devices: list[str], now_ms: int, end_ms: int
) -> dict[str, int]:
    """Return each device's shortest delay of a reading, in the hours before a time. [ms]"""
    start_ms, delays = now_ms - limit("silent_hours") * HOUR_MS, {}
    for device in devices:
        found = opened.records(building, device, CLOCK_QUANTITY, start_ms, end_ms)
        if found.number:
            # A box that was offline sends stored readings: only the shortest delay shows its clock.
            delays[device] = int((found.arrival_ms - found.time_ms).min())
    return delays


def _of_building(patient: Patient, estate: Estate, opened: Store) -> Iterator[Check]:
    name, now_ms = f"readings of {estate.building.id}", patient.now_ms
    kinds = _placed_now(estate, now_ms)
    if not kinds:
        yield ok(name, "no device is there now")
        return
    hours = limit("silent_hours")
    found = _arrivals(opened, estate.building.id, list(kinds), now_ms - hours * HOUR_MS, now_ms)
    addresses = _addressed(estate, list(kinds))
    yield _of_silence(name, estate, found.sent_ms, addresses, now_ms)
    yield _of_last_hour(estate, found, addresses)
    yield from _of_registers(estate, found, kinds, addresses)


def _of_silence(
    name: str, estate: Estate, newest_ms: npt.NDArray[np.int64], devices: list[str], now_ms: int
) -> Check:
    hours = limit("silent_hours")
    silent = [devices[row] for row in np.flatnonzero(newest_ms < 0)]
    if len(silent) == len(devices):
        return fault(name, f"none of {len(devices)} devices in the last {hours} hours", "silent")
    latest = int(newest_ms.max())
    if latest > now_ms + limit("clock_ms"):
        return fault(name, "the newest is ahead of this clock", "clock")
    minutes = max(now_ms - latest, 0) // 60_000
    detail = f"the newest is {minutes} min old ({local_minute(latest, estate)})"
    if not silent:
        return ok(name, f"{detail}, of {len(devices)} devices none is silent")
    detail += f"; {len(silent)} of {len(devices)} devices silent for {hours} hours: {named(silent)}"
    return warning(name, detail, "silent")


def _of_last_hour(estate: Estate, found: Arrivals, devices: list[str]) -> Check:
    """Report what each device sent in the last hour, those that sent most recently first."""
    heard = [int(row) for row in np.argsort(-found.sent_ms) if found.last_hour[row]]
    until = [local_minute(int(found.sent_ms[row]), estate) for row in heard]
    told = [
        f"{devices[row]}: {found.last_hour[row]} until {at}"
        for row, at in zip(heard, until, strict=True)
    ]
    total = int(found.last_hour.sum())
    detail = f"{total} readings of {len(heard)} of {len(devices)} devices"
    if told:
        detail += f"; {named(told, between='; ')}"
    return ok(f"last hour of {estate.building.id}", detail)


def _of_registers(
    estate: Estate,
    found: Arrivals,
    kinds: Mapping[str, DeviceKind | None],
    devices: list[str],
) -> Iterator[Check]:
    """Report the meters that send something, but not their register."""
    place = {name: row for row, name in enumerate(quantities())}
    mute = [
        devices[column]
        for column, kind in enumerate(kinds.values())
        if kind is not None
        and kind in REGISTER_OF
        and found.sent_ms[column] >= 0
        and found.counted_ms[place[REGISTER_OF[kind]]][column] < 0
    ]
    if mute:
        detail = (
            f"{len(mute)} meters send, but no valid register for {limit('silent_hours')} "
            f"hours: {named(mute)}"
        )
        yield warning(f"registers of {estate.building.id}", detail, "mute")


def _placed_now(estate: Estate, now_ms: int) -> dict[str, DeviceKind | None]:
    """Return the devices that are there now, with their kinds."""
    return {
        device: span.kind
        for (_, device), spans in device_table([estate]).items()
        for span in spans
        if span.kind != "unmetered" and span.start_ms <= now_ms < span.end_ms
    }


def _addressed(estate: Estate, devices: list[str]) -> list[str]:
    """Return each device with the address of the flat that it is in, if it is in one."""
    addresses = {flat.flat: flat.address for flat in estate.flats}
    flats = {device: estate.placements[device][-1].flat for device in devices}
    return [
        f"{device} ({addresses[flat]})" if (flat := flats[device]) in addresses else device
        for device in devices
    ]


def _arrivals(
    opened: Store, building: str, devices: list[str], start_ms: int, now_ms: int
) -> Arrivals:
    """Return what some devices sent from a time on."""
    sent = np.full(len(devices), -1, dtype=np.int64)
    counted = np.full((len(quantities()), len(devices)), -1, dtype=np.int64)
    last_hour = np.zeros(len(devices), dtype=np.int64)
    for row, name in enumerate(quantities()):
        found = opened.samples(building, devices, name, start_ms, now_ms + 24 * HOUR_MS)
        np.maximum.at(sent, found.device_index, found.time_ms)
        recent = found.device_index[found.time_ms >= now_ms - HOUR_MS]
        last_hour += np.bincount(recent, minlength=len(devices))
        good = found.good()
        np.maximum.at(counted[row], good.device_index, good.time_ms)
    return Arrivals(sent, counted, last_hour)
