"""
What `telemetry.stores.store.Store` promises, on SQLite, a real InfluxDB and sealed months alike.

``sealed`` seals every month as soon as it is written, so that all that is read comes from files;
``late`` seals before each write, so that what was written last is hot.
"""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # has no types
import pytest

from estate.errors import StoreUnavailable
from telemetry.readings import Quality, Reading, Rejected
from telemetry.stores.open import open_store
from telemetry.stores.refusal import EARLIEST_MS, LATEST_MS
from telemetry.stores.sealed.store import SealedStore
from telemetry.stores.store import Store
from tests.support.influxdb import Influxdb

T0 = 1_768_374_300_000
HOUR = 3_600_000
FAR = 1 << 62


@dataclass
class Place:
    """Where a store lives: its URL, and a look at what lies in it past the store's own code."""

    url: str
    raw: Callable[[Reading], tuple[float, int, int]]
    opened: Callable[[str], Store] = open_store


class SealingStore(SealedStore):
    """Seals what was written at once."""

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        rejected = super().write(readings)
        for building in {each.building for each in readings}:
            list(self.seal(building, LATEST_MS, T0))
        return rejected


class LateStore(SealedStore):
    """Seals what was there before each write."""

    def write(self, readings: Sequence[Reading]) -> list[Rejected]:
        for building in {each.building for each in readings}:
            list(self.seal(building, LATEST_MS, T0))
        return super().write(readings)


def sealing_at(url: str, directory: Path) -> Store:
    return SealingStore(open_store(url), directory)


def late_at(url: str, directory: Path) -> Store:
    return LateStore(open_store(url), directory)


def reading(
    time_ms: int = T0,
    value: float = 21.4,
    *,
    device: str = "box-0101",
    quantity: str = "temperature_c",
    building: str = "solgaarden",
    quality: int = 0,
    arrival_ms: int = T0 + 512,
) -> Reading:
    return Reading(building, device, quantity, time_ms, value, quality, arrival_ms)


def sqlite_place(directory: Path) -> Place:
    path = directory / "readings.sqlite"

    def raw(key: Reading) -> tuple[float, int, int]:
        connection = sqlite3.connect(path)
        row = connection.execute(
            "SELECT value, quality, arrival_ms FROM readings JOIN series ON series.id = series"
            " WHERE building = ? AND device = ? AND quantity = ? AND time_ms = ?",
            key[:4],
        ).fetchone()
        connection.close()
        return row  # type: ignore[no-any-return]  # what the columns hold

    return Place(f"sqlite:///{path}", raw)


def influxdb_place(server: Influxdb) -> Place:
    database = server.create_database()

    def raw(key: Reading) -> tuple[float, int, int]:
        rows = server.query(
            f'SELECT value, quality, arrival FROM "{key.quantity}"'  # noqa: S608  of this test
            f" WHERE device = '{key.device}' AND time = {key.time_ms}ms",
            database,
        )
        return tuple(rows[0][1:])  # type: ignore[return-value]  # what the fields hold

    return Place(f"influxdb://{server.host}:{server.port}/{database}", raw)


def sealed_place(directory: Path, hot: Place) -> Place:
    def raw(key: Reading) -> tuple[float, int, int]:
        for path in directory.glob(f"{key.building}/*/{key.quantity}-*.parquet"):
            table = pd.read_parquet(path)
            times = table.time_ms.astype("int64")
            rows = table[(table.device == key.device) & (times == key.time_ms)]
            for _, _, value, quality, delay_ms in rows.itertuples(index=False):
                decimals = json.loads(pq.read_metadata(path).metadata[b"fairvarme"])["decimals"]
                return value / 10**decimals, quality, key.time_ms + delay_ms
        return hot.raw(key)

    return replace(hot, raw=raw)


@pytest.fixture(
    params=[
        "sqlite",
        "sealed",
        "late",
        pytest.param("influxdb", marks=pytest.mark.integration),
        pytest.param("influxdb-sealed", marks=pytest.mark.integration),
    ]
)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param.startswith("influxdb"):
        place = influxdb_place(request.getfixturevalue("influxdb"))
        if request.param == "influxdb":
            return place
        opened = partial(sealing_at, directory=tmp_path / "sealed")
        return sealed_place(tmp_path / "sealed", replace(place, opened=opened))
    if request.param == "sqlite":
        return sqlite_place(tmp_path)
    kind = sealing_at if request.param == "sealed" else late_at
    hot = replace(sqlite_place(tmp_path), opened=partial(kind, directory=tmp_path / "sealed"))
    return sealed_place(tmp_path / "sealed", hot)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    opened = place.opened(place.url)
    yield opened
    opened.close()


