"""
Moves closed months from the hot store into sealed files.

New files are written and read back, then the catalogue is replaced, then the hot store releases
what they contain, then old files are removed. If the process is killed in between, readings are in
both places but are returned once, and the next run continues.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from estate.files.durable import make_folder, remove_durably, replace_durably
from estate.files.private_files import make_private
from estate.periods import HOUR_MS
from telemetry.readings import Records
from telemetry.stores.hours import HourAxis
from telemetry.stores.sealed.catalogue import (
    CATALOGUE,
    SUFFIX,
    Catalogue,
    SealedFile,
    hash_file,
    may_be_folder,
    read_catalogue,
    removed,
    write_catalogue,
)
from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.files.hours import write_hours
from telemetry.stores.sealed.files.opened import open_readings
from telemetry.stores.sealed.files.readings import ReadingsFile, write_readings
from telemetry.stores.sealed.files.record import lost, refuse_lost, settle
from telemetry.stores.sealed.limits import sealing_limits
from telemetry.stores.sealed.locks import CHANGING, locked
from telemetry.stores.sealed.merge import NOTHING, merged, same
from telemetry.stores.sealed.months import Month, month_at, month_named
from telemetry.stores.sealed.read import NO_SAMPLES, combined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from telemetry.stores.hours import HourMaker, HourRows
    from telemetry.stores.sealed.files.readings import Rows
    from telemetry.stores.sealed.files.record import SealedRecord
    from telemetry.stores.store import HotStore

DIGITS = 16
"""Of the SHA-256, in a file's name."""


class Due(NamedTuple):
    """A quantity and month for which the hot store has readings to seal."""

    month: Month
    quantity: str


class Sealed(NamedTuple):
    """
    What was sealed for a month and quantity.

    Attributes
    ----------
    month, quantity : str
    rows : int
        Readings now in the file.
    late : int
        Those among them that arrived after the month had been sealed.
    released : int
        Readings that the hot store released.
    size : int
        Of the file. [byte]
    """

    month: str
    quantity: str
    rows: int
    late: int
    released: int
    size: int


def due_months(hot: HotStore, building: str, start_ms: int, before_ms: int) -> Iterator[Due]:
    """Yield what the hot store still has of months that end at or before a time."""
    end_ms = month_at(before_ms).start_ms
    for quantity in hot.quantities(building):
        next_ms = start_ms
        while (first_ms := hot.first_ms(building, quantity, next_ms, end_ms)) is not None:
            month = month_at(first_ms)
            yield Due(month, quantity)
            next_ms = month.end_ms


