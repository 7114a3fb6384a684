"""Checks of stored data: readings, quarantine, tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from estate.devices import REGISTER_OF
from estate.errors import FairvarmeError
from estate.files.file_place import is_in_use
from estate.quantities import quantities
from fairvarme.doctor.check import Check, fault, limit, ok, warning
from ingest.reasons import Reason, reason_texts
from ingest.validation.devices import device_table
from operations.settings import SQLITE
from operations.wiring import opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Engine

    from estate.model import DeviceKind, Estate
    from fairvarme.doctor.check import Patient
    from telemetry.stores.store import Store

HOUR_MS = 3_600_000
WORD_REMEDIES = {
    "unknown": "word_unknown",
    "suspect": "word_suspect",
    "unusable": "word_unusable",
    "contradicts": "word_contradicts",
}


def _is_new(url: str) -> bool:
    """Return whether a URL names a SQLite file that does not exist yet."""
    return url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists()


def _absent(name: str, url: str, remedy: str) -> Check:
    if is_in_use(Path(url.removeprefix(SQLITE))):
        return fault(name, "its file is gone, and a worker has it open", "file_gone")
    return warning(name, "there is none yet", remedy)


def store(patient: Patient) -> Iterator[Check]:
    """Check whether the store accepts writes."""
    if _is_new(patient.settings.store):
        yield _absent("store", patient.settings.store, "store_new")
        return
    try:
        with opened_store(patient.settings, create=False) as opened:
            opened.ping()
    except FairvarmeError as error:
        yield fault("store", str(error), "store_away")
    else:
        yield ok("store", "it accepts writes")


def database(patient: Patient) -> Iterator[Check]:
    """Check the version of the tables, and the quarantine."""
    from operations.database import opened_as_it_is, table_state

    if _is_new(patient.settings.database):
        yield _absent("database", patient.settings.database, "database_new")
        return
    try:
        with opened_as_it_is(patient.settings.database) as engine:
            state = table_state(engine)
            if state == "newest":
                yield ok("database", "its tables are current")
            elif state == "older":
                yield warning("database", "its tables are of an older version", "database_old")
            else:
                yield fault("database", "its tables are of an unknown version", "database_unknown")
            if state == "newest":
                yield from _quarantine(engine)
                yield from _words(engine)
                yield _ledger(engine)
    except FairvarmeError as error:
        yield fault("database", str(error), "database_away")


def _quarantine(engine: Engine) -> Iterator[Check]:
    from ingest.quarantine.store import Quarantine

    quarantine = Quarantine(engine)
    counts = quarantine.counts()
    if not counts:
        yield ok("quarantine", "it is empty")
    share = 100 * quarantine.taken_bytes() // quarantine.most_bytes
    if share >= limit("quarantine_pct"):
        yield warning("quarantine", f"{share} % of its space is used", "quarantine_full")
    for reason, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        text = reason_texts()[Reason(reason)]
        detail = f"{count} {reason}: {text.meaning}"
        yield Check("quarantine", "warning", detail, text.remedy)


def _ledger(engine: Engine) -> Check:
    """Look whether the approved bills are as they were written."""
    from billing.ledger.verify import verify

    verified = verify(engine)
    if verified.findings:
        detail = f"{len(verified.findings)} findings, {verified.findings[0].message}"
        return fault("ledger", detail, "ledger_changed")
    entries = verified.entries
    return ok("ledger", f"{entries} entries are as they were written" if entries else "it is empty")


def _words(engine: Engine) -> Iterator[Check]:
    """Report devices' status words, one result per word that requires attention."""
    from ingest.remarks import TO_BE_LOOKED_AT, Remarks

    name, rows = "device words", Remarks(engine).list_rows()
    told = [row for row in rows if row.meaning in TO_BE_LOOKED_AT]
    devices: dict[tuple[str, str], list[str]] = {}
    for row in sorted(told, key=lambda each: (TO_BE_LOOKED_AT.index(each.meaning), each.word)):
        devices.setdefault((row.meaning, row.word), []).append(row.device)
    lines, most = list(devices.items()), limit("named_words")
    for (meaning, word), said_by in lines[:most]:
        times = sum(row.times for row in told if (row.meaning, row.word) == (meaning, word))
        detail = f"{times} times {word} ({meaning}), reported by {_named(said_by)}"
        yield warning(name, detail, WORD_REMEDIES[meaning])
    if len(lines) > most:
        yield warning(name, f"{len(lines) - most} more words", "words_more")
    if not told:
        harmless = len({row.device for row in rows})
        yield ok(
            name,
            f"{harmless} devices report something harmless" if rows else "no device reports any",
        )


