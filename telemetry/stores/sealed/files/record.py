"""
A record of what was sealed, kept separately from the files.

A folder that is gone, or whose disk is not mounted, looks like one in which nothing was sealed;
the record distinguishes them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from telemetry.stores.sealed.damage import SealedDamaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from telemetry.stores.sealed.catalogue import Catalogue, SealedFile


class SealedRecord(Protocol):
    """
    The files of readings that were sealed and have not been erased since.

    A file is recorded before the hot store releases its readings, and before the catalogue names it
    in place of another, which stays recorded until then. So the record always covers every file
    with the only copy of a reading. Every method may raise `StoreUnavailable`.
    """

    def files(self, building: str) -> Sequence[SealedFile]:
        """Return the recorded files of a building; while one replaces another, both."""
        ...

    def buildings(self) -> Sequence[str]:
        """Return the buildings that have recorded files."""
        ...

    def add(self, building: str, files: Iterable[SealedFile]) -> None:
        """Record files, in addition to those recorded already."""
        ...

    def remove(self, building: str, files: Iterable[SealedFile]) -> None:
        """Remove files from the record, if they are in it."""
        ...

    def close(self) -> None:
        """Close connections."""
        ...


class NoRecord:
    """Records nothing, so that the folder is taken to be complete."""

    def files(self, building: str) -> Sequence[SealedFile]:  # noqa: ARG002  of the interface
        """Return nothing."""
        return ()

    def buildings(self) -> Sequence[str]:
        """Return nothing."""
        return ()

    def add(self, building: str, files: Iterable[SealedFile]) -> None:
        """Do nothing."""

    def remove(self, building: str, files: Iterable[SealedFile]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def lost(catalogue: Catalogue, recorded: Iterable[SealedFile]) -> list[SealedFile]:
    """
    Return the recorded files of each month and quantity for which a catalogue names none of them.

    A catalogue that names a different file is older, such as a restored copy, or a foreign one.
    """
    newest: dict[tuple[str, str], SealedFile] = {}
    named = {each.sha256 for each in catalogue.files}
    found = set()
    for each in sorted(recorded, key=lambda file: file.sealed_ms):
        key = each.month, each.quantity
        newest[key] = each
        if each.sha256 in named:
            found.add(key)
    return [file for key, file in newest.items() if key not in found]


def refuse_lost(folder: Path, files: Iterable[SealedFile]) -> None:
    """
    Raise an error for the first recorded file that a building's catalogue lacks.

    Raises
    ------
    SealedDamaged
    """
    for file in files:
        raise lost_from(folder, file)


def lost_from(folder: Path, file: SealedFile) -> SealedDamaged:
    """Return the error for a file that a building's catalogue lacks."""
    sealed = f"{file.quantity} of {file.month} was sealed into it"
    if folder.is_dir():
        how = f"is in no catalogue as it was written, though {sealed}; put back the newest copy"
        return SealedDamaged(folder / file.name, how)
    return SealedDamaged(folder, f"is missing, though {sealed}; if its disk is away, mount it")


def settle(record: SealedRecord, building: str, catalogue: Catalogue) -> None:
    """
    Record what a catalogue names, and remove from the record what it no longer names.

    This repairs the record if a program was killed between the two, or an older version sealed.
    """
    readings = catalogue.all_readings()
    recorded = record.files(building)
    gone = lost(catalogue, recorded)
    # Where a file is lost, the one that the catalogue names instead is older.
    kept = {each.sha256 for each in recorded} | {
        each.sha256 for file in gone for each in readings if _of_one(each, file)
    }
    if new := [each for each in readings if each.sha256 not in kept]:
        record.add(building, new)
    named = {each.sha256 for each in (*readings, *gone)}
    if old := [each for each in recorded if each.sha256 not in named]:
        record.remove(building, old)


def _of_one(one: SealedFile, other: SealedFile) -> bool:
    return (one.month, one.quantity) == (other.month, other.quantity)
