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
    from operations.backup.repository import Repository


def backup(patient: Patient) -> Iterator[Check]:
    """Report a backup that is missing, old, or was never rehearsed."""
    from operations.backup.repository import BACKUPS, Repository

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
    said = f"the newest is of {as_local(newest.made_ms, patient.settings.service.timezone)}"
    hours = (patient.now_ms - newest.made_ms) // HOUR_MS
    if newest.made_ms > patient.now_ms + limit("clock_ms"):
        path = repository.directory / BACKUPS / f"{newest.name}.json"
        yield fault("backup", f"{said}, ahead of this clock", "backup_ahead", path=path)
    elif hours > limit("backup_hours"):
        yield fault("backup", f"{said}, {hours} hours ago", "backup_old")
    elif not newest.whole:
        yield fault("backup", f"{said}, and what it was made of was damaged", "backup_damaged")
    else:
        yield _of_rehearsal(patient.now_ms, repository, said)


def _of_rehearsal(now_ms: int, repository: Repository, said: str) -> Check:
    from operations.backup.restore import last_rehearsal

    rehearsed = last_rehearsal(repository)
    days = None if rehearsed is None else (now_ms - rehearsed.at_ms) // DAY_MS
    if days is not None and days <= limit("rehearsal_days"):
        return ok("backup", f"{said}; a restore was rehearsed {days} days ago")
    when = "never" if days is None else f"{days} days ago"
    detail = f"{said}; a restore was last rehearsed {when}"
    return warning("backup", detail, "backup_unrehearsed", directory=repository.directory)