def _named(devices: list[str]) -> str:
    most = limit("named_devices")
    return ", ".join(devices[:most]) + (" ..." if len(devices) > most else "")


def readings(patient: Patient) -> Iterator[Check]:
    """Check the newest reading of each building, and report silent devices."""
    if _is_new(patient.settings.store) or not patient.estates:
        return
    try:
        with opened_store(patient.settings) as opened:
            for estate in patient.estates.values():
                yield from _of_building(patient, estate, opened)
    except FairvarmeError as error:
        yield fault("readings", str(error), "store_away")


def _of_building(patient: Patient, estate: Estate, opened: Store) -> Iterator[Check]:
    name, now_ms = f"readings of {estate.building.id}", patient.now_ms
    kinds = _placed_now(estate, now_ms)
    if not kinds:
        yield ok(name, "no device is there now")
        return
    hours = limit("silent_hours")
    sent_ms, counted_ms = _newest_ms(
        opened, estate.building.id, list(kinds), now_ms - hours * HOUR_MS, now_ms
    )
    yield _of_silence(name, sent_ms, list(kinds), now_ms)
    yield from _of_registers(estate, sent_ms, counted_ms, kinds)


def _of_silence(
    name: str, newest_ms: npt.NDArray[np.int64], devices: list[str], now_ms: int
) -> Check:
    hours = limit("silent_hours")
    silent = [devices[row] for row in np.flatnonzero(newest_ms < 0)]
    if len(silent) == len(devices):
        return fault(name, f"none of {len(devices)} devices in the last {hours} hours", "silent")
    latest = int(newest_ms.max())
    if latest > now_ms + limit("clock_ms"):
        return fault(name, "the newest is ahead of this clock", "clock")
    minutes = max(now_ms - latest, 0) // 60_000
    detail = f"the newest is {minutes} min old"
    if not silent:
        return ok(name, f"{detail}, of {len(devices)} devices none is silent")
    detail += (
        f"; {len(silent)} of {len(devices)} devices silent for {hours} hours: {_named(silent)}"
    )
    return warning(name, detail, "silent")


def _of_registers(
    estate: Estate,
    sent_ms: npt.NDArray[np.int64],
    counted_ms: npt.NDArray[np.int64],
    kinds: Mapping[str, DeviceKind | None],
) -> Iterator[Check]:
    """Report the meters that send something, but not their register."""
    place = {name: row for row, name in enumerate(quantities())}
    mute = [
        device
        for column, (device, kind) in enumerate(kinds.items())
        if kind is not None
        and kind in REGISTER_OF
        and sent_ms[column] >= 0
        and counted_ms[place[REGISTER_OF[kind]]][column] < 0
    ]
    if mute:
        detail = (
            f"{len(mute)} meters send, but no valid register for {limit('silent_hours')} "
            f"hours: {_named(mute)}"
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


def _newest_ms(
    opened: Store, building: str, devices: list[str], start_ms: int, now_ms: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """
    Return the newest times of some devices; -1 if there is none.

    Returns
    -------
    sent_ms : (devices,) array
        Newest time of anything they sent.
    counted_ms : (quantities, devices) array
        Newest time of valid readings.
    """
    sent = np.full(len(devices), -1, dtype=np.int64)
    counted = np.full((len(quantities()), len(devices)), -1, dtype=np.int64)
    for row, name in enumerate(quantities()):
        found = opened.samples(building, devices, name, start_ms, now_ms + 24 * HOUR_MS)
        np.maximum.at(sent, found.device_index, found.time_ms)
        good = found.good()
        np.maximum.at(counted[row], good.device_index, good.time_ms)
    return sent, counted
