"""Sealed files that are open, each compared with its catalogue once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.parquet import ReadingsFile

if TYPE_CHECKING:
    from pathlib import Path

    from telemetry.stores.sealed.catalogue import SealedFile

MOST = 256
"""Files that stay open."""


class OpenFiles:
    """
    Opens sealed files, and keeps those open that were read last.

    Parameters
    ----------
    directory : Path
        Of the folders of buildings.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: OrderedDict[tuple[object, ...], ReadingsFile] = OrderedDict()

    def open(self, building: str, file: SealedFile) -> ReadingsFile:
        """
        Return an open file.

        Raises
        ------
        SealedDamaged
            If its content is not what the catalogue says.
        """
        path = self._directory / building / file.name
        key = path, *_identity(path), file.sha256
        if key in self._files:
            self._files.move_to_end(key)
            return self._files[key]
        found = open_checked(path, file)
        self._files[key] = found
        if len(self._files) > MOST:
            self._files.popitem(last=False)
        return found


def open_checked(path: Path, file: SealedFile) -> ReadingsFile:
    """Open a file after comparing its content with the catalogue; `SealedDamaged` if it differs."""
    try:
        with path.open("rb") as content:
            same = hashlib.file_digest(content, "sha256").hexdigest() == file.sha256
    except OSError as error:
        raise _unreadable(path, error) from error
    if not same:
        raise SealedDamaged(path, "is not as it was written")
    return ReadingsFile(path)


def _identity(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _unreadable(path: Path, error: OSError) -> SealedDamaged:
    missing = isinstance(error, FileNotFoundError)
    return SealedDamaged(path, "is missing" if missing else f"cannot be read: {error.strerror}")
