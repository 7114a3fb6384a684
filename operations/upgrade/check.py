"""Finds which migration steps are due, tries them on a copy, and applies them."""

from __future__ import annotations

import tempfile
import time
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from estate.errors import UsageError
from estate.files.file_place import is_in_use
from estate.periods import HOUR_MS
from operations.backup.collect import copy_sqlite
from operations.backup.repository import Repository
from operations.clock import now_ms
from operations.database import migrate, newest_revision, opened_as_it_is, revision_of
from operations.settings import SQLITE
from operations.upgrade.notes import (
    Release,
    changelog,
    notes_between,
    read_releases,
    this_version,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from operations.backup.repository import Listing
    from operations.settings import Settings

VERSIONS = "operations.migrations.versions"
RECENT_HOURS = 24
"""How old a backup may be before an upgrade. [h]"""


class Due(NamedTuple):
    """
    What an upgrade changes.

    Attributes
    ----------
    now, newest : str or None
        Step of the tables; None for a new database.
    steps : list of str
        What each due step does.
    seconds : float or None
        How long they took on a copy; None if no copy can be made here. [s]
    notes : list of Release
        Releases since the program that made the last backup.
    """

    now: str | None
    newest: str
    steps: list[str]
    seconds: float | None
    notes: list[Release]


def check_upgrade(settings: Settings) -> Due:
    """
    Return what an upgrade changes; nothing is changed.

    Raises
    ------
    UsageError
        If a newer program wrote the database.
    StoreUnavailable
    """
    url = settings.database
    if url.startswith(SQLITE) and not Path(url.removeprefix(SQLITE)).exists():
        return Due(None, newest_revision(), [], None, [])
    with opened_as_it_is(url) as engine:
        now = revision_of(engine)
    steps = [text for name, text in _steps() if now is None or name > now]
    seconds = _on_a_copy(url) if steps and url.startswith(SQLITE) else None
    return Due(now, newest_revision(), steps, seconds, _notes(settings))


def upgrade(settings: Settings, *, without_backup: bool = False) -> Due:
    """
    Apply the due steps.

    Raises
    ------
    UsageError
        If a newer program wrote the database, a worker has it open, or there is no backup of the
        last day.
    StoreUnavailable
    """
    due = check_upgrade(settings)
    if not due.steps:
        return due
    if not without_backup:
        _require_backup(settings)
    _refuse_in_use(settings.database)
    migrate(settings.database).dispose()
    return due


def _require_backup(settings: Settings) -> None:
    for made in _backups(settings):
        if made.whole and 0 <= now_ms() - made.made_ms <= RECENT_HOURS * HOUR_MS:
            return
    raise UsageError(
        f"there is no undamaged backup of the last {RECENT_HOURS} hours; make one with `fairvarme "
        "backup`, or pass --without-backup"
    )


def _refuse_in_use(url: str) -> None:
    path = Path(url.removeprefix(SQLITE))
    if url.startswith(SQLITE) and is_in_use(path):
        raise UsageError(
            f"a worker of the version before has {path} open; stop it first, for example by "
            "`systemctl stop fairvarme`"
        )


def _notes(settings: Settings) -> list[Release]:
    for last in _backups(settings):
        return notes_between(read_releases(changelog()), last.version, this_version())
    return []


def _backups(settings: Settings) -> Iterator[Listing]:
    """Yield the backups, the newest first."""
    if settings.backup is not None:
        repository = Repository(settings.backup.directory)
        yield from map(repository.listing, reversed(repository.names()))


def _on_a_copy(url: str) -> float:
    source = Path(url.removeprefix(SQLITE))
    with tempfile.TemporaryDirectory(prefix=".upgrade-", dir=source.parent) as scratch:
        copy = Path(scratch) / source.name
        copy_sqlite(source, copy)
        began = time.monotonic()
        migrate(f"{SQLITE}{copy}").dispose()
        return time.monotonic() - began


def _steps() -> list[tuple[str, str]]:
    """Return number and purpose of every step, the oldest first."""
    files = sorted(each.name for each in resources.files(VERSIONS).iterdir())
    modules = [name.removesuffix(".py") for name in files if name[0].isdigit()]
    texts = [str(import_module(f"{VERSIONS}.{name}").__doc__) for name in modules]
    return [
        (name[:4], f"{name[:4]}: {text.strip().splitlines()[0]}")
        for name, text in zip(modules, texts, strict=True)
    ]
