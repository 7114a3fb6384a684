"""Open sealed files, each compared with its catalogue once."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeVar, cast

from telemetry.stores.sealed.catalogue import hash_file
from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.files.hours import HoursFile
from telemetry.stores.sealed.files.readings import ReadingsFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from telemetry.stores.sealed.catalogue import SealedFile
    from telemetry.stores.sealed.files.table import DeviceTable

Opened = TypeVar("Opened", ReadingsFile, HoursFile)
MOST = 256
"""Files that stay open."""


class OpenFiles:
    """
    Opens sealed files, and keeps the most recently read ones open.

    Parameters
    ----------
    directory : Path
        Of the folders of buildings.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._files: OrderedDict[tuple[object, ...], DeviceTable] = OrderedDict()

    def readings(self, building: str, file: SealedFile) -> ReadingsFile:
        """
        Return an open file of readings.

        Raises
        ------
        SealedDamaged
            If its content differs from the catalogue.
        """
        return self._open(building, file, ReadingsFile)

    def hours(self, building: str, file: SealedFile) -> HoursFile:
        """Return an open file of hourly means; as `readings`."""
        return self._open(building, file, HoursFile)

    def _open(self, building: str, file: SealedFile, kind: Callable[[Path], Opened]) -> Opened:
        path: Path = self._directory / building / file.name
        key: tuple[object, ...] = (path, *_identity(path), file.sha256)
        if key in self._files:
            self._files.move_to_end(key)
            return cast("Opened", self._files[key])
        verify(path, file)
        found = kind(path)
        self._files[key] = found
        if len(self._files) > MOST:
            self._files.popitem(last=False)
        return found


def open_readings(path: Path, file: SealedFile) -> ReadingsFile:
    """Open a file of readings after comparing it; `SealedDamaged` as `verify`."""
    verify(path, file)
    return ReadingsFile(path)


def verify(path: Path, file: SealedFile) -> None:
    """
    Compare the content of a file with the catalogue.

    Raises
    ------
    SealedDamaged
        If it differs, or cannot be read.
    """
    try:
        same = hash_file(path) == file.sha256
    except OSError as error:
        raise _unreadable(path, error) from error
    if not same:
        raise SealedDamaged(path, "is not as it was written")


def _identity(path: Path) -> tuple[int, ...]:
    try:
        found = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _unreadable(path: Path, error: OSError) -> SealedDamaged:
    missing = isinstance(error, FileNotFoundError)
    return SealedDamaged(path, "is missing" if missing else f"cannot be read: {error.strerror}")
