"""Checks who may read personal data and secrets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from estate.files.private_files import others_may_read
from fairvarme.doctor.check import limit, ok, warning
from operations.settings import SQLITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairvarme.doctor.check import Check, Patient
    from operations.settings import Settings

BESIDE = ("", "-wal", "-shm", "-journal")
"""Suffixes of a SQLite file and its side files."""


def privacy(patient: Patient) -> Iterator[Check]:
    """Report the files and folders of the installation that other users may read."""
    places = [patient.path, *_places(patient.settings)]
    there = [path for path in dict.fromkeys(places) if path.exists()]
    found = [str(path) for path in there if others_may_read(path)]
    if not found:
        yield ok("privacy", f"other users may read none of {len(there)} files and folders")
        return
    most = limit("named_devices")
    named = ", ".join(found[:most]) + (" ..." if len(found) > most else "")
    yield warning("privacy", f"other users may read {len(found)}: {named}", "privacy")


def _places(settings: Settings) -> Iterator[Path]:
    for url in (settings.store, settings.database):
        if url.startswith(SQLITE):
            path = Path(url.removeprefix(SQLITE))
            yield path.parent
            yield from (path.with_name(path.name + end) for end in BESIDE)
    directories = list(settings.estate_folders)
    if settings.credentials is not None:
        directories.append(settings.credentials.directory)
    for directory in directories:
        yield directory
        if directory.is_dir():
            yield from sorted(path for path in directory.iterdir() if path.is_file())
