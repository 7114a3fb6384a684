"""The estates of folders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from estate.errors import DataError, UsageError
from estate.files.folder import BUILDING_FILE, FILES, read_building, read_estate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from estate.model import Estate

    Mark = tuple[tuple[int, int, int] | None, ...]
    """Of each file of a folder its number, size and time of change; None where it is not there."""


@dataclass(frozen=True)
class FolderEstates:
    """
    The estates of folders, one for each building; an `EstateSource`.

    Attributes
    ----------
    directories : sequence of Path
    """

    directories: Sequence[Path]
    _known: dict[Path, tuple[Mark, str]] = field(default_factory=dict, repr=False, compare=False)

    def revisions(self) -> Mapping[str, Mark]:
        """Return every building with the metadata of its files."""
        found, failed = self._looked()
        if failed:
            raise failed
        return found

    def read(self, building: str) -> Estate:
        """Return the estate of a building, whatever is wrong in the folders of others."""
        directory, failed = self._directory_of(building), None
        if directory is None:
            _, failed = self._looked()
            directory = self._directory_of(building)
        if directory is None and failed:
            raise failed
        if directory is None:
            there = ", ".join(sorted(known for _, known in self._known.values())) or "none"
            raise UsageError(f"no building {building} in the settings; there is {there}")
        return read_estate(directory)

    def _looked(self) -> tuple[dict[str, Mark], DataError | None]:
        """Return the buildings, and why the first folder that names none does not."""
        found: dict[str, Mark] = {}
        failed: DataError | None = None
        for directory in self.directories:
            mark = _mark(directory)
            try:
                building = self._building(directory, mark)
            except DataError as error:
                failed = failed or error
                continue
            if building in found:
                raise UsageError(
                    f"{directory} is building {building} again; list it once in estates"
                )
            found[building] = mark
        return found, failed

    def _directory_of(self, building: str) -> Path | None:
        found = (directory for directory, (_, known) in self._known.items() if known == building)
        return next(found, None)

    def _building(self, directory: Path, mark: Mark) -> str:
        """Return a folder's building, which stays the same while the folder is being changed."""
        known = self._known.get(directory)
        if known and known[0] == mark:
            return known[1]
        try:
            building = read_building(directory).id
        except DataError:
            if known is None:
                raise
            building = known[1]
        self._known[directory] = (mark, building)
        return building


def _mark(directory: Path) -> Mark:
    names = (BUILDING_FILE, *(kind.file for kind in FILES))
    return tuple(_look(directory / name) for name in names)


def _look(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
