"""Makes a backup of an installation while it runs."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from estate.database.sqlite import look_through
from estate.errors import StoreUnavailable, UsageError
from estate.periods import DAY_MS
from operations.backup.collect import damaged_sealed, left_out, parts_of, refuse_within
from operations.backup.readings_months import months_of, write_month
from operations.backup.repository import Entry, Index, Repository
from operations.clock import now_ms
from operations.settings import SQLITE
from operations.wiring import opened_hot_store, opened_imports
from telemetry.stores.sealed.locks import CHANGING, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from operations.backup.collect import Part
    from operations.settings import Settings

READINGS = "readings"


class Made(NamedTuple):
    """
    A backup that was made.

    Attributes
    ----------
    name : str
    files, new : int
        Number of files in it, and of those that no earlier backup had.
    size : int
        Size of all of them. [byte]
    forgotten : list of str
        Backups removed because of their age.
    damaged : list of str
        Databases and sealed months that were already damaged or gone; then no backup is
        removed.
    left_out : list of str
        Links to folders or to nowhere, which were not copied.
    """

    name: str
    files: int
    new: int
    size: int
    forgotten: list[str]
    damaged: list[str]
    left_out: list[str]


def make_backup(
    settings: Settings,
    config: Path,
    directory: Path,
    recipients: Sequence[str],
    keep_days: int | None = None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Made:
    """
    Copy everything of an installation into a folder of backups.

    The relational database is copied before the store of readings, each as of one instant.

    Parameters
    ----------
    settings : Settings
    config : Path
        The settings file.
    directory : Path
        The folder of backups.
    recipients : sequence of str
        Public keys of age; anybody with the secret key to one of them can restore.
    keep_days : int, optional
        Age after which backups are removed; default: never. [d]
    on_progress : callable
        Called with how many files are done, and how many there are.

    Raises
    ------
    UsageError
        If a key is invalid, or the backup folder lies inside one that is backed up.
    StoreUnavailable
        If a store cannot be read; then there is no new backup.
    """
    _check_recipients(recipients)
    refuse_within(settings, directory)
    repository = Repository(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with repository.held():
        return _made(settings, config, repository, recipients, keep_days, on_progress)


def _made(
    settings: Settings,
    config: Path,
    repository: Repository,
    recipients: Sequence[str],
    keep_days: int | None,
    on_progress: Callable[[int, int], None],
) -> Made:
    made_ms = now_ms()
    known = {path.stem for path in repository.directory.glob("objects/*/*.age")}
    # Beside the backups, where there is room for a database.
    with tempfile.TemporaryDirectory(prefix=".copy-", dir=repository.directory) as scratch:
        copies = _Copies(Path(scratch), repository, recipients, config.absolute().parent)
        entries = _copy_everything(settings, config, copies, on_progress)
    name = datetime.fromtimestamp(made_ms / 1000, UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
    index = Index(settings=config.absolute().name, entries=entries)
    repository.add(name, made_ms, index, recipients, whole=not copies.damaged)
    keeps_all = keep_days is None or bool(copies.damaged)
    return Made(
        name=name,
        files=len(entries),
        new=len({entry.sha256 for entry in entries} - known),
        size=sum(entry.size for entry in entries),
        forgotten=[] if keeps_all else repository.forget(made_ms - (keep_days or 0) * DAY_MS),
        damaged=copies.damaged,
        left_out=[str(path) for path in left_out(settings)],
    )


def _check_recipients(recipients: Sequence[str]) -> None:
    import pyrage

    if not recipients:
        raise UsageError("name the key to encrypt to, as backup.recipients or --recipient")
    for each in recipients:
        try:
            pyrage.x25519.Recipient.from_str(each)
        except pyrage.RecipientError as error:
            raise UsageError(
                f"{each!r} is no public key of age ({error}); `fairvarme backup --new-key FILE` "
                "makes one"
            ) from error


def _copy_everything(
    settings: Settings, config: Path, copies: _Copies, on_progress: Callable[[int, int], None]
) -> list[Entry]:
    entries = []
    with _nobody_seals(settings):
        parts = list(parts_of(settings, config))
        for number, part in enumerate(parts):
            # Gone since the folder was listed: a letter that has been printed.
            with suppress(FileNotFoundError):
                entries.append(copies.keep(part))
            on_progress(number + 1, len(parts))
        entries += copies.keep_readings(settings)
        try:
            copies.damaged += damaged_sealed(settings)
        except StoreUnavailable as error:
            # The record of sealed months is in the database, which has been copied as it is.
            copies.damaged.append(f"sealed months were not checked: {error}")
    return entries


@contextmanager
def _nobody_seals(settings: Settings) -> Iterator[None]:
    """Prevent changes to sealed files and their catalogue until the block ends."""
    sealed = settings.sealed_directory
    if sealed is None or not sealed.exists():
        yield
        return
    with locked(sealed, CHANGING):
        yield


class _Copies:
    """Copies parts by way of a folder, so that each is consistent, and stores them."""

    def __init__(
        self, scratch: Path, repository: Repository, recipients: Sequence[str], home: Path
    ) -> None:
        self._scratch, self._repository = scratch / "copy", repository
        self._recipients, self._home = recipients, home
        self.damaged: list[str] = []

    def keep(self, part: Part) -> Entry:
        """Keep one part."""
        if part.copy is None:
            return self._kept(part.path, part.path, "file", part.path.stat().st_mode & 0o777)
        part.copy(self._scratch)
        if part.kind == "sqlite":
            looked = look_through(self._scratch)
            if damage := looked.damage or looked.hindrance:
                self.damaged.append(f"{part.path}: {damage}")
        kind = "file" if part.kind == "sqlite" else part.kind
        entry = self._kept(self._scratch, part.path, kind)
        self._scratch.unlink()
        return entry

    def keep_readings(self, settings: Settings) -> Iterator[Entry]:
        """Keep the readings of a server, by building and month."""
        if settings.store.startswith(SQLITE):
            return
        # Sealed months are files, and are kept as such.
        with opened_hot_store(settings) as store, opened_imports(settings) as estates:
            for building in estates.revisions():
                for month in months_of(estates.read(building), now_ms()):
                    if write_month(store, month, self._scratch):
                        place = self._home / READINGS / building / f"{month.name}.npz"
                        yield self._kept(self._scratch, place, READINGS)
                        self._scratch.unlink()

    def _kept(self, copy: Path, place: Path, kind: str, mode: int = 0o600) -> Entry:
        digest, size = self._repository.keep(copy, self._recipients)
        inside = place.absolute().is_relative_to(self._home)
        name = str(place.absolute().relative_to(self._home) if inside else place.absolute())
        return Entry(name=name, kind=kind, sha256=digest, size=size, mode=mode)
