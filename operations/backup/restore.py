"""Restores an installation from a backup onto an empty machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ValidationError

from estate.database.sqlite import look_through
from estate.errors import FairvarmeError, UsageError
from operations.backup.collect import POSTGRESQL, load_postgresql
from operations.backup.make import READINGS
from operations.backup.readings_months import load_month
from operations.backup.repository import hash_file
from operations.clock import now_ms
from operations.settings import read_settings
from operations.wiring import opened_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from operations.backup.repository import Entry, Index, Listing, Repository

REHEARSED = "rehearsed.json"
SQLITE_HEAD = b"SQLite format 3\x00"


class Rehearsed(BaseModel):
    """Which backup was rehearsed, and when. [ms since 1970, UTC]"""

    name: str
    at_ms: int


class Restored(NamedTuple):
    """
    What was restored.

    Attributes
    ----------
    name : str
        Of the backup.
    config : Path
        The settings file.
    files, readings : int
        Number of files written, and of readings written to a server.
    """

    name: str
    config: Path
    files: int
    readings: int


def restore(
    repository: Repository,
    identity: str,
    directory: Path,
    name: str | None = None,
    *,
    outside: bool = False,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Restored:
    """
    Write everything that a backup contains.

    Parameters
    ----------
    repository : Repository
    identity : str
        The secret key, in age's format.
    directory : Path
        The folder of the settings.
    name : str, optional
        Of the backup; the newest unless named.
    outside : bool
        Whether files from outside that folder go back to where they were.
    on_progress : callable
        Called with how many files are done, and how many there are.

    Raises
    ------
    UsageError
        If something else is there already, or the key is the wrong one.
    FairvarmeError
        If the backup is damaged; then nothing is restored.
    """
    listing = repository.listing(name)
    index = repository.index(listing, identity)
    places = {entry.name: directory / entry.name for entry in index.entries}
    for entry in index.entries:
        _refuse_outside(places[entry.name], directory, outside=outside)
        _refuse_another(places[entry.name], entry)
    _refuse_more(directory, set(places.values()), repository.directory)
    fetched: dict[Path, Path] = {}
    try:
        # Everything is decrypted and verified before anything gets its final name.
        for number, entry in enumerate(index.entries):
            place = places[entry.name]
            fetched[place] = repository.fetch(entry, identity, place)
            on_progress(number + 1, len(index.entries))
    except BaseException:
        for new in fetched.values():
            new.unlink(missing_ok=True)
        raise
    for place, new in fetched.items():
        new.replace(place)
    config = directory / index.settings
    return Restored(listing.name, config, len(places), _fill_servers(index, config, places))


def rehearse(repository: Repository, identity: str) -> Listing:
    """
    Restore the newest backup into a temporary folder, and check that it is intact.

    Raises
    ------
    UsageError
        If the key is the wrong one.
    FairvarmeError
        If the backup is damaged.
    """
    listing = repository.listing()
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=repository.directory) as scratch:
        for number, entry in enumerate(repository.index(listing, identity).entries):
            place = Path(scratch) / str(number)
            repository.take(entry, identity, place)
            _check_sqlite(entry, place)
            place.unlink()
    if not listing.whole:
        raise FairvarmeError(
            f"something was damaged before it was backed up in {listing.name}; `fairvarme backup` "
            "names it"
        )
    note = repository.directory / REHEARSED
    note.write_text(Rehearsed(name=listing.name, at_ms=now_ms()).model_dump_json() + "\n")
    return listing


def last_rehearsal(repository: Repository) -> Rehearsed | None:
    """Return which backup was last rehearsed, and when; None if none was."""
    try:
        return Rehearsed.model_validate_json((repository.directory / REHEARSED).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _refuse_outside(path: Path, directory: Path, *, outside: bool) -> None:
    # Otherwise anybody who can write to the backups could write anywhere on the restoring machine.
    if not outside and not path.resolve().is_relative_to(directory.resolve()):
        raise UsageError(
            f"{path} lay outside the folder of the settings; look whether it belongs there, and "
            "say --outside"
        )


def _refuse_another(path: Path, entry: Entry) -> None:
    if path.exists() and hash_file(path)[0] != entry.sha256:
        raise UsageError(
            f"{path} is there and differs from the backup; restore into an empty folder, or move "
            "it away first"
        )


def _refuse_more(directory: Path, places: set[Path], backups: Path) -> None:
    # Such as the log of an earlier database, which SQLite would take for the restored one's.
    for path in directory.rglob("*"):
        known = path in places or path.is_relative_to(backups) or _is_unfinished(path)
        if path.is_file() and not known:
            raise UsageError(
                f"{path} is there and not in the backup; restore into an empty folder, or move "
                "what is there away first"
            )


def _is_unfinished(path: Path) -> bool:
    """Whether it was left by an interrupted restore."""
    return path.name.startswith(".") and path.suffix == ".new"


def _fill_servers(index: Index, config: Path, places: dict[str, Path]) -> int:
    """Load dumps into the servers that the restored settings name; return the readings' number."""
    dumps = [each for each in index.entries if each.kind in (POSTGRESQL, READINGS)]
    if not dumps:
        return 0
    settings, readings = read_settings(config), 0
    with opened_store(settings) as store:
        for entry in dumps:
            path = places[entry.name]
            if entry.kind == POSTGRESQL:
                load_postgresql(settings.database, path)
            else:
                readings += load_month(store, path.parent.name, path)
            path.unlink()
    return readings


def _check_sqlite(entry: Entry, path: Path) -> None:
    with path.open("rb") as file:
        if file.read(len(SQLITE_HEAD)) != SQLITE_HEAD:
            return
    looked = look_through(path)
    if said := looked.damage or looked.hindrance:
        raise FairvarmeError(f"{entry.name} was damaged before it was backed up: {said}")