def rows(
    store: Store,
    *devices: str,
    quantity: str = "temperature_c",
    building: str = "solgaarden",
    start_ms: int = -FAR,
    end_ms: int = FAR,
) -> list[tuple[int, int, float, int]]:
    got = store.samples(building, devices or ("box-0101",), quantity, start_ms, end_ms)
    assert got.device_index.dtype == np.int32
    assert got.time_ms.dtype == np.int64
    assert got.value.dtype == np.float64
    assert got.quality.dtype == np.uint8
    columns = (got.device_index, got.time_ms, got.value, got.quality)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_gives_back_what_was_written(store: Store) -> None:
    assert store.write([reading()]) == []
    assert rows(store) == [(0, T0, 21.4, 0)]
    assert store.count("solgaarden") == 1


def test_an_empty_store_gives_nothing(store: Store) -> None:
    assert rows(store) == []
    assert rows(store, "box-0101", "box-0102") == []
    assert store.count("solgaarden") == 0


def test_devices_are_named_by_building_and_quantity(store: Store) -> None:
    old = T0 - 3 * 365 * 24 * HOUR
    store.write(
        [
            reading(device="box-0102"),
            reading(device="box-0101", time_ms=old),
            reading(device="box-0101"),
            reading(device="meter-1", quantity="heat_kwh"),
            reading(device="box-0901", building="another"),
        ]
    )
    assert store.devices("solgaarden", "temperature_c") == ["box-0101", "box-0102"]
    assert store.devices("solgaarden", "heat_kwh") == ["meter-1"]
    assert store.devices("solgaarden", "co2_ppm") == []
    assert store.devices("nowhere", "temperature_c") == []
    assert store.devices("solgaarden' OR 'a' = 'a", "temperature_c") == []


def test_quantities_are_named_by_building(store: Store) -> None:
    store.write([reading(), reading(device="meter-1", quantity="heat_kwh"), reading()])
    store.write([reading(building="another", quantity="co2_ppm")])
    assert store.quantities("solgaarden") == ["heat_kwh", "temperature_c"]
    assert store.quantities("nowhere") == []
    assert store.quantities("solgaarden' OR 'a' = 'a") == []


def test_what_is_forgotten_is_gone_and_nothing_else(store: Store) -> None:
    devices = ("box-0101", "box-0102", "box-0103")
    written = [reading(T0 + n * HOUR, 20 + n, device=each) for each in devices for n in range(5)]
    others = [
        reading(T0 + HOUR, quantity="co2_ppm", value=500.0),
        reading(T0 + HOUR, building="another"),
    ]
    store.write(written + others)
    forgotten = ("box-0101", "box-0103", "nobody", "' OR 'a' = 'a")
    span = T0 + HOUR, T0 + 3 * HOUR
    assert store.forget("solgaarden", forgotten, "temperature_c", *span) == 4
    left = [
        (devices.index(each.device), each.time_ms, each.value, 0)
        for each in written
        if each.device == "box-0102" or not span[0] <= each.time_ms < span[1]
    ]
    assert rows(store, *devices) == left
    assert store.count("solgaarden") == len(left) + 1
    assert rows(store, quantity="co2_ppm") == [(0, T0 + HOUR, 500.0, 0)]
    assert store.count("another") == 1
    assert store.forget("solgaarden", forgotten, "temperature_c", *span) == 0
    assert store.forget("solgaarden", forgotten, "temperature_c", *reversed(span)) == 0


