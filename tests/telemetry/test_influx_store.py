"""What is special about the store in InfluxDB, against a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from estate.errors import StoreUnavailable
from telemetry.readings import Reading
from telemetry.stores import influx as influx_store
from telemetry.stores.influx import InfluxStore
from telemetry.stores.open import open_store
from tests.support.influxdb import Influxdb

pytestmark = pytest.mark.integration

T0 = 1_768_374_300_000


def reading(time_ms: int, value: float = 1.0, quantity: str = "temperature_c") -> Reading:
    return Reading("b", "d", quantity, time_ms, value, 0, T0)


def url(server: Influxdb) -> str:
    return f"http://{server.host}:{server.port}"


@pytest.fixture
def database(influxdb: Influxdb) -> str:
    return influxdb.create_database()


@pytest.fixture
def store(influxdb: Influxdb, database: str) -> Iterator[InfluxStore]:
    opened = InfluxStore(url(influxdb), database)
    yield opened
    opened.close()


def test_a_poisonous_reading_costs_no_other_its_place(
    influxdb: Influxdb, database: str, store: InfluxStore
) -> None:
    # By hand the value of another quantity became a text: from now on no number fits there.
    influxdb.write(f'co2_ppm,building=b,device=x value="high" {T0}', database)
    good = [reading(T0 + n, float(n)) for n in range(4999)]
    poison = reading(T0 + 7, 846.0, "co2_ppm")
    rejected = store.write([*good[:3210], poison, *good[3210:]])
    assert [each.reading for each in rejected] == [poison]
    assert "field type conflict" in rejected[0].reason
    assert len(store.samples("b", ["d"], "temperature_c", T0, T0 + 4999)) == 4999


def test_every_poisonous_reading_is_found(
    influxdb: Influxdb, database: str, store: InfluxStore
) -> None:
    influxdb.write(f'co2_ppm,building=b,device=x value="high" {T0}', database)
    batch = [
        reading(T0 + n, 1.0, "co2_ppm" if n in {0, 1, 50, 99} else "heat_kwh") for n in range(100)
    ]
    rejected = store.write(batch)
    assert [each.reading.time_ms - T0 for each in rejected] == [0, 1, 50, 99]
    assert store.count("b") == 96


def test_devices_beyond_a_limit_of_the_server_cost_no_other_its_place_nor_a_request_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its default is 100,000, with the index in memory that 1.x has by default.
    server = Influxdb(tmp_path, data="max-values-per-tag = 3")
    server.start()
    try:
        store = InfluxStore(url(server), server.create_database())
        boxes = [reading(T0)._replace(device=f"box-{n}") for n in range(200)]
        assert store.write(boxes[:3]) == []
        posts = counted_posts(store, monkeypatch)
        rejected = store.write([boxes[0], *boxes[3:], boxes[1]])
        assert [each.reading for each in rejected] == boxes[3:]
        assert all("limit exceeded" in each.reason for each in rejected)
        assert store.count("b") == 3
        # Halves that hold one of the two known boxes are parted, the others are refused at once.
        assert len(posts) < 40
        assert len(store.write(boxes[3:])) == 197
        assert posts[-1] == 197
        store.close()
    finally:
        server.close()


def counted_posts(store: InfluxStore, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the numbers of lines of the requests that a store makes from now on."""
    posts: list[int] = []
    post = store._post

    def counted(body: str) -> None:
        posts.append(body.count("\n") + 1)
        post(body)

    monkeypatch.setattr(store, "_post", counted)
    return posts


