"""A store that keeps closed months in sealed files, and the rest in another store."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from telemetry.stores.sealed.catalogue import CatalogueReader, may_be_folder
from telemetry.stores.sealed.damage import SealedDamaged
from telemetry.stores.sealed.files.record import NoRecord, lost, lost_from, refuse_lost
from telemetry.stores.sealed.locks import LATE, locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from telemetry.readings import Reading, Records, Rejected, Samples
    from telemetry.stores.hours import HourAxis, HourMaker, SettledHours
    from telemetry.stores.sealed.catalogue import Catalogue, SealedFile
    from telemetry.stores.sealed.check import Damage, Fetch
    from telemetry.stores.sealed.files.opened import OpenFiles
    from telemetry.stores.sealed.files.record import SealedRecord
    from telemetry.stores.sealed.seal import Due, Sealed, Sealer
    from telemetry.stores.store import HotStore, Spans

    Found = TypeVar("Found")

LONG_AGO_MS = -(2**63) // 10**6
"""Before any reading that a store takes: in the year 1677. [ms since 1970, UTC]"""


class SealedStore:
    """
    A store of readings: closed months in sealed files, more recent readings in a hot store.

    Writes go to the hot store, and override what is sealed for the same time. A sealed
    file that is damaged, or lost with its folder, fails only the reads that need it.

    Parameters
    ----------
    hot : HotStore
    directory : Path
        Of the sealed files, with a folder for each building; it need not exist.
    maker : callable, optional
        Returns the maker of the hourly means to be sealed; without it there are none.
    record : SealedRecord, optional
        Distinguishes a folder that is gone from one in which nothing was sealed.
    """

    def __init__(
        self,
        hot: HotStore,
        directory: Path,
        maker: Callable[[], HourMaker] | None = None,
        record: SealedRecord | None = None,
    ) -> None:
        self.hot, self.directory, self._maker = hot, directory, maker
        self.record = record or NoRecord()
        self._catalogues = CatalogueReader(directory)
        self._lost_of: dict[str, tuple[Catalogue, list[SealedFile]]] = {}
        self._opened: OpenFiles | None = None

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        """Write readings into the hot store; see `telemetry.stores.store.Store`."""
        with self._may_release(shared=True):
            return self.hot.write(readings)

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        """Read one quantity of some devices; see `telemetry.stores.store.SampleSource`."""
        # Read before the catalogue, which then has whatever is sealed and released in between.
        recent = self.hot.samples(building, devices, quantity, start_ms, end_ms)

        def read(catalogue: Catalogue) -> Samples:
            self._refuse_lost(building, catalogue, quantity, (start_ms, end_ms))
            files = catalogue.of(quantity, start_ms, end_ms)
            if not files:
                return recent
            from telemetry.stores.sealed.read import combined

            parts = [self._files().readings(building, each).read(devices) for each in files]
            return combined(parts, recent, devices, start_ms, end_ms)

        return self._reading(building, read)

    def settled_hours(
        self, building: str, devices: Sequence[str], quantity: str, hours: HourAxis, basis: str
    ) -> SettledHours | None:
        """Return hours whose means are sealed; see `telemetry.stores.store.HourSource`."""
        while True:
            catalogue = self._catalogues.read(building)
            sealed = catalogue.of(quantity, hours.start_ms, hours.end_ms)
            means = [each for each in map(catalogue.hours, sealed) if each and each.basis == basis]
            if not means:
                return None
            from telemetry.stores.sealed.months import month_named
            from telemetry.stores.sealed.settled import settled_hours

            start_ms = max(hours.start_ms, month_named(means[0].month).start_ms)
            end_ms = min(hours.end_ms, month_named(means[-1].month).end_ms)
            late = self.hot.samples(building, devices, quantity, start_ms, end_ms)
            # Otherwise late readings may have been sealed in between, and be missing from both.
            if self._catalogues.read(building) is catalogue:
                files = self._files()
                parts = [(each.month, partial(files.hours, building, each)) for each in means]
                return settled_hours(parts, late, devices, hours)

    def count(self, building: str) -> int:
        """Count the stored readings of a building."""
        hot = self.hot.count(building)

        def read(catalogue: Catalogue) -> int:
            refuse_lost(self.directory / building, self._lost(building, catalogue))
            twice = sum(self._in_both(building, each) for each in catalogue.all_readings())
            return hot + sum(each.rows for each in catalogue.all_readings()) - twice

        return self._reading(building, read)

    def devices(self, building: str, quantity: str) -> list[str]:
        """Name the devices with readings of a quantity; see `telemetry.stores.store.Store`."""
        recent = self.hot.devices(building, quantity)

        def read(catalogue: Catalogue) -> list[str]:
            self._refuse_lost(building, catalogue, quantity)
            files = [each for each in catalogue.all_readings() if each.quantity == quantity]
            sealed = [self._files().readings(building, each).devices for each in files]
            return sorted({*recent, *(name for each in sealed for name in each)})

        return self._reading(building, read)

    def quantities(self, building: str) -> list[str]:
        """Name the quantities with readings; see `telemetry.stores.store.Store`."""
        recent = self.hot.quantities(building)
        catalogue = self._catalogues.read(building)
        sealed = *catalogue.all_readings(), *self._lost(building, catalogue)
        return sorted({*recent, *(each.quantity for each in sealed)})

    def forget(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> int:
        """Erase readings; see `telemetry.stores.store.Store`."""
        spans = {device: [(start_ms, end_ms)] for device in devices}
        return self.forget_spans(building, quantity, spans)

    def forget_spans(self, building: str, quantity: str, spans: Spans) -> int:
        """Erase readings, rewriting each file only once; see `telemetry.stores.store.Store`."""
        windows = [each for own in spans.values() for each in own]
        if not windows:
            return 0
        whole = min(start for start, _ in windows), max(end for _, end in windows)
        catalogue = self._catalogues.read(building)
        if any(each.quantity == quantity for each in self._lost(building, catalogue)):
            # Erase what can be erased, and only then report that there is more.
            self.hot.forget_spans(building, quantity, spans)
            self._refuse_lost(building, catalogue, quantity, whole)
        if not may_be_folder(building) or not (self.directory / building).is_dir():
            return self.hot.forget_spans(building, quantity, spans)
        from telemetry.stores.sealed.forget import forget_sealed

        with self._changing(building) as sealer:
            recent = self.hot.samples(building, list(spans), quantity, *whole)
            forgotten = forget_sealed(sealer, quantity, spans, recent)
            self.hot.forget_spans(building, quantity, spans)
        for error in forgotten.damaged:
            raise error
        return forgotten.number

    def seal(
        self, building: str, before_ms: int, now_ms: int, *, release: bool = True
    ) -> Iterator[Sealed]:
        """
        Seal the closed months of a building, and reseal those for which readings arrived late.

        Parameters
        ----------
        building : str
        before_ms : int
            A month is closed if it ended at or before this time. [ms since 1970, UTC]
        now_ms : int
            [ms since 1970, UTC]
        release : bool, optional
            Whether the hot store releases what is sealed.

        Yields
        ------
        Sealed

        Raises
        ------
        StoreUnavailable
            What was sealed stays so; a month's damaged file is reported once the others are sealed.
        """
        if not may_be_folder(building):
            return
        catalogue = self._catalogues.read(building)
        if (self.directory / building).is_dir() or self._lost(building, catalogue):
            # Remove what a killed program was about to remove.
            with self._changing(building):
                pass
        failed: list[SealedDamaged] = []
        for due in self._due(building, before_ms):
            try:
                # Locked for each month, so that an erasure need not wait for all of them.
                with self._changing(building) as sealer, self._may_release():
                    sealed = sealer.seal(due, now_ms, release=release)
            except SealedDamaged as error:
                failed.append(error)
                continue
            if sealed is not None:
                yield sealed
        if failed:
            raise failed[0]

    def damages(self, building: str) -> list[Damage]:
        """Return the damage to a building's sealed files, comparing the hash of each."""
        from telemetry.stores.sealed.check import damages

        if not may_be_folder(building):
            return []
        return damages(self.directory / building, self.record.files(building))

    def files(self, building: str) -> int:
        """Count the sealed files of a building; 0 if its catalogue cannot be read."""
        try:
            return len(self._catalogues.read(building).files)
        except SealedDamaged:
            return 0

    def mend(self, building: str, fetch: Fetch) -> list[Damage]:
        """Restore a building's damaged files; see `telemetry.stores.sealed.check.mend`."""
        from telemetry.stores.sealed.check import mend

        changing = self._changing(building, mends=True)
        return mend(self.hot, self.directory / building, self.record, changing, fetch)

    def write_off(self, building: str) -> list[SealedFile]:
        """Write damaged files off; see `telemetry.stores.sealed.check.write_off`."""
        from telemetry.stores.sealed.check import write_off

        changing = self._changing(building, mends=True)
        return write_off(self.directory / building, self.record, changing)

    def due(self, building: str, before_ms: int) -> list[tuple[str, str]]:
        """Return month and quantity of what `seal` would consider."""
        return [(each.month.name, each.quantity) for each in self._due(building, before_ms)]

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the hot store accepts writes now."""
        self.hot.ping()

    def check_place(self) -> None:
        """Raise `StoreUnavailable` if the hot store is no longer what its URL names."""
        self.hot.check_place()

    def tend(self) -> None:
        """Reopen what the hot store's URL names."""
        self.hot.tend()

    def close(self) -> None:
        """Close files and connections."""
        self._opened = None
        self.record.close()
        self.hot.close()

    def _due(self, building: str, before_ms: int) -> Iterator[Due]:
        from telemetry.stores.sealed.seal import due_months

        if may_be_folder(building):
            yield from due_months(self.hot, building, LONG_AGO_MS, before_ms)

    def _files(self) -> OpenFiles:
        # Slow to import: a worker that only writes never does.
        from telemetry.stores.sealed.files.opened import OpenFiles

        if self._opened is None:
            self._opened = OpenFiles(self.directory)
        return self._opened

    def _reading(self, building: str, read: Callable[[Catalogue], Found]) -> Found:
        """Read, and retry if files were replaced in the meantime."""
        while True:
            catalogue = self._catalogues.read(building)
            try:
                return read(catalogue)
            except SealedDamaged:
                if self._catalogues.read(building).files == catalogue.files:
                    raise

    def _in_both(self, building: str, file: SealedFile) -> int:
        """Count the keys of a file that the hot store has too."""
        # Imported here, since it needs numpy, which a worker does without.
        from telemetry.stores.sealed.months import month_at

        month = month_at(file.first_ms)
        span = file.quantity, month.start_ms, month.end_ms
        if self.hot.first_ms(building, *span) is None:
            return 0
        sealed, number = self._files().readings(building, file), 0
        for device in set(self.hot.devices(building, file.quantity)) & sealed.devices.keys():
            hot = self.hot.records(building, device, *span)
            number += _number_shared(hot, sealed.read([device])[device])
        return number

    def _lost(self, building: str, catalogue: Catalogue) -> list[SealedFile]:
        """Return what was sealed but is not in a catalogue; looked up once per catalogue."""
        known = self._lost_of.get(building)
        if known is None or known[0] is not catalogue:
            found = lost(catalogue, self.record.files(building))
            known = self._lost_of[building] = catalogue, found
        return known[1]

    def _refuse_lost(
        self,
        building: str,
        catalogue: Catalogue,
        quantity: str,
        span_ms: tuple[int, int] | None = None,
    ) -> None:
        for file in self._lost(building, catalogue):
            inside = span_ms is None or (file.first_ms < span_ms[1] and file.last_ms >= span_ms[0])
            if file.quantity == quantity and inside:
                raise lost_from(self.directory / building, file)

    def _changing(self, building: str, *, mends: bool = False) -> AbstractContextManager[Sealer]:
        from telemetry.stores.sealed.seal import changing

        maker = self._maker and self._maker()
        return changing(self.hot, self.directory, building, self.record, maker, mends=mends)

    def _may_release(self, *, shared: bool = False) -> AbstractContextManager[None]:
        """Keep writers out while sealed readings are erased, unless the hot store does so."""
        if self.hot.releases_at_once:
            return nullcontext()
        return locked(self.directory, LATE, shared=shared)


def _number_shared(one: Records, other: Records) -> int:
    import numpy as np

    return len(np.intersect1d(one.time_ms, other.time_ms, assume_unique=True))
