"""Checks of stored data: readings, quarantine, tables."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from estate.database.sqlite import look_through
from estate.errors import FairvarmeError
from estate.files.file_place import is_in_use
from fairvarme.doctor.check import Check, fault, limit, ok, warning
from ingest.reasons import Reason, reason_texts
from operations.sealed.record import DatabaseRecord
from operations.settings import SQLITE
from operations.wiring import opened_store
from telemetry.stores.sealed.catalogue import read_catalogue
from telemetry.stores.sealed.check import sealed_buildings
from telemetry.stores.sealed.files.record import lost, lost_from

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from fairvarme.doctor.check import Patient
    from telemetry.stores.sealed.catalogue import Catalogue, SealedFile

HOUR_MS = 3_600_000
WORD_REMEDIES = {
    "unknown": "word_unknown",
    "suspect": "word_suspect",
    "unusable": "word_unusable",
    "contradicts": "word_contradicts",
}


def is_new(url: str) -> bool:
    """Return whether a URL names a SQLite file that does not exist yet."""
    return url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists()


def _absent(name: str, url: str, remedy: str) -> Check:
    if is_in_use(Path(url.removeprefix(SQLITE))):
        return fault(name, "its file is gone, and a worker has it open", "file_gone")
    return warning(name, "there is none yet", remedy)


def store(patient: Patient) -> Iterator[Check]:
    """Check whether the store accepts writes."""
    if is_new(patient.settings.store):
        yield _absent("store", patient.settings.store, "store_new")
        return
    try:
        with opened_store(patient.settings, create=False) as opened:
            opened.ping()
    except FairvarmeError as error:
        yield fault("store", str(error), "store_away")
    else:
        yield ok("store", "it accepts writes")
        yield from _damage("store", patient.settings.store)


def _damage(name: str, url: str) -> Iterator[Check]:
    """Check a SQLite file for damage, for as long as a doctor's run may take."""
    if not url.startswith(SQLITE):
        return
    path = Path(url.removeprefix(SQLITE))
    looked = look_through(path, limit("look_seconds"))
    if looked.damage:
        yield fault(name, f"{path} is damaged: {looked.damage}", "damaged")
    elif looked.hindrance:
        yield fault(name, f"{path} cannot be read: {looked.hindrance}", "not_looked")
    elif not looked.whole:
        detail = f"{path} is too large to be looked through here; each backup looks through it"
        yield ok(name, detail)


def sealed(patient: Patient) -> Iterator[Check]:
    """Check whether every sealed file is there; their hashes are for `readings check`."""
    name, directory = "sealed months", patient.settings.sealed_directory
    if directory is None:
        yield ok(name, "the settings name no folder; every month stays in the store")
        return
    with closing(DatabaseRecord(patient.settings.database)) as record:
        try:
            recorded = {each: record.files(each) for each in record.buildings()}
        except FairvarmeError:
            # The check of the database reports it.
            recorded = {}
    files: list[SealedFile] = []
    for building in sorted({*sealed_buildings(directory), *recorded}):
        folder = directory / building
        try:
            catalogue = read_catalogue(folder)
        except FairvarmeError as error:
            yield fault(name, str(error), "sealed_damaged")
            continue
        files += catalogue.files
        yield from _sealed_away(folder, catalogue, lost(catalogue, recorded.get(building, [])))
    months = len({each.month for each in files})
    size = sum(each.size for each in files) / 2**20
    yield ok(
        name, f"{len(files)} files of {months} months, {size:.1f} MiB" if files else "none yet"
    )


def _sealed_away(folder: Path, catalogue: Catalogue, gone: Sequence[SealedFile]) -> Iterator[Check]:
    """Report a building's files that are missing according to its catalogue or the record."""
    name = "sealed months"
    if gone:
        detail = f"{lost_from(folder, gone[0]).reason}; {len(gone)} files in all"
        yield fault(name, f"{folder}: {detail}", "sealed_lost")
    for each in catalogue.files:
        path = folder / each.name
        if not path.exists() or path.stat().st_size != each.size:
            yield fault(name, f"{path} is missing or has another size", "sealed_damaged")


def database(patient: Patient) -> Iterator[Check]:
    """Check the version of the tables, and the quarantine."""
    from operations.database import opened_as_it_is, table_state

    if is_new(patient.settings.database):
        yield _absent("database", patient.settings.database, "database_new")
        return
    damage = list(_damage("database", patient.settings.database))
    yield from damage
    if any(each.state == "fault" for each in damage):
        return
    try:
        with opened_as_it_is(patient.settings.database) as engine:
            state = table_state(engine)
            if state == "newest":
                yield ok("database", "its tables are current")
            elif state == "none":
                yield warning("database", "it has no tables yet", "database_new")
            elif state == "older":
                yield fault("database", "its tables are of an older version", "database_old")
            else:
                yield fault("database", "its tables are of an unknown version", "database_unknown")
            if state == "newest":
                yield from _quarantine(engine, patient.now_ms)
                yield from _words(engine)
                yield _ledger(engine)
    except FairvarmeError as error:
        yield fault("database", str(error), "database_away")


def _quarantine(engine: Engine, now_ms: int) -> Iterator[Check]:
    from ingest.quarantine.store import Quarantine

    quarantine = Quarantine(engine)
    counts = quarantine.counts()
    if not counts:
        yield ok("quarantine", "it is empty")
    share = 100 * quarantine.taken_bytes() // quarantine.most_bytes
    if share >= limit("quarantine_pct"):
        yield warning("quarantine", f"{share} % of its space is used", "quarantine_full")
    ahead = quarantine.devices_since(Reason.TIME_AHEAD, now_ms - HOUR_MS)
    if len(ahead) >= limit("clock_devices"):
        detail = f"{len(ahead)} devices are ahead of it: {named(sorted(ahead))}"
        yield fault("clock", detail, "clock_behind")
    if damaged := quarantine.count_damaged():
        detail = f"{damaged} messages are not as they were received"
        yield warning("quarantine", detail, "quarantine_damaged")
    for reason, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        text = reason_texts()[Reason(reason)]
        detail = f"{count} {reason}: {text.meaning}"
        yield Check("quarantine", "warning", detail, text.remedy)


def _ledger(engine: Engine) -> Check:
    """Check that the approved bills are as they were written."""
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
        detail = f"{times} times {word} ({meaning}), reported by {named(said_by)}"
        yield warning(name, detail, WORD_REMEDIES[meaning])
    if len(lines) > most:
        yield warning(name, f"{len(lines) - most} more words", "words_more")
    if not told:
        harmless = len({row.device for row in rows})
        yield ok(
            name,
            f"{harmless} devices report something harmless" if rows else "no device reports any",
        )


def named(names: list[str], *, between: str = ", ") -> str:
    """Format a list of names for one line."""
    most = limit("named_devices")
    return between.join(names[:most]) + (f"{between}..." if len(names) > most else "")
