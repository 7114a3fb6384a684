"""
InfluxDB store: 1.8, 2.x and 3.x through the interfaces common to all three.

Written through ``/api/v2/write``, one synchronous request a batch; read with InfluxQL through
``/query``. The layout is decided in docs/adr/0002.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import urllib3
from influxdb_client.client.exceptions import InfluxDBError
from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from estate.errors import StoreUnavailable
from telemetry.readings import Records, Rejected, Samples
from telemetry.stores import influxql
from telemetry.stores.alike import spans_alike
from telemetry.stores.line_protocol import reading_line
from telemetry.stores.refusal import EARLIEST_MS, LATEST_MS, sort_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from telemetry.readings import Reading
    from telemetry.stores.store import Spans

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
LINES_PER_WRITE = 10_000
DEVICES_PER_QUERY = 100
DAY_MS = 86_400_000
# InfluxDB 3 Core rejects a query that touches more than about 72 hours of its files; the others
# answer longer ones, which takes half the time for the same days.
SHORT_SLICE_MS, SLICE_MS = 2 * DAY_MS, 30 * DAY_MS
VERSION_HEADER = "X-Influxdb-Version"
WITHOUT_LIMIT = ("1.", "2.", "v2.")
# A longer window asks for everything: skip its empty years.
LONG_WINDOW_MS = 400 * DAY_MS

BAD_REQUEST, TOO_LARGE, UNPROCESSABLE = 400, 413, 422
OF_THE_LINES = frozenset({BAD_REQUEST, TOO_LARGE, UNPROCESSABLE})
_dropped = re.compile(r"^partial write: .* dropped=(\d+)$", re.DOTALL).match
OK = 200


class InfluxStore:
    """
    A store of readings in one InfluxDB database (a bucket, in 2.x).

    Parameters
    ----------
    url : str
        Address of the server, such as ``http://127.0.0.1:8086``.
    database : str
        The database or bucket, which must exist.
    token : str, optional
        A token; for 1.8 with authentication ``user:password``.
    organisation : str, optional
        Required by 2.x only.
    """

    def __init__(
        self, url: str, database: str, token: str | None = None, organisation: str = ""
    ) -> None:
        address = parse_url(url)
        self.name = f"InfluxDB {address.netloc}/{database}"
        self._database = database
        self._query_url = f"{address.scheme}://{address.netloc}/query"
        self._ping_url = f"{address.scheme}://{address.netloc}/ping"
        self._headers = {"Authorization": f"Token {token}"} if token else {}
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS), retries=False
        )
        milliseconds = (round(CONNECT_SECONDS * 1000), round(ANSWER_SECONDS * 1000))
        self._client = InfluxDBClient(url, token or "", org=organisation, timeout=milliseconds)
        self._writer = self._client.write_api(write_options=SYNCHRONOUS)

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        """Write readings; see `telemetry.stores.store.Store`."""
        taken, rejected = sort_out(readings)
        lines = [reading_line(reading) for reading in taken]
        for start in range(0, len(lines), LINES_PER_WRITE):
            stop = start + LINES_PER_WRITE
            rejected += self._write_or_bisect(taken[start:stop], lines[start:stop])
        return rejected

    def samples(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> Samples:
        """Read one quantity of some devices; see `telemetry.stores.store.SampleSource`."""
        found: dict[str, list[npt.NDArray[np.float64]]] = defaultdict(list)
        ids = [device for device in dict.fromkeys(devices) if influxql.are_ids([device])]
        if influxql.are_ids([building, quantity]):
            for first in range(0, len(ids), DEVICES_PER_QUERY):
                group = ids[first : first + DEVICES_PER_QUERY]
                for device, rows in self._read(building, group, quantity, start_ms, end_ms):
                    found[device].append(rows)
        tables = [np.concatenate([_NO_ROWS, *found[device]]) for device in devices]
        return _as_samples(tables)

    def count(self, building: str) -> int:
        """Count the stored readings of a building."""
        if not influxql.are_ids([building]):
            return 0
        query = influxql.select_count(building)
        return sum(int(rows[0][1]) for _, rows in self._query(query))

    def devices(self, building: str, quantity: str) -> list[str]:
        """Name the devices with readings of a quantity; see `telemetry.stores.store.Store`."""
        if not influxql.are_ids([building, quantity]):
            return []
        answers = self._query(influxql.select_devices(building, quantity))
        return sorted({str(device) for _, rows in answers for _, device in rows})

    def quantities(self, building: str) -> list[str]:
        """Name the quantities with readings; see `telemetry.stores.store.Store`."""
        if not influxql.are_ids([building]):
            return []
        answers = self._query(influxql.select_quantities(building))
        return sorted({str(name) for _, rows in answers for (name,) in rows})

    def forget(
        self, building: str, devices: Sequence[str], quantity: str, start_ms: int, end_ms: int
    ) -> int:
        """Erase readings; see `telemetry.stores.store.Store`."""
        ids = [device for device in dict.fromkeys(devices) if influxql.are_ids([device])]
        start_ms, end_ms = max(start_ms, EARLIEST_MS), min(end_ms, LATEST_MS + 1)
        if not influxql.are_ids([building, quantity]) or start_ms >= end_ms:
            return 0
        number = 0
        for first in range(0, len(ids), DEVICES_PER_QUERY):
            group = ids[first : first + DEVICES_PER_QUERY]
            wanted = building, group, quantity, start_ms, end_ms
            counted = self._query(influxql.select_number(*wanted))
            number += sum(int(rows[0][1]) for _, rows in counted)
            for each in group:
                self._erase(building, each, quantity, start_ms, end_ms)
        return number

    def forget_spans(self, building: str, quantity: str, spans: Spans) -> int:
        """Erase readings; see `telemetry.stores.store.Store`."""
        return sum(
            self.forget(building, [device], quantity, *span)
            for device, windows in spans.items()
            for span in windows
        )

    @property
    def releases_at_once(self) -> bool:
        """Whether `release` keeps writers out while it runs: no, a server has no transactions."""
        return False

    def first_ms(self, building: str, quantity: str, start_ms: int, end_ms: int) -> int | None:
        """Return the earliest time of a quantity; see `telemetry.stores.store.HotStore`."""
        devices = self.devices(building, quantity)
        start_ms, end_ms = max(start_ms, EARLIEST_MS), min(end_ms, LATEST_MS + 1)
        found: list[int] = []
        for first in range(0, len(devices) if start_ms < end_ms else 0, DEVICES_PER_QUERY):
            group = devices[first : first + DEVICES_PER_QUERY]
            query = influxql.select_first(building, group, quantity, start_ms, end_ms)
            found += (int(rows[0][0]) for _, rows in self._query(query))
        return min(found, default=None)

    def records(
        self, building: str, device: str, quantity: str, start_ms: int, end_ms: int
    ) -> Records:
        """Read all that is stored of one series; see `telemetry.stores.store.HotStore`."""
        start_ms, end_ms = max(start_ms, EARLIEST_MS), min(end_ms, LATEST_MS + 1)
        found: list[list[float]] = []
        while start_ms < end_ms:
            stop_ms = min(start_ms + self._slice_ms, end_ms)
            query = influxql.select_records(building, device, quantity, start_ms, stop_ms)
            found += (row for _, rows in self._query(query) for row in rows)
            start_ms = stop_ms
        time_ms, value, quality, arrival_ms = (
            np.array([row[place] for row in found], dtype=kind)
            for place, kind in enumerate((np.int64, np.float64, np.uint8, np.int64))
        )
        return Records(time_ms, value, quality, arrival_ms)

    def release(
        self,
        building: str,
        quantity: str,
        sealed: Iterable[tuple[str, Records]],
        arrived_before_ms: int,
    ) -> int:
        """Erase readings that are sealed; see `telemetry.stores.store.HotStore`."""
        number = 0
        for device, records in sealed:
            span = int(records.time_ms[0]), int(records.time_ms[-1]) + 1
            stored = self.records(building, device, quantity, *span)
            for start_ms, end_ms in spans_alike(stored, records, arrived_before_ms):
                number += self.forget(building, [device], quantity, start_ms, end_ms)
        return number

    def give_back(self) -> int:
        """Do nothing: a server compacts its files itself."""
        return 0

    def _erase(self, building: str, device: str, quantity: str, start_ms: int, end_ms: int) -> None:
        statement = influxql.delete_readings(building, [device], quantity, start_ms, end_ms)
        try:
            # Read to the end, since an error may come last.
            list(self._query(statement, "POST"))
        except StoreUnavailable as refused:
            self._erase_as_bucket(building, device, quantity, start_ms, end_ms, refused)

    def _erase_as_bucket(
        self,
        building: str,
        device: str,
        quantity: str,
        start_ms: int,
        end_ms: int,
        refused: StoreUnavailable,
    ) -> None:
        """Erase in the way of 2.x, where InfluxQL cannot erase."""
        start, end = (
            datetime.fromtimestamp(time_ms / 1000, UTC) for time_ms in (start_ms, end_ms - 1)
        )
        predicate = influxql.delete_predicate(building, device, quantity)
        try:
            with self._answering():
                self._client.delete_api().delete(start, end, predicate, self._database)
        except ApiException as error:
            raise refused from error

    def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database would take a write now."""
        try:
            self._post("")
        except ApiException as error:
            # The server got as far as complaining about missing lines.
            if error.status != BAD_REQUEST:
                raise StoreUnavailable(self.name, _reason(error)) from error

    def check_place(self) -> None:
        """Do nothing: a database is addressed by name each time."""

    def tend(self) -> None:
        """Do nothing, as `check_place`."""

    def close(self) -> None:
        """Close the connections."""
        self._writer.close()  # type: ignore[no-untyped-call]  # not annotated there
        self._client.close()  # type: ignore[no-untyped-call]  # not annotated there
        self._pool.clear()

    def _write_or_bisect(self, readings: list[Reading], lines: list[str]) -> list[Rejected]:
        """Write lines; a rejected batch is bisected until its parts are bad as a whole."""
        try:
            self._post("\n".join(lines))
        except ApiException as error:
            reason = _reason(error)
            if error.status not in OF_THE_LINES:
                raise StoreUnavailable(self.name, reason) from error
            if len(lines) in {1, _number_dropped(reason)}:
                return [Rejected(each, reason) for each in readings]
        else:
            return []
        half = len(lines) // 2
        return self._write_or_bisect(readings[:half], lines[:half]) + self._write_or_bisect(
            readings[half:], lines[half:]
        )

    def _post(self, body: str) -> None:
        with self._answering():
            self._writer.write(
                self._database,
                record=body,
                write_precision=WritePrecision.MS,  # type: ignore[arg-type]  # a text, in truth
            )

    def _read(
        self, building: str, devices: list[str], quantity: str, start_ms: int, end_ms: int
    ) -> Iterator[tuple[str, npt.NDArray[np.float64]]]:
        start_ms, end_ms = max(start_ms, EARLIEST_MS), min(end_ms, LATEST_MS + 1)
        while start_ms < end_ms:
            stop_ms = min(start_ms + self._slice_ms, end_ms)
            query = influxql.select_readings(building, devices, quantity, start_ms, stop_ms)
            empty = True
            for device, rows in self._query(query):
                empty = False
                yield device, influxql.table(rows)
            if empty and end_ms - stop_ms > LONG_WINDOW_MS:
                query = influxql.select_first(building, devices, quantity, stop_ms, end_ms)
                stop_ms = min((int(rows[0][0]) for _, rows in self._query(query)), default=end_ms)
            start_ms = stop_ms

    @cached_property
    def _slice_ms(self) -> int:
        """The longest window of one query, for the version that the server reports."""
        with self._answering():
            answer = self._pool.request("GET", self._ping_url, headers=self._headers)
        version = answer.headers.get(VERSION_HEADER, "")
        return SLICE_MS if version.startswith(WITHOUT_LIMIT) else SHORT_SLICE_MS

    def _query(self, query: str, method: str = "GET") -> Iterator[tuple[str, list[list[float]]]]:
        fields = {"db": self._database, "q": query, "epoch": "ms", "chunked": "true"}
        with self._answering():
            answer = self._pool.request_encode_url(
                method, self._query_url, fields=fields, headers=self._headers
            )
        if answer.status != OK:
            reason = _words(answer.data) or f"HTTP {answer.status}"
            raise StoreUnavailable(self.name, reason)
        try:
            yield from influxql.read_series(answer.data)
        except influxql.QueryRefused as error:
            raise StoreUnavailable(self.name, str(error)) from error

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except ApiException:
            raise
        except (HTTPError, InfluxDBError, OSError) as error:
            raise StoreUnavailable(self.name, f"{type(error).__name__}: {error}") from error


_NO_ROWS = np.empty((0, influxql.COLUMNS))


def _as_samples(tables: list[npt.NDArray[np.float64]]) -> Samples:
    index = np.repeat(np.arange(len(tables), dtype=np.int32), [len(each) for each in tables])
    table = np.concatenate([_NO_ROWS, *tables])
    return Samples(
        index,
        table[:, 0].astype(np.int64),
        np.ascontiguousarray(table[:, 1]),
        table[:, 2].astype(np.uint8),
    )


def _reason(error: ApiException) -> str:
    return _words((error.body or "").encode()) or f"HTTP {error.status} {error.reason}"


def _number_dropped(reason: str) -> int | None:
    """Return how many lines of a request a 1.x server reports as not stored."""
    found = _dropped(reason)
    return int(found[1]) if found else None


def _words(body: bytes) -> str:
    """Return the reason in a response: ``error`` in 1.x, ``message`` in 2.x, else all of it."""
    try:
        document = json.loads(body)
        return str(document.get("error") or document.get("message") or "")
    except (ValueError, AttributeError):
        return body.decode(errors="replace").strip()
