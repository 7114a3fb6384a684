"""The worker on a real broker: nothing is lost, nothing is doubled, and the window stays free."""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from estate.errors import FairvarmeError, StoreUnavailable
from ingest.message import Entry
from ingest.mqtt.client import SessionSettings
from ingest.quarantine.store import Quarantine
from ingest.worker import BatchSettings, Worker
from telemetry.stores.sqlite import SqliteStore
from telemetry.stores.store import Store
from tests.support.ingest_parts import (
    BUILDING,
    MOST_IN_ONE_READ,
    RULES,
    SOURCES,
    T0,
    TOPIC,
    WAIT_SECONDS,
    AwayStore,
    RefusingStore,
    make_worker,
    payload,
    publish,
    running,
    wait_until,
    write_once_and_die,
)
from tests.support.mosquitto import Mosquitto, MosquittoFactory

pytestmark = pytest.mark.integration
MINUTE = 60_000


def backlog(number: int, start: int = 0) -> list[tuple[str, bytes]]:
    return [
        (TOPIC, payload(T0 + n * MINUTE, temperature_c=20 + n % 50 / 10, co2_ppm=float(400 + n)))
        for n in range(start, start + number)
    ]


def stored_times(store: Store) -> list[int]:
    samples = store.samples(BUILDING, ["box-0101"], "co2_ppm", 0, 1 << 60)
    return ((samples.time_ms - T0) // MINUTE).tolist()  # type: ignore[no-any-return]  # integers


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_everything_is_stored_once_and_acknowledged(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine, protocol: str
) -> None:
    worker = make_worker(mosquitto, store, quarantine, protocol=protocol)
    with running(worker) as end:
        publish(mosquitto, backlog(1200))
        wait_until(lambda: worker.counts.acknowledged == 1200)
        end()
    assert stored_times(store) == list(range(1200))
    values = store.samples(BUILDING, ["box-0101"], "co2_ppm", 0, 1 << 60).value
    assert np.array_equal(values, 400.0 + np.arange(1200))
    assert quarantine.counts() == {}


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_what_is_published_while_the_worker_is_away_waits_for_it(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine, protocol: str
) -> None:
    with running(make_worker(mosquitto, store, quarantine, protocol=protocol)):
        publish(mosquitto, backlog(10))
    publish(mosquitto, backlog(3000, start=10))
    worker = make_worker(mosquitto, store, quarantine, protocol=protocol)
    with running(worker):
        wait_until(lambda: worker.counts.acknowledged >= 3000)
    assert stored_times(store) == list(range(3010))


def test_store_that_is_away_costs_nothing(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    away = AwayStore(store, lambda: StoreUnavailable("test", "away"), times=4)
    worker = make_worker(mosquitto, away, quarantine)
    with running(worker):
        publish(mosquitto, backlog(200))
        wait_until(lambda: worker.counts.acknowledged == 200)
    assert worker.counts.retries == away.failures == 4
    assert stored_times(store) == list(range(200))


def test_nothing_is_acknowledged_before_it_is_stored(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    """A worker that ends while the store is away leaves everything to the next one."""
    away = AwayStore(store, lambda: StoreUnavailable("test", "away"))
    first = make_worker(mosquitto, away, quarantine)
    with running(first):
        publish(mosquitto, backlog(300))
        wait_until(lambda: first.counts.retries > 2)
    assert first.counts.acknowledged == 0
    second = make_worker(mosquitto, store, quarantine)
    with running(second):
        wait_until(lambda: second.counts.acknowledged == 300)
    assert stored_times(store) == list(range(300))


def test_worker_killed_between_write_and_acknowledgement_doubles_nothing(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine, tmp_path: Path
) -> None:
    with running(make_worker(mosquitto, store, quarantine)):
        publish(mosquitto, backlog(10))
    publish(mosquitto, backlog(100, start=10))
    path, context = tmp_path / "readings.db", multiprocessing.get_context("spawn")
    killed = context.Process(target=write_once_and_die, args=(mosquitto.host, mosquitto.port, path))
    killed.start()
    killed.join(WAIT_SECONDS)
    assert killed.exitcode == -signal.SIGKILL
    written = store.count(BUILDING)
    assert written > 20
    second = make_worker(mosquitto, store, quarantine)
    with running(second):
        wait_until(lambda: second.counts.acknowledged == 100)
    assert stored_times(store) == list(range(110))


def test_broker_that_dies_and_comes_back_is_found_again(
    start_mosquitto: MosquittoFactory, store: Store, quarantine: Quarantine
) -> None:
    broker = start_mosquitto(persistence=True)
    worker = make_worker(broker, store, quarantine)
    with running(worker):
        publish(broker, backlog(50))
        wait_until(lambda: worker.counts.acknowledged == 50)
        broker.stop()
        broker.start()
        publish(broker, backlog(50, start=50))
        wait_until(lambda: store.count(BUILDING) == 200)
    assert stored_times(store) == list(range(100))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_backlog_does_not_fill_the_memory_while_the_store_is_away(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine, protocol: str
) -> None:
    """Mosquitto 2.0.11 sends a backlog faster than it is acknowledged, whatever the window."""
    window, number = 20, 5000
    with running(make_worker(mosquitto, store, quarantine, protocol=protocol)):
        pass
    publish(mosquitto, backlog(number))
    away = AwayStore(store, lambda: StoreUnavailable("test", "away"), after=3)
    worker = make_worker(mosquitto, away, quarantine, protocol=protocol, receive_maximum=window)
    with running(worker):
        wait_until(lambda: worker.counts.retries > 3)
        assert worker.counts.queued <= 2 * window + MOST_IN_ONE_READ
        away.come_back()
        wait_until(lambda: worker.counts.acknowledged == number)
    assert stored_times(store) == list(range(number))


def test_reconnects_while_the_store_is_away_do_not_fill_the_memory(
    start_mosquitto: MosquittoFactory, store: Store, quarantine: Quarantine
) -> None:
    """Each reconnect brings the whole window again, until the queue is full and none is noticed."""
    window, number = 20, 100
    broker = start_mosquitto(persistence=True)
    away = AwayStore(store, lambda: StoreUnavailable("test", "away"))
    worker = make_worker(broker, away, quarantine, receive_maximum=window)
    with running(worker):
        publish(broker, backlog(number))
        while worker.counts.queued < 2 * window:
            met = worker.counts.reconnects
            broker.stop()
            broker.start()
            wait_until(lambda: worker.counts.reconnects > met or worker.counts.queued == 2 * window)  # noqa: B023  waits within the turn
        broker.stop()
        broker.start()
        time.sleep(0.5)
        assert worker.counts.queued == 2 * window
        away.come_back()
        wait_until(lambda: store.count(BUILDING) == 2 * number)
    assert stored_times(store) == list(range(number))


def test_worker_is_ready_although_the_store_is_away(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    with running(make_worker(mosquitto, store, quarantine)):
        pass
    publish(mosquitto, backlog(10))
    away = AwayStore(store, lambda: StoreUnavailable("test", "away"))
    worker = make_worker(mosquitto, away, quarantine)
    with running(worker):
        assert worker.counts.acknowledged == 0


def test_stop_in_good_order_stores_and_acknowledges_what_was_received(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    worker = make_worker(mosquitto, store, quarantine)
    with running(worker) as end:
        publish(mosquitto, backlog(2000))
        end()
    counts = worker.counts
    assert counts.acknowledged == counts.received
    assert counts.stored == store.count(BUILDING) == 2 * counts.received
    second = make_worker(mosquitto, store, quarantine)
    with running(second):
        wait_until(lambda: store.count(BUILDING) == 4000)
    # Nothing that the first one acknowledged comes again.
    assert counts.received + second.counts.received == 2000
    assert stored_times(store) == list(range(2000))


def test_what_the_store_refuses_is_quarantined_and_acknowledged(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    """The rules let any time of a placed device pass; a store has bounds of its own."""
    refusing = RefusingStore(store, lambda reading: reading.value == 403.0)
    worker = make_worker(mosquitto, refusing, quarantine)
    with running(worker):
        publish(mosquitto, backlog(10))
        wait_until(lambda: worker.counts.acknowledged == 10)
    assert stored_times(store) == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert quarantine.counts() == dict(worker.counts.quarantined) == {"store_refused": 1}
    refused = ("box-0101", "co2_ppm", T0 + 3 * MINUTE)
    assert quarantine.holds({refused}) == {refused}


def test_retained_message_is_a_reading_like_any_other(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    publish(mosquitto, backlog(1), retain=True)
    for _ in range(2):
        worker = make_worker(mosquitto, store, quarantine)
        with running(worker) as end:
            wait_until(lambda: worker.counts.acknowledged == 1)  # noqa: B023  waits within the turn
            end()
    assert stored_times(store) == [0]


def test_quality_0_is_stored_without_a_promise(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    worker = make_worker(mosquitto, store, quarantine)
    with running(worker):
        publish(mosquitto, backlog(5), qos=0)
        wait_until(lambda: store.count(BUILDING) == 10)
    assert worker.counts.acknowledged == 0


def test_bad_messages_cost_no_reading_its_place(
    mosquitto: Mosquitto, store: Store, quarantine: Quarantine
) -> None:
    good = backlog(20)
    bad = [
        (TOPIC, b"not json"),
        (TOPIC, b""),
        (TOPIC, b"x" * 2_000_000),
        (TOPIC, payload(T0, temperature_c=127.0)),
        (f"fairvarme/v1/{BUILDING}/stranger/readings", payload()),
    ]
    mixed = [pair for each, other in zip(good, bad * 4, strict=True) for pair in (each, other)]
    worker = make_worker(mosquitto, store, quarantine)
    with running(worker):
        publish(mosquitto, mixed)
        wait_until(lambda: worker.counts.acknowledged == 40)
    assert stored_times(store) == list(range(20))
    assert quarantine.counts() == {
        "payload_not_json": 4,
        "payload_empty": 4,
        "payload_too_large": 4,
        "value_impossible": 4,
        "device_unknown": 4,
    }


def test_wrong_password_ends_with_a_remedy(
    start_mosquitto: MosquittoFactory, store: Store, quarantine: Quarantine
) -> None:
    broker = start_mosquitto(users={"worker": "right"})
    worker = make_worker(broker, store, quarantine, username="worker", password="wrong")  # noqa: S106
    with (
        pytest.raises(FairvarmeError, match="Correct the name and password"),
        running(worker) as end,
    ):
        end()


def test_right_password_is_let_in(
    start_mosquitto: MosquittoFactory, store: Store, quarantine: Quarantine
) -> None:
    broker = start_mosquitto(users={"worker": "right"})
    worker = make_worker(broker, store, quarantine, username="worker", password="right")  # noqa: S106
    with running(worker):
        publish(broker, backlog(5), username="worker", password="right")  # noqa: S106
        wait_until(lambda: worker.counts.acknowledged == 5)
    assert store.count(BUILDING) == 10


def test_stop_that_is_bounded_in_time_costs_no_message(
    start_mosquitto: MosquittoFactory, store: SqliteStore, quarantine: Quarantine
) -> None:
    """What a worker has no time for when it is told to stop, the next one gets."""
    broker, number = start_mosquitto(inflight=0), 600
    with running(make_worker(broker, store, quarantine)):
        pass
    publish(broker, [(TOPIC, payload(T0 + n)) for n in range(number)])
    settings = SessionSettings(broker.host, broker.port)
    hurried = BatchSettings(messages=50, drain_seconds=0.0)
    worker = Worker(settings, SOURCES, RULES, store, quarantine, hurried)
    with running(worker):
        wait_until(lambda: worker.counts.acknowledged > 0)
    assert worker.counts.acknowledged == worker.counts.kept
    left = make_worker(broker, store, quarantine)
    with running(left):
        wait_until(lambda: store.count(BUILDING) == number)


class WatchedQuarantine(Quarantine):
    """Notes how many entries are put at once."""

    def __init__(self, quarantine: Quarantine) -> None:
        super().__init__(quarantine.engine)
        object.__setattr__(self, "puts", [])

    def put(self, entries: Sequence[Entry]) -> None:
        self.puts.append(len(entries))  # type: ignore[attr-defined]  # of a frozen class
        super().put(entries)


def test_fewer_messages_are_taken_at_once_where_each_is_many_entries(
    start_mosquitto: MosquittoFactory, store: SqliteStore, quarantine: Quarantine
) -> None:
    broker, number, names = start_mosquitto(inflight=0), 300, 5
    watched = WatchedQuarantine(quarantine)
    settings = SessionSettings(broker.host, broker.port)
    batch = BatchSettings(messages=100, seconds=0.05, entries=50)
    with running(Worker(settings, SOURCES, RULES, store, watched, batch)):
        pass
    unknown = {f"name_{n}": 1.0 for n in range(names)}
    publish(broker, [(TOPIC, payload(T0 + n, **unknown)) for n in range(number)])
    worker = Worker(settings, SOURCES, RULES, store, watched, batch)
    with running(worker):
        wait_until(lambda: worker.counts.acknowledged == number)
    first, *others = watched.puts  # type: ignore[attr-defined]  # as above
    assert first <= 100 * names
    assert others
    assert max(others) <= 50
    assert sum(watched.puts) == number * names  # type: ignore[attr-defined]  # as above