def test_a_batch_longer_than_a_request_is_written_whole(
    store: InfluxStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(influx_store, "LINES_PER_WRITE", 7)
    store.write([reading(T0 + n) for n in range(50)])
    assert store.count("b") == 50


def test_a_series_longer_than_a_chunk_is_read_whole(store: InfluxStore) -> None:
    chunk = 10_000
    store.write([reading(T0 + n, float(n)) for n in range(2 * chunk + 500)])
    got = store.samples("b", ["d"], "temperature_c", T0, T0 + 3 * chunk)
    assert got.value.tolist() == [float(n) for n in range(2 * chunk + 500)]


def test_a_database_that_is_not_there_is_unavailable(influxdb: Influxdb) -> None:
    store = InfluxStore(url(influxdb), "nowhere")
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.write([reading(T0)])
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.ping()
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.samples("b", ["d"], "temperature_c", T0, T0 + 1)
    with pytest.raises(StoreUnavailable, match="database not found"):
        store.count("b")
    store.close()


def test_a_server_that_is_gone_is_unavailable_until_it_is_back(own_influxdb: Influxdb) -> None:
    store = InfluxStore(url(own_influxdb), own_influxdb.create_database())
    store.write([reading(T0)])
    own_influxdb.stop()
    for attempt in (
        lambda: store.write([reading(T0 + 1)]),
        lambda: store.samples("b", ["d"], "temperature_c", T0, T0 + 9),
        lambda: store.count("b"),
        store.ping,
    ):
        with pytest.raises(StoreUnavailable):
            attempt()
    own_influxdb.start()
    store.ping()
    store.write([reading(T0 + 1)])
    assert store.samples("b", ["d"], "temperature_c", T0, T0 + 9).time_ms.tolist() == [T0, T0 + 1]
    store.close()


def test_what_was_acknowledged_survives_a_kill(own_influxdb: Influxdb) -> None:
    store = InfluxStore(url(own_influxdb), own_influxdb.create_database())
    store.write([reading(T0 + n) for n in range(1000)])
    own_influxdb.kill()
    own_influxdb.start()
    assert store.count("b") == 1000
    store.close()


def test_a_limit_on_rows_hides_nothing(tmp_path: Path) -> None:
    server = Influxdb(tmp_path, http="max-row-limit = 10")
    server.start()
    try:
        store = InfluxStore(url(server), server.create_database())
        store.write([reading(T0 + n) for n in range(25)])
        assert len(store.samples("b", ["d"], "temperature_c", T0, T0 + 100)) == 25
        store.close()
    finally:
        server.close()


def test_a_token_opens_the_database_and_is_never_shown(tmp_path: Path) -> None:
    server = Influxdb(tmp_path, http="auth-enabled = true")
    server.start()
    try:
        log_in = {"u": "admin", "p": "right-secret"}
        server.query("CREATE USER admin WITH PASSWORD 'right-secret' WITH ALL PRIVILEGES")
        server.query("CREATE DATABASE fair", **log_in)
        right = open_store(f"influxdb://admin:right-secret@{server.host}:{server.port}/fair")
        right.write([reading(T0)])
        assert right.count("b") == 1
        right.close()
        wrong = open_store(f"influxdb://admin:wrong-secret@{server.host}:{server.port}/fair")
        for attempt in (lambda: wrong.write([reading(T0)]), lambda: wrong.count("b"), wrong.ping):
            with pytest.raises(StoreUnavailable, match="authorization failed") as caught:
                attempt()
            assert "secret" not in str(caught.value)
        wrong.close()
    finally:
        server.close()


def test_nobody_listening_is_unavailable() -> None:
    store = InfluxStore("http://127.0.0.1:9", "any")
    with pytest.raises(StoreUnavailable):
        store.write([reading(T0)])
    with pytest.raises(StoreUnavailable):
        store.samples("b", ["d"], "temperature_c", T0, T0 + 1)
    store.close()


DAY_MS = 86_400_000


@pytest.mark.parametrize("slice_days", [1, 2, 30, 1000])
def test_a_window_is_read_whole_in_slices_of_any_length(
    store: InfluxStore, slice_days: int
) -> None:
    quarters = [T0 + n * DAY_MS // 4 for n in range(4 * 70)]
    store.write([reading(time_ms, float(n)) for n, time_ms in enumerate(quarters)])
    store._slice_ms = slice_days * DAY_MS
    got = store.samples("b", ["d"], "temperature_c", T0, T0 + 70 * DAY_MS)
    assert got.time_ms.tolist() == quarters
    assert got.value.tolist() == [float(n) for n in range(len(quarters))]


@pytest.mark.parametrize(
    ("version", "days"), [("1.6.7", 30), ("v2.9.1", 30), ("2.7.0", 30), ("3.3.0", 2), ("", 2)]
)
def test_only_versions_without_a_limit_are_asked_for_a_month_at_once(
    store: InfluxStore, version: str, days: int
) -> None:
    """The real server's answer, under the name of another version."""
    ask = store._pool.request

    def as_version(method: str, url: str, **more: Any) -> urllib3.BaseHTTPResponse:  # noqa: ANN401  urllib3's
        answer = ask(method, url, **more)
        assert "X-Influxdb-Version" in answer.headers
        answer.headers["X-Influxdb-Version"] = version
        return answer

    store._pool.request = as_version  # type: ignore[assignment, method-assign]
    assert store._slice_ms == days * DAY_MS
