"""Checks the age of the newest backup, and whether a restore was ever rehearsed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from estate.errors import UsageError
from estate.periods import DAY_MS, HOUR_MS
from fairvarme.doctor.check import fault, limit, ok, warning
from fairvarme.output import as_local

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairvarme.doctor.check import Check, Patient


def backup(patient: Patient) -> Iterator[Check]:
    """Report a backup that is missing, old, or was never rehearsed."""
    from operations.backup.repository import BACKUPS, Repository
    from operations.backup.restore import last_rehearsal

    settings = patient.settings.backup
    if settings is None:
        yield warning("backup", "the settings name none", "backup_none")
        return
    repository = Repository(settings.directory)
    try:
        newest = repository.listing()
    except UsageError as error:
        yield fault("backup", str(error), "backup_old")
        return
    hours = (patient.now_ms - newest.made_ms) // HOUR_MS
    said = f"the newest is of {as_local(newest.made_ms, patient.settings.service.timezone)}"
    if newest.made_ms > patient.now_ms + limit("clock_ms"):
        path = repository.directory / BACKUPS / f"{newest.name}.json"
        yield fault("backup", f"{said}, ahead of this clock", "backup_ahead", path=path)
        return
    if hours > limit("backup_hours"):
        yield fault("backup", f"{said}, {hours} hours ago", "backup_old")
        return
    if not newest.whole:
        yield fault("backup", f"{said}, and what it was made of was damaged", "backup_damaged")
        return
    rehearsed = last_rehearsal(repository)
    days = None if rehearsed is None else (patient.now_ms - rehearsed.at_ms) // DAY_MS
    if days is None or days > limit("rehearsal_days"):
        when = "never" if days is None else f"{days} days ago"
        detail = f"{said}; a restore was last rehearsed {when}"
        yield warning("backup", detail, "backup_unrehearsed", directory=settings.directory)
    else:
        yield ok("backup", f"{said}; a restore was rehearsed {days} days ago")