class Sealer:
    """
    Seals months of one building; nobody else may change its folder in the meantime.

    Parameters
    ----------
    hot : HotStore
    folder : Path
        Of the building.
    catalogue : Catalogue
        As it is now.
    record : SealedRecord
    maker : HourMaker, optional
        Computes the hourly means; without it there are none.
    spared : sequence of SealedFile, optional
        Files that are kept although no catalogue names them.
    """

    def __init__(
        self,
        hot: HotStore,
        folder: Path,
        catalogue: Catalogue,
        record: SealedRecord,
        maker: HourMaker | None = None,
        spared: Sequence[SealedFile] = (),
    ) -> None:
        self._hot, self._folder, self.catalogue = hot, folder, catalogue
        self._record, self._maker, self._spared = record, maker, spared

    def seal(self, due: Due, now_ms: int, *, release: bool) -> Sealed | None:
        """
        Seal what the hot store has of a month and quantity, together with what is already sealed.

        Returns
        -------
        Sealed or None
            None if there was nothing to do: sealed readings stay in the hot store for a while.

        Raises
        ------
        SealedDamaged
            If the existing sealed file is damaged; the hot store then keeps what it has.
        StoreUnavailable
        """
        old = self.catalogue.readings(due.month, due.quantity)
        new, late = old, 0
        if old is None or self._adds(due, old):
            new = self.write(due, lambda: self.rows(due, old), now_ms)
            late = 0 if old is None else new.rows - old.rows
            self.exchange(old, new)
        assert new is not None  # noqa: S101  for mypy: an old one, or the one just written
        released = self._release(due, new, now_ms) if release else 0
        if new is old and not released:
            return None
        return Sealed(due.month.name, due.quantity, new.rows, late, released, new.size)

    def write(self, due: Due, rows: Rows, now_ms: int) -> SealedFile:
        """Write a file of readings durably and read it back; the catalogue does not name it yet."""
        month = self._folder / due.month.name
        # Both: a process killed earlier may have created them without making them durable.
        make_folder(self._folder)
        make_folder(month)
        if not (self._folder / CATALOGUE).exists():
            # Before any file: files without a catalogue mean that the catalogue was lost.
            write_catalogue(self._folder, self.catalogue)
        new = month / f"{due.quantity}.new"
        about = {"building": self._folder.name, "month": due.month.name, "quantity": due.quantity}
        make_private(new)
        counted = Counted(rows)
        written = write_readings(new, counted, about)
        path, digest = self._named(new, due.quantity)
        if digest_of(ReadingsFile(path).each()) != counted.digest:
            raise SealedDamaged(path, "does not give back what was written")
        return SealedFile(
            month=due.month.name,
            quantity=due.quantity,
            kind="readings",
            name=str(path.relative_to(self._folder)),
            rows=written.rows,
            devices=written.devices,
            size=path.stat().st_size,
            first_ms=written.first_ms,
            last_ms=written.last_ms,
            sha256=digest,
            sealed_ms=now_ms,
        )

    def exchange(self, old: SealedFile | None, new: SealedFile | None) -> None:
        """Replace readings and their means in the catalogue by others, and remove the old files."""
        gone = [] if old is None else [old, self.catalogue.hours(old)]
        come = [] if new is None else [new, self._means(new)]
        exchanged = self.catalogue.exchange(
            (each for each in gone if each), (each for each in come if each)
        )
        building = self._folder.name
        # The record has to cover the catalogue at every instant: see `SealedRecord`.
        if old is not None and new is not None:
            self._record.add(building, [new])
        elif old is not None:
            self._record.remove(building, [old])
        self.catalogue = exchanged
        write_catalogue(self._folder, exchanged)
        settle(self._record, building, exchanged)
        removed(self._folder, exchanged, remove_durably, self._spared)

    def _means(self, readings: SealedFile) -> SealedFile | None:
        """Write the hourly means of a file of readings, if means are wanted."""
        month, quantity, maker = month_named(readings.month), readings.quantity, self._maker
        basis = "" if maker is None else maker.basis(quantity, month.start_ms)
        if maker is None or not basis:
            return None
        file = ReadingsFile(self._folder / readings.name)
        axis = HourAxis(month.start_ms, (month.end_ms - month.start_ms) // HOUR_MS)

        def groups() -> Iterator[tuple[list[str], Sequence[HourRows]]]:
            for names in file.groups():
                samples = combined([file.read(names)], NO_SAMPLES, names, *month[1:])
                yield names, maker.rows(quantity, axis, samples, len(names))

        new = self._folder / month.name / f"{quantity}-hours.new"
        make_private(new)
        about = {"month": month.name, "quantity": quantity, "basis": basis}
        rows = write_hours(new, groups(), about)
        path, digest = self._named(new, f"{quantity}-hours")
        return readings.model_copy(
            update={
                "kind": "hours",
                "name": str(path.relative_to(self._folder)),
                "rows": rows,
                "size": path.stat().st_size,
                "sha256": digest,
                "basis": basis,
            }
        )

    def _named(self, new: Path, stem: str) -> tuple[Path, str]:
        """Durably rename a finished file after its content; return its path and digest."""
        digest = hash_file(new)
        path = new.with_name(f"{stem}-{digest[:DIGITS]}{SUFFIX}")
        replace_durably(new, path)
        if hash_file(path) != digest:
            raise SealedDamaged(path, "was not written as it should be")
        return path, digest

    def _adds(self, due: Due, old: SealedFile) -> bool:
        """Whether the hot store has anything for the month that differs from what is sealed."""
        file = self.open(old)
        for device in self._hot.devices(self._folder.name, due.quantity):
            hot = self._of_hot(device, due)
            if hot.number:
                there = file.read_all([device]).get(device, NOTHING)
                if not same(merged(there, hot), there):
                    return True
        return False

    def rows(self, due: Due, old: SealedFile | None) -> Iterator[tuple[str, Records]]:
        """Yield each device's sealed and hot readings, merged."""
        hot = self._hot.devices(self._folder.name, due.quantity)
        file = None if old is None else self.open(old)
        sealed = iter(()) if file is None else file.each()
        names = sorted({*hot, *(() if file is None else file.devices)})
        for name in names:
            there = NOTHING
            if file is not None and name in file.devices:
                _, there = next(sealed)
            found = merged(there, self._of_hot(name, due))
            if found.number:
                yield name, found

    def _of_hot(self, device: str, due: Due) -> Records:
        building, month = self._folder.name, due.month
        return self._hot.records(building, device, due.quantity, month.start_ms, month.end_ms)

    def open(self, file: SealedFile) -> ReadingsFile:
        """Open a file after comparing it with the catalogue."""
        return open_readings(self._folder / file.name, file)

    def _release(self, due: Due, new: SealedFile, now_ms: int) -> int:
        building = self._folder.name
        there = set(self._hot.devices(building, due.quantity))
        rows = (pair for pair in self.open(new).each() if pair[0] in there)
        # Recent arrivals stay for a while: hourly alerts ask the hot store what arrived late.
        arrived_before_ms = now_ms - round(sealing_limits().told_hours * HOUR_MS)
        return self._hot.release(building, due.quantity, rows, arrived_before_ms)


@contextmanager
def changing(
    hot: HotStore,
    directory: Path,
    building: str,
    record: SealedRecord,
    maker: HourMaker | None = None,
    *,
    mends: bool = False,
) -> Iterator[Sealer]:
    """
    Lock a building's files for a change; what an interrupted change left is removed first.

    Raises
    ------
    SealedDamaged
        If files are recorded that the catalogue lacks, unless they are to be mended.
    ValueError
        If the building's name is not an id.
    """
    if not may_be_folder(building):
        # Otherwise, the files of all buildings would be taken for leftovers of this one.
        raise ValueError(f"{building!r} names no folder of its own; give a building's id")
    folder = directory / building
    if not directory.is_dir() and not mends:
        # Otherwise the folder would be created on the mount point, and hidden by a later mount.
        refuse_lost(folder, record.files(building))
    with locked(directory, CHANGING):
        catalogue = read_catalogue(folder)
        gone = lost(catalogue, record.files(building))
        if not mends:
            refuse_lost(folder, gone)
        removed(folder, catalogue, remove_durably, gone)
        settle(record, building, catalogue)
        yield Sealer(hot, folder, catalogue, record, maker, gone)


class Counted:
    """Rows, together with a digest of those last yielded."""

    def __init__(self, rows: Rows) -> None:
        self._rows, self.digest = rows, ""

    def __call__(self) -> Iterator[tuple[str, Records]]:
        """Yield the rows; once all are yielded, the digest covers them all."""
        digest = hashlib.sha256()
        for name, records in self._rows():
            _add(digest, name, records)
            yield name, records
        self.digest = digest.hexdigest()


def digest_of(rows: Iterable[tuple[str, Records]]) -> str:
    """Return a digest of readings that does not depend on how a file stores them."""
    digest = hashlib.sha256()
    for name, records in rows:
        _add(digest, name, records)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, name: str, records: Records) -> None:
    digest.update(f"{name} {records.number}\n".encode())
    for column in records:
        digest.update(np.ascontiguousarray(column).data)
