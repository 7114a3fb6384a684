"""The doctor's checks of what is stored: readings, quarantine, tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from estate.errors import FairvarmeError
from estate.quantities import quantities
from fairvarme.doctor import Check, fault, limit, ok, warning
from fairvarme.settings import SQLITE
from fairvarme.wiring import opened_store
from ingest.devices import device_table
from ingest.reasons import Reason, reason_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from estate.model import Estate
    from fairvarme.doctor import Patient
    from telemetry.store import Store

HOUR_MS = 3_600_000


def _is_new(url: str) -> bool:
    """Tell whether a URL names a SQLite file that nobody has made yet."""
    return url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists()


def store(patient: Patient) -> Iterator[Check]:
    """Look whether the store would take a write."""
    if _is_new(patient.settings.store):
        yield warning("store", "there is none yet", "store_new")
        return
    try:
        with opened_store(patient.settings) as opened:
            opened.ping()
    except FairvarmeError as error:
        yield fault("store", str(error), "store_away")
    else:
        yield ok("store", "it would take a write")


def database(patient: Patient) -> Iterator[Check]:
    """Look whether the tables are the newest, and at what lies in quarantine."""
    from fairvarme.database import opened_as_it_is, table_state

    if _is_new(patient.settings.database):
        yield warning("database", "there is none yet", "database_new")
        return
    try:
        with opened_as_it_is(patient.settings.database) as engine:
            state = table_state(engine)
            if state == "newest":
                yield ok("database", "its tables are the newest")
            elif state == "older":
                yield warning("database", "its tables are of an older version", "database_old")
            else:
                yield fault("database", "its tables are of no known version", "database_unknown")
            if state == "newest":
                yield from _quarantine(engine)
    except FairvarmeError as error:
        yield fault("database", str(error), "database_away")


def _quarantine(engine: Engine) -> Iterator[Check]:
    from ingest.quarantine import Quarantine

    counts = Quarantine(engine).counts()
    if not counts:
        yield ok("quarantine", "it is empty")
    for reason, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        text = reason_texts()[Reason(reason)]
        detail = f"{count} {reason}: {text.meaning}"
        yield Check("quarantine", "warning", detail, text.remedy)


def readings(patient: Patient) -> Iterator[Check]:
    """Look at the newest reading of each building, and at the devices that are silent."""
    if _is_new(patient.settings.store) or not patient.estates:
        return
    try:
        with opened_store(patient.settings) as opened:
            for estate in patient.estates.values():
                yield _of_building(patient, estate, opened)
    except FairvarmeError as error:
        yield fault("readings", str(error), "store_away")


def _of_building(patient: Patient, estate: Estate, opened: Store) -> Check:
    name, now_ms = f"readings of {estate.building.id}", patient.now_ms
    devices = _placed_now(estate, now_ms)
    if not devices:
        return ok(name, "no device stands there now")
    hours = limit("silent_hours")
    newest_ms = _newest_ms(opened, estate.building.id, devices, now_ms - hours * HOUR_MS, now_ms)
    silent = [device for device, time_ms in newest_ms.items() if time_ms is None]
    if len(silent) == len(devices):
        return fault(name, f"none of {len(devices)} devices in the last {hours} hours", "silent")
    latest = max(time_ms for time_ms in newest_ms.values() if time_ms is not None)
    if latest > now_ms + limit("clock_ms"):
        return fault(name, "the newest lies ahead of this clock", "clock")
    minutes = max(now_ms - latest, 0) // 60_000
    detail = f"the newest is {minutes} min old"
    if not silent:
        return ok(name, f"{detail}, of {len(devices)} devices none is silent")
    most = limit("named_devices")
    named = ", ".join(silent[:most]) + (" ..." if len(silent) > most else "")
    detail += f"; {len(silent)} of {len(devices)} devices silent for {hours} hours: {named}"
    return warning(name, detail, "silent")


def _placed_now(estate: Estate, now_ms: int) -> list[str]:
    unmetered = {row.device for row in estate.devices if row.kind == "unmetered"}
    return [
        device
        for (_, device), spans in device_table([estate]).items()
        if device not in unmetered and any(s.start_ms <= now_ms < s.end_ms for s in spans)
    ]


def _newest_ms(
    opened: Store, building: str, devices: list[str], start_ms: int, now_ms: int
) -> dict[str, int | None]:
    newest = np.full(len(devices), -1, dtype=np.int64)
    for quantity in quantities():
        found = opened.samples(building, devices, quantity, start_ms, now_ms + 24 * HOUR_MS)
        np.maximum.at(newest, found.device_index, found.time_ms)
    return {
        device: int(time_ms) if time_ms >= 0 else None
        for device, time_ms in zip(devices, newest, strict=True)
    }