def test_spans_of_each_device_are_forgotten_alone(store: Store) -> None:
    devices = ("box-0101", "box-0102")
    store.write([reading(T0 + n * HOUR, 20 + n, device=each) for each in devices for n in range(6)])
    spans = {
        "box-0101": [(T0, T0 + HOUR), (T0 + 3 * HOUR, T0 + 5 * HOUR)],
        "box-0102": [(T0 + 5 * HOUR, FAR)],
        "nobody": [(-FAR, FAR)],
    }
    assert store.forget_spans("solgaarden", "temperature_c", spans) == 4
    left = [(row, (time_ms - T0) // HOUR) for row, time_ms, _, _ in rows(store, *devices)]
    assert left == [(0, 1), (0, 2), (0, 5), *((1, n) for n in range(5))]
    assert store.forget_spans("solgaarden", "temperature_c", spans) == 0
    assert store.forget_spans("solgaarden", "temperature_c", {}) == 0


def test_who_is_forgotten_whole_is_no_longer_named_and_may_send_again(store: Store) -> None:
    store.write([reading(), reading(device="box-0102"), reading(quantity="co2_ppm", value=500.0)])
    assert store.forget("solgaarden", ["box-0101"], "temperature_c", -FAR, FAR) == 1
    assert store.forget("solgaarden", ["box-0101"], "co2_ppm", -FAR, FAR) == 1
    assert store.devices("solgaarden", "temperature_c") == ["box-0102"]
    assert store.quantities("solgaarden") == ["temperature_c"]
    store.write([reading(value=19.0)])
    assert rows(store) == [(0, T0, 19.0, 0)]


def test_an_empty_batch_is_fine(store: Store) -> None:
    assert store.write([]) == []


def test_a_repeat_changes_nothing(store: Store) -> None:
    batch = [reading(T0 + n * HOUR, 20 + n / 7) for n in range(50)]
    store.write(batch)
    before = rows(store)
    store.write(batch)
    store.write(batch[10:20] + batch[:5])
    assert rows(store) == before
    assert store.count("solgaarden") == 50


def test_the_later_value_wins(store: Store) -> None:
    store.write([reading(value=21.4), reading(T0 + 1, 18.0)])
    store.write([reading(value=22.9, quality=Quality.SUSPECT)])
    assert rows(store) == [(0, T0, 22.9, 1), (0, T0 + 1, 18.0, 0)]
    assert store.count("solgaarden") == 2


def test_the_later_value_wins_within_a_batch(store: Store) -> None:
    store.write([reading(value=float(n)) for n in range(5)])
    assert rows(store) == [(0, T0, 4.0, 0)]


def test_quality_and_arrival_are_stored_beside_the_value(store: Store, place: Place) -> None:
    marked = reading(quality=Quality.SUSPECT | Quality.ARRIVAL_TIME, arrival_ms=T0 + 123_456_789)
    store.write([marked])
    assert rows(store) == [(0, T0, 21.4, 3)]
    assert place.raw(marked) == (21.4, 3, T0 + 123_456_789)


def test_a_new_quality_of_the_same_value_wins(store: Store) -> None:
    store.write([reading()])
    store.write([reading(quality=Quality.SUSPECT)])
    assert rows(store) == [(0, T0, 21.4, 1)]


def test_the_window_takes_its_start_and_not_its_end(store: Store) -> None:
    store.write([reading(T0 + n, float(n)) for n in range(5)])
    got = rows(store, start_ms=T0 + 1, end_ms=T0 + 3)
    assert [value for _, _, value, _ in got] == [1.0, 2.0]
    assert rows(store, start_ms=T0 + 3, end_ms=T0 + 3) == []
    assert rows(store, start_ms=T0 + 3, end_ms=T0) == []


def test_samples_are_sorted_by_the_order_asked_for_and_by_time(store: Store) -> None:
    store.write(
        [
            reading(T0 + shift, float(shift), device=device)
            for shift in (3, 1, 2)
            for device in ("a", "c", "b")
        ]
    )
    asked = ("c", "unknown", "a")
    expected = [(index, T0 + shift, float(shift), 0) for index in (0, 2) for shift in (1, 2, 3)]
    assert rows(store, *asked) == expected


def test_an_unknown_name_gives_nothing(store: Store) -> None:
    store.write([reading()])
    assert rows(store, "box-0102") == []
    assert rows(store, quantity="humidity_pct") == []
    assert rows(store, building="elsewhere") == []
    assert store.count("elsewhere") == 0


def test_a_name_that_is_no_id_gives_nothing(store: Store) -> None:
    store.write([reading()])
    assert rows(store, "box-0101' OR 'a' = 'a") == []
    assert rows(store, quantity='temperature_c"; DROP DATABASE test1') == []
    assert rows(store, building="solgaarden' OR device != '") == []
    assert store.count("x' OR 'a' = 'a") == 0
    assert rows(store) == [(0, T0, 21.4, 0)]


def test_buildings_and_quantities_do_not_mix(store: Store) -> None:
    store.write(
        [
            reading(value=1.0),
            reading(value=2.0, building="maanegaarden"),
            reading(value=3.0, quantity="humidity_pct"),
        ]
    )
    assert rows(store) == [(0, T0, 1.0, 0)]
    assert rows(store, building="maanegaarden") == [(0, T0, 2.0, 0)]
    assert rows(store, quantity="humidity_pct") == [(0, T0, 3.0, 0)]
    assert (store.count("solgaarden"), store.count("maanegaarden")) == (2, 1)


def test_a_gap_stays_a_gap(store: Store) -> None:
    # Longer than a slice of a read, and than two.
    times = [T0, T0 + 1, T0 + 5 * 24 * HOUR, T0 + 300 * 24 * HOUR]
    store.write([reading(time, 20.0) for time in times])
    assert [time for _, time, _, _ in rows(store)] == times
    got = rows(store, start_ms=T0 - 24 * HOUR, end_ms=times[-1] + 24 * HOUR)
    assert [time for _, time, _, _ in got] == times


def test_milliseconds_are_kept(store: Store) -> None:
    times = [T0, T0 + 1, T0 + 2, T0 + 999, EARLIEST_MS, LATEST_MS, 0, -1]
    store.write([reading(time) for time in times])
    assert [time for _, time, _, _ in rows(store)] == sorted(times)


def test_extreme_numbers_come_back_exactly(store: Store) -> None:
    values = [
        0.0, 0.1, 1 / 3, -1e-7, 1e22, 123456789.123456789, 5e-324, 2.2250738585072014e-308,
        1.7976931348623157e308, -1.7976931348623157e308, 9007199254740993.0, 1e16, 1e21, 5.0,
    ]  # fmt: skip
    store.write([reading(T0 + n, value) for n, value in enumerate(values)])
    assert [value for _, _, value, _ in rows(store)] == values


def test_many_devices_are_read_at_once(store: Store) -> None:
    devices = [f"box-{n:04}" for n in range(250)]
    store.write([reading(T0 + n, float(n), device=name) for n, name in enumerate(devices)])
    assert rows(store, *devices) == [(n, T0 + n, float(n), 0) for n in range(250)]


def test_what_was_written_is_there_after_opening_again(place: Place) -> None:
    first = place.opened(place.url)
    first.write([reading()])
    first.close()
    second = place.opened(place.url)
    assert rows(second) == [(0, T0, 21.4, 0)]
    second.write([reading(T0 + 1)])
    assert second.count("solgaarden") == 2
    second.close()


def test_two_open_stores_see_each_other(place: Place, store: Store) -> None:
    other = place.opened(place.url)
    store.write([reading(value=1.0)])
    assert rows(other) == [(0, T0, 1.0, 0)]
    other.write([reading(value=2.0), reading(device="box-0102")])
    assert rows(store, "box-0101", "box-0102") == [(0, T0, 2.0, 0), (1, T0, 21.4, 0)]
    other.close()


def write_from_a_process(opened: Callable[[str], Store], url: str, process: int) -> None:
    store = opened(url)
    for batch in range(20):
        store.write(
            [
                reading(T0 + batch * 100 + n, float(n), device=f"box-{(n + process) % 10}")
                for n in range(100)
            ]
        )
    store.close()


@pytest.mark.slow
def test_processes_write_side_by_side(place: Place) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=write_from_a_process, args=(place.opened, place.url, number))
        for number in (0, 1)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    store = place.opened(place.url)
    # Process 1 writes each time to the next box: 2,000 keys from either, none the same.
    assert store.count("solgaarden") == 4000
    store.close()


NASTY = [
    "", "box 1", "box,1", "box=1", "box\\", "bo\nx", 'box"', "bøx", "a" * 65, "box'", "b\x00x",
    "x\n",
]  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_a_reading_with_a_name_that_is_no_id_is_rejected(store: Store, name: str) -> None:
    nasty = [reading(device=name), reading(building=name), reading(quantity=name)]
    rejected = store.write([*nasty, reading()])
    assert [each.reading for each in rejected] == nasty
    assert [each.reason.split()[1] for each in rejected] == ["device", "building", "quantity"]
    assert rows(store) == [(0, T0, 21.4, 0)]


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (reading(value=float("nan")), "finite"),
        (reading(value=float("inf")), "finite"),
        (reading(value=float("-inf")), "finite"),
        (reading(time_ms=LATEST_MS + 1), "years"),
        (reading(time_ms=EARLIEST_MS - 1), "years"),
        (reading(time_ms=2**80), "years"),
        (reading(quality=256), "quality"),
        (reading(quality=-1), "quality"),
    ],
)
def test_a_reading_that_no_store_can_hold_is_rejected(
    store: Store, bad: Reading, word: str
) -> None:
    rejected = store.write([reading(T0 + 5), bad, reading(T0 + 6)])
    assert [each.reading for each in rejected] == [bad]
    assert word in rejected[0].reason
    assert [time for _, time, _, _ in rows(store)] == [T0 + 5, T0 + 6]


def test_ping_is_silent_where_a_write_would_be_taken(store: Store) -> None:
    store.ping()


def test_numbers_of_numpy_are_taken(store: Store) -> None:
    store.write([reading(value=np.float64(0.1)), reading(T0 + 1, value=7)])
    assert rows(store) == [(0, T0, 0.1, 0), (0, T0 + 1, 7.0, 0)]


def test_unavailable_is_no_verdict_on_the_data() -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:9/nothing is not available"):
        open_store("influxdb://secret-token@127.0.0.1:9/nothing").write([reading()])
