"""
The list of a building's sealed files, ``catalogue.json``: replacing it is the moment of sealing.

A file belongs to the store only as long as the catalogue names it. Files are named by
their content, so that a new one never replaces an old one before that moment.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from estate.errors import UsageError
from estate.files.durable import make_folder, replace_durably
from estate.files.private_files import make_private
from estate.model import is_id
from telemetry.stores.sealed.damage import SealedDamaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from telemetry.stores.sealed.months import Month

CATALOGUE = "catalogue.json"
SUFFIX = ".parquet"
SCHEMA_VERSION = 1
"""Of the catalogue and of the files that it names."""

Kind = Literal["readings", "hours"]


class SealedFile(BaseModel):
    """
    A file of a month and quantity.

    Attributes
    ----------
    month : str
        ``YYYY-MM``, of UTC.
    quantity : str
    kind : {'readings', 'hours'}
        Readings as they arrived, or hourly means of them.
    name : str
        Its path in the building's folder.
    rows, devices, size : int
        What it holds. [1, 1, byte]
    first_ms, last_ms : int
        First and last device time. [ms since 1970, UTC]
    sha256 : str
        Of the file.
    sealed_ms : int
        [ms since 1970, UTC]
    basis : str
        What its hourly means depend on besides the readings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    month: str
    quantity: str
    kind: Kind
    name: str
    rows: int
    devices: int
    size: int
    first_ms: int
    last_ms: int
    sha256: str
    sealed_ms: int
    basis: str = ""


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    building: str
    sha256: str
    files: tuple[SealedFile, ...]


class Catalogue:
    """
    The sealed files of a building at one moment.

    Parameters
    ----------
    files : iterable of SealedFile
    """

    def __init__(self, files: Iterable[SealedFile] = ()) -> None:
        self.files = tuple(sorted(files, key=lambda each: (each.month, each.quantity, each.kind)))
        self._readings = {
            (each.month, each.quantity): each for each in self.files if each.kind == "readings"
        }
        self._hours = {
            (each.month, each.quantity): each for each in self.files if each.kind == "hours"
        }

    def readings(self, month: Month, quantity: str) -> SealedFile | None:
        """Return the readings of a month, if it is sealed."""
        return self._readings.get((month.name, quantity))

    def hours(self, readings: SealedFile) -> SealedFile | None:
        """Return the hourly means of sealed readings, if there are any."""
        return self._hours.get((readings.month, readings.quantity))

    def of(self, quantity: str, start_ms: int, end_ms: int) -> list[SealedFile]:
        """Return the files with readings of a quantity in a span, the oldest first."""
        return [
            each
            for (_, name), each in self._readings.items()
            if name == quantity and each.first_ms < end_ms and each.last_ms >= start_ms
        ]

    def all_readings(self) -> list[SealedFile]:
        """Return the files of readings, the oldest first."""
        return list(self._readings.values())

    def exchange(self, gone: Iterable[SealedFile], come: Iterable[SealedFile]) -> Catalogue:
        """Return the catalogue with some files replaced by others."""
        left = {each.name for each in gone}
        return Catalogue([*(each for each in self.files if each.name not in left), *come])


def read_catalogue(folder: Path) -> Catalogue:
    """
    Read the catalogue of a building's folder; without a folder nothing is sealed.

    Raises
    ------
    SealedDamaged
        If it is missing or was altered.
    UsageError
        If a newer version wrote it.
    """
    path = folder / CATALOGUE
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        if next(folder.glob(f"*/*{SUFFIX}"), None) is not None:
            raise SealedDamaged(path, "is missing") from error
        return Catalogue()
    except OSError as error:
        raise SealedDamaged(path, f"cannot be read: {error.strerror}") from error
    version = _version(content)
    if version is not None and version > SCHEMA_VERSION:
        raise UsageError(f"{path} was written by a newer version of Fairvarme; update this one")
    try:
        document = _Document.model_validate_json(content)
    except ValidationError as error:
        raise SealedDamaged(path, "cannot be read") from error
    if document.sha256 != _digest(document.building, document.files):
        raise SealedDamaged(path, "is not as it was written")
    return Catalogue(document.files)


def version_of(folder: Path) -> int | None:
    """Return the version of a building's catalogue; None if it cannot be determined."""
    try:
        return _version((folder / CATALOGUE).read_bytes())
    except FileNotFoundError:
        return None


def write_catalogue(folder: Path, catalogue: Catalogue) -> None:
    """Replace a building's catalogue atomically: after a power cut it is the new or the old one."""
    files = catalogue.files
    document = _Document(
        version=SCHEMA_VERSION,
        building=folder.name,
        sha256=_digest(folder.name, files),
        files=files,
    )
    make_folder(folder)
    new = folder / f"{CATALOGUE}.new"
    make_private(new)
    new.write_text(document.model_dump_json(indent=1) + "\n", encoding="utf-8")
    replace_durably(new, folder / CATALOGUE)


class CatalogueReader:
    """Reads catalogues, and rereads one only once it was replaced."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[str, tuple[tuple[int, ...], Catalogue]] = {}

    def read(self, building: str) -> Catalogue:
        """Return the catalogue of a building, as `read_catalogue`."""
        if not may_be_folder(building):
            return Catalogue()
        folder = self._directory / building
        identity = _identity(folder / CATALOGUE) or _identity_without(folder)
        known = self._known.get(building)
        if known is None or identity is None or known[0] != identity:
            found = read_catalogue(folder)
            if identity is None:
                return found
            known = self._known[building] = identity, found
        return known[1]


def may_be_folder(building: str) -> bool:
    """Return whether a building's id names a folder of its own, and no other place."""
    return bool(is_id(building) and building.strip("."))


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def removed(
    folder: Path,
    catalogue: Catalogue,
    remove: Callable[[Path], None],
    spared: Iterable[SealedFile] = (),
) -> int:
    """Remove the files of a building that its catalogue does not name; return how many."""
    named = {each.name for each in (*catalogue.files, *spared)}
    left = [
        path
        for path in folder.glob("*/*")
        if path.is_file() and str(path.relative_to(folder)) not in named
    ]
    for path in left:
        remove(path)
    return len(left)


def _identity(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SealedDamaged(path, f"cannot be read: {error.strerror}") from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _identity_without(folder: Path) -> tuple[int, ...] | None:
    """Return what identifies the state before there is a folder; None if there is one."""
    if folder.exists():
        return None
    return _identity(folder.parent) or _identity(folder.parent.parent)


def _version(content: bytes) -> int | None:
    try:
        return int(json.loads(content)["version"])
    except (ValueError, KeyError, TypeError):
        return None


def _digest(building: str, files: Iterable[SealedFile]) -> str:
    text = json.dumps([building, [each.model_dump() for each in files]], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
