"""The default store: one SQLite file, written and read by several processes."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from estate.database.sqlite import BUSY_SECONDS, make_durable
from estate.errors import StoreUnavailable, UsageError
from estate.files.file_place import MOVED, Place, existing, let_go
from estate.files.private_files import make_private
from telemetry.readings import Records, Samples
from telemetry.stores.alike import spans_alike
from telemetry.stores.late import Late
from telemetry.stores.refusal import sort_out
from telemetry.stores.sqlite_space import SET_INCREMENTAL, give_back
from telemetry.stores.sqlite_tables import (
    ADD_SERIES,
    CACHED_STATEMENTS,
    COLUMNS,
    COUNT,
    FIND_SERIES,
    FIRST,
    FORGET,
    INDEX_LATE,
    LIST_COLUMNS,
    LIST_DEVICES,
    LIST_LATE,
    LIST_QUANTITIES,
    READ,
    READ_ALL,
    SCHEMA,
    SCHEMA_VERSION,
    upsert_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    from telemetry.readings import Reading, Rejected
    from telemetry.stores.store import Spans

    SeriesKey = tuple[str, str, str]
    Row = tuple[int, int, float, int, int]

# Rows are clustered by series, so a batch touches a page per series: cache those of thousands.
CACHE_KIB = 32 * 1024

# One statement for many rows releases the interpreter lock once, `executemany` once per row, and
# waits each time for the thread that took it: `benchmarks.telemetry` measures the cost.
ROWS_AT_ONCE = 1000
ROW = [("time_ms", "int64"), ("value", "float64"), ("quality", "uint8")]
FULL_ROW = [*ROW, ("arrival_ms", "int64")]
SMALLEST, LARGEST = -(2**63), 2**63 - 1


class SqliteStore:
    """
    A store of readings in one SQLite file.

    Write-ahead logging with full synchronisation: what `write` has accepted survives a power cut,
    and readers and one writer at a time work side by side. One thread at a time may use it.

    If the file is replaced or removed meanwhile, nothing is accepted until a file of readings is
    there again, which is then opened.

    Parameters
    ----------
    path : Path or str
    create : bool, optional
        Whether to create a missing file.

    Raises
    ------
    StoreUnavailable
        If the file cannot be opened.
    UsageError
        If a newer version wrote the file.
    """

    def __init__(self, path: Path | str, *, create: bool = True) -> None:
        self.name = f"SQLite {path}"
        self._path = Path(path)
        self._series: dict[SeriesKey, int] = {}
        with self._answering():
            self._connection, self._place = self._open(create)

    def _open(self, create: bool) -> tuple[sqlite3.Connection, Place | None]:
        if create:
            make_private(self._path)
        elif not self._path.exists():
            raise StoreUnavailable(
                self.name, "there is no such file; `fairvarme ingest` and `fairvarme load` make one"
            )
        connection = sqlite3.connect(
            str(self._path) if create else existing(self._path),
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=CACHED_STATEMENTS,
            uri=not create,
        )
        try:
            self._prepare(connection, create)
            return connection, Place.opened(self._path, connection)
        except BaseException:
            connection.close()
            raise

    def _prepare(self, connection: sqlite3.Connection, create: bool) -> None:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise UsageError(
                f"{self.name} was written by a newer version of Fairvarme; update this one"
            )
        if version < SCHEMA_VERSION and not create:
            raise StoreUnavailable(self.name, "its file contains no readings")
        if version < SCHEMA_VERSION:
            connection.execute(SET_INCREMENTAL)
        make_durable(connection)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if version < SCHEMA_VERSION:
            connection.executescript(SCHEMA)
        if not set(connection.execute(LIST_COLUMNS)) >= COLUMNS:
            raise StoreUnavailable(self.name, "its tables are damaged; restore it from a backup")

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        """Write readings in one transaction; see `telemetry.stores.store.Store`."""
        taken, rejected = sort_out(readings)
        with self._transaction() as added:
            series = {key: self._find_or_add(key, added) for key in {each[:3] for each in taken}}
            rows = [
                (series[building, device, quantity], time_ms, value, quality, arrival_ms)
                for building, device, quantity, time_ms, value, quality, arrival_ms in taken
            ]
            for start in range(0, len(rows), ROWS_AT_ONCE):
                self._upsert(rows[start : start + ROWS_AT_ONCE])
        return rejected

    def _upsert(self, rows: Sequence[Row]) -> None:
        self._connection.execute(upsert_of(len(rows)), list(chain.from_iterable(rows)))

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        """Read one quantity of some devices; see `telemetry.stores.store.SampleSource`."""
        self.tend()
        # Imported here and below: a process that only writes starts faster without it.
        import numpy as np

        with self._answering():
            rows = [
                self._rows((building, device, quantity), start_ms, end_ms) for device in devices
            ]
        index = np.repeat(np.arange(len(rows), dtype=np.int32), [len(each) for each in rows])
        table = np.concatenate([np.empty(0, dtype=ROW), *rows])
        return Samples(index, *(np.ascontiguousarray(table[name]) for name, _ in ROW))

    def count(self, building: str) -> int:
        """Count the stored readings of a building."""
        self.tend()
        with self._answering():
            return int(self._connection.execute(COUNT, (building,)).fetchone()[0])

    def devices(self, building: str, quantity: str) -> list[str]:
        """Name the devices with readings of a quantity; see `telemetry.stores.store.Store`."""
        self.tend()
        with self._answering():
            rows = self._connection.execute(LIST_DEVICES, (building, quantity))
            return [device for (device,) in rows]

    def quantities(self, building: str) -> list[str]:
        """Name the quantities with readings; see `telemetry.stores.store.Store`."""
        self.tend()
        with self._answering():
            return [name for (name,) in self._connection.execute(LIST_QUANTITIES, (building,))]

    def late_since(self, arrival_ms: int) -> list[Late]:
        """Return what arrived late; see `telemetry.stores.late.TellsLate`."""
        self.tend()
        with self._answering():
            # The first time it takes as long as reading the whole file.
            self._connection.execute(INDEX_LATE)
            return [Late(*row) for row in self._connection.execute(LIST_LATE, (arrival_ms,))]

    def forget(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> int:
        """Erase readings; see `telemetry.stores.store.Store`."""
        spans = {device: [(start_ms, end_ms)] for device in devices}
        return self.forget_spans(building, quantity, spans)

    def forget_spans(self, building: str, quantity: str, spans: Spans) -> int:
        """Erase readings in one transaction; see `telemetry.stores.store.Store`."""
        number = 0
        with self._transaction():
            # Otherwise the deleted bytes stay in the file until their pages are reused.
            self._connection.execute("PRAGMA secure_delete = ON")
            for device, windows in spans.items():
                series = self._find((building, device, quantity))
                for window in windows if series is not None else ():
                    each = (series, *_window(*window))
                    number += self._connection.execute(FORGET, each).rowcount
        if number:
            self._empty_log()
        return number

    @property
    def releases_at_once(self) -> bool:
        """Whether `release` keeps writers out while it runs: yes, it is one transaction."""
        return True

    def first_ms(self, building: str, quantity: str, start_ms: int, end_ms: int) -> int | None:
        """Return the earliest time of a quantity; see `telemetry.stores.store.HotStore`."""
        window = _window(start_ms, end_ms)
        with self._answering():
            found = [
                self._connection.execute(FIRST, (self._find(key), *window)).fetchone()[0]
                for key in ((building, each, quantity) for each in self.devices(building, quantity))
            ]
        return min((each for each in found if each is not None), default=None)

    def records(
        self, building: str, device: str, quantity: str, start_ms: int, end_ms: int
    ) -> Records:
        """Read all that is stored of one series; see `telemetry.stores.store.HotStore`."""
        self.tend()
        with self._answering():
            return self._records((building, device, quantity), start_ms, end_ms)

    def release(
        self,
        building: str,
        quantity: str,
        sealed: Iterable[tuple[str, Records]],
        arrived_before_ms: int,
    ) -> int:
        """Erase readings that are sealed; see `telemetry.stores.store.HotStore`."""
        number = sum(
            self._release((building, device, quantity), records, arrived_before_ms)
            for device, records in sealed
        )
        if number:
            self._empty_log()
        return number

    def _release(self, key: SeriesKey, records: Records, arrived_before_ms: int) -> int:
        number = 0
        with self._transaction():
            self._connection.execute("PRAGMA secure_delete = ON")
            series = self._find(key)
            stored = self._records(key, int(records.time_ms[0]), int(records.time_ms[-1]) + 1)
            for span in spans_alike(stored, records, arrived_before_ms):
                number += self._connection.execute(FORGET, (series, *span)).rowcount
        return number

    def give_back(self) -> int:
        """Shrink the file; see `telemetry.stores.store.HotStore`."""
        self.tend()
        with self._answering():
            return give_back(self._connection, self._path)

    def _empty_log(self) -> None:
        """Move the write-ahead log into the file, since it still has the pages as they were."""
        with self._answering():
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreUnavailable(self.name, "a reader kept its log from being emptied")

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the file accepts writes now."""
        with self._answering():
            self.tend()
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("ROLLBACK")

    def check_place(self) -> None:
        """Raise `StoreUnavailable` if the open file is no longer at its path."""
        place = self._place
        if place is None or not place.holds:
            raise StoreUnavailable(self.name, MOVED)

    def tend(self) -> None:
        """
        Close a file that is no longer at its path, and open the one that is.

        Raises
        ------
        StoreUnavailable
            If it was closed now, or there is no file of readings.
        """
        if self._place is None:
            self._open_again()
        elif not self._place.holds:
            let_go(self._connection)
            self._place = None
            raise StoreUnavailable(self.name, MOVED)

    def _open_again(self) -> None:
        with self._answering():
            try:
                self._connection, self._place = self._open(create=False)
            except UsageError as error:
                raise StoreUnavailable(self.name, str(error)) from error
        # Another file numbers its series differently.
        self._series.clear()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _rows(
        self, key: SeriesKey, start_ms: int, end_ms: int, *, whole: bool = False
    ) -> npt.NDArray[np.void]:
        import numpy as np

        statement, columns = (READ_ALL, FULL_ROW) if whole else (READ, ROW)
        series = self._find(key)
        if series is None:
            return np.empty(0, dtype=columns)
        rows = self._connection.execute(statement, (series, *_window(start_ms, end_ms)))
        try:
            return np.fromiter(rows, dtype=columns)
        except (ValueError, TypeError, OverflowError) as error:
            # A flipped bit turns a number into a text or NULL.
            raise StoreUnavailable(self.name, f"its file is damaged: {error}") from error

    def _records(self, key: SeriesKey, start_ms: int, end_ms: int) -> Records:
        import numpy as np

        rows = self._rows(key, start_ms, end_ms, whole=True)
        return Records(*(np.ascontiguousarray(rows[name]) for name, _ in FULL_ROW))

    def _find(self, key: SeriesKey) -> int | None:
        if key not in self._series:
            row = self._connection.execute(FIND_SERIES, key).fetchone()
            if row is None:
                return None
            self._series[key] = row[0]
        return self._series[key]

    def _find_or_add(self, key: SeriesKey, added: dict[SeriesKey, int]) -> int:
        series = self._find(key)
        if series is None:
            series = added[key] = self._connection.execute(ADD_SERIES, key).fetchone()[0]
        return series

    @contextmanager
    def _transaction(self) -> Iterator[dict[SeriesKey, int]]:
        """Yield the dictionary for added series, which are remembered only once committed."""
        added: dict[SeriesKey, int] = {}
        with self._answering():
            self.tend()
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield added
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            # Otherwise it went into a file that nobody reads.
            self.check_place()
        self._series.update(added)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as error:
            raise StoreUnavailable(self.name, f"its file is damaged: {error}") from error
        except sqlite3.DatabaseError as error:
            # Its other subclasses are programming errors, not states of the file or the disk.
            if type(error) not in (sqlite3.OperationalError, sqlite3.DatabaseError):
                raise
            raise StoreUnavailable(self.name, str(error)) from error


def _window(start_ms: int, end_ms: int) -> tuple[int, int]:
    """Return what SQLite takes for a whole number of these."""
    return max(start_ms, SMALLEST), min(end_ms, LARGEST)
