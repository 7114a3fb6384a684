"""The nightly retention job: every store, by its own table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from estate.errors import DataError
from estate.files.folder import read_estate
from estate.periods import DAY_MS, local_date
from operations.backup.repository import Repository
from operations.clock import now_ms
from operations.privacy import files, records
from operations.privacy.kept import kept
from operations.privacy.readings import remove_old_readings
from operations.wiring import opened_database, opened_store, readable_estates

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from operations.settings import Settings
    from telemetry.stores.sealed.damage import SealedDamaged


class Removed(NamedTuple):
    """How many of something were removed; ``what`` names a table, a quantity or files."""

    what: str
    number: int


def run_retention(settings: Settings) -> list[Removed]:
    """
    Remove everything past its retention, from readings to backups.

    If interrupted, the next run continues.

    Raises
    ------
    StoreUnavailable
        If a store does not answer; what was removed stays so. A damaged sealed file is reported
        at the end, once everything else is removed.
    DataError
        If estates are not in order: readings, and persons in folders, of the other buildings are
        removed.
    """
    now = now_ms()
    found: list[Removed] = []
    failed: list[SealedDamaged] = []
    estates, left_out = readable_estates(settings)
    with opened_store(settings) as store:
        for estate in estates:
            removed = remove_old_readings(store, estate, now, failed)
            building = estate.building.id
            found += [Removed(f"{building} {name}", number) for name, number in removed.items()]
    with opened_database(settings) as engine:
        removed = records.remove_old_records(engine, now)
        before = local_date(now, _zone(settings)) - timedelta(days=kept().persons.days)
        removed["person"] = records.remove_old_persons(engine, before)
        records.empty_log(engine)
    removed["person"] += sum(_remove_old_persons(each, before) for each in settings.estate_folders)
    if settings.letters is not None:
        removed["letters"] = files.remove_old_letters(settings.letters.directory, now / 1000)
    if settings.backup is not None and settings.backup.directory.exists():
        repository = Repository(settings.backup.directory)
        with repository.held():
            gone = repository.forget(now - settings.backup.keep_days * DAY_MS)
        removed["backups"] = len(gone)
    if failed:
        raise failed[0]
    if left_out:
        raise DataError(left_out)
    return found + [Removed(name, number) for name, number in removed.items()]


def _remove_old_persons(folder: Path, before: date) -> int:
    try:
        estate = read_estate(folder)
    except DataError:
        # Told already: its readings are left out for the same reason.
        return 0
    return files.remove_old_persons(folder, estate, before)


def _zone(settings: Settings) -> ZoneInfo:
    return ZoneInfo(settings.service.timezone)
