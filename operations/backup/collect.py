"""What a backup holds of an installation, and how each part is copied while it runs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from estate.database.sqlite import is_about_the_disk
from estate.errors import StoreUnavailable, UsageError
from operations.sealed.record import DatabaseRecord
from telemetry.stores.sealed.check import damages, sealed_buildings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from operations.settings import Settings

PAGES_AT_ONCE = 4096
"""Of a SQLite file, between which its writer gets its turn."""
POSTGRESQL = "postgresql"


class Part(NamedTuple):
    """
    A file of a backup.

    Attributes
    ----------
    path : Path
        Where it belongs.
    kind : {'file', 'sqlite', 'postgresql', 'readings'}
    copy : callable, optional
        Writes a consistent copy to a path; a plain file is read as it is.
    """

    path: Path
    kind: str
    copy: Callable[[Path], None] | None = None


def parts_of(settings: Settings, config: Path) -> Iterator[Part]:
    """Yield everything that an empty machine needs: databases, estates, settings and secrets."""
    for path in settings.files():
        if path.exists():
            yield Part(path, "sqlite", partial(copy_sqlite, path))
    if settings.database.startswith(POSTGRESQL):
        dump = config.absolute().parent / "database.pgdump"
        yield Part(dump, POSTGRESQL, partial(dump_postgresql, settings.database))
    files = [config.absolute(), *_secrets(settings, config), *sealed_files(settings)]
    for directory in _folders(settings):
        files += _everything_in(directory)
    # A link to a file is copied as its target: if it were left out, its content would be lost.
    yield from (Part(path, "file") for path in files if path.is_file())


def left_out(settings: Settings) -> list[Path]:
    """Return the folders' links to other folders or to nowhere, which are not copied."""
    return [
        path
        for directory in _folders(settings)
        for path in _everything_in(directory)
        if path.is_symlink() and not path.is_file()
    ]


def _everything_in(directory: Path) -> list[Path]:
    """Return what a folder holds at any depth; `Path.rglob` skips what it may not look into."""
    found: list[Path] = []
    for parent, folders, files in os.walk(directory, onerror=_refuse_unreadable):
        found += [Path(parent, name) for name in (*folders, *files)]
    return sorted(found)


def _refuse_unreadable(error: OSError) -> None:
    # A folder that does not exist yet, or a letter's that has been printed, lacks nothing.
    if not isinstance(error, FileNotFoundError):
        raise error


def refuse_within(settings: Settings, backups: Path) -> None:
    """
    Refuse a backup folder inside one that is backed up: each backup would contain all others.

    Raises
    ------
    UsageError
    """
    sealed = settings.sealed_directory
    for directory in (*_folders(settings), *([sealed] if sealed else [])):
        if backups.resolve().is_relative_to(directory.resolve()):
            raise UsageError(
                f"{backups} lies in {directory}, which is backed up itself; choose a folder beside "
                "it, better on another disk"
            )


def damaged_sealed(settings: Settings) -> list[str]:
    """Return sealed files that are missing or altered, while nobody seals."""
    directory = settings.sealed_directory
    if directory is None:
        return []
    with closing(DatabaseRecord(settings.database)) as record:
        return [
            f"{each.path} {each.how}"
            for building in sorted({*sealed_buildings(directory), *record.buildings()})
            for each in damages(directory / building, record.files(building))
        ]


def sealed_files(settings: Settings) -> list[Path]:
    """Return sealed months' catalogues and the files they name; consistent while nobody seals."""
    directory = settings.sealed_directory
    return [] if directory is None else sorted(directory.glob("[!.]*/**/[!.]*"))


def copy_sqlite(source: Path, target: Path) -> None:
    """
    Copy a SQLite file as of one instant, while others write to it.

    One that is too damaged for SQLite to copy is copied byte by byte, as it is.

    Raises
    ------
    StoreUnavailable
        If it cannot be read, or the disk of the copy is full.
    """
    try:
        _copy_pages(source, target)
    except UnicodeDecodeError:
        _copy_bytes(source, target)
    except sqlite3.DatabaseError as error:
        if is_about_the_disk(error):
            reason = f"{error}; the copy is made in {target.parent.parent}"
            raise StoreUnavailable(f"SQLite {source}", reason) from error
        _copy_bytes(source, target)


def _copy_pages(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as from_,
        closing(sqlite3.connect(target)) as to,
    ):
        from_.backup(to, pages=PAGES_AT_ONCE)
        # As one file: the copy has no log beside it.
        to.execute("PRAGMA journal_mode = DELETE")


def _copy_bytes(source: Path, target: Path) -> None:
    for begun in target.parent.glob(f"{target.name}*"):
        begun.unlink()
    log, log_copy = (path.with_name(f"{path.name}-wal") for path in (source, target))
    if log.exists() and log.stat().st_size:
        shutil.copyfile(log, log_copy)
    shutil.copyfile(source, target)
    if log_copy.exists():
        _fold_in_log(source, target, log_copy)


def _fold_in_log(source: Path, target: Path, log_copy: Path) -> None:
    """Write what stands in the log alone into the copy; keep it as it is if it is too damaged."""
    try:
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        shutil.copyfile(source, target)
    finally:
        log_copy.unlink(missing_ok=True)


def dump_postgresql(url: str, target: Path) -> None:
    """
    Dump a PostgreSQL database as of one instant.

    Raises
    ------
    StoreUnavailable
    """
    _postgresql(["pg_dump", "--format=custom", "--no-owner", f"--file={target}"], url)


def load_postgresql(url: str, source: Path) -> None:
    """
    Fill an empty PostgreSQL database from a dump.

    Raises
    ------
    StoreUnavailable
    """
    command = ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction"]
    _postgresql([*command, "--dbname=", str(source)], url)


def _postgresql(command: list[str], url: str) -> None:
    environment = _connection(url)
    chosen = [each + environment["PGDATABASE"] if each == "--dbname=" else each for each in command]
    try:
        done = subprocess.run(  # noqa: S603  the password stands in the environment
            chosen, env=os.environ | environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise UsageError(
            f"{command[0]} is not installed; install postgresql-client in the server's version"
        ) from error
    if done.returncode:
        raise StoreUnavailable("PostgreSQL", done.stderr.strip().splitlines()[-1])


def _connection(url: str) -> dict[str, str]:
    """Return the environment variables that pass a URL to PostgreSQL's programs."""
    from sqlalchemy import make_url

    parts = make_url(url)
    query: dict[str, Any] = dict(parts.query)
    given = {
        "PGHOST": parts.host or query.get("host"),
        "PGPORT": parts.port,
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
    }
    return {name: str(value) for name, value in given.items() if value}


def _secrets(settings: Settings, config: Path) -> Iterator[Path]:
    """Yield the files of secrets that the settings name, or that a unit reads beside them."""
    yield config.absolute().with_suffix(".env")
    if settings.broker is not None:
        for path in (
            settings.broker.password_file,
            settings.broker.ca_file,
            settings.broker.certificate_file,
            settings.broker.key_file,
        ):
            if path is not None:
                yield path
    if settings.mail is not None and settings.mail.ca_file is not None:
        yield settings.mail.ca_file


def _folders(settings: Settings) -> Iterator[Path]:
    yield from settings.estate_folders
    if settings.credentials is not None:
        yield settings.credentials.directory
    if settings.letters is not None:
        yield settings.letters.directory
