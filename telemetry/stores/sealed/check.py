"""Compares sealed files with their catalogue, and restores damaged ones where possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from estate.files.durable import make_folder
from telemetry.stores.sealed.catalogue import (
    CATALOGUE,
    SUFFIX,
    Catalogue,
    SealedFile,
    hash_file,
    read_catalogue,
    write_catalogue,
)
from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.files.opened import verify
from telemetry.stores.sealed.files.readings import ReadingsFile
from telemetry.stores.sealed.files.record import lost, lost_from
from telemetry.stores.sealed.months import month_named
from telemetry.stores.sealed.seal import DIGITS, Due

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from telemetry.stores.sealed.catalogue import Kind
    from telemetry.stores.sealed.files.record import SealedRecord
    from telemetry.stores.sealed.seal import Sealer
    from telemetry.stores.store import HotStore

    Fetch = Callable[[SealedFile, Path], bool]
    """Writes the content of a file out of a backup to a path; returns whether it has it."""


class Damage(NamedTuple):
    """
    A file that is missing or was altered.

    Attributes
    ----------
    path : Path
    how : str
        What is wrong with it.
    file : SealedFile or None
        None for the catalogue.
    """

    path: Path
    how: str
    file: SealedFile | None


def damages(folder: Path, recorded: Sequence[SealedFile] = ()) -> list[Damage]:
    """
    Return the damage to a building's sealed files, comparing the hash of each.

    Parameters
    ----------
    folder : Path
        Of the building.
    recorded : sequence of SealedFile, optional
        What was sealed, as `telemetry.stores.sealed.files.record` has it.
    """
    while True:
        try:
            catalogue = read_catalogue(folder)
        except SealedDamaged as error:
            return [Damage(error.path, error.how, None)]
        found = list(_damages(folder, catalogue))
        found += [_lost(folder, each) for each in lost(catalogue, recorded)]
        # Otherwise files were replaced while they were compared: compare again.
        if not found or read_catalogue(folder).files == catalogue.files:
            return found


def mend(
    hot: HotStore,
    folder: Path,
    record: SealedRecord,
    changing: AbstractContextManager[Sealer],
    fetch: Fetch,
) -> list[Damage]:
    """
    Restore what is damaged, and return what could not be restored.

    Hourly means are recomputed from the readings, a catalogue from the files; readings come from
    the hot store if it still has all of them, otherwise from a backup.
    """
    if any(each.file is None for each in damages(folder)):
        write_catalogue(folder, _catalogue_of(folder))
    with changing as sealer:
        for file in _damaged(folder, record, "readings"):
            make_folder((folder / file.name).parent)
            if _is_whole(folder / file.name, file) or fetch(file, folder / file.name):
                _let_name(sealer, file)
            else:
                _out_of_hot(sealer, hot, folder.name, file)
        for file in _damaged(folder, record, "hours"):
            readings = sealer.catalogue.readings(month_named(file.month), file.quantity)
            if readings is not None and _is_whole(folder / readings.name, readings):
                sealer.exchange(readings, readings)
    return damages(folder, record.files(folder.name))


def write_off(
    folder: Path, record: SealedRecord, changing: AbstractContextManager[Sealer]
) -> list[SealedFile]:
    """Remove files of readings that are damaged or lost for good, and return what they were."""
    with changing as sealer:
        files = _damaged(folder, record, "readings")
        for file in files:
            there = sealer.catalogue.readings(month_named(file.month), file.quantity)
            if there is not None and there.sha256 == file.sha256:
                sealer.exchange(file, None)
            else:
                record.remove(folder.name, [file])
    return files


def _damaged(folder: Path, record: SealedRecord, kind: Kind) -> list[SealedFile]:
    found = (each.file for each in damages(folder, record.files(folder.name)))
    return [file for file in found if file is not None and file.kind == kind]


def _lost(folder: Path, file: SealedFile) -> Damage:
    error = lost_from(folder, file)
    return Damage(error.path, error.how, file)


def _is_whole(path: Path, file: SealedFile) -> bool:
    try:
        verify(path, file)
    except SealedDamaged:
        return False
    return True


def _let_name(sealer: Sealer, file: SealedFile) -> None:
    """Enter an intact file in the catalogue, unless it is there."""
    there = sealer.catalogue.readings(month_named(file.month), file.quantity)
    if there is None or there.sha256 != file.sha256:
        sealer.exchange(there, file)


def _damages(folder: Path, catalogue: Catalogue) -> Iterator[Damage]:
    for file in catalogue.files:
        try:
            verify(folder / file.name, file)
        except SealedDamaged as error:
            yield Damage(error.path, error.how, file)


def _out_of_hot(sealer: Sealer, hot: HotStore, building: str, file: SealedFile) -> None:
    month = month_named(file.month)
    due = Due(month, file.quantity)
    names = hot.devices(building, file.quantity)
    span = building, names, file.quantity, month.start_ms, month.end_ms
    # With fewer, only late readings would be left, and the others would be lost for good.
    if len(hot.samples(*span)) >= file.rows:
        new = sealer.write(due, lambda: sealer.rows(due, None), file.sealed_ms)
        sealer.exchange(sealer.catalogue.readings(month, file.quantity), new)


def _catalogue_of(folder: Path) -> Catalogue:
    """Rebuild the catalogue from the files alone; of two for the same month, the newer counts."""
    found: dict[tuple[str, str], SealedFile] = {}
    for path in sorted(folder.glob(f"*/*{SUFFIX}"), key=lambda each: each.stat().st_mtime_ns):
        file = _file_of(folder, path)
        if file is not None:
            found[file.month, file.quantity] = file
    return Catalogue(found.values())


def _file_of(folder: Path, path: Path) -> SealedFile | None:
    digest = hash_file(path)
    if not path.stem.endswith(digest[:DIGITS]) or "-hours-" in path.name:
        return None
    opened = ReadingsFile(path)
    first_ms, last_ms = opened.span()
    return SealedFile(
        month=opened.said["month"],
        quantity=opened.said["quantity"],
        kind="readings",
        name=str(path.relative_to(folder)),
        rows=sum(opened.devices.values()),
        devices=len(opened.devices),
        size=path.stat().st_size,
        first_ms=first_ms,
        last_ms=last_ms,
        sha256=digest,
        sealed_ms=path.stat().st_mtime_ns // 1_000_000,
    )


def sealed_buildings(directory: Path) -> list[str]:
    """Return the buildings that have sealed files."""
    return sorted(
        path.name
        for path in directory.glob("*")
        if path.is_dir() and ((path / CATALOGUE).exists() or any(path.glob(f"*/*{SUFFIX}")))
    )
